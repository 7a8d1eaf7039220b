// SPDX-License-Identifier: Apache-2.0
//
// A signed 128-bit integer: the coefficient of a NUMERIC value.
//
//   ft::Int128 n = 42;                                    // from any std::int64_t
//   ft::Int128 big = ft::Int128::from_native(x * y);      // from and to the compiler's __int128
//   char text[ft::Int128::max_digits];
//   char* end = ft::write(text, big);
//
// It exists beside __int128 because that is aligned to 16 bytes, is no standard type and cannot be printed. It does not
// calculate: use native() for that.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <ostream>

#include "ft/core/errc.hpp"

namespace ft {

struct Int128 {
  __extension__ typedef __int128 native_type;

  static constexpr std::size_t max_digits = 40;  // of the smallest value, sign included

  // The two's complement in halves. Their order makes the defaulted comparison the numeric one.
  std::int64_t high;
  std::uint64_t low;

  constexpr Int128() noexcept : high(0), low(0) {}
  // Implicit, so that integers read naturally: `value == 0`.
  constexpr Int128(std::int64_t value) noexcept : high(value < 0 ? -1 : 0), low(static_cast<std::uint64_t>(value)) {}

  static constexpr Int128 from_native(native_type value) noexcept {
    Int128 result;
    result.high = static_cast<std::int64_t>(value >> 64);
    result.low = static_cast<std::uint64_t>(value);
    return result;
  }
  constexpr native_type native() const noexcept {
    return static_cast<native_type>(high) * (native_type{1} << 64) + low;
  }

  friend constexpr auto operator<=>(const Int128&, const Int128&) noexcept = default;
};

static_assert(sizeof(Int128) == 16 && alignof(Int128) == 8);

// Writes the decimal digits, at most Int128::max_digits of them, and returns the end. No terminator is written.
char* write(char* p, Int128 value) noexcept;

// Reads `-?(0|[1-9][0-9]*)` at `p`, which some byte that is no digit must end, and returns the end of it. "-0" reads as
// 0. On failure returns nullptr with `error` set: invalid_number (grammar) or out_of_range; `out` is then untouched.
const char* parse(const char* p, Int128& out, errc& error) noexcept;

std::ostream& operator<<(std::ostream& out, Int128 value);

}  // namespace ft
