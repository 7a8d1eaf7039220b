// SPDX-License-Identifier: Apache-2.0
//
// Short arrays of unsigned integers in canonical form, `91,146,209]`, read by a mask of their separators instead of a
// loop over digits: bytes (UUIDs, MAC addresses) and the components of timestamps. Internal. Everything unusual (white
// space, signs, leading zeros, values out of range) is left to the general reader.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "ft/json/names.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace ft::json {

/// What stands in the first kBytes bytes at `p` (at most 64; the padding makes them readable), one bit per byte.
template <unsigned kBytes>
struct DigitMasks {
  std::uint64_t other = 0;   // no digit
  std::uint64_t commas = 0;  // of these, the commas
  std::uint64_t zeros = 0;   // '0'

  DigitMasks() = default;
  explicit DigitMasks(const char* p) noexcept {
#if defined(__SSE2__)
    for (unsigned i = 0; i < kBytes; i += 16) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i));
      add(i, bytes, digits_of(bytes));
    }
#else
    for (unsigned i = 0; i < kBytes; ++i) {
      other |= static_cast<std::uint64_t>(static_cast<unsigned char>(p[i] - '0') > 9) << i;
      commas |= static_cast<std::uint64_t>(p[i] == ',') << i;
      zeros |= static_cast<std::uint64_t>(p[i] == '0') << i;
    }
#endif
  }

#if defined(__SSE2__)
  static std::uint64_t bits(__m128i mask) noexcept { return static_cast<unsigned>(_mm_movemask_epi8(mask)); }
  static __m128i digits_of(__m128i bytes) noexcept {
    return _mm_cmpgt_epi8(_mm_add_epi8(bytes, _mm_set1_epi8(127 - '9')),
                          _mm_set1_epi8(117));  // '0' to '9' become 118 to 127
  }
  void add(unsigned i, __m128i bytes, __m128i digits) noexcept {
    other |= (bits(digits) ^ 0xFFFFU) << i;
    commas |= bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(','))) << i;
    zeros |= bits(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('0'))) << i;
  }
#endif

  /// Whether p[0, end) is integers without leading zeros, separated by commas; `end` is behind their closing bracket.
  bool canonical(const char* p, unsigned end) const noexcept {
    const std::uint64_t inside = (std::uint64_t{1} << (end - 1)) - 1;  // without the bracket
    const std::uint64_t starts = other << 1 | 1U;
    const std::uint64_t empty = other & starts & (inside << 1 | 1U);
    const std::uint64_t leading_zeros = zeros & starts & ~(other >> 1);
    return (((leading_zeros | (other ^ commas)) & inside) | empty) == 0 && p[end - 1] == ']';
  }
};

/// The integers of one array, taken one after the other. What they are worth is known at the end: `canonical`.
template <unsigned kBytes>
class SmallIntegers {
 public:
  /// `p` is behind the opening bracket.
  explicit SmallIntegers(const char* p) noexcept : begin_(p), masks_(p), left_(masks_.other) {}

  /// The next integer, of at most three digits.
  unsigned next3() noexcept {
    const char* const start = begin_ + position_;
    const unsigned length = step();
    long_ |= length & ~3U;
    const std::uint32_t digits = (load32(start) ^ 0x30303030U) << ((32 - 8 * length) & 31U);
    return (digits >> 24) + 10 * ((digits >> 16 & 0xFF) + 10 * (digits >> 8 & 0xFF));
  }

  /// The next integer, of at most nine digits.
  unsigned next9() noexcept {
    const char* const start = begin_ + position_;
    const unsigned length = step();
    long_ |= length > 9;
    const unsigned head = length < 8 ? length : 8;
    std::uint64_t v = (load64(start) ^ 0x3030303030303030U) << ((64 - 8 * head) & 63U);
    v = v * 10 + (v >> 8);
    v = ((v & 0x000000FF000000FFU) * 0x000F424000000064U + (v >> 16 & 0x000000FF000000FFU) * 0x0000271000000001U) >> 32;
    const auto value = static_cast<unsigned>(v & 0xFFFFFFFFU);
    return length <= 8 ? value : value * 10 + static_cast<unsigned>(start[8] - '0');
  }

  /// Whether the integers taken were whole, of the allowed lengths, and all there is.
  bool canonical() const noexcept { return long_ == 0 && position_ <= kBytes && masks_.canonical(begin_, position_); }

  /// Behind the closing bracket.
  const char* end() const noexcept { return begin_ + position_; }

 private:
  unsigned step() noexcept {
    const auto stop = static_cast<unsigned>(std::countr_zero(left_ | std::uint64_t{1} << (kBytes - 1)));
    const unsigned length = stop - position_;
    left_ &= left_ - 1;
    position_ = stop + 1;
    return length;
  }

  const char* begin_;
  DigitMasks<kBytes> masks_;
  std::uint64_t left_;
  unsigned position_ = 0;
  unsigned long_ = 0;
};

/// Reads kCount bytes, the first of them at `p`. Behind the closing bracket, or nullptr when they are not canonical.
template <unsigned kCount>
inline const char* read_small_bytes(const char* p, std::uint8_t* out) noexcept {
  static_assert(kCount >= 1 && kCount <= 16);
#if defined(__SSE2__)
  // Every position gets the value of the digits that end there: one, two or three. Those that a separator follows are
  // picked.
  std::array<std::uint8_t, 65> values;  // one place further: found by the separator that follows
  DigitMasks<64> masks;
  std::uint64_t out_of_range = 0;
  __m128i ones_before = _mm_setzero_si128(), digits_before = _mm_setzero_si128();
#pragma GCC unroll 4
  for (unsigned i = 0; i < 64; i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i));
    const __m128i digits = DigitMasks<64>::digits_of(bytes);
    const __m128i ones = _mm_and_si128(_mm_sub_epi8(bytes, _mm_set1_epi8('0')), digits);
    const __m128i tens = _mm_or_si128(_mm_slli_si128(ones, 1), _mm_srli_si128(ones_before, 15));
    const __m128i digits1 = _mm_or_si128(_mm_slli_si128(digits, 1), _mm_srli_si128(digits_before, 15));
    const __m128i ones2 = _mm_or_si128(_mm_slli_si128(ones, 2), _mm_srli_si128(ones_before, 14));
    const __m128i hundreds = _mm_and_si128(ones2, _mm_and_si128(digits, digits1));
    // The 16-bit shifts stay within their bytes as long as the value is in range.
    const __m128i tens2 = _mm_add_epi8(tens, tens);
    const __m128i small = _mm_add_epi8(_mm_add_epi8(tens2, _mm_slli_epi16(tens2, 2)), ones);  // at most 99
    const __m128i hundreds4 = _mm_slli_epi16(hundreds, 2);
    const __m128i hundreds100 =
        _mm_add_epi8(hundreds4, _mm_add_epi8(_mm_slli_epi16(hundreds4, 3), _mm_slli_epi16(hundreds4, 4)));
    const __m128i value = _mm_add_epi8(hundreds100, small);
    const __m128i fits = _mm_andnot_si128(_mm_cmpgt_epi8(hundreds, _mm_set1_epi8(2)),
                                          _mm_cmpeq_epi8(value, _mm_adds_epu8(hundreds100, small)));
    out_of_range |= (DigitMasks<64>::bits(fits) ^ 0xFFFFU) << i;
    masks.add(i, bytes, digits);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(values.data() + i + 1), value);
    ones_before = ones;
    digits_before = digits;
  }
  std::uint64_t left = masks.other;
  values[0] = 0;
  unsigned end = 0;
#pragma GCC unroll 16
  for (unsigned i = 0; i < kCount; ++i) {
    end = static_cast<unsigned>(__builtin_ctzll(left | std::uint64_t{1} << 63));
    out[i] = values[end];
    left &= left - 1;
  }
  const std::uint64_t inside = (std::uint64_t{1} << end) - 1, digits = ~masks.other;
  const std::uint64_t four_digits = digits & digits >> 1 & digits >> 2 & digits >> 3;
  return ((four_digits | out_of_range) & inside) == 0 && masks.canonical(p, end + 1) ? p + end + 1 : nullptr;
#else
  SmallIntegers<64> next(p);
  unsigned all = 0;
  for (unsigned i = 0; i < kCount; ++i) {
    const unsigned byte = next.next3();
    all |= byte;
    out[i] = static_cast<std::uint8_t>(byte);
  }
  return next.canonical() && all <= 255 ? next.end() : nullptr;
#endif
}

}  // namespace ft::json
