// SPDX-License-Identifier: Apache-2.0
//
// Reads a small file that nobody else may read: tokens, private keys.
//
//   ft::Result<ft::SecretString> text = ft::read_secret_file("key", "/etc/aiondb/worker.key");
//
// Owner and permissions are those of the file that was opened, so nothing can change between the check and the read.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "ft/core/result.hpp"
#include "ft/core/secret.hpp"

namespace ft {

/// errc::invalid_configuration with `detail`.
Error invalid_configuration(std::string detail);

/// `key /etc/aiondb/worker.key`: how an error names an option and its file.
std::string naming(std::string_view option, const std::filesystem::path& file);

inline constexpr std::size_t kMaxSecretFileBytes = 65536;

/// All of `file`, for the option that is called `option`.
///
/// Errors: invalid_configuration, naming both: cannot be opened or read, no regular file, above kMaxSecretFileBytes,
/// owned by somebody other than this process's user and root, accessible to its group or to others.
Result<SecretString> read_secret_file(std::string_view option, const std::filesystem::path& file);

}  // namespace ft
