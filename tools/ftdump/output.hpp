// SPDX-License-Identifier: Apache-2.0
//
// Buffered bytes to a file descriptor. Whoever reads may go away at any time: then the rest is dropped, quietly.
//
//   Output out(STDOUT_FILENO);
//   out << "frames: " << name;
//   out.flush();
//   if (!out.open()) return;       // nobody listens: stop working
//
// The caller must have SIGPIPE ignored. Closing flushes nothing: call flush() at the end.
#pragma once

#include <string>
#include <string_view>

namespace ft::tools {

class Output {
 public:
  explicit Output(int descriptor) noexcept : descriptor_(descriptor) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  Output& operator<<(std::string_view text);
  Output& operator<<(char c) { return *this << std::string_view(&c, 1); }
  void flush();

  /// Whether there is still somebody to write to.
  bool open() const noexcept { return open_; }
  /// Why writing failed, an errno; 0 if it did not, or if the reader went away.
  int error() const noexcept { return error_; }

 private:
  void write_all(std::string_view text);

  int descriptor_;
  bool open_ = true;
  int error_ = 0;
  std::string buffer_;
};

}  // namespace ft::tools
