// SPDX-License-Identifier: Apache-2.0
#include "security/secret_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace ft {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int value) noexcept : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int get() const noexcept { return value_; }

 private:
  int value_;
};

std::string reason(int error) { return std::generic_category().message(error); }

}  // namespace

std::string naming(std::string_view option, const std::filesystem::path& file) {
  return std::string(option) + " " + file.string();
}

bool is_open_to_others(uid_t owner, mode_t mode) noexcept {
  const mode_t forbidden = owner == 0 ? S_IWGRP | S_IXGRP | S_IRWXO : S_IRWXG | S_IRWXO;
  return (mode & forbidden) != 0;
}

Result<SecretString> read_secret_file(std::string_view option, const std::filesystem::path& file) {
  const auto refused = [&](const std::string& why) { return invalid_configuration(naming(option, file) + ": " + why); };

  // Not blocking: opening a pipe that nobody writes to would wait for ever.
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status = {};
  if (descriptor.get() < 0 || ::fstat(descriptor.get(), &status) != 0) return refused(reason(errno));
  if (!S_ISREG(status.st_mode)) return refused("is not a regular file");
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return refused("belongs to another user; chown it to the user of this process, or to root");
  }
  if (is_open_to_others(status.st_uid, status.st_mode)) {
    return refused("its group or others have access to it; chmod 600 " + file.string());
  }

  // One byte more than may be used, to see that a file is too large. Adopted, so that every byte of it is wiped.
  std::string text(kMaxSecretFileBytes + 1, '\0');
  std::size_t size = 0;
  ssize_t count = 1;
  while (size < text.size() && count != 0) {
    count = ::read(descriptor.get(), text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) break;
    size += static_cast<std::size_t>(count);
  }
  const int error = errno;
  text.resize(size);
  SecretString secret = SecretString::adopt(std::move(text));
  if (count < 0) return refused(reason(error));
  if (size > kMaxSecretFileBytes) return refused("is larger than " + std::to_string(kMaxSecretFileBytes) + " bytes");
  return secret;
}

}  // namespace ft
