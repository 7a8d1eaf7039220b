// SPDX-License-Identifier: Apache-2.0
#include "ftdump/hex_text.hpp"

#include <algorithm>
#include <charconv>

namespace ft::tools {

namespace {

constexpr std::string_view kSpaces = " \t\r\f\v";
constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
constexpr std::size_t kNoColumn = static_cast<std::size_t>(-1);

int digit(char c) noexcept {
  const std::size_t at = kDigits.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at < 16 ? at : at - 6);
}

/// How many of the first characters of `text` are in `set`.
std::size_t run_of(std::string_view text, std::string_view set) noexcept {
  return std::min(text.find_first_not_of(set), text.size());
}

void trim(std::string_view& text) noexcept {
  text.remove_prefix(run_of(text, kSpaces));
  text = text.substr(0, text.find_last_not_of(kSpaces) + 1);
}

/// Takes the offset off the start of a dump's line. The result is the number of spaces that parts its bytes from its
/// characters, or kNoColumn if this is no line of a dump.
std::size_t take_offset(std::string_view& line, std::uint64_t expected) noexcept {
  const std::size_t prefix = line.starts_with("0x") ? 2 : 0;
  const std::size_t digits = run_of(line.substr(prefix), kDigits);
  std::string_view rest = line.substr(prefix + digits);
  if (digits == 0) return kNoColumn;
  if (rest.starts_with(':')) {
    line = rest.substr(1);
    line.remove_prefix(run_of(line, kSpaces));
    return 2;
  }
  std::uint64_t value = 0;
  const char* const first = line.data() + prefix;
  const auto parsed = std::from_chars(first, first + digits, value, 16);
  // The last line of hexdump and od is an offset alone.
  const bool parted = rest.starts_with("  ") || (rest.starts_with(' ') && digits >= 6) || (rest.empty() && digits >= 6);
  if (parsed.ec != std::errc() || value != expected || digits < 4 || !parted) return kNoColumn;
  line = rest;
  line.remove_prefix(run_of(line, kSpaces));
  return 3;
}

}  // namespace

bool HexText::feed(std::string_view text, std::string& bytes) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view part = text.substr(0, end);
    if (long_) {
      if (!take_digits(part, kNoColumn, bytes)) return false;
    } else {
      pending_ += part;
      if (pending_.size() > kLongLine) {
        long_ = true;
        if (!take_digits(pending_, kNoColumn, bytes)) return false;
        pending_.clear();
      }
    }
    if (end == std::string_view::npos) return true;
    if (!finish(bytes)) return false;
    ++line_;
    text.remove_prefix(end + 1);
  }
  return true;
}

bool HexText::finish(std::string& bytes) {
  if (!long_) {
    const bool good = take_line(pending_, bytes);
    pending_.clear();
    return good;
  }
  long_ = false;
  return half_ < 0 || fail("a byte has one digit only");
}

bool HexText::take_line(std::string_view line, std::string& bytes) {
  trim(line);
  if (line.empty() || line.front() == '#') return true;
  if (line == "*") return fail("lines were left out here (`*`): dump with hexdump -v or xxd");
  const std::size_t column_gap = take_offset(line, count_);
  if (!take_digits(line, column_gap, bytes)) return false;
  return half_ < 0 || fail("a byte has one digit only");
}

bool HexText::take_digits(std::string_view text, std::size_t column_gap, std::string& bytes) {
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    const int value = digit(c);
    if (value >= 0 && half_ >= 0) {
      bytes.push_back(static_cast<char>(half_ << 4 | value));
      half_ = -1;
      ++count_;
      ++i;
    } else if (value >= 0) {
      half_ = value;
      ++i;
    } else if (c == 'x' && half_ <= 0) {
      half_ = -1;  // of 0x or \x
      ++i;
    } else if (half_ >= 0) {
      return fail("a byte has one digit only");
    } else if (kSpaces.find(c) != std::string_view::npos) {
      const std::size_t gap = run_of(text.substr(i), kSpaces);
      if (gap >= column_gap) return true;
      i += gap;
    } else if (c == '|' && column_gap != kNoColumn) {
      return true;
    } else if (c == ',' || c == '\\') {
      ++i;
    } else {
      return fail("neither a hexadecimal digit nor white space");
    }
  }
  return true;
}

}  // namespace ft::tools
