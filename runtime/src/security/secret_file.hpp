// SPDX-License-Identifier: Apache-2.0
//
// Reads a small file that nobody else may read: tokens, private keys.
//
//   ft::Result<ft::SecretString> text = ft::read_secret_file("key", "/etc/aiondb/worker.key");
//
// Owner and permissions are those of the file that was opened, so nothing can change between the check and the read.
// The rule is PostgreSQL's: a file of this process's user must be closed to group and others (0600 or less); one of
// root's may be read by its group (0640 or less), as a secret is that Kubernetes mounts for an fsGroup.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "ft/core/result.hpp"
#include "ft/core/secret.hpp"

namespace ft {

/// `key /etc/aiondb/worker.key`: how an error names an option and its file.
std::string naming(std::string_view option, const std::filesystem::path& file);

inline constexpr std::size_t kMaxSecretFileBytes = 65536;

/// Whether somebody may use a file with this owner and mode who should not know a secret.
bool is_open_to_others(uid_t owner, mode_t mode) noexcept;

/// All of `file`, for the option that is called `option`.
///
/// Errors: invalid_configuration, naming both: cannot be opened or read, no regular file, above kMaxSecretFileBytes,
/// owned by somebody other than this process's user and root, open to others.
Result<SecretString> read_secret_file(std::string_view option, const std::filesystem::path& file);

}  // namespace ft
