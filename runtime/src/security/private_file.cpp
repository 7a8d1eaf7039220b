// SPDX-License-Identifier: Apache-2.0
#include "security/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace ft {
namespace {

std::string objection(const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return "no regular file";
  if (status.st_uid != ::geteuid()) return "belongs to another user";
  if ((status.st_mode & 077U) != 0) return "open to others; its mode must be 0600";
  return {};
}

}  // namespace

PrivateFile::PrivateFile() = default;

PrivateFile open_private(const std::filesystem::path& file, int flags) {
  PrivateFile opened;
  // Non-blocking for the sake of a pipe without a reader; a regular file does not care.
  constexpr int kAppend = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
  opened.descriptor = ::open(file.c_str(), kAppend | flags, S_IRUSR | S_IWUSR);
  struct stat status {};
  if (opened.descriptor < 0 || ::fstat(opened.descriptor, &status) != 0) {
    opened.error = std::generic_category().message(errno);
  } else {
    opened.error = objection(status);
  }
  if (!opened.error.empty() && opened.descriptor >= 0) ::close(std::exchange(opened.descriptor, -1));
  return opened;
}

}  // namespace ft
