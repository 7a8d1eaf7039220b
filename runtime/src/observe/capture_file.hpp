// SPDX-License-Identifier: Apache-2.0
//
// The file behind a capture: it holds whole pieces only, is readable for its owner alone, and is begun anew when it is
// full.
//
// Limits: one writer. What somebody else does to the file meanwhile is theirs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "ft/core/result.hpp"

namespace ft {

class CaptureFile {
 public:
  /// Opens or creates. Errors: invalid_configuration.
  static Result<std::unique_ptr<CaptureFile>> open(std::filesystem::path file, std::uint64_t max_bytes);
  ~CaptureFile();
  CaptureFile(const CaptureFile&) = delete;
  CaptureFile& operator=(const CaptureFile&) = delete;

  enum class Written : std::uint8_t { yes, rotated, too_large, failed };
  /// Appends all of it or, as far as the file system lets it, nothing. `rotated`: to a new file. `failed`: see error().
  Written append(std::string_view piece);

  const std::filesystem::path& path() const noexcept { return path_; }
  /// What went wrong, in the operating system's words.
  const std::string& error() const noexcept { return error_; }

 private:
  CaptureFile(std::filesystem::path path, std::uint64_t max_bytes) noexcept;
  bool open_path(int flags = 0);
  bool rotate();
  bool fail(int code);

  std::filesystem::path path_;
  std::uint64_t max_bytes_;
  std::uint64_t size_ = 0;
  int descriptor_ = -1;
  std::string error_;
};

}  // namespace ft
