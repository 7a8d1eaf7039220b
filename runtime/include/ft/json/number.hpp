// SPDX-License-Identifier: Apache-2.0
//
// Numbers as JSON text, both ways: exact, and fast enough for result rows.
//
//   char text[ft::json::kNumberRoom];
//   char* end = ft::json::write_f64(text, 0.1);            // "0.1", not terminated
//
//   ft::errc error;
//   double value;
//   const char* next = ft::json::parse_f64(p, value, error);
//   if (!next) fail(error);                                // invalid_number or out_of_range
//
// Limits: the rounding mode must be to nearest, the machine little-endian. Integers are read by the pull reader.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ft/core/errc.hpp"
#include "ft/core/int128.hpp"

namespace ft::json {

// Bytes that must be writable at `p` of every write function of one machine number. The text is at most 26 bytes long,
// but stores are made in whole words.
inline constexpr std::size_t kNumberRoom = 32;

// Reading. `p` stands on the first byte of the number, `-` or a digit. 16 bytes behind the number must be readable, and
// a byte that cannot continue a number must end it: PaddedView sees to both. The grammar is JSON's, checked in full.
// The value is the nearest one, ties to even, however many digits there are; what is too small becomes 0.0 or -0.0,
// what is too large is out_of_range. Returns the end of the number, or nullptr with `error` set and `out` untouched.
const char* parse_f64(const char* p, double& out, errc& error) noexcept;
// The same for a float, rounded once and not by way of a double.
const char* parse_f32(const char* p, float& out, errc& error) noexcept;

// Writing. The canonical text of a finite number: the shortest digits that read back to it, and of those the closest,
// in fixed notation for 1e-5 <= |x| < 1e16 (float: 1e-6 <= |x| < 1e13), else in scientific notation with an explicit
// sign and an unpadded exponent; integral values in fixed notation end in ".0". Returns the end; no terminator is
// written. Precondition: std::isfinite(value).
char* write_f64(char* p, double value) noexcept;
char* write_f32(char* p, float value) noexcept;

char* write_u64(char* p, std::uint64_t value) noexcept;
char* write_i64(char* p, std::int64_t value) noexcept;
char* write_u32(char* p, std::uint32_t value) noexcept;
char* write_i32(char* p, std::int32_t value) noexcept;

// Needs Int128::max_digits writable bytes, no more than it writes.
inline char* write_int128(char* p, Int128 value) noexcept { return ft::write(p, value); }

}  // namespace ft::json
