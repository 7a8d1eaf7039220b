// SPDX-License-Identifier: Apache-2.0
#include "security/key_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "ft/core/secret.hpp"
#include "security/secret_file.hpp"

namespace ft {

Result<std::unique_ptr<KeyLog>> KeyLog::open(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) {
    return invalid_configuration(naming("key_log", file) + ": " + std::generic_category().message(errno));
  }
  return std::unique_ptr<KeyLog>(new KeyLog(descriptor));
}

KeyLog::~KeyLog() { ::close(descriptor_); }

void KeyLog::write(const char* line) const {
  std::string text(line);
  text += '\n';
  [[maybe_unused]] const ssize_t written = ::write(descriptor_, text.data(), text.size());
  wipe(text);
}

}  // namespace ft
