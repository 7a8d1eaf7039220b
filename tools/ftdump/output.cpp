// SPDX-License-Identifier: Apache-2.0
#include "ftdump/output.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace ft::tools {

namespace {

constexpr std::size_t kEnough = std::size_t{64} << 10;

}  // namespace

Output& Output::operator<<(std::string_view text) {
  if (!open_) return *this;
  if (text.size() >= kEnough) {
    flush();
    write_all(text);
    return *this;
  }
  buffer_ += text;
  if (buffer_.size() >= kEnough) flush();
  return *this;
}

void Output::flush() {
  write_all(buffer_);
  buffer_.clear();
}

void Output::write_all(std::string_view text) {
  while (open_ && !text.empty()) {
    const ssize_t n = ::write(descriptor_, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      open_ = false;
      error_ = errno == EPIPE ? 0 : errno;
    }
  }
}

}  // namespace ft::tools
