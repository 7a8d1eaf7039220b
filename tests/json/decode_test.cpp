// SPDX-License-Identifier: Apache-2.0
//
// The decoders of json/decode.hpp: integers, floats, temporals, arrays of bytes, and what is composed of them.
#include "ft/json/decode.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "read.hpp"

namespace ft::json {
namespace {

// -- integers -------------------------------------------------------------------------------------------------

template <class T>
void check_integer_limits() {
  using Limit = std::numeric_limits<T>;
  const std::string least = std::to_string(Limit::min()), most = std::to_string(Limit::max());
  expect_value<T>(least, Limit::min());
  expect_value<T>(most, Limit::max());
  expect_value<T>(" \t\r\n7 ", 7);
  expect_value<T>("0", 0);
  // One beyond on each side, and far beyond.
  std::string above = most;
  ++above.back();
  expect_code<T>(above, errc::out_of_range);
  expect_code<T>(most + "0", errc::out_of_range);
  expect_code<T>("99999999999999999999999999999999999999999", errc::out_of_range);
  std::string below = Limit::is_signed ? least : "-1";
  if (Limit::is_signed) ++below.back();
  expect_code<T>(below, errc::out_of_range);
  expect_code<T>("-99999999999999999999999999999999999999999", errc::out_of_range);
  for (const char* text : {"-0", "-00"}) {
    EXPECT_FALSE(read<T>(text).value) << text;
  }
  for (const char* text : {"01", "00", "007"}) expect_code<T>(text, errc::invalid_number);
  for (const char* text : {"1.0", "1.", "1e0", "1E5", "0.0", "0e1"}) expect_code<T>(text, errc::wrong_type);
  for (const char* text : {"\"1\"", "null", "true", "[]", "{}"}) expect_code<T>(text, errc::wrong_type);
  for (const char* text : {"+1", ".5", "x", "'1'"}) expect_code<T>(text, errc::syntax);
  for (const char* text : {"", " "}) expect_code<T>(text, errc::unexpected_end);
  expect_code<T>("-", errc::invalid_number);
  for (const char* text : {"1x", "1 1", "1,"}) expect_code<T>(text, errc::trailing_bytes);
}

TEST(Integer, EveryWidthHasItsExactRange) {
  check_integer_limits<std::uint8_t>();
  check_integer_limits<std::uint16_t>();
  check_integer_limits<std::uint32_t>();
  check_integer_limits<std::uint64_t>();
  check_integer_limits<std::int32_t>();
  check_integer_limits<std::int64_t>();
}

TEST(Integer, EveryLengthOfDigits) {
  std::uint64_t value = 0;
  std::string text;
  for (int digit = 1; digit <= 19; ++digit) {
    value = value * 10 + static_cast<std::uint64_t>(digit % 10);
    text += static_cast<char>('0' + digit % 10);
    expect_value<std::uint64_t>(text, value);
    expect_value<std::int64_t>("-" + text, -static_cast<std::int64_t>(value));
  }
}

TEST(Integer, Of128BitsTakesMinusZero) {
  expect_value<Int128>("-0", Int128());
  expect_value<Int128>("0", Int128());
  Int128 least;
  least.high = std::numeric_limits<std::int64_t>::min();
  least.low = 0;
  expect_value<Int128>("-170141183460469231731687303715884105728", least);
  expect_code<Int128>("-170141183460469231731687303715884105729", errc::out_of_range);
  expect_code<Int128>("170141183460469231731687303715884105728", errc::out_of_range);
  expect_code<Int128>("1.0", errc::wrong_type);
  expect_code<Int128>("1e3", errc::wrong_type);
  expect_code<Int128>("01", errc::invalid_number);
  expect_code<Int128>("-01", errc::invalid_number);
  expect_code<Int128>("\"1\"", errc::wrong_type);
  expect_code<Int128>("null", errc::wrong_type);
}

// -- other scalars --------------------------------------------------------------------------------------------

TEST(Float, TakesAnyNumber) {
  expect_value<double>("1", 1.0);
  expect_value<double>("-0", 0.0);
  EXPECT_TRUE(std::signbit(*read<double>("-0").value));
  expect_value<double>("1E+2", 100.0);
  expect_value<double>("1e-400", 0.0);
  EXPECT_TRUE(std::signbit(*read<double>("-1e-400").value));
  expect_value<double>("1.7976931348623158e308", std::numeric_limits<double>::max());
  expect_value<double>("123456789012345678901234567890", 123456789012345678901234567890.0);
  expect_value<float>("3.4028235e38", std::numeric_limits<float>::max());
  expect_code<double>("1e309", errc::out_of_range);
  expect_code<double>("-1e309", errc::out_of_range);
  expect_code<float>("1e39", errc::out_of_range);
  expect_code<float>("3.4028236e38", errc::out_of_range);
  for (const char* text : {"1.", "1e", "1e+", "01", "-01", "1.e5"}) {
    const Outcome<double> outcome = read<double>(text);
    EXPECT_TRUE(outcome.code == errc::invalid_number || outcome.code == errc::unexpected_end)
        << text << ": " << to_name(outcome.code);
  }
  for (const char* text : {"NaN", "Infinity", ".5", "+1"}) expect_code<double>(text, errc::syntax);
  for (const char* text : {"null", "\"1\"", "[1]", "{}", "true"}) expect_code<double>(text, errc::wrong_type);
}

TEST(Bool, IsOneOfTwoWords) {
  expect_value<bool>("true", true);
  expect_value<bool>(" false ", false);
  for (const char* text : {"1", "\"true\"", "null", "tru", "fals", "tRue"})
    EXPECT_FALSE(read<bool>(text).value) << text;
  for (const char* text : {"trues", "falsey", "true1"}) expect_code<bool>(text, errc::trailing_bytes);
  expect_code<bool>("True", errc::syntax);
}

TEST(Temporal, ExistsOrIsRefused) {
  expect_value<Date>("[2024,366]", Date(2024, 366));
  expect_value<Date>("[-999999,1]", Date(-999999, 1));
  expect_value<Date>(" [ 999999 , 365 ] ", Date(999999, 365));
  for (const char* text :
       {"[2023,366]", "[1900,366]", "[2024,0]", "[2024,367]", "[1000000,1]", "[-1000000,1]", "[2147483648,1]"}) {
    expect_code<Date>(text, errc::out_of_range);
  }
  expect_value<Time>("[23,59,59,999999999]", Time(23, 59, 59, 999999999));
  for (const char* text :
       {"[24,0,0,0]", "[0,60,0,0]", "[0,0,60,0]", "[0,0,0,1000000000]", "[256,0,0,0]", "[-1,0,0,0]"}) {
    expect_code<Time>(text, errc::out_of_range);
  }
  for (const char* text : {"[]", "[1,2,3]", "[1,2,3,4,5]"}) expect_code<Time>(text, errc::wrong_length);
  expect_value<UtcOffset>("[1,-30,0]", UtcOffset(1, 30, 0));
  expect_value<UtcOffset>("[-1,30,15]", UtcOffset(-1, -30, -15));
  expect_value<UtcOffset>("[0,-30,15]", UtcOffset(0, -30, -15));
  expect_value<UtcOffset>("[25,59,59]", UtcOffset(25, 59, 59));
  expect_value<UtcOffset>("[-25,-59,-59]", UtcOffset(-25, -59, -59));
  for (const char* text : {"[26,0,0]", "[-26,0,0]", "[0,60,0]", "[0,0,-60]", "[-128,-128,-128]", "[128,0,0]"}) {
    expect_code<UtcOffset>(text, errc::out_of_range);
  }
  expect_value<PrimitiveDateTime>("[2024,60,12,34,56,789012345]",
                                  PrimitiveDateTime(Date(2024, 60), Time(12, 34, 56, 789012345)));
  expect_value<PrimitiveDateTime>("[2024, 60,12,34,56,7]", PrimitiveDateTime(Date(2024, 60), Time(12, 34, 56, 7)));
  expect_value<PrimitiveDateTime>("[-4712,1,0,0,0,0]", PrimitiveDateTime(Date(-4712, 1), Time()));
  for (const char* text : {"[2023,366,0,0,0,0]", "[2024,1,24,0,0,0]", "[2024,1,0,0,0,1000000000]", "[2024,999,0,0,0,0]",
                           "[2024,1,256,0,0,0]", "[999999999,1,0,0,0,0]", "[9999999999,1,0,0,0,0]"}) {
    expect_code<PrimitiveDateTime>(text, errc::out_of_range);
  }
  for (const char* text : {"[02024,1,0,0,0,0]", "[2024,01,0,0,0,0]", "[2024,1,00,0,0,0]"})
    expect_code<PrimitiveDateTime>(text, errc::invalid_number);
  expect_value<OffsetDateTime>("[2024,1,0,0,0,0,1,-30,0]", OffsetDateTime(Date(2024, 1), Time(), UtcOffset(1, 30, 0)));
  expect_code<OffsetDateTime>("[2024,1,0,0,0,0,26,0,0]", errc::out_of_range);
  expect_code<OffsetDateTime>("[2024,1,0,0,0,0]", errc::wrong_length);
  expect_value<Month>("12", Month(Month::december));
  for (const char* text : {"0", "13", "255"}) expect_code<Month>(text, errc::out_of_range);
}

TEST(Bytes, OfFixedLength) {
  const std::array<std::uint8_t, 6> mac = {0, 1, 22, 255, 100, 9};
  expect_value("[0,1,22,255,100,9]", mac);
  expect_value(" [ 0 , 1,22,255,100,9 ]", mac);
  expect_value("[0,1,22,255,100,9 ]", mac);
  using Mac = std::array<std::uint8_t, 6>;
  for (const char* text : {"[0,1,22,256,100,9]", "[0,1,22,999,100,9]", "[0,1,22,1000,100,9]", "[-1,1,22,255,100,9]"}) {
    expect_code<Mac>(text, errc::out_of_range);
  }
  for (const char* text : {"[]", "[0,1,22,255,100]", "[0,1,22,255,100,9,9]"})
    expect_code<Mac>(text, errc::wrong_length);
  expect_code<Mac>("[0,1,022,255,100,9]", errc::invalid_number);
  expect_code<Mac>("[0,1,,255,100,9]", errc::syntax);
  expect_code<Mac>("[0,1,22,255,100,9,]", errc::wrong_length);
  expect_code<Mac>("[0,1,22;255,100,9]", errc::syntax);
  expect_code<Mac>("[0,1,22,255,100,9", errc::unexpected_end);
  std::array<std::uint8_t, 16> uuid{};
  std::string text = "[";
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    uuid[i] = 255;
    text += i == 0 ? "255" : ",255";
  }
  expect_value(text + "]", uuid);
  expect_value(text + " ]", uuid);
}

// -- compositions ---------------------------------------------------------------------------------------------

TEST(List, OfAnything) {
  expect_value<std::vector<int>>("[]", {});
  expect_value<std::vector<int>>(" [ ] ", {});
  expect_value<std::vector<int>>("[1,2,3]", {1, 2, 3});
  expect_value<std::vector<int>>(" [ 1 , 2\n,\t3 ] ", {1, 2, 3});
  expect_value<std::vector<std::vector<std::string>>>(R"([["a"],[],["b","c"]])", {{"a"}, {}, {"b", "c"}});
  expect_value<std::vector<std::optional<int>>>("[null,1]", {std::nullopt, 1});
  for (const char* text : {"[1,]", "[,1]", "[1 2]", "[1;2]", "[1}", "[,]"})
    expect_code<std::vector<int>>(text, errc::syntax);
  for (const char* text : {"[", "[1", "[1,"}) expect_code<std::vector<int>>(text, errc::unexpected_end);
  for (const char* text : {"{}", "1", "null", "\"\""}) expect_code<std::vector<int>>(text, errc::wrong_type);
  EXPECT_EQ((read<std::vector<std::vector<int>>>("[[1],[2,x]]").path), "$[1][1]");
}

TEST(Optional, NullOrTheValue) {
  expect_value<std::optional<int>>("null", std::nullopt);
  expect_value<std::optional<int>>(" null ", std::nullopt);
  expect_value<std::optional<int>>("7", 7);
  for (const char* text : {"nul", "nulL", "Null"}) EXPECT_FALSE(read<std::optional<int>>(text).value) << text;
  expect_code<std::optional<int>>("nullx", errc::trailing_bytes);
}

TEST(Tuple, HasAnExactLength) {
  using Pair = std::tuple<std::optional<std::string>, std::string>;
  expect_value<Pair>(R"([null,"b"])", Pair(std::nullopt, "b"));
  expect_value<Pair>(R"( [ "a" , "b" ] )", Pair("a", "b"));
  for (const char* text : {"[]", R"(["a"])", R"(["a","b","c"])"}) expect_code<Pair>(text, errc::wrong_length);
  expect_code<Pair>("{}", errc::wrong_type);
}

TEST(Box, HoldsWhatIsDecoded) { expect_value<Box<int>>("7", Box<int>(7)); }

TEST(Budget, IsChargedForListsAndLongTexts) {
  std::string list = "[0";
  for (int i = 0; i < 999; ++i) list += ",0";
  list += "]";
  EXPECT_TRUE(read<std::vector<std::uint64_t>>(list, {.depth = 127, .budget = 8192}).value);
  EXPECT_EQ(read<std::vector<std::uint64_t>>(list, {.depth = 127, .budget = 4000}).code, errc::memory_budget);
  const std::string text = "\"" + std::string(1000, 'x') + "\"";
  EXPECT_TRUE(read<std::string>(text, {.depth = 127, .budget = 1001}).value);
  EXPECT_EQ(read<std::string>(text, {.depth = 127, .budget = 1000}).code, errc::memory_budget);
  EXPECT_TRUE(read<std::string>("\"fifteen bytes..\"", {.depth = 127, .budget = 0}).value)
      << "what costs no heap is free";
}

}  // namespace
}  // namespace ft::json
