// SPDX-License-Identifier: Apache-2.0
//
// The writer and the encoders of json/encode.hpp: escapes, limits, growth, the masked form.
#include "ft/json/writer.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "ft/json/encode.hpp"

namespace ft::json {
namespace {

constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);

template <class T>
std::string text_of(const T& value, Writer::Mode mode = Writer::Mode::wire) {
  PaddedBuffer out;
  Writer w(out, kNoLimit, mode);
  encode(w, value);
  const std::optional<errc> code = w.finish();
  EXPECT_EQ(code, std::nullopt);
  return {out.data(), out.size()};
}

template <class T>
std::optional<errc> code_of(const T& value, std::size_t limit = kNoLimit, unsigned depth = 127) {
  PaddedBuffer out;
  Writer w(out, limit, Writer::Mode::wire, depth);
  encode(w, value);
  const std::optional<errc> code = w.finish();
  EXPECT_TRUE(!code || out.size() == 0);
  return code;
}

TEST(Write, Scalars) {
  EXPECT_EQ(text_of(true), "true");
  EXPECT_EQ(text_of(false), "false");
  EXPECT_EQ(text_of(std::uint8_t{255}), "255");
  EXPECT_EQ(text_of(std::numeric_limits<std::int32_t>::min()), "-2147483648");
  EXPECT_EQ(text_of(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(text_of(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(text_of(Int128(-5)), "-5");
  EXPECT_EQ(text_of(0.1), "0.1");
  EXPECT_EQ(text_of(1234567936.0F), "1234568000.0");
  EXPECT_EQ(text_of(Date(-999999, 365)), "[-999999,365]");
  EXPECT_EQ(text_of(Time(23, 59, 59, 999999999)), "[23,59,59,999999999]");
  EXPECT_EQ(text_of(UtcOffset(-25, -59, -59)), "[-25,-59,-59]");
  EXPECT_EQ(text_of(PrimitiveDateTime(Date(2024, 60), Time(1, 2, 3, 4))), "[2024,60,1,2,3,4]");
  EXPECT_EQ(text_of(OffsetDateTime(Date(2024, 60), Time(1, 2, 3, 4), UtcOffset(-1, 0, 0))), "[2024,60,1,2,3,4,-1,0,0]");
  EXPECT_EQ(text_of(Month(Month::december)), "12");
  EXPECT_EQ(text_of(Json::parse(" [1, 2] ").value()), "[1, 2]");
}

TEST(Write, Compositions) {
  EXPECT_EQ(text_of(std::vector<int>{}), "[]");
  EXPECT_EQ(text_of(std::vector<int>{1, 2}), "[1,2]");
  EXPECT_EQ(text_of(std::optional<int>()), "null");
  EXPECT_EQ(text_of(std::optional<int>(3)), "3");
  EXPECT_EQ(text_of(std::tuple<int, std::string, bool>(1, "x", true)), R"([1,"x",true])");
  EXPECT_EQ(text_of(std::array<std::uint8_t, 4>{0, 10, 200, 255}), "[0,10,200,255]");
  EXPECT_EQ(text_of(std::array<std::int32_t, 2>{-1, 1}), "[-1,1]");
  EXPECT_EQ(text_of(Box<std::string>(std::string("x"))), "\"x\"");
  EXPECT_EQ(text_of(std::vector<std::vector<std::optional<std::string>>>{{std::nullopt, "a"}, {}}),
            R"([[null,"a"],[]])");
}

/// The escape of a byte below 0x80, by the book.
std::string escape_of(unsigned c) {
  switch (c) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\b':
      return "\\b";
    case '\t':
      return "\\t";
    case '\n':
      return "\\n";
    case '\f':
      return "\\f";
    case '\r':
      return "\\r";
    default:
      break;
  }
  if (c >= 0x20) return {static_cast<char>(c)};
  char text[8];
  std::snprintf(text, sizeof text, "\\u%04x", c);
  return text;
}

TEST(Write, EveryAsciiByteAtEveryPosition) {
  for (unsigned c = 0; c < 0x80; ++c) {
    for (std::size_t before = 0; before < 40; ++before) {
      for (const std::size_t after :
           {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{8}, std::size_t{20}}) {
        const std::string text = std::string(before, 'x') + static_cast<char>(c) + std::string(after, 'y');
        ASSERT_EQ(text_of(text), "\"" + std::string(before, 'x') + escape_of(c) + std::string(after, 'y') + "\"")
            << c << ", " << before;
      }
    }
  }
}

TEST(Write, TextIsReadFromItsSpanAlone) {
  // Exactly sized, on the heap: AddressSanitizer is the judge.
  for (std::size_t length = 0; length < 70; ++length) {
    const std::vector<char> text(length, 'x');
    ASSERT_EQ(text_of(std::string_view(text.data(), text.size())).size(), length + 2);
    std::vector<char> cut = text;
    if (length < 3) continue;
    std::memcpy(cut.data() + length - 3, "\xF0\x9F\x98", 3);
    EXPECT_EQ(code_of(std::string_view(cut.data(), cut.size())), errc::invalid_string);
  }
}

TEST(Write, WellFormedUtf8StaysAsItIs) {
  const std::string all =
      "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF";
  for (std::size_t before = 0; before < 20; ++before) {
    const std::string text = std::string(before, 'x') + all;
    EXPECT_EQ(text_of(text), "\"" + text + "\"");
  }
}

TEST(Write, ManyEscapesGrowTheBuffer) {
  const std::string text(100000, '\x01');
  const std::string written = text_of(text);
  EXPECT_EQ(written.size(), 6 * text.size() + 2);
  EXPECT_EQ(written.substr(0, 13), "\"\\u0001\\u0001");
}

TEST(Write, NotFinite) {
  using D = std::numeric_limits<double>;
  EXPECT_EQ(code_of(D::quiet_NaN()), errc::not_finite);
  EXPECT_EQ(code_of(D::infinity()), errc::not_finite);
  EXPECT_EQ(code_of(-std::numeric_limits<float>::infinity()), errc::not_finite);
  EXPECT_EQ(code_of(std::vector<double>{1, D::quiet_NaN(), 2}), errc::not_finite);
}

TEST(Write, TheFirstErrorStandsAndTheBufferIsAsBefore) {
  PaddedBuffer out;
  out.resize(4);
  std::memcpy(out.data(), "kept", 4);
  Writer w(out, kNoLimit);
  encode(w, std::string(50000, 'x'));
  encode(w, std::string("\xFF"));
  encode(w, std::numeric_limits<double>::infinity());
  for (int i = 0; i < 10000; ++i) encode(w, std::string("what comes after an error is lost, however much it is"));
  EXPECT_EQ(w.finish(), errc::invalid_string);
  EXPECT_EQ(std::string(out.data(), out.size()), "kept");
}

TEST(Write, TheLimitIsExact) {
  for (const std::size_t size : {std::size_t{2}, std::size_t{100}, Writer::kBlock - 1, Writer::kBlock,
                                 Writer::kBlock + 1, std::size_t{100000}}) {
    const std::string text(size - 2, 'x');
    EXPECT_EQ(code_of(text, size), std::nullopt) << size;
    EXPECT_EQ(code_of(text, size - 1), errc::output_too_large) << size;
  }
}

TEST(Write, TheDepthIsExact) {
  const std::vector<std::vector<std::vector<int>>> nested = {{{1}}};
  EXPECT_EQ(code_of(nested, kNoLimit, 3), std::nullopt);
  EXPECT_EQ(code_of(nested, kNoLimit, 2), errc::depth_exceeded);
  EXPECT_EQ(code_of(std::vector<Date>{Date()}, kNoLimit, 1), errc::depth_exceeded);
  EXPECT_EQ(code_of(std::vector<std::array<std::uint8_t, 2>>{{}}, kNoLimit, 1), errc::depth_exceeded);
  EXPECT_EQ(code_of(std::tuple<std::vector<int>, int>(), kNoLimit, 1), errc::depth_exceeded);
  EXPECT_EQ(code_of(1, kNoLimit, 0), std::nullopt);
}

TEST(Write, ReusesTheBuffer) {
  PaddedBuffer out;
  for (int i = 0; i < 3; ++i) {
    out.resize(0);
    const char* const before = out.data();
    Writer w(out, kNoLimit);
    encode(w, std::vector<int>(1000, 7));
    EXPECT_EQ(w.finish(), std::nullopt);
    if (i > 0) {
      EXPECT_EQ(out.data(), before);
    }
  }
  EXPECT_EQ(std::string(out.data() + out.size(), kPadding), std::string(kPadding, '\0'));
}

TEST(WriteRedacted, HidesSecretsInTheirOwnForm) {
  constexpr auto kRedacted = Writer::Mode::redacted;
  EXPECT_EQ(text_of(SecretString("token"), kRedacted), "\"***\"");
  EXPECT_EQ(text_of(SecretString(), kRedacted), "\"\"");
  EXPECT_EQ(text_of(SecretU64(77), kRedacted), "0");
  // All else is as on the wire.
  PaddedBuffer out;
  Writer w(out, kNoLimit, kRedacted);
  encode(w, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(w.finish(), errc::not_finite);
}

TEST(WriteMasked, NamesWhatHasNoFormAndHidesSecrets) {
  constexpr auto kMasked = Writer::Mode::masked;
  EXPECT_EQ(text_of(SecretString("token"), kMasked), "\"***\"");
  EXPECT_EQ(text_of(SecretU64(77), kMasked), "\"***\"");
  EXPECT_EQ(text_of(std::optional<SecretString>(), kMasked), "null");
  EXPECT_EQ(text_of(SecretString("token")), "\"token\"");
  EXPECT_EQ(text_of(SecretU64(77)), "77");
  EXPECT_EQ(text_of(std::numeric_limits<double>::quiet_NaN(), kMasked), "NaN");
  EXPECT_EQ(text_of(std::numeric_limits<double>::infinity(), kMasked), "Infinity");
  EXPECT_EQ(text_of(-std::numeric_limits<float>::infinity(), kMasked), "-Infinity");
  EXPECT_EQ(text_of(std::string("a\xF0\x9F\xC3\xA9z"), kMasked), "\"a\xEF\xBF\xBD\xEF\xBF\xBD\xC3\xA9z\"");
  PaddedBuffer out;
  Writer w(out, kNoLimit, kMasked, 1);
  encode(w, std::vector<std::vector<int>>{{1}, {2}});
  EXPECT_EQ(w.finish(), std::nullopt);
  EXPECT_EQ(std::string(out.data(), out.size()), R"(["...","..."])");
}

}  // namespace
}  // namespace ft::json
