// SPDX-License-Identifier: Apache-2.0
#include "security/key_log.hpp"

#include <unistd.h>

#include <string>

#include "ft/core/secret.hpp"
#include "security/private_file.hpp"
#include "security/secret_file.hpp"

namespace ft {

Result<std::unique_ptr<KeyLog>> KeyLog::open(const std::filesystem::path& file) {
  const PrivateFile opened = open_private(file);
  if (opened.descriptor < 0) return invalid_configuration(naming("key_log", file) + ": " + opened.error);
  return std::unique_ptr<KeyLog>(new KeyLog(opened.descriptor));
}

KeyLog::~KeyLog() { ::close(descriptor_); }

void KeyLog::write(const char* line) const {
  std::string text(line);
  text += '\n';
  [[maybe_unused]] const ssize_t written = ::write(descriptor_, text.data(), text.size());
  wipe(text);
}

}  // namespace ft
