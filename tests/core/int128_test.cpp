// SPDX-License-Identifier: Apache-2.0
#include "ft/core/int128.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>

namespace ft {
namespace {

using Native = Int128::native_type;

constexpr Native kMax = (((Native{1} << 126) - 1) << 1) + 1;
constexpr Native kMin = -kMax - 1;
constexpr std::string_view kMaxText = "170141183460469231731687303715884105727";
constexpr std::string_view kMinText = "-170141183460469231731687303715884105728";

std::string text(Int128 value) {
  char buffer[Int128::max_digits];
  return std::string(buffer, write(buffer, value));
}

struct Parsed {
  bool ok;
  Int128 value;
  std::size_t length;
  errc error;
};

Parsed parsed(const std::string& input) {
  Parsed result{false, Int128(4711), 0, errc::internal};
  const char* end = parse(input.c_str(), result.value, result.error);
  result.ok = end != nullptr;
  if (end) result.length = static_cast<std::size_t>(end - input.c_str());
  return result;
}

TEST(Int128, IsAPlainValue) {
  EXPECT_TRUE(std::is_trivially_copyable_v<Int128>);
  EXPECT_EQ(Int128(), 0);
  EXPECT_EQ(Int128(-1).high, -1);
  EXPECT_EQ(Int128(-1).low, std::numeric_limits<std::uint64_t>::max());
}

TEST(Int128, ConvertsFromAndToNative) {
  for (const Native n : {Native{0}, Native{1}, Native{-1}, kMax, kMin, Native{1} << 64, -(Native{1} << 64), kMin + 1}) {
    EXPECT_TRUE(Int128::from_native(n).native() == n);
  }
  EXPECT_TRUE(Int128(std::numeric_limits<std::int64_t>::min()).native() == std::numeric_limits<std::int64_t>::min());
}

TEST(Int128, OrdersAsNumbersDo) {
  const Native values[] = {kMin, -(Native{1} << 64), -(Native{1} << 64) + 1, -1,  0,
                           1,    Native{1} << 63,    Native{1} << 64,        kMax};
  for (const Native a : values) {
    for (const Native b : values) {
      EXPECT_EQ(Int128::from_native(a) < Int128::from_native(b), a < b);
      EXPECT_EQ(Int128::from_native(a) == Int128::from_native(b), a == b);
    }
  }
}

TEST(Int128, Writes) {
  EXPECT_EQ(text(0), "0");
  EXPECT_EQ(text(-7), "-7");
  EXPECT_EQ(text(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(text(Int128::from_native(kMax)), kMaxText);
  EXPECT_EQ(text(Int128::from_native(kMin)), kMinText);
  EXPECT_EQ(kMinText.size(), Int128::max_digits);
  std::ostringstream out;
  out << Int128(-12);
  EXPECT_EQ(out.str(), "-12");
}

TEST(Int128, WritesAndReadsEveryPowerOfTen) {
  std::string digits = "1";
  for (Native power = 1;; power *= 10, digits += '0') {
    EXPECT_EQ(text(Int128::from_native(power)), digits);
    EXPECT_EQ(text(Int128::from_native(-power)), "-" + digits);
    EXPECT_EQ(text(Int128::from_native(power - 1)).size(), power == 1 ? 1 : digits.size() - 1);
    EXPECT_EQ(parsed(digits).value, Int128::from_native(power));
    if (power > kMax / 10) break;
  }
  EXPECT_EQ(digits.size(), 39U);
}

TEST(Int128, ReadsBackWhatItWrote) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    Int128 value;
    value.high = static_cast<std::int64_t>(random()) >> (random() % 64);
    value.low = random();
    const std::string digits = text(value);
    const Parsed back = parsed(digits + ",");
    ASSERT_TRUE(back.ok) << digits;
    EXPECT_EQ(back.value, value);
    EXPECT_EQ(back.length, digits.size());
  }
}

TEST(Int128, ReadsUpToTheFirstOtherByte) {
  EXPECT_EQ(parsed("0").value, 0);
  EXPECT_EQ(parsed("-0").value, 0);
  EXPECT_EQ(parsed("-0").length, 2U);
  EXPECT_EQ(parsed("12]").value, 12);
  EXPECT_EQ(parsed("12]").length, 2U);
  EXPECT_EQ(parsed("1.5").length, 1U);
}

TEST(Int128, RefusesWhatIsOutOfRange) {
  EXPECT_EQ(text(parsed(std::string(kMaxText)).value), kMaxText);
  EXPECT_EQ(text(parsed(std::string(kMinText)).value), kMinText);
  for (const char* input :
       {"170141183460469231731687303715884105728", "-170141183460469231731687303715884105729",
        "1701411834604692317316873037158841057270", "999999999999999999999999999999999999999",
        "340282366920938463463374607431768211456", "100000000000000000000000000000000000000000000000000000000000"}) {
    const Parsed result = parsed(input);
    EXPECT_FALSE(result.ok) << input;
    EXPECT_EQ(result.error, errc::out_of_range) << input;
    EXPECT_EQ(result.value, 4711) << input;
  }
}

TEST(Int128, RefusesWhatIsNoNumber) {
  for (const char* input : {"", "-", "+1", "01", "-01", "00", "x", " 1", ".5", "--1", "\"1\""}) {
    const Parsed result = parsed(input);
    EXPECT_FALSE(result.ok) << input;
    EXPECT_EQ(result.error, errc::invalid_number) << input;
    EXPECT_EQ(result.value, 4711) << input;
  }
}

}  // namespace
}  // namespace ft
