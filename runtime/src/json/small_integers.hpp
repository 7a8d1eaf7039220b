// SPDX-License-Identifier: Apache-2.0
//
// Short arrays of unsigned integers in canonical form, `91,146,209]`, read by a mask of their separators instead of a
// loop over digits: bytes (UUIDs, MAC addresses) and the components of timestamps. Internal. Everything unusual (white
// space, signs, leading zeros, values out of range) is left to the general reader.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "ft/json/names.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace ft::json {

#if defined(__SSE2__)
/// Which of the bytes are digits.
inline __m128i digits_of(__m128i bytes) noexcept {
  // '0' to '9' become 118 to 127.
  return _mm_cmpgt_epi8(_mm_add_epi8(bytes, _mm_set1_epi8(127 - '9')), _mm_set1_epi8(117));
}

/// value * 10 + digit, modulo 256, in the bytes of `where`; `value` in the others.
inline __m128i append_digit(__m128i value, __m128i digit, __m128i where) noexcept {
  const __m128i twice = _mm_add_epi8(value, value), four_times = _mm_add_epi8(twice, twice);
  const __m128i nine_times = _mm_add_epi8(_mm_add_epi8(four_times, four_times), value);
  return _mm_add_epi8(value, _mm_and_si128(where, _mm_add_epi8(nine_times, digit)));
}
#endif

/// One bit for each of the first kBytes bytes at `p` (at most 64; the padding makes them readable): no digit.
template <unsigned kBytes>
inline std::uint64_t non_digits(const char* p) noexcept {
  std::uint64_t mask = 0;
#if defined(__SSE2__)
  for (unsigned i = 0; i < kBytes; i += 16) {
    const __m128i digits = digits_of(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i)));
    mask |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(digits)) ^ 0xFFFFU) << i;
  }
#else
  for (unsigned i = 0; i < kBytes; ++i) {
    mask |= static_cast<std::uint64_t>(static_cast<unsigned char>(p[i] - '0') > 9) << i;
  }
#endif
  return mask;
}

/// The integers of one array, taken one after the other. What they are worth is known at the end: `canonical`.
template <unsigned kBytes>
class SmallIntegers {
 public:
  /// `p` is behind the opening bracket.
  explicit SmallIntegers(const char* p) noexcept : next_(p), begin_(p), separators_(non_digits<kBytes>(p)) {}

  /// The next integer, of at most three digits, in front of `separator`.
  unsigned next3(char separator = ',') noexcept {
    const char* const start = next_;
    const unsigned length = step(3, separator);
    const std::uint32_t digits = (load32(start) ^ 0x30303030U) << ((32 - 8 * length) & 31U);
    return (digits >> 24) + 10 * ((digits >> 16 & 0xFF) + 10 * (digits >> 8 & 0xFF));
  }

  /// The next integer, of at most nine digits.
  unsigned next9(char separator = ',') noexcept {
    const char* const start = next_;
    const unsigned length = step(9, separator);
    const unsigned head = length < 8 ? length : 8;
    std::uint64_t v = (load64(start) ^ 0x3030303030303030U) << ((64 - 8 * head) & 63U);
    v = v * 10 + (v >> 8);
    v = ((v & 0x000000FF000000FFU) * 0x000F424000000064U + (v >> 16 & 0x000000FF000000FFU) * 0x0000271000000001U) >> 32;
    const auto value = static_cast<unsigned>(v & 0xFFFFFFFFU);
    return length <= 8 ? value : value * 10 + static_cast<unsigned>(start[8] - '0');
  }

  /// Whether the integers taken were in canonical form, of the allowed lengths, and followed by the right separators.
  bool canonical() const noexcept { return !bad_; }

  /// Behind the last separator.
  const char* end() const noexcept { return next_; }

 private:
  unsigned step(unsigned most, char separator) noexcept {
    const char* const start = next_;
    const char* const stop = begin_ + std::countr_zero(separators_ | std::uint64_t{1} << (kBytes - 1));
    separators_ &= separators_ - 1;
    next_ = stop + 1;
    const auto length = static_cast<unsigned>(stop - start);
    bad_ |= length - 1 >= most || (*start == '0' && length != 1) || *stop != separator;
    return length;
  }

  const char* next_;
  const char* begin_;
  std::uint64_t separators_;
  bool bad_ = false;
};

/// Reads kCount bytes, the first of them at `p`. Behind the closing bracket, or nullptr when they are not canonical.
template <unsigned kCount>
inline const char* read_small_bytes(const char* p, std::uint8_t* out) noexcept {
  static_assert(kCount >= 1 && kCount <= 16);
#if defined(__SSE2__)
  // The first four characters of every integer, found behind the separator before it.
  __m128i texts[16] = {};
  std::uint64_t separators = non_digits<64>(p);
  unsigned start = 0;
#pragma GCC unroll 16
  for (unsigned i = 0; i < kCount; ++i) {
    texts[i] = _mm_cvtsi32_si128(static_cast<int>(load32(p + start)));
    start = static_cast<unsigned>(__builtin_ctzll(separators | std::uint64_t{1} << 63)) + 1;
    separators &= separators - 1;
  }

  // All first characters, all second ones and so on: sixteen integers at once from here on.
#pragma GCC unroll 8
  for (unsigned i = 0; i < 8; ++i) texts[i] = _mm_unpacklo_epi8(texts[i], texts[i + 8]);
#pragma GCC unroll 4
  for (unsigned i = 0; i < 4; ++i) texts[i] = _mm_unpacklo_epi8(texts[i], texts[i + 4]);
  const __m128i even12 = _mm_unpacklo_epi8(texts[0], texts[2]), even34 = _mm_unpackhi_epi8(texts[0], texts[2]);
  const __m128i odd12 = _mm_unpacklo_epi8(texts[1], texts[3]), odd34 = _mm_unpackhi_epi8(texts[1], texts[3]);
  const __m128i first = _mm_unpacklo_epi8(even12, odd12), second = _mm_unpackhi_epi8(even12, odd12);
  const __m128i third = _mm_unpacklo_epi8(even34, odd34), fourth = _mm_unpackhi_epi8(even34, odd34);

  const __m128i two = digits_of(second), three = _mm_and_si128(two, digits_of(third));  // digits or more
  const __m128i zero = _mm_set1_epi8('0');
  const __m128i ones = _mm_sub_epi8(first, zero);
  const __m128i tens = append_digit(ones, _mm_sub_epi8(second, zero), two);
  const __m128i value = append_digit(tens, _mm_sub_epi8(third, zero), three);

  constexpr auto kSeparators = [] {
    std::array<char, 16> characters{};
    for (unsigned i = 0; i < kCount; ++i) characters[i] = i + 1 < kCount ? ',' : ']';
    return characters;
  }();
  const __m128i separator = _mm_loadu_si128(reinterpret_cast<const __m128i*>(kSeparators.data()));
  const __m128i ended = _mm_or_si128(_mm_cmpeq_epi8(second, separator),
                                     _mm_or_si128(_mm_and_si128(two, _mm_cmpeq_epi8(third, separator)),
                                                  _mm_and_si128(three, _mm_cmpeq_epi8(fourth, separator))));
  const __m128i leading_zero = _mm_and_si128(two, _mm_cmpeq_epi8(first, zero));
  // 256 and more: beyond 25 before the last digit, or 25 and a sum that wraps around.
  const __m128i large = _mm_and_si128(
      three, _mm_or_si128(_mm_cmpgt_epi8(tens, _mm_set1_epi8(25)), _mm_cmpeq_epi8(_mm_max_epu8(tens, value), tens)));
  const __m128i canonical = _mm_andnot_si128(_mm_or_si128(leading_zero, large), _mm_and_si128(digits_of(first), ended));
  constexpr unsigned kAll = (1U << kCount) - 1;
  if ((static_cast<unsigned>(_mm_movemask_epi8(canonical)) & kAll) != kAll) return nullptr;
  std::memcpy(out, &value, kCount);
  return p + start;
#else
  SmallIntegers<64> next(p);
  unsigned all = 0;
  for (unsigned i = 0; i < kCount; ++i) {
    const unsigned byte = next.next3(i + 1 < kCount ? ',' : ']');
    all |= byte;
    out[i] = static_cast<std::uint8_t>(byte);
  }
  return next.canonical() && all <= 255 ? next.end() : nullptr;
#endif
}

}  // namespace ft::json
