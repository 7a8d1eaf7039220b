// SPDX-License-Identifier: Apache-2.0
//
// The pull reader: strings, values that are skipped, errors.
#include "ft/json/reader.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ft/json/decode.hpp"
#include "read.hpp"

namespace ft::json {
namespace {

/// What skipping a value says: nothing when it passes.
std::optional<errc> skip(std::string_view text, const char* (*skipper)(const char*, Reader&), unsigned depth = 127) {
  const PaddedBuffer input = PaddedBuffer::copy_of(std::as_bytes(std::span(text)));
  Reader r(input.view(), {.depth = depth, .budget = 0});
  const char* const p = skipper(r.begin(), r);
  if (p != nullptr && r.at_end(p)) return std::nullopt;
  return r.take_error().code;
}

// -- strings --------------------------------------------------------------------------------------------------

TEST(String, Escapes) {
  const std::vector<std::pair<const char*, std::string>> good = {
      {R"("")", ""},
      {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"},
      {R"("\u0041\u00e9\u20AC\uFFFF")", "A\xC3\xA9\xE2\x82\xAC\xEF\xBF\xBF"},
      {R"("\u0000")", std::string(1, '\0')},
      {R"("\ud83d\ude00")", "\xF0\x9F\x98\x80"},
      {R"("\uD800\uDC00\uDBFF\uDFFF")", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"},
      {R"("a\u007fb")",
       "a\x7F"
       "b"},
  };
  for (const auto& [text, value] : good) expect_value<std::string>(text, value);
  for (const char* text :
       {R"("\a")", R"("\x41")", R"("\u12")", R"("\u123")", R"("\u123g")", R"("\U0041")", R"("\'")", R"("\0")",
        R"("\ud800")", R"("\ud800x")", R"("\ud800\n")", R"("\ud800\ud800")", R"("\ud800\u0041")", R"("\udc00")",
        R"("\udfff\ud800")", R"("\ud800\u")", R"("\u 041")", R"("\u+041")"}) {
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
        for (const unsigned d : edges)
          check_utf8({static_cast<char>(a), static_cast<char>(b), static_cast<char>(c), static_cast<char>(d)});
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

// -- skipping -------------------------------------------------------------------------------------------------

TEST(Skip, ChecksEverythingButTheRangeOfNumbers) {
  for (const char* text : {"null", "true", "false", "0", "-0", "-0.0e-0", "1E+5", "123456789012345678901234567890",
                           R"("\u0000\ud83d\ude00")", "[]", "{}", "[[],{}]", R"({"a":1,"a":2,"":[{"b":null}]})",
                           " [ 1 , { \"a\" : 2 } ] ", "[\"\xC3\xA9\"]"}) {
    EXPECT_EQ(skip(text, skip_value), std::nullopt) << text;
    EXPECT_EQ(skip(text, skip_json), std::nullopt) << text;
  }
  for (const char* text : {"1e999", "-1e999", "1e99999999999999999999", "[1e309]", R"({"a":1.8e308})"}) {
    EXPECT_EQ(skip(text, skip_value), std::nullopt) << text;
    EXPECT_EQ(skip(text, skip_json), errc::out_of_range) << text;
  }
  for (const char* text : {"1e-999", "-1e-99999999999999999999", "0e999", "0.0e99999999999999999999"})
    EXPECT_EQ(skip(text, skip_json), std::nullopt) << text;
  const std::string many(310, '9');
  EXPECT_EQ(skip(many, skip_value), std::nullopt);
  EXPECT_EQ(skip(many, skip_json), errc::out_of_range) << "without an exponent too";
  EXPECT_EQ(skip(std::string(308, '9'), skip_json), std::nullopt);
  EXPECT_EQ(skip("0." + std::string(400, '9'), skip_json), std::nullopt);

  for (const auto& [text, code] : std::vector<std::pair<std::string, errc>>{
           {"", errc::unexpected_end},
           {"[", errc::unexpected_end},
           {"{\"a\"", errc::unexpected_end},
           {"{\"a\":", errc::unexpected_end},
           {"[1,", errc::unexpected_end},
           {"\"", errc::unexpected_end},
           {"tru", errc::syntax},
           {"nulL", errc::syntax},
           {"True", errc::syntax},
           {"[1,]", errc::syntax},
           {"[,]", errc::syntax},
           {"{,}", errc::syntax},
           {"{\"a\":1,}", errc::syntax},
           {"{a:1}", errc::syntax},
           {"{\"a\" 1}", errc::syntax},
           {"{\"a\":1]", errc::syntax},
           {"[1}", errc::syntax},
           {"{1:1}", errc::syntax},
           {"[1 2]", errc::syntax},
           {"01", errc::invalid_number},
           {"-", errc::unexpected_end},
           {"-x", errc::invalid_number},
           {"1.x", errc::invalid_number},
           {"1ex", errc::invalid_number},
           {"1e+x", errc::invalid_number},
           {"+1", errc::syntax},
           {".5", errc::syntax},
           {"NaN", errc::syntax},
           {"\"\x01\"", errc::control_character},
           {"\"\xFF\"", errc::invalid_utf8},
           {"{\"\xC0\x80\":1}", errc::invalid_utf8},
           {R"("\x")", errc::invalid_escape},
           {R"({"\ud800":1})", errc::invalid_escape},
           {"1 1", errc::trailing_bytes},
           {"/**/1", errc::syntax},
           {std::string("[\0]", 3), errc::syntax},
           {"\xEF\xBB\xBF"
            "1",
            errc::syntax},
           {"\v1", errc::syntax},
           {"\f1", errc::syntax},
           {"\xA0"
            "1",
            errc::syntax},
       }) {
    EXPECT_EQ(skip(text, skip_value), code) << text;
    EXPECT_EQ(skip(text, skip_json), code) << text;
  }
}

TEST(Skip, CountsNesting) {
  for (const unsigned depth : {1U, 2U, 64U, 127U, 128U, 129U, kMaxDepth}) {
    const std::string fits = std::string(depth, '[') + std::string(depth, ']');
    EXPECT_EQ(skip(fits, skip_value, depth), std::nullopt);
    EXPECT_EQ(skip("[" + fits + "]", skip_value, depth), errc::depth_exceeded);
  }
  std::string mixed;
  for (int i = 0; i < 63; ++i) mixed += "[{\"k\":";
  EXPECT_EQ(skip(
                mixed + "[]" +
                    [] {
                      std::string close;
                      for (int i = 0; i < 63; ++i) close += "}]";
                      return close;
                    }(),
                skip_value),
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

// -- errors ---------------------------------------------------------------------------------------------------

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
