// SPDX-License-Identifier: Apache-2.0
#include "observe/capture_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "security/private_file.hpp"

namespace ft {

CaptureFile::CaptureFile(std::filesystem::path path, std::uint64_t max_bytes) noexcept
    : path_(std::move(path)), max_bytes_(max_bytes) {}

CaptureFile::~CaptureFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::unique_ptr<CaptureFile>> CaptureFile::open(std::filesystem::path path, std::uint64_t max_bytes) {
  std::unique_ptr<CaptureFile> file(new CaptureFile(std::move(path), max_bytes));
  if (!file->open_path()) {
    return invalid_configuration("capture " + file->path_.string() + ": " + file->error_);
  }
  return file;
}

bool CaptureFile::fail(int code) {
  error_ = std::generic_category().message(code);
  return false;
}

bool CaptureFile::open_path(int flags) {
  PrivateFile opened = open_private(path_, flags);
  descriptor_ = opened.descriptor;
  error_ = std::move(opened.error);
  if (descriptor_ < 0) return false;
  struct stat info {};
  if (::fstat(descriptor_, &info) != 0) return fail(errno);
  size_ = static_cast<std::uint64_t>(info.st_size);
  return true;
}

bool CaptureFile::rotate() {
  const std::filesystem::path old = path_.string() + ".1";
  if (::rename(path_.c_str(), old.c_str()) != 0) return fail(errno);
  ::close(std::exchange(descriptor_, -1));
  return open_path(O_EXCL);
}

CaptureFile::Written CaptureFile::append(std::string_view piece) {
  if (piece.size() > max_bytes_) return Written::too_large;
  const bool full = size_ > max_bytes_ - piece.size();
  if (full && !rotate()) return Written::failed;
  for (std::string_view rest = piece; !rest.empty();) {
    const ssize_t n = ::write(descriptor_, rest.data(), rest.size());
    if (n >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      fail(errno);
      // A piece that was begun is taken back; if even that fails, the reader finds a cut frame and says so.
      [[maybe_unused]] const int taken_back = ::ftruncate(descriptor_, static_cast<off_t>(size_));
      return Written::failed;
    }
  }
  size_ += piece.size();
  return full ? Written::rotated : Written::yes;
}

}  // namespace ft
