// SPDX-License-Identifier: Apache-2.0
//
// The strings of the reader: escapes, UTF-8, and where they end.
#include "ft/json/reader.hpp"

#include <algorithm>

#include "scan.hpp"

namespace ft::json {

namespace {

/// The value of four hexadecimal digits, or -1.
int hex4(const char* p) noexcept {
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = p[i];
    int digit;
    if (c >= '0' && c <= '9') {
      digit = c - '0';
    } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
      digit = (c | 0x20) - 'a' + 10;
    } else {
      return -1;  // a zero byte ends the look-ahead before it can leave the input
    }
    value = value * 16 + digit;
  }
  return value;
}

void append_utf8(std::string& out, std::uint32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xC0 | c >> 6));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | c >> 12));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | c >> 18));
    out.push_back(static_cast<char>(0x80 | (c >> 12 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
}

/// The escape whose backslash is at `p`; its code point goes to `c`. Behind it, or nullptr.
const char* read_escape(const char* p, std::uint32_t& c, Reader& r) {
  switch (p[1]) {
    case '"':
    case '\\':
    case '/':
      c = static_cast<unsigned char>(p[1]);
      return p + 2;
    case 'b':
      c = '\b';
      return p + 2;
    case 'f':
      c = '\f';
      return p + 2;
    case 'n':
      c = '\n';
      return p + 2;
    case 'r':
      c = '\r';
      return p + 2;
    case 't':
      c = '\t';
      return p + 2;
    case 'u': {
      const int high = hex4(p + 2);
      if (high < 0 || (high >= 0xDC00 && high <= 0xDFFF)) break;
      c = static_cast<std::uint32_t>(high);
      if (high < 0xD800 || high > 0xDBFF) return p + 6;
      if (p[6] != '\\' || p[7] != 'u') break;
      const int low = hex4(p + 8);
      if (low < 0xDC00 || low > 0xDFFF) break;
      c = 0x10000 + ((c - 0xD800) << 10) + static_cast<std::uint32_t>(low - 0xDC00);
      return p + 12;
    }
    default:
      break;
  }
  if (p + 1 >= r.end()) return r.fail(errc::unexpected_end, r.end());
  return r.fail(errc::invalid_escape, p);
}

/// What stopped the scan at `p` is not a quote: an escape (left to the caller), a control character or bad UTF-8
/// (errors).
const char* fail_scan(const char* p, Reader& r) {
  return r.fail(static_cast<unsigned char>(*p) < 0x20 ? errc::control_character : errc::invalid_utf8, p);
}

const char* read_text_with_escapes(const char* begin, const char* p, std::string_view& text, Reader& r) {
  std::string& out = r.scratch;
  // Whoever takes a text may read a little beyond it. Texts up to here, secrets among them, leave no copies by growing.
  out.reserve(std::max(kPadding, std::min<std::size_t>(static_cast<std::size_t>(r.end() - begin), 4096)));
  out.assign(begin, p);
  for (;;) {
    if (*p == '"') {
      if (!r.charge(out.size())) return r.fail(errc::memory_budget, p);
      text = out;
      return p + 1;
    }
    if (*p != '\\') return fail_scan(p, r);
    std::uint32_t c = 0;
    p = read_escape(p, c, r);
    if (p == nullptr) return nullptr;
    append_utf8(out, c);
    const char* const run = p;
    p = scan_plain(p);
    out.append(run, p);
  }
}

}  // namespace

const char* read_text(const char* p, std::string_view& text, Reader& r) {
  const char* const begin = p;
  p = scan_plain(p);
  if (*p == '"') [[likely]] {
    text = {begin, static_cast<std::size_t>(p - begin)};
    return p + 1;
  }
  return read_text_with_escapes(begin, p, text, r);
}

const char* skip_text(const char* p, Reader& r) {
  for (;;) {
    p = scan_plain(p);
    if (*p == '"') return p + 1;
    if (*p != '\\') return fail_scan(p, r);
    std::uint32_t c;
    p = read_escape(p, c, r);
    if (p == nullptr) return nullptr;
  }
}

}  // namespace ft::json
