// SPDX-License-Identifier: Apache-2.0
#include "ftdump/text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>

namespace ft::tools {

namespace {

constexpr char kDigits[] = "0123456789abcdef";

void append_unit(std::string& out, std::uint32_t unit) {
  out += "\\u";
  for (unsigned shift = 16; shift != 0; shift -= 4) out += kDigits[unit >> (shift - 4) & 15U];
}

/// JSON's escape of a character: one unit, or a pair of surrogates.
void append_escape(std::string& out, char32_t c) {
  const auto code = static_cast<std::uint32_t>(c);
  if (code < 0x10000) return append_unit(out, code);
  append_unit(out, 0xD800 + ((code - 0x10000) >> 10));
  append_unit(out, 0xDC00 + ((code - 0x10000) & 0x3FF));
}

/// How many bytes from the start of `text` are printable ASCII.
std::size_t printable_prefix(std::string_view text) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101U, tops = 0x8080808080808080U;
  std::size_t n = 0;
  for (; n + 8 <= text.size(); n += 8) {
    std::uint64_t v;
    std::memcpy(&v, text.data() + n, 8);
    // A top bit is left for bytes below 0x20, above 0x7F, or (plus one) 0x7F; false alarms only cost time.
    if (((v - ones * 0x20) | (v + ones) | v) & tops) break;
  }
  while (n < text.size() && text[n] >= 0x20 && text[n] < 0x7F) ++n;
  return n;
}

/// One character that is not printable ASCII; returns its length in bytes.
std::size_t append_special(std::string& out, std::string_view text) {
  const Character c = first_character(text);
  if (c.length == 0) {
    const auto byte = static_cast<unsigned char>(text.front());
    out += "\\x";
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
    return 1;
  }
  if (is_unsafe(c.code)) {
    append_escape(out, c.code);
  } else {
    out += text.substr(0, c.length);
  }
  return c.length;
}

}  // namespace

bool is_unsafe(char32_t c) noexcept {
  struct Range {
    char32_t first, last;
  };
  static constexpr Range kRanges[] = {
      {0x00, 0x1F},       {0x7F, 0x9F},     {0xAD, 0xAD},      // C0; DEL and C1; soft hyphen
      {0x61C, 0x61C},     {0x180E, 0x180E},                    // Arabic letter mark, Mongolian vowel separator
      {0x200B, 0x200F},   {0x2028, 0x202E}, {0x2060, 0x206F},  // zero width, line ends, bidirectional controls
      {0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB},                    // byte order mark, annotations
      {0xE0000, 0xE0FFF},                                      // tags
  };
  return std::any_of(std::begin(kRanges), std::end(kRanges), [c](Range r) { return c >= r.first && c <= r.last; });
}

Character first_character(std::string_view text) noexcept {
  const auto byte = [text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : static_cast<unsigned char>(0);
  };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, text.empty() ? 0U : 1U};
  const std::size_t length = lead >= 0xF0 ? 4U : lead >= 0xE0 ? 3U : 2U;
  if (lead < 0xC2 || lead > 0xF4) return {0, 0};
  char32_t code = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return {0, 0};
    code = code << 6 | (byte(i) & 0x3FU);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {0, 0};
  return {code, length};
}

void append_safe_json(std::string& out, std::string_view json) {
  while (!json.empty()) {
    const std::size_t plain = printable_prefix(json);
    out += json.substr(0, plain);
    json.remove_prefix(plain);
    if (json.empty()) break;
    if (static_cast<unsigned char>(json.front()) < 0x20) {
      out += ' ';  // inside strings there are none
      json.remove_prefix(1);
    } else {
      json.remove_prefix(append_special(out, json));
    }
  }
}

void append_quoted(std::string& out, std::string_view text, std::size_t limit) {
  const std::size_t whole = text.size();
  out += '"';
  for (std::size_t shown = 0; !text.empty(); ++shown) {
    if (shown == limit) {
      out.append("...\" (").append(std::to_string(whole)).append(" bytes)");
      return;
    }
    static constexpr std::string_view kNamed = "\"\\\b\t\n\f\r";
    const std::size_t named = kNamed.find(text.front());
    if (named != std::string_view::npos) {
      out += '\\';
      out += "\"\\btnfr"[named];
      text.remove_prefix(1);
    } else {
      text.remove_prefix(append_special(out, text));
    }
  }
  out += '"';
}

void append_plain(std::string& out, std::string_view text) {
  while (!text.empty()) text.remove_prefix(append_special(out, text));
}

}  // namespace ft::tools
