// SPDX-License-Identifier: Apache-2.0
//
// Reading over a value of any kind, without recursion.
#include "ft/json/reader.hpp"

#include <algorithm>
#include <bit>

#include "ft/json/number.hpp"
#include "scan.hpp"

namespace ft::json {

namespace {

/// Most strings are short and plain: one look decides.
[[gnu::always_inline]] inline const char* skip_text_inline(const char* p, Reader& r) {
  const char* const stop = p + std::countr_zero(special_mask16(p) | 0x10000U);
  return *stop == '"' ? stop + 1 : skip_text(stop, r);
}

[[gnu::always_inline]] inline const char* skip_rare_space(const char* p) noexcept {
  return static_cast<unsigned char>(*p) <= ' ' ? skip_space(p) : p;
}

/// Digits, if there are any.
[[gnu::always_inline]] inline const char* skip_digits(const char* p) noexcept {
  for (;;) {
    const unsigned count = leading_digits(load64(p));
    p += count;
    if (count < 8) return p;
  }
}

/// A number by its grammar. Behind it, or nullptr; `exponent` tells whether it has one.
inline const char* skip_number(const char* p, bool& exponent, Reader& r) {
  p += *p == '-';
  const char* const integer = p;
  p = skip_digits(p);
  if (p == integer) return r.fail(errc::invalid_number, p);
  if (*integer == '0' && p - integer > 1) return r.fail(errc::invalid_number, integer + 1);
  if (*p == '.') {
    const char* const fraction = ++p;
    p = skip_digits(p);
    if (p == fraction) return r.fail(errc::invalid_number, p);
  }
  exponent = (*p | 0x20) == 'e';
  if (exponent) {
    ++p;
    p += *p == '+' || *p == '-';
    const char* const digits = p;
    p = skip_digits(p);
    if (p == digits) return r.fail(errc::invalid_number, p);
  }
  return p;
}

/// A number; with kFinite one that does not overflow a double. Without exponent it takes 309 digits to overflow.
template <bool kFinite>
[[gnu::always_inline]] inline const char* skip_number(const char* begin, Reader& r) {
  bool exponent = false;
  const char* const p = skip_number(begin, exponent, r);
  if (!kFinite || p == nullptr || (!exponent && p - begin < 300)) return p;
  double ignored;
  errc code{};
  return parse_f64(begin, ignored, code) != nullptr ? p : r.fail(code, begin);
}

/// One value that is no container. The commonest kinds come first.
template <bool kFinite>
[[gnu::always_inline]] inline const char* skip_scalar(const char* p, Reader& r) {
  if (*p == '"') return skip_text_inline(p + 1, r);
  if (static_cast<unsigned char>(*p - '0') <= 9 || *p == '-') return skip_number<kFinite>(p, r);
  if (starts_with(p, "true") || starts_with(p, "null")) return p + 4;
  if (starts_with(p, "false")) return p + 5;
  return r.fail(errc::syntax, p, "a value");
}

template <bool kFinite>
const char* skip(const char* p, Reader& r) {
  p = skip_space(p);
  if (*p != '{' && *p != '[') return skip_scalar<kFinite>(p, r);

  const unsigned room = std::min(r.depth_limit() - r.depth(), kMaxDepth);
  char outer[kMaxDepth];  // how the open containers around the innermost one end
  unsigned open = 0;
  char end = 0;  // and the innermost

open:
  if (open == room) return r.fail(errc::depth_exceeded, p);
  outer[open++] = end;
  end = *p == '{' ? '}' : ']';
  p = skip_rare_space(p + 1);
  if (*p == end) goto close;
  if (end == ']') goto value;

key:
  if (*p != '"') return r.fail(errc::syntax, p, "a key");
  p = skip_text_inline(p + 1, r);
  if (p == nullptr) return nullptr;
  p = skip_rare_space(p);
  if (*p != ':') return r.fail(errc::syntax, p, "a colon");
  p = skip_rare_space(p + 1);

value:
  if (*p == '{' || *p == '[') goto open;
  p = skip_scalar<kFinite>(p, r);
  if (p == nullptr) return nullptr;

behind_value:
  p = skip_rare_space(p);
  if (*p == ',') {
    p = skip_rare_space(p + 1);
    if (end == ']') goto value;
    goto key;
  }
  if (*p != end) return r.fail(errc::syntax, p, "a comma or the closing bracket");

close:
  ++p;
  end = outer[--open];
  if (open != 0) goto behind_value;
  return p;
}

}  // namespace

const char* skip_value(const char* p, Reader& r) { return skip<false>(p, r); }
const char* skip_json(const char* p, Reader& r) { return skip<true>(p, r); }

}  // namespace ft::json
