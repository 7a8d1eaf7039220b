// SPDX-License-Identifier: Apache-2.0
#include "ft/core/int128.hpp"

#include <charconv>
#include <string_view>

namespace ft {
namespace {

__extension__ typedef unsigned __int128 u128;

constexpr std::uint64_t kChunk = 10'000'000'000'000'000'000U;  // 10^19, the largest power of ten in 64 bits
constexpr int kChunkDigits = 19;

char* write_padded(char* p, std::uint64_t chunk) noexcept {
  for (int i = kChunkDigits - 1; i >= 0; --i) {
    p[i] = static_cast<char>('0' + chunk % 10);
    chunk /= 10;
  }
  return p + kChunkDigits;
}

char* write_magnitude(char* p, u128 value) noexcept {
  const u128 rest = value / kChunk;
  const auto chunk = static_cast<std::uint64_t>(value % kChunk);
  if (rest == 0) return std::to_chars(p, p + kChunkDigits, chunk).ptr;
  return write_padded(write_magnitude(p, rest), chunk);
}

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

}  // namespace

char* write(char* p, Int128 value) noexcept {
  auto magnitude = static_cast<u128>(value.native());
  if (value.high < 0) {
    *p++ = '-';
    magnitude = 0 - magnitude;
  }
  return write_magnitude(p, magnitude);
}

const char* parse(const char* p, Int128& out, errc& error) noexcept {
  const bool negative = *p == '-';
  if (negative) ++p;
  const bool leading_zero = p[0] == '0' && is_digit(p[1]);
  if (!is_digit(*p) || leading_zero) {
    error = errc::invalid_number;
    return nullptr;
  }

  // 2^127 - 1, or 2^127 for a negative number, split at the last digit.
  const u128 limit = (u128{1} << 127) - (negative ? 0 : 1);
  const u128 limit_head = limit / 10;
  const auto limit_last = static_cast<unsigned>(limit % 10);
  u128 magnitude = 0;
  for (; is_digit(*p); ++p) {
    const auto digit = static_cast<unsigned>(*p - '0');
    if (magnitude > limit_head || (magnitude == limit_head && digit > limit_last)) {
      error = errc::out_of_range;
      return nullptr;
    }
    magnitude = magnitude * 10 + digit;
  }
  out = Int128::from_native(static_cast<Int128::native_type>(negative ? 0 - magnitude : magnitude));
  return p;
}

std::ostream& operator<<(std::ostream& out, Int128 value) {
  char text[Int128::max_digits];
  return out << std::string_view(text, static_cast<std::size_t>(write(text, value) - text));
}

}  // namespace ft
