// SPDX-License-Identifier: Apache-2.0
//
// Reading floating-point numbers. One pass checks the grammar and collects up to 19 digits, eight at a time. If digits
// and power of ten are both exact in a double, one multiplication or division gives the nearest value (W. D. Clinger,
// How to Read Floating Point Numbers Accurately, 1990). Everything else goes to std::from_chars.
#include <bit>
#include <charconv>
#include <cstring>

#include "ft/json/number.hpp"

namespace ft::json {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr double kExactPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::int64_t kMaxExactPower = 22;
constexpr std::uint64_t kMaxExactInteger = std::uint64_t{1} << 53;
constexpr std::int64_t kMaxDigits = 19;  // so many decimal digits always fit 64 bits

// Far outside any double, even if as many digits as memory holds pull against it; and far from overflow.
constexpr std::int64_t kExponentLimit = std::int64_t{1} << 58;

constexpr std::uint64_t kIntegerPowers[] = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000};

constexpr bool is_digit(char c) noexcept { return static_cast<unsigned char>(c - '0') < 10; }

// A number as it stands in the text: digits * 10^exponent, if there are at most kMaxDigits of them.
struct Decimal {
  std::uint64_t digits = 0;
  std::int64_t digit_count = 0;  // leading zeros included; digits has wrapped around if there are more than kMaxDigits
  std::int64_t exponent = 0;
  bool negative = false;
};

// Reads digits up to the first byte that is none.
const char* read_digits(const char* p, std::uint64_t& digits) noexcept {
  for (;;) {
    std::uint64_t word;
    std::memcpy(&word, p, sizeof word);
    word ^= 0x3030'3030'3030'3030;  // digits become 0 to 9, everything else is larger
    const std::uint64_t others =
        (((word & 0x7f7f'7f7f'7f7f'7f7f) + 0x7676'7676'7676'7676) | word) & 0x8080'8080'8080'8080;
    const int count = std::countr_zero(others) / 8;
    if (count == 0) return p;
    // Moves the digits to the end of the word, zeros before them, and adds neighbours up: pairs, fours, eight.
    word <<= 64 - 8 * count;
    word = word * 10 + (word >> 8);
    word = ((word & 0x0000'00ff'0000'00ff) * 0x000f'4240'0000'0064 +
            ((word >> 16) & 0x0000'00ff'0000'00ff) * 0x0000'2710'0000'0001) >>
           32;
    digits = digits * kIntegerPowers[count] + static_cast<std::uint32_t>(word);
    p += count;
    if (count < 8) return p;
  }
}

// Checks the grammar of a number and takes it apart. Returns its end, or nullptr.
const char* read_decimal(const char* p, Decimal& decimal) noexcept {
  decimal.negative = *p == '-';
  p += decimal.negative;
  if (!is_digit(*p)) return nullptr;
  const char* const integer = p;
  if (*p == '0') {
    if (is_digit(*++p)) return nullptr;
  } else {
    // Few digits stand before the point as a rule, too few for a word.
    for (; is_digit(*p); ++p) decimal.digits = decimal.digits * 10 + static_cast<unsigned>(*p - '0');
  }
  decimal.digit_count = p - integer;
  if (*p == '.') {
    const char* const fraction = ++p;
    p = read_digits(p, decimal.digits);
    if (p == fraction) return nullptr;
    decimal.digit_count += p - fraction;
    decimal.exponent = fraction - p;
  }
  if (*p == 'e' || *p == 'E') {
    ++p;
    const bool negative = *p == '-';
    if (*p == '-' || *p == '+') ++p;
    if (!is_digit(*p)) return nullptr;
    std::int64_t exponent = 0;
    for (; is_digit(*p); ++p) {
      if (exponent < kExponentLimit) exponent = exponent * 10 + (*p - '0');
    }
    decimal.exponent += negative ? -exponent : exponent;
  }
  return p;
}

// Tells a number that from_chars found too large from one that it found too small: it reports both alike.
bool is_large(const char* first, const char* last, const Decimal& decimal) noexcept {
  // The power of ten of the first digit that is not zero; a number out of range has one.
  std::int64_t power = decimal.digit_count + decimal.exponent;
  for (const char* p = first; p != last && *p < '1'; ++p)
    power -= *p == '0';  // of '-', '.' and '0' only the last is a digit
  return power > 0;
}

// The value of the number in [first, last), rounded by the library.
template <class Float>
const char* read_slowly(const char* first, const char* last, const Decimal& decimal, Float& out, errc& error) noexcept {
  Float value;
  if (std::from_chars(first, last, value).ec == std::errc()) {
    out = value;
    return last;
  }
  if (is_large(first, last, decimal)) {
    error = errc::out_of_range;
    return nullptr;
  }
  out = decimal.negative ? Float(-0.0) : Float(0.0);
  return last;
}

// The nearest double, if one operation on exact operands gives it.
inline bool to_double_exactly(const Decimal& decimal, double& out) noexcept {
  if (decimal.digit_count > kMaxDigits || decimal.digits > kMaxExactInteger || decimal.exponent < -kMaxExactPower ||
      decimal.exponent > kMaxExactPower) {
    return false;
  }
  const auto digits = static_cast<double>(static_cast<std::int64_t>(decimal.digits));
  const double magnitude =
      decimal.exponent < 0 ? digits / kExactPowers[-decimal.exponent] : digits * kExactPowers[decimal.exponent];
  out = decimal.negative ? -magnitude : magnitude;
  return true;
}

// Whether rounding the double that to_double_exactly() found to a float gives the nearest float of the decimal. It does
// unless the double lies just between two floats, where the decimal may lie on either side of it. Such doubles are 0 or
// from 1e-22 to 1e38, so all floats around them are normal and finite.
bool narrows_safely(double value) noexcept {
  constexpr std::uint64_t kBelowFloat = (std::uint64_t{1} << 29) - 1;  // the mantissa bits that a float lacks
  constexpr std::uint64_t kMidpoint = std::uint64_t{1} << 28;
  return (std::bit_cast<std::uint64_t>(value) & kBelowFloat) != kMidpoint;
}

}  // namespace

const char* parse_f64(const char* p, double& out, errc& error) noexcept {
  Decimal decimal;
  const char* end = read_decimal(p, decimal);
  if (!end) {
    error = errc::invalid_number;
    return nullptr;
  }
  if (to_double_exactly(decimal, out)) return end;
  return read_slowly(p, end, decimal, out, error);
}

const char* parse_f32(const char* p, float& out, errc& error) noexcept {
  Decimal decimal;
  const char* end = read_decimal(p, decimal);
  if (!end) {
    error = errc::invalid_number;
    return nullptr;
  }
  double value;
  if (to_double_exactly(decimal, value) && narrows_safely(value)) {
    out = static_cast<float>(value);
    return end;
  }
  return read_slowly(p, end, decimal, out, error);
}

}  // namespace ft::json
