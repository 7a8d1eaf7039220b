// SPDX-License-Identifier: Apache-2.0
#include "ftdump/hex_view.hpp"

#include <algorithm>
#include <cstring>

namespace ft::tools {

namespace {

constexpr std::size_t kPerLine = 16;
constexpr char kDigits[] = "0123456789abcdef";

/// At least eight digits, as other tools print offsets.
char* write_offset(char* p, std::uint64_t offset) noexcept {
  unsigned digits = 8;
  while (digits < 16 && offset >> (4 * digits) != 0) ++digits;
  for (unsigned i = digits; i != 0; --i) *p++ = kDigits[offset >> (4 * (i - 1)) & 15U];
  return p;
}

}  // namespace

void print_hex(std::string_view bytes, std::uint64_t offset, std::span<const Span> hidden, Output& out) {
  for (std::size_t at = 0; at < bytes.size() && out.open(); at += kPerLine) {
    char line[2 + 16 + 2 + 3 * kPerLine + 1 + 2 + kPerLine + 2];
    std::memset(line, ' ', sizeof line);
    char* p = write_offset(line + 2, offset + at) + 2;
    char* q = p + 3 * kPerLine + 2;
    *q++ = '|';
    for (std::size_t i = at; i < std::min(at + kPerLine, bytes.size()); ++i) {
      while (!hidden.empty() && hidden.front().end <= i) hidden = hidden.subspan(1);
      const auto byte = static_cast<unsigned char>(bytes[i]);
      const bool hide = !hidden.empty() && i >= hidden.front().begin;
      p[0] = hide ? '*' : kDigits[byte >> 4];
      p[1] = hide ? '*' : kDigits[byte & 15];
      p += i - at == kPerLine / 2 - 1 ? 4 : 3;
      *q++ = hide ? '*' : byte >= 0x20 && byte < 0x7F ? bytes[i] : '.';
    }
    *q++ = '|';
    *q++ = '\n';
    out << std::string_view(line, static_cast<std::size_t>(q - line));
  }
}

void print_digits(std::string_view bytes, Output& out) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    const char digits[2] = {kDigits[byte >> 4], kDigits[byte & 15]};
    out << std::string_view(digits, 2);
  }
}

}  // namespace ft::tools
