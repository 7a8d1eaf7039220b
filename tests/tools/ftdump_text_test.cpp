// SPDX-License-Identifier: Apache-2.0
#include "ftdump/text.hpp"

#include <gtest/gtest.h>

namespace ft::tools {
namespace {

std::string in_quotes(std::string_view text, std::size_t limit = kUnlimited) {
  std::string out;
  append_quoted(out, text, limit);
  return out;
}

std::string plain(std::string_view text) {
  std::string out;
  append_plain(out, text);
  return out;
}

std::string safe_json(std::string_view json) {
  std::string out;
  append_safe_json(out, json);
  return out;
}

TEST(FtdumpText, PlainTextStays) {
  EXPECT_EQ(in_quotes("read committed"), "\"read committed\"");
  EXPECT_EQ(in_quotes("écho 日本語 🦊"), "\"écho 日本語 🦊\"");
  EXPECT_EQ(plain("a/b c.frame"), "a/b c.frame");
}

TEST(FtdumpText, ControlsAreEscaped) {
  EXPECT_EQ(in_quotes("\x1b[31mred\x07\n\t\"\\"), R"("\u001b[31mred\u0007\n\t\"\\")");
  EXPECT_EQ(in_quotes("\x7f"), R"("\u007f")");
  EXPECT_EQ(in_quotes(std::string_view("\0", 1)), R"("\u0000")");
  EXPECT_EQ(in_quotes("\xc2\x9b"
                      "31m"),
            R"("\u009b31m")");
  EXPECT_EQ(plain("\x1b]0;owned\x07"), R"(\u001b]0;owned\u0007)");
}

TEST(FtdumpText, EveryControlAsciiByteIsEscapedWhereverItStands) {
  for (int c = 0; c < 0x80; ++c) {
    for (std::size_t before = 0; before < 20; ++before) {
      const std::string text = std::string(before, 'x') + static_cast<char>(c) + std::string(20 - before, 'y');
      for (const std::string& shown : {in_quotes(text), plain(text), safe_json(text)}) {
        for (const char s : shown) ASSERT_TRUE(s >= 0x20 && s != 0x7f) << c << " at " << before;
      }
    }
  }
}

TEST(FtdumpText, CharactersThatReverseOrHideAreEscaped) {
  EXPECT_EQ(in_quotes("\u202Egpj.exe"), R"("\u202egpj.exe")");
  EXPECT_EQ(in_quotes("\u2066\u2069\u200B\uFEFF\u061C"), R"("\u2066\u2069\u200b\ufeff\u061c")");
  EXPECT_EQ(in_quotes("\u2028\u2029"), R"("\u2028\u2029")");
  EXPECT_EQ(in_quotes("\U000E0041"), R"("\udb40\udc41")");
}

TEST(FtdumpText, MalformedUtf8IsShownByteByByte) {
  EXPECT_EQ(in_quotes("a\xff\xc3"), R"("a\xff\xc3")");
  EXPECT_EQ(in_quotes("\xed\xa0\x80"), R"("\xed\xa0\x80")");                          // a surrogate
  EXPECT_EQ(in_quotes("\xc0\x80\xf4\x90\x80\x80"), R"("\xc0\x80\xf4\x90\x80\x80")");  // overlong, beyond Unicode
}

TEST(FtdumpText, LongTextIsShortenedByCharacters) {
  EXPECT_EQ(in_quotes("éééé", 4), "\"éééé\"");
  EXPECT_EQ(in_quotes("ééééé", 4), "\"éééé...\" (10 bytes)");
}

TEST(FtdumpText, JsonKeepsItsMeaningOnOneLine) {
  EXPECT_EQ(safe_json("{\"a\":\"\u202E\x7f\u0085\"}"), R"({"a":"\u202e\u007f\u0085"})");
  EXPECT_EQ(safe_json("{\"a\" :\r\n\t[1]}"), "{\"a\" :   [1]}");
  EXPECT_EQ(safe_json(R"({"text":"\u001b[0m","word":"日本"})"), R"({"text":"\u001b[0m","word":"日本"})");
}

}  // namespace
}  // namespace ft::tools
