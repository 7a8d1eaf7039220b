// SPDX-License-Identifier: Apache-2.0
//
// Scanning the inside of strings, sixteen bytes at a time where the baseline of the target has vectors (every x86-64
// does). Internal: reader, writer and cells share it. All functions read up to 64 bytes beyond what they return (the
// padding).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "ft/json/names.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace ft::json {

/// One bit per byte of p[0, 16): set for '"', '\\', a control character and every byte that is not ASCII.
inline unsigned special_mask16(const char* p) noexcept {
#if defined(__SSE2__)
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i slash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  // As signed bytes, control characters and non-ASCII are those below 0x20: the difference is negative.
  const __m128i other = _mm_subs_epi8(bytes, _mm_set1_epi8(0x20));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, slash), other)));
#else
  unsigned mask = 0;
  for (unsigned i = 0; i < 16; ++i) {
    const auto c = static_cast<unsigned char>(p[i]);
    mask |= static_cast<unsigned>(c < 0x20 || c >= 0x80 || c == '"' || c == '\\') << i;
  }
  return mask;
#endif
}

/// The length of the well-formed UTF-8 sequence at `p` whose first byte is not ASCII; 0 if there is none. Reads four
/// bytes.
inline std::size_t utf8_length(const char* p) noexcept {
  const auto byte = [p](int i) { return static_cast<unsigned char>(p[i]); };
  const auto continuation = [](unsigned char c) { return (c & 0xC0U) == 0x80U; };
  const unsigned char lead = byte(0);
  if (lead < 0xC2) return 0;
  if (!continuation(byte(1))) return 0;
  if (lead < 0xE0) return 2;
  if (!continuation(byte(2))) return 0;
  if (lead < 0xF0) {
    if (lead == 0xE0 && byte(1) < 0xA0) return 0;   // overlong
    if (lead == 0xED && byte(1) >= 0xA0) return 0;  // surrogate
    return 3;
  }
  if (lead > 0xF4 || !continuation(byte(3))) return 0;
  if (lead == 0xF0 && byte(1) < 0x90) return 0;
  if (lead == 0xF4 && byte(1) >= 0x90) return 0;
  return 4;
}

/// The first byte from `p` on that is not plain text: a quote, a backslash, a control character, malformed UTF-8.
inline const char* scan_plain(const char* p) noexcept {
  for (;;) {
    const unsigned mask = special_mask16(p);
    if (mask == 0) {
      p += 16;
      continue;
    }
    p += std::countr_zero(mask);
    while (static_cast<unsigned char>(*p) >= 0x80) {
      const std::size_t length = utf8_length(p);
      if (length == 0) return p;
      p += length;
    }
    const auto c = static_cast<unsigned char>(*p);
    if (c < 0x20 || c == '"' || c == '\\') return p;
  }
}

}  // namespace ft::json
