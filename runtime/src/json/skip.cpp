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
  const unsigned mask = special_mask16(p);
  if (mask != 0) {
    const char* const stop = p + std::countr_zero(mask);
    if (*stop == '"') return stop + 1;
  }
  return skip_text(p, r);
}

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

}  // namespace ft::json
