// SPDX-License-Identifier: Apache-2.0
//
// The powers of ten that shortest floating-point output multiplies by, computed while compiling.
//
// power_of_ten(k) is the 128-bit g with 2^127 <= g < 2^128 and (g - 1) * 2^r <= 10^k < g * 2^r for one r: the leading
// 128 bits of 10^k, plus one. k runs from kMinPower to kMaxPower, which is what doubles need.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace ft::json::detail {

inline constexpr int kMinPower = -293;
inline constexpr int kMaxPower = 324;

struct PowerOfTen {
  std::uint64_t high;
  std::uint64_t low;
};

// Just enough of an unsigned big integer: little-endian limbs, times ten, divided by ten, leading bits.
class BigInteger {
 public:
  static constexpr int kLimbs = 18;  // 10^324 has 1077 bits; 2^1151 / 10^293 keeps 178

  // 2^exponent
  explicit constexpr BigInteger(int exponent) { limbs_[limb_of(exponent)] = std::uint64_t{1} << (exponent % 64); }

  // Both work in halves of a limb, so that no 128-bit type is needed.
  constexpr void multiply_by_ten() {
    std::uint64_t carry = 0;
    for (std::uint64_t& limb : limbs_) {
      const std::uint64_t low = (limb & 0xffff'ffff) * 10 + carry;
      const std::uint64_t high = (limb >> 32) * 10 + (low >> 32);
      limb = (high << 32) | (low & 0xffff'ffff);
      carry = high >> 32;
    }
  }
  constexpr void divide_by_ten() {  // floor
    std::uint64_t rest = 0;
    for (std::size_t i = kLimbs; i-- > 0;) {
      const std::uint64_t high = (rest << 32) | (limbs_[i] >> 32);
      const std::uint64_t low = ((high % 10) << 32) | (limbs_[i] & 0xffff'ffff);
      limbs_[i] = ((high / 10) << 32) | (low / 10);
      rest = low % 10;
    }
  }

  constexpr PowerOfTen leading_bits_plus_one() const {
    std::size_t top = kLimbs - 1;
    while (limbs_[top] == 0) --top;
    const int shift = std::countl_zero(limbs_[top]);
    const auto word = [&](std::size_t i) {  // the i-th word below the leading bit
      const std::uint64_t upper = i <= top ? limbs_[top - i] << shift : 0;
      const std::uint64_t lower = i < top && shift > 0 ? limbs_[top - i - 1] >> (64 - shift) : 0;
      return upper | lower;
    };
    return {word(0) + (word(1) == ~std::uint64_t{0} ? 1 : 0), word(1) + 1};
  }

 private:
  static constexpr std::size_t limb_of(int bit) { return static_cast<std::size_t>(bit / 64); }

  std::array<std::uint64_t, kLimbs> limbs_{};
};

inline constexpr std::array<PowerOfTen, kMaxPower - kMinPower + 1> kPowersOfTen = [] {
  std::array<PowerOfTen, kMaxPower - kMinPower + 1> table{};
  BigInteger rising(0);
  for (std::size_t i = -kMinPower; i < table.size(); ++i) {
    table[i] = rising.leading_bits_plus_one();
    rising.multiply_by_ten();
  }
  // The floor of a floor is the floor, so dividing step by step loses nothing.
  BigInteger falling(64 * BigInteger::kLimbs - 1);
  for (std::size_t i = -kMinPower; i-- > 0;) {
    falling.divide_by_ten();
    table[i] = falling.leading_bits_plus_one();
  }
  return table;
}();

constexpr const PowerOfTen& power_of_ten(int k) { return kPowersOfTen[static_cast<std::size_t>(k - kMinPower)]; }

}  // namespace ft::json::detail
