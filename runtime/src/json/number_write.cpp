// SPDX-License-Identifier: Apache-2.0
//
// Writing numbers. The shortest digits of a floating-point number are found as in R. Giulietti, The Schubfach way to
// render doubles, 2020, with a quicker way before it that decides nearly every number; they are laid out by moving
// words of eight digits, without a loop.
#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

#include "ft/json/number.hpp"
#include "powers_of_ten.hpp"

namespace ft::json {
namespace {

static_assert(std::endian::native == std::endian::little);

__extension__ typedef unsigned __int128 u128;

// Eight digits as bytes 0 to 9, the most significant one in the lowest byte, that is first in memory.
// Precondition: value < 10^8.
inline std::uint64_t eight_digits(std::uint64_t value) noexcept {
  // Splits into fours, then pairs, then digits; each division is a multiplication in all lanes at once.
  const std::uint64_t fours = (value / 10'000) | (value % 10'000) << 32;
  const std::uint64_t hundreds = ((fours * 10'486) >> 20) & 0x0000'007f'0000'007f;
  const std::uint64_t pairs = hundreds | (fours - hundreds * 100) << 16;
  const std::uint64_t tens = ((pairs * 103) >> 10) & 0x000f'000f'000f'000f;
  return tens | (pairs - tens * 10) << 8;
}

constexpr std::uint64_t kZeros = 0x3030'3030'3030'3030;  // "00000000"

void store(char* p, std::uint64_t word) noexcept { std::memcpy(p, &word, sizeof word); }

// The numbers 0 to 99 as two digits.
constexpr auto kPairs = [] {
  std::array<char, 200> pairs{};
  for (std::size_t i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

// Precondition: value < 10^8.
inline char* write_small(char* p, std::uint64_t value) noexcept {
  if (value < 10'000) {  // years, ports, counts
    if (value < 100) {
      const bool one = value < 10;
      std::memcpy(p, kPairs.data() + 2 * value + one, 2);
      return p + 2 - one;
    }
    const bool three = value < 1'000;
    std::memcpy(p, kPairs.data() + 2 * (value / 100) + three, 2);
    p += 2 - three;
    std::memcpy(p, kPairs.data() + 2 * (value % 100), 2);
    return p + 2;
  }
  const std::uint64_t digits = eight_digits(value);
  const int leading_zeros = std::countr_zero(digits) / 8;
  store(p, (digits | kZeros) >> (8 * leading_zeros));
  return p + 8 - leading_zeros;
}

// Precondition: value < 10^8. Writes all eight digits.
char* write_eight(char* p, std::uint64_t value) noexcept {
  store(p, eight_digits(value) | kZeros);
  return p + 8;
}

// digits * 10^exponent
struct Decimal {
  std::uint64_t digits;
  int exponent;
};

// floor(n * log10(2)), floor(log10(3/4 * 2^n)) and floor(n * log2(10)), exact for every n that doubles lead to.
constexpr int floor_log10_pow2(int n) noexcept { return (n * 1'262'611) >> 22; }
constexpr int floor_log10_three_quarters_pow2(int n) noexcept { return (n * 1'262'611 - 524'031) >> 22; }
constexpr int floor_log2_pow10(int n) noexcept { return (n * 1'741'647) >> 19; }

// g * factor / 2^128, rounded to odd: whatever is cut off sets the last bit. `> 1` because g itself is a little too
// large.
std::uint64_t multiply_to_odd(const detail::PowerOfTen& g, std::uint64_t factor) noexcept {
  const u128 low = static_cast<u128>(g.low) * factor;
  const u128 product = static_cast<u128>(g.high) * factor + static_cast<std::uint64_t>(low >> 64);
  return static_cast<std::uint64_t>(product >> 64) | (static_cast<std::uint64_t>(product) > 1);
}

// The shortest decimal that reads back as mantissa * 2^exponent, and of those the closest, by exact arithmetic.
// `narrow_below`: the next smaller number is nearer than the next larger one, as below a power of two.
[[gnu::noinline]] Decimal shortest_exactly(std::uint64_t mantissa, int exponent, bool narrow_below) noexcept {
  const int k = narrow_below ? floor_log10_three_quarters_pow2(exponent) : floor_log10_pow2(exponent);
  const int shift = exponent + floor_log2_pow10(-k) + 1;
  const detail::PowerOfTen& g = detail::power_of_ten(-k);

  // The number and the two midpoints to its neighbours, in quarters of 10^k. A midpoint reads back to the even
  // mantissa.
  const std::uint64_t value = multiply_to_odd(g, (4 * mantissa) << shift);
  const std::uint64_t odd = mantissa & 1;
  const std::uint64_t lower = multiply_to_odd(g, (4 * mantissa - 2 + narrow_below) << shift) + odd;
  const std::uint64_t upper = multiply_to_odd(g, (4 * mantissa + 2) << shift) - odd;

  const std::uint64_t units = value / 4;
  if (units >= 10) {  // one digit less, if just one of the two candidates reads back
    const std::uint64_t tens = units / 10;
    const bool down = lower <= 40 * tens;
    const bool up = 40 * tens + 40 <= upper;
    if (down != up) return {tens + up, k + 1};
  }
  const bool down = lower <= 4 * units;
  const bool up = 4 * units + 4 <= upper;
  if (down != up) return {units + up, k};
  const std::uint64_t middle = 4 * units + 2;
  const bool round_up = value > middle || (value == middle && (units & 1) != 0);
  return {units + round_up, k};
}

constexpr std::uint64_t kMiddle = std::uint64_t{1} << 63;

// Whether the difference of two values is so small that their errors, each up to 10, may hide its sign.
bool in_doubt(std::uint64_t a, std::uint64_t b) noexcept {
  constexpr std::uint64_t kDoubt = 32;
  return a - b + kDoubt <= 2 * kDoubt;
}

// The same for a number whose neighbours are equally near, unless the first 64 bits behind the point cannot tell.
//
// The number is whole + fraction / 2^64 in units of 10^k, where 10^k is the first power of ten above the distance to
// the neighbours. So at most one integer reads back: the nearest one, if it is less than half that distance away. If
// none does, the nearest tenth is the answer. fraction is off by less than 1, half by less than 1.
Decimal shortest(std::uint64_t mantissa, int exponent) noexcept {
  const int k = floor_log10_pow2(exponent) + 1;
  const int shift = exponent + floor_log2_pow10(-k);  // -4 to -1
  const detail::PowerOfTen& g = detail::power_of_ten(-k);
  const std::uint64_t factor = mantissa << (shift + 4);
  const u128 product =
      static_cast<u128>(g.high) * factor + static_cast<std::uint64_t>(static_cast<u128>(g.low) * factor >> 64);
  const auto whole = static_cast<std::uint64_t>(product >> 67);
  const auto fraction = static_cast<std::uint64_t>(product >> 3);
  const std::uint64_t half = g.high >> -shift;

  const std::uint64_t below = fraction;      // the way down to `whole`
  const std::uint64_t above = 0 - fraction;  // the way up to `whole + 1`
  const std::uint64_t rest = fraction * 10;  // what is left of the way after whole tenths
  if (in_doubt(below, half) || in_doubt(above, half) || in_doubt(rest, kMiddle)) [[unlikely]] {
    return shortest_exactly(mantissa, exponent, false);
  }
  if (below < half) return {whole, k};
  if (above < half) return {whole + 1, k};
  const auto tenths = static_cast<std::uint64_t>(static_cast<u128>(fraction) * 10 >> 64);
  return {whole * 10 + tenths + (rest > kMiddle), k - 1};
}

// Puts a point behind the first `count` bytes of the word; its last byte is lost. Precondition: count < 8.
std::uint64_t insert_point(std::uint64_t word, int count) noexcept {
  const std::uint64_t before = (std::uint64_t{1} << (8 * count)) - 1;
  return (word & before) | std::uint64_t{'.'} << (8 * count) | (word & ~before) << 8;
}

// A decimal cut into words of text, seventeen digits with zeros at the end.
struct Digits {
  std::uint64_t first;   // digits 1 to 8
  std::uint64_t second;  // digits 9 to 16
  char last;             // digit 17
  int significant;       // how many there are without the zeros at the end
  int power;             // of ten, of the first digit

  // Precondition: 0 < digits < 10^17. The fewer digits there are, the more it takes.
  explicit Digits(Decimal decimal) noexcept {
    constexpr std::uint64_t kSeventeen = 10'000'000'000'000'000;
    const bool sixteen = decimal.digits < kSeventeen;  // as likely as not, so a select and no branch
    std::uint64_t digits = sixteen ? decimal.digits * 10 : decimal.digits;
    power = decimal.exponent + 16 - sixteen;
    for (; digits < kSeventeen; digits *= 10) --power;
    const std::uint64_t rest = digits % 1'000'000'000;
    first = eight_digits(digits / 1'000'000'000);
    second = eight_digits(rest / 10);
    const std::uint64_t ninth = rest % 10;
    significant = ninth != 0 ? 17 : second != 0 ? 16 - std::countl_zero(second) / 8 : 8 - std::countl_zero(first) / 8;
    first |= kZeros;
    second |= kZeros;
    last = static_cast<char>('0' + ninth);
  }

  void write(char* p) const noexcept {
    store(p, first);
    store(p + 8, second);
    p[16] = last;
  }

  // Writes them with a point behind the first `count`. Precondition: 1 <= count <= 16.
  void write_with_point(char* p, int count) const noexcept {
    write(p + 1);  // where the digits behind the point belong
    if (count < 8) {
      store(p, insert_point(first, count));
    } else {
      store(p, first);
      if (count < 16) {
        store(p + 8, insert_point(second, count - 8));
      } else {
        store(p + 8, second);
        p[16] = '.';
      }
    }
  }
};

char* write_fixed(char* p, const Digits& digits) noexcept {
  if (digits.power < 0) {
    store(p, kZeros);
    p[1] = '.';
    p += 1 - digits.power;
    digits.write(p);
    return p + digits.significant;
  }
  const int whole = digits.power + 1;
  digits.write_with_point(p, whole);
  return p + std::max(digits.significant, whole + 1) + 1;
}

char* write_scientific(char* p, const Digits& digits) noexcept {
  digits.write_with_point(p, 1);
  p += digits.significant == 1 ? 1 : digits.significant + 1;
  *p++ = 'e';
  *p++ = digits.power < 0 ? '-' : '+';
  return write_small(p, static_cast<std::uint64_t>(std::abs(digits.power)));
}

// What differs between the formats: the unsigned integer of the same size, the 1 by which a shortest decimal is widened
// to about seventeen digits, and the powers of ten at which fixed notation begins and ends.
template <class Float>
struct Format;

template <>
struct Format<double> {
  using Bits = std::uint64_t;
  static constexpr Decimal kUnit{1, 0};
  static constexpr int kFixedFrom = -5;
  static constexpr int kFixedBelow = 16;
};

template <>
struct Format<float> {
  using Bits = std::uint32_t;
  static constexpr Decimal kUnit{100'000'000, -8};
  static constexpr int kFixedFrom = -6;
  static constexpr int kFixedBelow = 13;
};

template <class Float>
char* write_float(char* p, Float value) noexcept {
  using F = Format<Float>;
  using Bits = typename F::Bits;
  constexpr int kMantissaBits = std::numeric_limits<Float>::digits - 1;
  constexpr int kBias = std::numeric_limits<Float>::max_exponent - 1 + kMantissaBits;
  constexpr Bits kHiddenBit = Bits{1} << kMantissaBits;
  assert(std::isfinite(value));

  if (std::signbit(value)) {
    *p++ = '-';
    value = -value;
  }
  // Integers below the mantissa's width are their own shortest digits, and so is zero.
  if (value < static_cast<Float>(kHiddenBit)) {
    const auto integer = static_cast<std::int64_t>(value);
    if (static_cast<Float>(integer) == value) {
      p = write_u64(p, static_cast<std::uint64_t>(integer));
      std::memcpy(p, ".0", 2);
      return p + 2;
    }
  }

  const Bits bits = std::bit_cast<Bits>(value);
  const Bits fraction = bits & (kHiddenBit - 1);
  const auto biased = static_cast<int>(bits >> kMantissaBits);
  const Bits mantissa = biased == 0 ? fraction : fraction | kHiddenBit;
  const int exponent = std::max(biased, 1) - kBias;
  const bool narrow_below = fraction == 0 && biased > 1;
  const Decimal decimal = narrow_below ? shortest_exactly(mantissa, exponent, true) : shortest(mantissa, exponent);
  const Digits digits({decimal.digits * F::kUnit.digits, decimal.exponent + F::kUnit.exponent});
  const bool fixed = F::kFixedFrom <= digits.power && digits.power < F::kFixedBelow;
  return fixed ? write_fixed(p, digits) : write_scientific(p, digits);
}

}  // namespace

char* write_f64(char* p, double value) noexcept { return write_float(p, value); }
char* write_f32(char* p, float value) noexcept { return write_float(p, value); }

char* write_u64(char* p, std::uint64_t value) noexcept {
  if (value < 100'000'000) return write_small(p, value);
  const std::uint64_t high = value / 100'000'000;
  if (high < 100'000'000) {
    p = write_small(p, high);
  } else {
    p = write_small(p, high / 100'000'000);
    p = write_eight(p, high % 100'000'000);
  }
  return write_eight(p, value % 100'000'000);
}

char* write_i64(char* p, std::int64_t value) noexcept {
  auto magnitude = static_cast<std::uint64_t>(value);
  if (value < 0) {
    *p++ = '-';
    magnitude = 0 - magnitude;
  }
  return write_u64(p, magnitude);
}

char* write_u32(char* p, std::uint32_t value) noexcept { return write_u64(p, value); }
char* write_i32(char* p, std::int32_t value) noexcept { return write_i64(p, value); }

}  // namespace ft::json
