// SPDX-License-Identifier: Apache-2.0
#include "ft/json/reader.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "ft/json/number.hpp"
#include "scan.hpp"

namespace ft::json {

// -- errors
// ---------------------------------------------------------------------------------------------------------------

const char* Reader::fail(errc code, const char* at, std::string_view wanted) {
  if (failed_at_ != nullptr) return nullptr;
  if (at >= end_) {
    at = end_;
    if (code == errc::syntax || code == errc::control_character || code == errc::invalid_number ||
        code == errc::invalid_escape || code == errc::invalid_utf8 || code == errc::wrong_type) {
      code = errc::unexpected_end;
      wanted = {};
    }
  }
  failed_at_ = at;
  error_.code = code;
  error_.offset = static_cast<std::size_t>(at - begin_);
  if (!wanted.empty()) error_.detail.assign("expected ").append(wanted);
  return nullptr;
}

const char* Reader::fail_key(errc code, const char* at, std::string_view key) {
  if (failed_at_ == nullptr) {
    fail(code, at);
    error_.detail.assign("\"").append(key).append("\"");
  }
  return nullptr;
}

const char* Reader::refuse(Error error, const char* at) {
  if (failed_at_ != nullptr) return nullptr;
  failed_at_ = at;
  error_ = std::move(error);
  error_.offset = static_cast<std::size_t>(at - begin_);
  return nullptr;
}

// Steps are kept innermost first, each with its letters reversed, so that one reversal at the end gives the path.
const char* Reader::in_key(std::string_view key) {
  steps_.append(key.rbegin(), key.rend());
  steps_.push_back('.');
  return nullptr;
}

const char* Reader::in_index(std::size_t index) {
  const std::string digits = std::to_string(index);
  steps_.push_back(']');
  steps_.append(digits.rbegin(), digits.rend());
  steps_.push_back('[');
  return nullptr;
}

Error Reader::take_error() {
  error_.path = "$";
  error_.path.append(steps_.rbegin(), steps_.rend());
  return std::move(error_);
}

bool Reader::at_end(const char* p) noexcept {
  p = skip_space(p);
  if (p == end_) return true;
  fail(errc::trailing_bytes, p);
  return false;
}

const char* fail_value(const char* p, Reader& r, std::string_view wanted) {
  switch (*p) {
    case '"':
    case '{':
    case '[':
    case 't':
    case 'f':
    case 'n':
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      return r.fail(errc::wrong_type, p, wanted);
    default:
      return r.fail(errc::syntax, p, wanted);
  }
}

// -- strings
// --------------------------------------------------------------------------------------------------------------

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

namespace {

/// Most strings are short and plain: one look decides.
[[gnu::always_inline]] inline const char* skip_text_inline(const char* p, Reader& r) {
  const unsigned mask = special_mask16(p);
  if (mask != 0) {
    const char* const stop = p + std::countr_zero(mask);
    if (*stop == '"') return stop + 1;
  }
  return skip_text(p, r);
}

}  // namespace

// -- any value
// ------------------------------------------------------------------------------------------------------------

namespace {

/// A number by its grammar. Behind it, or nullptr; `exponent` tells whether it has one.
inline const char* skip_number(const char* p, bool& exponent, Reader& r) {
  const auto digit = [](char c) { return static_cast<unsigned char>(c - '0') <= 9; };
  const auto skip_digits = [digit](const char* at) {
    while (all_digits(load64(at))) at += 8;
    while (digit(*at)) ++at;
    return at;
  };
  p += *p == '-';
  if (*p == '0') {
    ++p;
  } else {
    if (!digit(*p)) return r.fail(errc::invalid_number, p);
    while (digit(*p)) ++p;
  }
  if (*p == '.') {
    ++p;
    if (!digit(*p)) return r.fail(errc::invalid_number, p);
    p = skip_digits(p);
  }
  exponent = (*p | 0x20) == 'e';
  if (exponent) {
    ++p;
    p += *p == '+' || *p == '-';
    if (!digit(*p)) return r.fail(errc::invalid_number, p);
    while (digit(*p)) ++p;
  }
  return digit(*p) ? r.fail(errc::invalid_number, p) : p;
}

/// A number; with kFinite one that does not overflow a double. Without exponent it takes 309 digits to overflow.
template <bool kFinite>
const char* skip_number(const char* begin, Reader& r) {
  bool exponent = false;
  const char* const p = skip_number(begin, exponent, r);
  if (!kFinite || p == nullptr || (!exponent && p - begin < 300)) return p;
  double ignored;
  errc code{};
  return parse_f64(begin, ignored, code) != nullptr ? p : r.fail(code, begin);
}

/// One value that is no container.
template <bool kFinite>
[[gnu::always_inline]] inline const char* skip_scalar(const char* p, Reader& r) {
  switch (*p) {
    case '"':
      return skip_text_inline(p + 1, r);
    case 't':
      return starts_with(p, "true") ? p + 4 : r.fail(errc::syntax, p);
    case 'f':
      return starts_with(p, "false") ? p + 5 : r.fail(errc::syntax, p);
    case 'n':
      return starts_with(p, "null") ? p + 4 : r.fail(errc::syntax, p);
    default:
      if (*p != '-' && static_cast<unsigned char>(*p - '0') > 9) return r.fail(errc::syntax, p, "a value");
      return skip_number<kFinite>(p, r);
  }
}

template <bool kFinite>
const char* skip(const char* p, Reader& r) {
  p = skip_space(p);
  if (*p != '{' && *p != '[') return skip_scalar<kFinite>(p, r);

  // Of every open container around the innermost one, whether it is an object: one bit each.
  __extension__ unsigned __int128 around = 0;
  constexpr unsigned kMost = 128;
  const unsigned room = std::min(r.depth_limit() - r.depth(), kMost);
  unsigned open = 0;
  bool object = false;

value:
  p = skip_space(p);
  if (*p == '{' || *p == '[') {
    if (open >= room) return r.fail(errc::depth_exceeded, p);
    around = around << 1 | static_cast<unsigned>(object);
    ++open;
    object = *p == '{';
    p = skip_space(p + 1);
    if (*p == (object ? '}' : ']')) goto close;
    if (!object) goto value;
    goto key;
  }
  p = skip_scalar<kFinite>(p, r);
  if (p == nullptr) return nullptr;

behind_value:
  p = skip_space(p);
  if (*p == ',') {
    ++p;
    if (!object) goto value;
    p = skip_space(p);
  key:
    if (*p != '"') return r.fail(errc::syntax, p, "a key");
    p = skip_text_inline(p + 1, r);
    if (p == nullptr) return nullptr;
    p = skip_space(p);
    if (*p != ':') return r.fail(errc::syntax, p, "a colon");
    ++p;
    goto value;
  }
  if (*p != (object ? '}' : ']')) return r.fail(errc::syntax, p, "a comma or the closing bracket");
close:
  ++p;
  object = (around & 1U) != 0;
  around >>= 1;
  if (--open == 0) return p;
  goto behind_value;
}

}  // namespace

const char* skip_value(const char* p, Reader& r) { return skip<false>(p, r); }
const char* skip_json(const char* p, Reader& r) { return skip<true>(p, r); }

// -- containers
// -----------------------------------------------------------------------------------------------------------

const char* open_object(const char* p, Reader& r) {
  p = skip_space(p);
  if (*p != '{') return fail_value(p, r, "an object");
  if (!r.enter()) return r.fail(errc::depth_exceeded, p);
  return skip_space(p + 1);
}

const char* open_array(const char* p, Reader& r) {
  p = skip_space(p);
  if (*p != '[') return fail_value(p, r, "an array");
  if (!r.enter()) return r.fail(errc::depth_exceeded, p);
  return skip_space(p + 1);
}

namespace {

/// A name, looked up: `p` is behind its opening quote, the result behind the closing one.
const char* read_name(const char* p, unsigned& index, Reader& r, const NameTable& table) {
  std::string_view name;
  p = read_text(p, name, r);
  if (p == nullptr) return nullptr;
  // Both homes of a text, the padded input and a string of at least its inline capacity, let eight bytes be read.
  index = table.find(name.data(), name.size());
  return p;
}

}  // namespace

std::string_view FieldTable::key(unsigned index) const noexcept {
  for (const NameEntry& entry : names.entries) {
    if (entry.index == index) return entry.name;
  }
  return {};
}

const char* decode_fields(const char* p, void* object, Reader& r, const FieldTable& table, std::uint64_t seen) {
  bool first = seen == 0;
  for (;;) {
    p = skip_space(p);
    if (*p == '}') break;
    if (!first) {
      if (*p != ',') return r.fail(errc::syntax, p, "a comma or the closing brace");
      p = skip_space(p + 1);
    }
    first = false;
    if (*p != '"') return r.fail(errc::syntax, p, "a key");
    const char* const key_at = p;
    unsigned index = NameTable::kNone;
    p = read_name(p + 1, index, r, table.names);
    if (p == nullptr) return nullptr;
    p = skip_space(p);
    if (*p != ':') return r.fail(errc::syntax, p, "a colon");
    p = skip_space(p + 1);
    if (index == NameTable::kNone) {
      r.count_unknown_key();
      p = skip_value(p, r);
      if (p == nullptr) return nullptr;
      continue;
    }
    const std::uint64_t bit = std::uint64_t{1} << index;
    if ((seen & bit) != 0) return r.fail_key(errc::duplicate_key, key_at, table.key(index));
    seen |= bit;
    p = table.decode(index, p, object, r);
    if (p == nullptr) return r.in_key(table.key(index));
  }
  if (const std::uint64_t missing = table.required & ~seen; missing != 0) {
    return r.fail_key(errc::missing_key, p, table.key(static_cast<unsigned>(std::countr_zero(missing))));
  }
  r.leave();
  return p + 1;
}

// -- sums
// -----------------------------------------------------------------------------------------------------------------

const char* open_variant(const char* p, VariantHead& head, Reader& r, const VariantTable& table) {
  // Canonical, with a payload and a name of at most sixteen bytes: one look finds the name's end.
  if (p[0] == '{' && p[1] == '"') [[likely]] {
    const unsigned mask = special_mask16(p + 2);
    const char* const end = p + 2 + (mask == 0 ? 0 : std::countr_zero(mask));
    if (end[0] == '"' && end[1] == ':') [[likely]] {
      head.index = table.names.find(p + 2, static_cast<std::size_t>(end - (p + 2)));
      if (head.index != NameTable::kNone && !table.is_unit(head.index)) [[likely]] {
        if (!r.enter()) return r.fail(errc::depth_exceeded, p);
        head.whole = false;
        return end + 2;
      }
    }
  }
  p = skip_space(p);
  const char* const at = p;
  if (*p == '"') {
    p = read_name(p + 1, head.index, r, table.names);
    if (p == nullptr) return nullptr;
    if (head.index == NameTable::kNone) return r.fail(errc::unknown_variant, at);
    if (!table.is_unit(head.index)) return r.fail(errc::wrong_type, at, "an object: this variant has a payload");
    head.whole = true;
    return p;
  }
  if (*p != '{') return fail_value(p, r, "a variant: a string, or an object with one key");
  if (!r.enter()) return r.fail(errc::depth_exceeded, p);
  p = skip_space(p + 1);
  if (*p != '"') {
    return *p == '}' ? r.fail(errc::wrong_type, at, "an object with one key") : r.fail(errc::syntax, p, "a key");
  }
  const char* const name_at = p;
  p = read_name(p + 1, head.index, r, table.names);
  if (p == nullptr) return nullptr;
  if (head.index == NameTable::kNone) return r.fail(errc::unknown_variant, name_at);
  if (*p != ':') {
    p = skip_space(p);
    if (*p != ':') return r.fail(errc::syntax, p, "a colon");
  }
  ++p;
  head.whole = table.is_unit(head.index);
  if (!head.whole) return p;
  p = skip_space(p);
  if (!starts_with(p, "null")) return fail_value(p, r, "null: this variant has no payload");
  return close_variant(p + 4, r);
}

const char* close_variant_slow(const char* p, Reader& r) {
  p = skip_space(p);
  if (*p == ',') return r.fail(errc::wrong_type, p, "an object with one key");
  if (*p != '}') return r.fail(errc::syntax, p, "the closing brace");
  r.leave();
  return p + 1;
}

const char* read_unit(const char* p, unsigned& index, Reader& r, const VariantTable& table) {
  VariantHead head;
  p = open_variant(p, head, r, table);
  index = head.index;
  return p;
}

}  // namespace ft::json
