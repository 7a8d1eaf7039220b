// SPDX-License-Identifier: Apache-2.0
#include "ft/json/number.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <string_view>

namespace ft::json {
namespace {

constexpr double kDoubleMax = std::numeric_limits<double>::max();
constexpr double kDoubleMin = std::numeric_limits<double>::min();
constexpr double kDoubleTiny = std::numeric_limits<double>::denorm_min();
constexpr float kFloatMax = std::numeric_limits<float>::max();
constexpr float kFloatMin = std::numeric_limits<float>::min();
constexpr float kFloatTiny = std::numeric_limits<float>::denorm_min();

template <class Float>
struct Format;

template <>
struct Format<double> {
  using Bits = std::uint64_t;
  static constexpr int kFixedFrom = -5;
  static constexpr int kFixedBelow = 16;
  static char* write(char* p, double value) { return write_f64(p, value); }
  static const char* parse(const char* p, double& out, errc& error) { return parse_f64(p, out, error); }
};

template <>
struct Format<float> {
  using Bits = std::uint32_t;
  static constexpr int kFixedFrom = -6;
  static constexpr int kFixedBelow = 13;
  static char* write(char* p, float value) { return write_f32(p, value); }
  static const char* parse(const char* p, float& out, errc& error) { return parse_f32(p, out, error); }
};

// Calls a write function on memory of just kNumberRoom bytes, so that the sanitizers see a store beyond.
template <class Write, class Value>
std::string written(Write write, Value value) {
  std::string room(kNumberRoom, 'x');
  room.shrink_to_fit();
  return std::string(room.data(), write(room.data(), value));
}
std::string text(double value) { return written(write_f64, value); }
std::string text(float value) { return written(write_f32, value); }

// The canonical text, made from the digits of std::to_chars by the letter of the rule.
template <class Float>
std::string expected(Float value) {
  char buffer[64];
  const std::string all(
      buffer, std::to_chars(buffer, buffer + sizeof buffer, std::fabs(value), std::chars_format::scientific).ptr);
  const std::size_t e = all.find('e');
  const int power = std::stoi(all.substr(e + 1));
  std::string digits = all.substr(0, e);
  if (digits.size() > 1) digits.erase(1, 1);
  const std::string sign = std::signbit(value) ? "-" : "";
  if (value == 0) return sign + "0.0";
  if (power < Format<Float>::kFixedFrom || power >= Format<Float>::kFixedBelow) {
    const std::string fraction = digits.size() > 1 ? "." + digits.substr(1) : "";
    return sign + digits.substr(0, 1) + fraction + (power < 0 ? "e-" : "e+") + std::to_string(std::abs(power));
  }
  if (power < 0) return sign + "0." + std::string(static_cast<std::size_t>(-power - 1), '0') + digits;
  const auto whole = static_cast<std::size_t>(power) + 1;
  if (digits.size() < whole + 1) digits.append(whole + 1 - digits.size(), '0');
  return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

template <class Float>
struct Parsed {
  bool ok = false;
  Float value = Float(4711);
  std::size_t length = 0;
  errc error = errc::internal;
};

template <class Float>
Parsed<Float> parsed(std::string_view input) {
  const std::string padded = std::string(input) + std::string(16, '\0');
  Parsed<Float> result;
  const char* end = Format<Float>::parse(padded.data(), result.value, result.error);
  result.ok = end != nullptr;
  if (end) result.length = static_cast<std::size_t>(end - padded.data());
  return result;
}
Parsed<double> f64(std::string_view input) { return parsed<double>(input); }
Parsed<float> f32(std::string_view input) { return parsed<float>(input); }

template <class Float>
auto bits(Float value) {
  return std::bit_cast<typename Format<Float>::Bits>(value);
}

// Writes as it should, and reads back to the same bits.
template <class Float>
::testing::AssertionResult round_trips(Float value) {
  const std::string out = text(value);
  if (out != expected(value)) {
    return ::testing::AssertionFailure() << "written " << out << ", expected " << expected(value);
  }
  const Parsed<Float> back = parsed<Float>(out + ",");
  if (!back.ok || back.length != out.size() || bits(back.value) != bits(value)) {
    return ::testing::AssertionFailure() << out << " does not read back";
  }
  return ::testing::AssertionSuccess();
}

template <class Float>
void check_with_neighbours(Float value) {
  for (const Float v :
       {std::nextafter(value, Float(0)), value, std::nextafter(value, std::numeric_limits<Float>::max())}) {
    ASSERT_TRUE(round_trips(v));
    ASSERT_TRUE(round_trips(-v));
  }
}

// ---- writing floats

TEST(WriteF64, IsCanonical) {
  for (const char* canonical : {"0.0",
                                "-0.0",
                                "1.0",
                                "-0.5",
                                "0.1",
                                "0.85",
                                "100.0",
                                "209.25",
                                "86753.0",
                                "12345678.9",
                                "0.0001",
                                "0.00001",
                                "1e-7",
                                "9.999999999999999e-6",
                                "765.1682302735649",
                                "572.0619635886424",
                                "531316.8571428572",
                                "1399214.857142857",
                                "-127597714264.18983",
                                "1000000000000000.0",
                                "9007199254740991.0",
                                "9007199254740992.0",
                                "9999999999999998.0",
                                "12345678901234.566",
                                "1e+16",
                                "1e+17",
                                "1.2345678901234568e+17",
                                "-9.223372036854776e+18",
                                "1e+21",
                                "1e+300",
                                "-6.0481585987382e-280",
                                "5.734267230303773e+288",
                                "2.225073858507201e-308",
                                "2.2250738585072014e-308",
                                "5e-324",
                                "1e-323",
                                "-1.7976931348623157e+308"}) {
    const Parsed<double> value = f64(canonical);
    ASSERT_TRUE(value.ok) << canonical;
    EXPECT_EQ(text(value.value), canonical);
  }
}

TEST(WriteF32, IsCanonical) {
  for (const char* canonical :
       {"0.0",        "-0.0",        "1.5",          "-1.5",           "3.1415927",     "0.33333334",     "8388607.5",
        "16777216.0", "100000000.0", "1234568000.0", "999999900000.0", "1e+13",         "-3.4028235e+38", "0.00001",
        "0.000001",   "9.999999e-7", "1.1920929e-7", "-1.8830415e-8",  "1.1754944e-38", "1e-45"}) {
    const Parsed<float> value = f32(canonical);
    ASSERT_TRUE(value.ok) << canonical;
    EXPECT_EQ(text(value.value), canonical);
  }
  EXPECT_EQ(text(1'234'567'936.0F), "1234568000.0");
}

TEST(WriteFloat, EveryPowerOfTwoAndItsNeighbours) {
  for (int i = -1074; i < 1024; ++i) check_with_neighbours(std::ldexp(1.0, i));
  for (int i = -149; i < 128; ++i) check_with_neighbours(std::ldexp(1.0F, i));
}

TEST(WriteFloat, EveryPowerOfTenAndItsNeighbours) {
  for (int i = -323; i <= 308; ++i) check_with_neighbours(f64("1e" + std::to_string(i)).value);
  for (int i = -45; i <= 38; ++i) check_with_neighbours(f32("1e" + std::to_string(i)).value);
}

TEST(WriteFloat, Boundaries) {
  for (const double v : {kDoubleMax, kDoubleMin, kDoubleTiny, std::nextafter(kDoubleMin, 0.0), 9e15, 0x1p52, 0x1p53}) {
    ASSERT_TRUE(round_trips(v));
    ASSERT_TRUE(round_trips(std::nextafter(v, 0.0)));
  }
  for (const float v : {kFloatMax, kFloatMin, kFloatTiny, std::nextafter(kFloatMin, 0.0F), 0x1p23F, 0x1p24F}) {
    ASSERT_TRUE(round_trips(v));
    ASSERT_TRUE(round_trips(std::nextafter(v, 0.0F)));
  }
  // Ties between two shortest candidates, and integers too wide for the mantissa.
  for (const double v :
       {9007199254740993.0, 9007199254740994.0, 0x1.0000000000001p+54, 2e15 + 0.5, 2e15 + 0.25, 0.5, 0.3}) {
    ASSERT_TRUE(round_trips(v));
  }
}

TEST(WriteFloat, RandomBitPatterns) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t word = random();
    const auto d = std::bit_cast<double>(word);
    const auto f = std::bit_cast<float>(static_cast<std::uint32_t>(word));
    if (std::isfinite(d)) {
      ASSERT_TRUE(round_trips(d));
    }
    if (std::isfinite(f)) {
      ASSERT_TRUE(round_trips(f));
    }
    // Subnormals of every width, and numbers about the size of those in tables.
    ASSERT_TRUE(round_trips(std::bit_cast<double>(word >> (12 + word % 50))));
    ASSERT_TRUE(round_trips(std::ldexp(static_cast<double>(word >> 11), -53 + static_cast<int>(word % 64) - 16)));
    ASSERT_TRUE(round_trips(static_cast<double>(word % 100'000'000'000) / std::pow(10.0, static_cast<double>(i % 12))));
  }
}

// ---- reading floats

TEST(ParseFloat, StopsBehindTheNumber) {
  EXPECT_EQ(f64("1.5,2").value, 1.5);
  EXPECT_EQ(f64("1.5,2").length, 3U);
  EXPECT_EQ(f64("0]").length, 1U);
  EXPECT_EQ(f64("-0}").length, 2U);
  EXPECT_EQ(f64("12e3 ").length, 4U);
  EXPECT_EQ(f64("1-2").length, 1U);
  EXPECT_EQ(f32("0.12345678:").length, 10U);
}

TEST(ParseFloat, TakesWhatTheGrammarAllows) {
  EXPECT_EQ(f64("0").value, 0.0);
  EXPECT_EQ(f64("7").value, 7.0);
  EXPECT_EQ(f64("-12").value, -12.0);
  EXPECT_EQ(f64("1E5").value, 1e5);
  EXPECT_EQ(f64("1e+5").value, 1e5);
  EXPECT_EQ(f64("1e-05").value, 1e-5);
  EXPECT_EQ(f64("0.000").value, 0.0);
  EXPECT_EQ(f64("18446744073709551615").value, 18446744073709551615.0);
  EXPECT_EQ(f64("123456789012345678901234567890").value, 123456789012345678901234567890.0);
  EXPECT_EQ(f32("16777217").value, 16777216.0F);
}

TEST(ParseFloat, RefusesWhatItDoesNot) {
  for (const char* input : {"",     "-",    "+1",   ".5",  "1.",  "1.e5", "-.5", "01",  "-01", "00",   "1e",  "1e+",
                            "1e-",  "1ee5", "1.5e", "NaN", "nan", "inf",  "-i",  "--1", "x",   "1.-5", "- 1", "1.x",
                            "1e.5", "0.",   "-0.",  "1.e", "/",   ":",    "-a",  "e5",  "-e5", "\"1\""}) {
    const std::string_view view = input;
    EXPECT_FALSE(f64(view).ok) << view;
    EXPECT_EQ(f64(view).error, errc::invalid_number) << view;
    EXPECT_EQ(f64(view).value, 4711) << view;
    EXPECT_EQ(f32(view).error, errc::invalid_number) << view;
  }
}

TEST(ParseFloat, EveryByteButDigitsEndsTheDigits) {
  for (int byte = 0; byte < 256; ++byte) {
    const auto c = static_cast<char>(byte);
    if ((c >= '0' && c <= '9') || c == 'e' || c == 'E') continue;
    for (std::size_t digits = 1; digits <= 17; ++digits) {  // at every position in a word
      const std::string number = "3." + std::string(digits, '7');
      const Parsed<double> value = f64(number + c + "5");
      EXPECT_EQ(value.length, number.size()) << byte;
      EXPECT_EQ(value.value, std::stod(number)) << byte;
    }
  }
}

TEST(ParseF64, TooLargeIsRefusedAndTooSmallIsZero) {
  for (const char* input : {"1e309", "-1e309", "1.7976931348623159e308", "123456789e301", "1e99999999999999999999",
                            "0.00001e314", "100000000000000000000000000000e290"}) {
    EXPECT_FALSE(f64(input).ok) << input;
    EXPECT_EQ(f64(input).error, errc::out_of_range) << input;
    EXPECT_EQ(f64(input).value, 4711) << input;
  }
  for (const char* input : {"1e-400", "2e-324", "1e-99999999999999999999", "0.0000001e-320", "123456789e-340",
                            "100000000000000000000000000000e-360", "0e400", "0.0e99999999999999999999",
                            "0.00000000000000000000000000000000e500"}) {
    EXPECT_TRUE(f64(input).ok) << input;
    EXPECT_EQ(bits(f64(input).value), bits(0.0)) << input;
    const std::string negative = "-" + std::string(input);
    EXPECT_EQ(bits(f64(negative).value), bits(-0.0)) << negative;
    EXPECT_EQ(f64(negative).length, negative.size());
  }
  EXPECT_EQ(f64("1.7976931348623157e308").value, kDoubleMax);
  EXPECT_EQ(f64("1.7976931348623158e308").value, kDoubleMax);
  EXPECT_EQ(f64("3e-324").value, kDoubleTiny);
  EXPECT_EQ(f64("-0").length, 2U);
  EXPECT_EQ(bits(f64("-0").value), bits(-0.0));
}

TEST(ParseF32, TooLargeIsRefusedAndTooSmallIsZero) {
  for (const char* input :
       {"1e39", "-1e39", "3.4028236e38", "3.5e38", "1e309", "340282366920938463463374607431768211456"}) {
    EXPECT_FALSE(f32(input).ok) << input;
    EXPECT_EQ(f32(input).error, errc::out_of_range) << input;
  }
  EXPECT_EQ(f32("3.4028235e38").value, kFloatMax);
  EXPECT_EQ(f32("340282356779733661637539395458142568447").value, kFloatMax);  // just below the midpoint to 2^128
  EXPECT_EQ(f32("1e-45").value, kFloatTiny);
  EXPECT_EQ(bits(f32("7e-46").value), bits(0.0F));
  EXPECT_EQ(bits(f32("-1e-60").value), bits(-0.0F));
  EXPECT_EQ(bits(f32("-1e-400").value), bits(-0.0F));
}

TEST(ParseF32, IsRoundedOnce) {
  // Each lies beside the midpoint of two floats by less than a double can tell.
  EXPECT_EQ(f32("1.00000005960464477539062500").value, 1.0F);
  EXPECT_EQ(f32("1.00000005960464477539062501").value, std::nextafter(1.0F, 2.0F));
  EXPECT_EQ(f32("1.00000017881393432617187499").value, std::nextafter(1.0F, 2.0F));
  EXPECT_EQ(f32("1.00000005960464478").value, std::nextafter(1.0F, 2.0F));
  EXPECT_EQ(f32("1.00000005960464477").value, 1.0F);
  // These round to a midpoint as doubles, from below and from above.
  EXPECT_EQ(f32("8.000001430511474").value, std::nextafter(8.0F, 9.0F));
  EXPECT_EQ(f32("8.000000476837159").value, std::nextafter(8.0F, 9.0F));
  EXPECT_EQ(f32("16777217.000000001").value, 16777218.0F);
  EXPECT_EQ(f32("16777216.999999999").value, 16777216.0F);
}

TEST(ParseF64, ManyDigitsCountToTheLast) {
  // 2^53 + 1 lies between two doubles; a digit far behind the point decides.
  const std::string middle = "9007199254740993." + std::string(800, '0');
  EXPECT_EQ(f64(middle).value, 9007199254740992.0);
  EXPECT_EQ(f64(middle + "1").value, 9007199254740994.0);
  EXPECT_EQ(f64("1" + std::string(400, '0') + "e-400").value, 1.0);
  EXPECT_EQ(f64("0." + std::string(400, '0') + "1e401").value, 1.0);
  EXPECT_EQ(f64("1" + std::string(70'000, '0') + "e-70000").value, 1.0);
  EXPECT_EQ(f64(std::string(309, '9')).error, errc::out_of_range);
  EXPECT_EQ(bits(f64("-0." + std::string(400, '0') + "1").value), bits(-0.0));
}

TEST(ParseFloat, AgreesWithTheLibraryOnRandomDecimals) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 100'000; ++i) {
    std::string number = std::to_string(random() % 1'000'000 >> (random() % 20));
    const std::size_t fraction = random() % 22;
    if (fraction > 0) number += '.';
    for (std::size_t k = 0; k < fraction; ++k) number += static_cast<char>('0' + random() % 10);
    if (random() % 2 == 0) number += "e" + std::to_string(static_cast<int>(random() % 60) - 30);
    double d = 0;
    float f = 0;
    ASSERT_EQ(std::from_chars(number.data(), number.data() + number.size(), d).ec, std::errc()) << number;
    ASSERT_EQ(std::from_chars(number.data(), number.data() + number.size(), f).ec, std::errc()) << number;
    EXPECT_EQ(bits(f64(number).value), bits(d)) << number;
    EXPECT_EQ(bits(f32(number).value), bits(f)) << number;
    EXPECT_EQ(f64(number).length, number.size());
  }
}

// ---- writing integers

TEST(WriteInteger, EdgesOfEveryType) {
  EXPECT_EQ(written(write_u64, std::uint64_t{0}), "0");
  EXPECT_EQ(written(write_u64, std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(written(write_i64, std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(written(write_i64, std::numeric_limits<std::int64_t>::max()), "9223372036854775807");
  EXPECT_EQ(written(write_u32, std::numeric_limits<std::uint32_t>::max()), "4294967295");
  EXPECT_EQ(written(write_i32, std::numeric_limits<std::int32_t>::min()), "-2147483648");
  EXPECT_EQ(written(write_i32, std::int32_t{-1}), "-1");
}

TEST(WriteInteger, AgreesWithTheLibrary) {
  for (std::uint64_t i = 0; i < 20'000; ++i) ASSERT_EQ(written(write_u64, i), std::to_string(i));
  for (std::uint64_t power = 1; power <= 1'000'000'000'000'000'000; power *= 10) {
    for (const std::uint64_t v : {power - 1, power, power + 1, power * 9})
      ASSERT_EQ(written(write_u64, v), std::to_string(v));
  }
  std::mt19937_64 random(4);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t value = random() >> (random() % 64);
    const auto negated = -static_cast<std::int64_t>(value >> 1);
    ASSERT_EQ(written(write_u64, value), std::to_string(value));
    ASSERT_EQ(written(write_i64, negated), std::to_string(negated));
  }
}

TEST(WriteInteger, Int128TakesJustItsDigits) {
  char room[Int128::max_digits];
  const Int128 smallest = Int128::from_native(Int128::native_type{std::numeric_limits<std::int64_t>::min()} *
                                              (Int128::native_type{1} << 64));
  EXPECT_EQ(std::string_view(room, static_cast<std::size_t>(write_int128(room, smallest) - room)),
            "-170141183460469231731687303715884105728");
}

}  // namespace
}  // namespace ft::json
