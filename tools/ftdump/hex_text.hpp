// SPDX-License-Identifier: Apache-2.0
//
// Bytes from hexadecimal text, as people paste it: plain digits on one line or many, or the output of xxd, hexdump -C,
// od -Ax -tx1, tcpdump -X, Wireshark ("copy as hex dump").
//
//   HexText text;
//   std::string bytes;
//   while (read(chunk)) if (!text.feed(chunk, bytes)) complain(text.line(), text.problem());
//   if (!text.finish(bytes)) ...
//
// An offset at the start of a line and a column of characters at its end are passed over, as are 0x, \x, commas, blank
// lines and lines that start with '#'. An offset without a colon must be right to be known as one. Lines that a dump
// left out (`*`) are refused. Streams: a line longer than kLongLine is taken for plain digits, so memory does not
// depend on the input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ft::tools {

class HexText {
 public:
  static constexpr std::size_t kLongLine = 1024;

  /// Appends what `text` spells to `bytes`. False for what is not hexadecimal: see line() and problem().
  bool feed(std::string_view text, std::string& bytes);
  bool finish(std::string& bytes);

  std::uint64_t line() const noexcept { return line_; }
  std::string_view problem() const noexcept { return problem_; }

 private:
  bool take_line(std::string_view line, std::string& bytes);
  bool take_digits(std::string_view text, std::size_t column_gap, std::string& bytes);
  bool fail(std::string_view problem) noexcept {
    problem_ = problem;
    return false;
  }

  std::string pending_;  // of the line under way
  bool long_ = false;    // the line under way is beyond kLongLine
  int half_ = -1;        // the first digit of a byte whose second one is yet to come, in a long line
  std::uint64_t line_ = 1;
  std::uint64_t count_ = 0;  // of bytes so far
  std::string_view problem_;
};

}  // namespace ft::tools
