// SPDX-License-Identifier: Apache-2.0
//
// Writes the secrets of TLS connections to a file, in the format of NSS that packet analysers read. The one place where
// the library gives secrets away, and only to the file that the operator named for it.
#pragma once

#include <filesystem>
#include <memory>

#include <openssl/types.h>

#include "ft/core/result.hpp"

namespace ft {

class KeyLog {
 public:
  /// Opens `file` to append, and creates it with mode 600.
  ///
  /// Errors: invalid_configuration: it cannot be opened, or is not this user's alone (security/private_file.hpp).
  static Result<std::unique_ptr<KeyLog>> open(const std::filesystem::path& file);

  KeyLog(const KeyLog&) = delete;
  KeyLog& operator=(const KeyLog&) = delete;
  ~KeyLog();

  /// One line, whole also if others append to the same file. A line that the disk does not take is lost.
  void write(const char* line) const;

 private:
  explicit KeyLog(int descriptor) noexcept : descriptor_(descriptor) {}

  const int descriptor_;
};

}  // namespace ft
