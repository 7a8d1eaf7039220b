// SPDX-License-Identifier: Apache-2.0
//
// The pull reader and the decoders of json/decode.hpp, one at a time: strings, numbers, lists, white space, skipping, errors.
#include "ft/json/reader.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "ft/json/decode.hpp"

namespace ft::json {
namespace {

constexpr Limits kLimits = {.depth = 127, .budget = 1 << 24};

/// A whole text as a T: the value, or the code of the error.
template <class T>
struct Outcome {
  std::optional<T> value;
  errc code{};
  std::size_t offset{};
  std::string path{};
};

template <class T>
Outcome<T> read(std::string_view text, Limits limits = kLimits) {
  const PaddedBuffer input = PaddedBuffer::copy_of(std::as_bytes(std::span(text)));
  Reader r(input.view(), limits);
  T value{};
  const char* const p = decode(r.begin(), value, r);
  if (p != nullptr && r.at_end(p)) return {std::move(value), {}, {}, {}};
  const Error error = r.take_error();
  return {std::nullopt, error.code, error.offset, error.path};
}

template <class T>
void expect_value(std::string_view text, const T& value) {
  const Outcome<T> outcome = read<T>(text);
  ASSERT_TRUE(outcome.value) << text << ": " << to_name(outcome.code);
  EXPECT_TRUE(*outcome.value == value) << text;
}

template <class T>
void expect_code(std::string_view text, errc code) {
  const Outcome<T> outcome = read<T>(text);
  ASSERT_FALSE(outcome.value) << text;
  EXPECT_EQ(outcome.code, code) << text << ": " << to_name(outcome.code);
  EXPECT_LE(outcome.offset, text.size());
}

/// What skipping a value says: nothing when it passes.
std::optional<errc> skip(std::string_view text, const char* (*skipper)(const char*, Reader&), unsigned depth = 127) {
  const PaddedBuffer input = PaddedBuffer::copy_of(std::as_bytes(std::span(text)));
  Reader r(input.view(), {.depth = depth, .budget = 0});
  const char* const p = skipper(r.begin(), r);
  if (p != nullptr && r.at_end(p)) return std::nullopt;
  return r.take_error().code;
}

// -- integers -------------------------------------------------------------------------------------------------------------

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

// -- other scalars --------------------------------------------------------------------------------------------------------

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
    EXPECT_TRUE(outcome.code == errc::invalid_number || outcome.code == errc::unexpected_end) << text << ": " << to_name(outcome.code);
  }
  for (const char* text : {"NaN", "Infinity", ".5", "+1"}) expect_code<double>(text, errc::syntax);
  for (const char* text : {"null", "\"1\"", "[1]", "{}", "true"}) expect_code<double>(text, errc::wrong_type);
}

TEST(Bool, IsOneOfTwoWords) {
  expect_value<bool>("true", true);
  expect_value<bool>(" false ", false);
  for (const char* text : {"1", "\"true\"", "null", "tru", "fals", "tRue"}) EXPECT_FALSE(read<bool>(text).value) << text;
  for (const char* text : {"trues", "falsey", "true1"}) expect_code<bool>(text, errc::trailing_bytes);
  expect_code<bool>("True", errc::syntax);
}

TEST(Temporal, ExistsOrIsRefused) {
  expect_value<Date>("[2024,366]", Date(2024, 366));
  expect_value<Date>("[-999999,1]", Date(-999999, 1));
  expect_value<Date>(" [ 999999 , 365 ] ", Date(999999, 365));
  for (const char* text : {"[2023,366]", "[1900,366]", "[2024,0]", "[2024,367]", "[1000000,1]", "[-1000000,1]", "[2147483648,1]"}) {
    expect_code<Date>(text, errc::out_of_range);
  }
  expect_value<Time>("[23,59,59,999999999]", Time(23, 59, 59, 999999999));
  for (const char* text : {"[24,0,0,0]", "[0,60,0,0]", "[0,0,60,0]", "[0,0,0,1000000000]", "[256,0,0,0]", "[-1,0,0,0]"}) {
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
  expect_value<PrimitiveDateTime>("[2024,60,12,34,56,789012345]", PrimitiveDateTime(Date(2024, 60), Time(12, 34, 56, 789012345)));
  expect_value<PrimitiveDateTime>("[2024, 60,12,34,56,7]", PrimitiveDateTime(Date(2024, 60), Time(12, 34, 56, 7)));
  expect_value<PrimitiveDateTime>("[-4712,1,0,0,0,0]", PrimitiveDateTime(Date(-4712, 1), Time()));
  for (const char* text : {"[2023,366,0,0,0,0]", "[2024,1,24,0,0,0]", "[2024,1,0,0,0,1000000000]", "[2024,999,0,0,0,0]", "[2024,1,256,0,0,0]",
                           "[999999999,1,0,0,0,0]", "[9999999999,1,0,0,0,0]"}) {
    expect_code<PrimitiveDateTime>(text, errc::out_of_range);
  }
  for (const char* text : {"[02024,1,0,0,0,0]", "[2024,01,0,0,0,0]", "[2024,1,00,0,0,0]"}) expect_code<PrimitiveDateTime>(text, errc::invalid_number);
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
  for (const char* text : {"[]", "[0,1,22,255,100]", "[0,1,22,255,100,9,9]"}) expect_code<Mac>(text, errc::wrong_length);
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

// -- strings --------------------------------------------------------------------------------------------------------------

TEST(String, Escapes) {
  const std::vector<std::pair<const char*, std::string>> good = {
      {R"("")", ""}, {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"}, {R"("\u0041\u00e9\u20AC\uFFFF")", "A\xC3\xA9\xE2\x82\xAC\xEF\xBF\xBF"},
      {R"("\u0000")", std::string(1, '\0')}, {R"("\ud83d\ude00")", "\xF0\x9F\x98\x80"}, {R"("\uD800\uDC00\uDBFF\uDFFF")", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"},
      {R"("a\u007fb")", "a\x7F" "b"},
  };
  for (const auto& [text, value] : good) expect_value<std::string>(text, value);
  for (const char* text : {R"("\a")", R"("\x41")", R"("\u12")", R"("\u123")", R"("\u123g")", R"("\U0041")", R"("\'")", R"("\0")", R"("\ud800")",
                           R"("\ud800x")", R"("\ud800\n")", R"("\ud800\ud800")", R"("\ud800\u0041")", R"("\udc00")", R"("\udfff\ud800")",
                           R"("\ud800\u")", R"("\u 041")", R"("\u+041")"}) {
    expect_code<std::string>(text, errc::invalid_escape);
  }
  for (const char* text : {R"(")", R"("abc)", "\"\\"}) expect_code<std::string>(text, errc::unexpected_end);
  for (const char* text : {"1", "null", "[]", "{}"}) expect_code<std::string>(text, errc::wrong_type);
  expect_code<std::string>("'a'", errc::syntax);
}

TEST(String, NoRawControlCharacters) {
  for (int c = 0; c < 0x100; ++c) {
    for (const std::size_t before : {std::size_t{0}, std::size_t{15}, std::size_t{16}, std::size_t{31}}) {
      const std::string text = "\"" + std::string(before, 'x') + static_cast<char>(c) + "yyyyyyyyyyyyyyyyy\"";
      const Outcome<std::string> outcome = read<std::string>(text);
      const bool plain = c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
      ASSERT_EQ(outcome.value.has_value(), plain) << c;
      if (c < 0x20) {
        EXPECT_EQ(outcome.code, errc::control_character) << c;
        EXPECT_EQ(outcome.offset, before + 1);
      }
      if (c >= 0x80) {
        EXPECT_EQ(outcome.code, errc::invalid_utf8) << c;
      }
    }
  }
}

/// The definition of well-formed UTF-8, in terms of code points.
bool well_formed(const std::string& s) {
  for (std::size_t i = 0; i < s.size();) {
    const auto byte = [&](std::size_t k) -> unsigned { return k < s.size() ? static_cast<unsigned char>(s[k]) : 0; };
    const unsigned lead = byte(i);
    const std::size_t length = lead < 0x80 ? 1 : lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
    if (length == 0) return false;
    std::uint32_t c = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length; ++k) {
      if (byte(i + k) >> 6 != 2) return false;
      c = c << 6 | (byte(i + k) & 0x3F);
    }
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (c < least[length] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return false;
    i += length;
  }
  return true;
}

void check_utf8(const std::string& bytes) {
  for (const std::size_t before : {std::size_t{0}, std::size_t{13}}) {
    const std::string inside = std::string(before, 'x') + bytes + "z";
    const Outcome<std::string> outcome = read<std::string>("\"" + inside + "\"");
    ASSERT_EQ(outcome.value.has_value(), well_formed(bytes)) << testing::PrintToString(bytes);
    if (outcome.value) {
      ASSERT_EQ(*outcome.value, inside);
    } else {
      ASSERT_EQ(outcome.code, errc::invalid_utf8);
    }
    ASSERT_EQ(skip("\"" + inside + "\"", skip_value).has_value(), !well_formed(bytes));
  }
}

TEST(String, Utf8OfOneAndTwoBytesInFull) {
  for (unsigned a = 0x80; a < 0x100; ++a) {
    check_utf8({static_cast<char>(a)});
    for (unsigned b = 0x80; b < 0x100; ++b) check_utf8({static_cast<char>(a), static_cast<char>(b)});
  }
}

TEST(String, Utf8OfThreeAndFourBytesAtEveryEdge) {
  constexpr unsigned edges[] = {0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
  for (unsigned a = 0xE0; a < 0x100; ++a) {
    for (const unsigned b : edges) {
      for (const unsigned c : edges) {
        if (c == 0x41 || b == 0x41) continue;  // covered by two bytes and a plain one
        check_utf8({static_cast<char>(a), static_cast<char>(b), static_cast<char>(c)});
        for (const unsigned d : edges) check_utf8({static_cast<char>(a), static_cast<char>(b), static_cast<char>(c), static_cast<char>(d)});
      }
    }
  }
}

TEST(String, SpecialBytesAtEveryPosition) {
  for (std::size_t length = 0; length < 70; ++length) {
    expect_value<std::string>("\"" + std::string(length, 'x') + "\"", std::string(length, 'x'));
    for (std::size_t at = 0; at < length; ++at) {
      std::string value(length, 'x'), text(length, 'x');
      value[at] = '\n';
      text.replace(at, 1, "\\n");
      expect_value<std::string>("\"" + text + "\"", value);
      text.replace(at, 2, "\xC3\xA9");
      value.replace(at, 1, "\xC3\xA9");
      expect_value<std::string>("\"" + text + "\"", value);
    }
  }
}

TEST(String, MayBeLimited) {
  const std::string text = R"("caf\u00e9")";
  const PaddedBuffer input = PaddedBuffer::copy_of(std::as_bytes(std::span(text)));
  std::string value;
  Reader enough(input.view(), kLimits);
  EXPECT_NE(decode_string(enough.begin(), value, enough, 5), nullptr);
  EXPECT_EQ(value, "caf\xC3\xA9");
  Reader short_one(input.view(), kLimits);
  EXPECT_EQ(decode_string(short_one.begin(), value, short_one, 4), nullptr);
  EXPECT_EQ(short_one.take_error().code, errc::too_long) << "bytes, not characters";
}

TEST(String, SecretsLeaveNothingInTheScratch) {
  const std::string text = R"("a secret with an escape\n of some length")";
  const PaddedBuffer input = PaddedBuffer::copy_of(std::as_bytes(std::span(text)));
  Reader r(input.view(), kLimits);
  SecretString secret;
  ASSERT_NE(decode(r.begin(), secret, r), nullptr);
  EXPECT_EQ(secret, SecretString("a secret with an escape\n of some length"));
  EXPECT_TRUE(r.scratch.empty());
  EXPECT_EQ(std::string(r.scratch.data(), 8), std::string(8, '\0'));
}

// -- compositions ---------------------------------------------------------------------------------------------------------

TEST(List, OfAnything) {
  expect_value<std::vector<int>>("[]", {});
  expect_value<std::vector<int>>(" [ ] ", {});
  expect_value<std::vector<int>>("[1,2,3]", {1, 2, 3});
  expect_value<std::vector<int>>(" [ 1 , 2\n,\t3 ] ", {1, 2, 3});
  expect_value<std::vector<std::vector<std::string>>>(R"([["a"],[],["b","c"]])", {{"a"}, {}, {"b", "c"}});
  expect_value<std::vector<std::optional<int>>>("[null,1]", {std::nullopt, 1});
  for (const char* text : {"[1,]", "[,1]", "[1 2]", "[1;2]", "[1}", "[,]"}) expect_code<std::vector<int>>(text, errc::syntax);
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
  EXPECT_TRUE(read<std::string>("\"fifteen bytes..\"", {.depth = 127, .budget = 0}).value) << "what costs no heap is free";
}

// -- skipping -------------------------------------------------------------------------------------------------------------

TEST(Skip, ChecksEverythingButTheRangeOfNumbers) {
  for (const char* text : {"null", "true", "false", "0", "-0", "-0.0e-0", "1E+5", "123456789012345678901234567890", R"("\u0000\ud83d\ude00")", "[]",
                           "{}", "[[],{}]", R"({"a":1,"a":2,"":[{"b":null}]})", " [ 1 , { \"a\" : 2 } ] ", "[\"\xC3\xA9\"]"}) {
    EXPECT_EQ(skip(text, skip_value), std::nullopt) << text;
    EXPECT_EQ(skip(text, skip_json), std::nullopt) << text;
  }
  for (const char* text : {"1e999", "-1e999", "1e99999999999999999999", "[1e309]", R"({"a":1.8e308})"}) {
    EXPECT_EQ(skip(text, skip_value), std::nullopt) << text;
    EXPECT_EQ(skip(text, skip_json), errc::out_of_range) << text;
  }
  for (const char* text : {"1e-999", "-1e-99999999999999999999", "0e999", "0.0e99999999999999999999"}) EXPECT_EQ(skip(text, skip_json), std::nullopt) << text;
  const std::string many(310, '9');
  EXPECT_EQ(skip(many, skip_value), std::nullopt);
  EXPECT_EQ(skip(many, skip_json), errc::out_of_range) << "without an exponent too";
  EXPECT_EQ(skip(std::string(308, '9'), skip_json), std::nullopt);
  EXPECT_EQ(skip("0." + std::string(400, '9'), skip_json), std::nullopt);

  for (const auto& [text, code] : std::vector<std::pair<std::string, errc>>{
           {"", errc::unexpected_end}, {"[", errc::unexpected_end}, {"{\"a\"", errc::unexpected_end}, {"{\"a\":", errc::unexpected_end},
           {"[1,", errc::unexpected_end}, {"\"", errc::unexpected_end}, {"tru", errc::syntax}, {"nulL", errc::syntax}, {"True", errc::syntax},
           {"[1,]", errc::syntax}, {"[,]", errc::syntax}, {"{,}", errc::syntax}, {"{\"a\":1,}", errc::syntax}, {"{a:1}", errc::syntax},
           {"{\"a\" 1}", errc::syntax}, {"{\"a\":1]", errc::syntax}, {"[1}", errc::syntax}, {"{1:1}", errc::syntax}, {"[1 2]", errc::syntax},
           {"01", errc::invalid_number}, {"-", errc::unexpected_end}, {"-x", errc::invalid_number}, {"1.x", errc::invalid_number},
           {"1ex", errc::invalid_number}, {"1e+x", errc::invalid_number}, {"+1", errc::syntax}, {".5", errc::syntax}, {"NaN", errc::syntax},
           {"\"\x01\"", errc::control_character}, {"\"\xFF\"", errc::invalid_utf8}, {"{\"\xC0\x80\":1}", errc::invalid_utf8},
           {R"("\x")", errc::invalid_escape}, {R"({"\ud800":1})", errc::invalid_escape}, {"1 1", errc::trailing_bytes}, {"/**/1", errc::syntax},
           {std::string("[\0]", 3), errc::syntax}, {"\xEF\xBB\xBF" "1", errc::syntax}, {"\v1", errc::syntax}, {"\f1", errc::syntax}, {"\xA0" "1", errc::syntax},
       }) {
    EXPECT_EQ(skip(text, skip_value), code) << text;
    EXPECT_EQ(skip(text, skip_json), code) << text;
  }
}

TEST(Skip, CountsNesting) {
  for (const unsigned depth : {1U, 2U, 64U, 127U}) {
    const std::string fits = std::string(depth, '[') + std::string(depth, ']');
    EXPECT_EQ(skip(fits, skip_value, depth), std::nullopt);
    EXPECT_EQ(skip("[" + fits + "]", skip_value, depth), errc::depth_exceeded);
  }
  std::string mixed;
  for (int i = 0; i < 63; ++i) mixed += "[{\"k\":";
  EXPECT_EQ(skip(mixed + "[]" + [] {
              std::string close;
              for (int i = 0; i < 63; ++i) close += "}]";
              return close;
            }(), skip_value),
            std::nullopt);
  EXPECT_EQ(skip(std::string(1000000, '['), skip_value), errc::depth_exceeded);
  EXPECT_EQ(skip("1", skip_value, 0), std::nullopt);
  EXPECT_EQ(skip("[]", skip_value, 0), errc::depth_exceeded);
}

TEST(Skip, KindsOfContainersDoNotMix) {
  // Every pair of brackets at every depth up to 100, so that each word of the container stack is used.
  for (std::size_t depth = 1; depth <= 100; ++depth) {
    std::string open, close;
    for (std::size_t i = 0; i < depth; ++i) {
      const bool object = (i * 7 + depth) % 3 == 0;
      open += object ? "{\"k\":" : "[";
      close.insert(close.begin(), object ? '}' : ']');
    }
    EXPECT_EQ(skip(open + "1" + close, skip_value), std::nullopt);
    for (std::size_t i = 0; i < depth; ++i) {
      std::string wrong = close;
      wrong[i] = wrong[i] == '}' ? ']' : '}';
      EXPECT_EQ(skip(open + "1" + wrong, skip_value), errc::syntax);
    }
  }
}

// -- errors ---------------------------------------------------------------------------------------------------------------

TEST(ReaderError, TheFirstOneStands) {
  const std::string text = "0123456789";
  const PaddedBuffer input = PaddedBuffer::copy_of(std::as_bytes(std::span(text)));
  Reader r(input.view(), kLimits);
  EXPECT_EQ(r.fail(errc::out_of_range, r.begin() + 3, "something"), nullptr);
  r.fail(errc::syntax, r.begin() + 5);
  r.refuse(Error(errc::authentication_failed), r.begin());
  r.fail_key(errc::missing_key, r.begin(), "key");
  r.in_index(12);
  r.in_key("list");
  r.in_key("payload");
  EXPECT_EQ(r.take_error(), Error(errc::out_of_range, 3, "$.payload.list[12]", "expected something"));
}

TEST(ReaderError, AtTheEndOfTheInputItIsTheEnd) {
  const PaddedBuffer input = PaddedBuffer::copy_of(std::as_bytes(std::span(std::string_view("01"))));
  Reader r(input.view(), kLimits);
  r.fail(errc::syntax, r.end() + 5, "a comma");
  EXPECT_EQ(r.take_error(), Error(errc::unexpected_end, 2, "$", ""));
}

}  // namespace
}  // namespace ft::json
