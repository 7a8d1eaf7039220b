// SPDX-License-Identifier: Apache-2.0
//
// Eight bytes at a time: loads in little-endian order, whatever the machine's, and digits in a word.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace ft::json {

inline std::uint64_t load64(const char* p) noexcept {
  std::uint64_t v;
  std::memcpy(&v, p, sizeof v);
  if constexpr (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) v = __builtin_bswap64(v);
  return v;
}

inline std::uint32_t load32(const char* p) noexcept {
  std::uint32_t v;
  std::memcpy(&v, p, sizeof v);
  if constexpr (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) v = __builtin_bswap32(v);
  return v;
}

/// How many of the eight bytes are digits before the first one that is none.
inline unsigned leading_digits(std::uint64_t bytes) noexcept {
  bytes ^= 0x3030303030303030U;  // digits become 0 to 9, everything else is larger
  const std::uint64_t others = (((bytes & 0x7F7F7F7F7F7F7F7FU) + 0x7676767676767676U) | bytes) & 0x8080808080808080U;
  return static_cast<unsigned>(std::countr_zero(others)) / 8;
}

/// Whether the eight bytes are digits, and what they are worth then; the first byte is the most significant digit.
inline bool all_digits(std::uint64_t bytes) noexcept {
  constexpr std::uint64_t high = 0xF0F0F0F0F0F0F0F0U;
  return ((bytes & high) | ((bytes + 0x0606060606060606U) & high) >> 4) == 0x3333333333333333U;
}
inline std::uint64_t eight_digits(std::uint64_t bytes) noexcept {
  bytes = (bytes & 0x0F0F0F0F0F0F0F0FU) * 2561 >> 8;
  bytes = (bytes & 0x00FF00FF00FF00FFU) * 6553601 >> 16;
  return (bytes & 0x0000FFFF0000FFFFU) * 42949672960001U >> 32;
}

}  // namespace ft::json
