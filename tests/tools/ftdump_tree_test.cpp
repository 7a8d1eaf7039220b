// SPDX-License-Identifier: Apache-2.0
#include "ftdump/tree.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <string>

namespace ft::tools {
namespace {

std::string tree(std::string_view json, const TreeStyle& style = {}) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  Output out(ends[1]);
  print_tree(json, style, out);
  out.flush();  // what these tests print fits into a pipe
  ::close(ends[1]);
  std::string text;
  char chunk[4096];
  for (ssize_t n; (n = ::read(ends[0], chunk, sizeof chunk)) > 0;) text.append(chunk, static_cast<std::size_t>(n));
  ::close(ends[0]);
  return text;
}

std::string list_of(std::size_t count, std::string_view item) {
  std::string json = "[";
  for (std::size_t i = 0; i < count; ++i) json.append(i == 0 ? "" : ",").append(item);
  return json + "]";
}

TEST(FtdumpTree, RootIsOpenedAndWhatFitsStaysOnALine) {
  EXPECT_EQ(tree(R"({"a":1,"b":{"c":[1,"x",null],"d":{}},"e":[]})"), "a: 1\nb: {c: [1, \"x\", null], d: {}}\ne: []\n");
}

TEST(FtdumpTree, AlternativesJoinTheKeyBeforeThem) {
  const std::string wide = '"' + std::string(130, 'x') + '"';
  EXPECT_EQ(tree(R"({"payload":{"Execute":{"plan":{"Scan":{"table":1,"name":)" + wide + "}}}}}"),
            "payload.Execute:\n  plan.Scan:\n    table: 1\n    name: " + wide + "\n");
}

TEST(FtdumpTree, ListsAreShortened) {
  const std::string item = R"({"name":"a rather long name","more":"text"})";
  const std::string line = "  - {name: \"a rather long name\", more: \"text\"}\n";
  const std::string json = "{\"rows\":" + list_of(12, item) + "}";
  std::string shortened = "rows:\n", full = "rows:\n";
  for (int i = 0; i < 10; ++i) shortened += line;
  for (int i = 0; i < 12; ++i) full += line;
  EXPECT_EQ(tree(json), shortened + "  ... 2 more of 12\n");
  EXPECT_EQ(tree(json, {.full = true}), full);
}

TEST(FtdumpTree, NumbersStayOnALine) {
  EXPECT_EQ(tree("{\"bytes\":" + list_of(100, "255") + "}"),
            "bytes: [255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, "
            "... 84 more of 100]\n");
}

TEST(FtdumpTree, LongStringsAreCutBetweenCharacters) {
  for (std::size_t shift = 0; shift < 12; ++shift) {
    std::string text(shift, 'a');
    while (text.size() < 1000) text += "\\u00e9\\\"é";
    const std::string line = tree("{\"t\":\"" + text + "\"}");
    const std::string end = "...\" (" + std::to_string(text.size()) + " bytes)\n";
    ASSERT_TRUE(line.ends_with(end)) << line;
    const std::string shown = line.substr(4, line.size() - 4 - end.size());
    EXPECT_TRUE(text.starts_with(shown));
    EXPECT_EQ(line.find("\\x"), std::string::npos) << line;
    EXPECT_LT(shown.size(), 420U);
    EXPECT_EQ(tree("{\"t\":\"" + text + "\"}", {.full = true}), "t: \"" + text + "\"\n");
  }
}

TEST(FtdumpTree, DangerousCharactersInKeysAndTexts) {
  EXPECT_EQ(tree("{\"a b\":1,\"\u202E\":\"\x7f\",\"\":\"\\u001b\"}"),
            "\"a b\": 1\n\"\\u202e\": \"\\u007f\"\n\"\": \"\\u001b\"\n");
}

TEST(FtdumpTree, WhiteSpaceOfRawJsonDoesNoHarm) {
  EXPECT_EQ(tree("{\"doc\": {\n \"k\" : [ 1 ,\t2 ]\r\n}, \"n\":0}"), "doc: {k: [1, 2]}\nn: 0\n");
}

TEST(FtdumpTree, DeepNestingIsShownToItsEnd) {
  const std::string text = tree("{\"v\":" + std::string(126, '[') + std::string(126, ']') + "}");
  EXPECT_NE(text.find("[]"), std::string::npos);
  EXPECT_LT(text.size(), 100000U);
}

TEST(FtdumpTree, ListsInLists) {
  const std::string item = '"' + std::string(70, 'x') + '"';
  EXPECT_EQ(tree("{\"m\":[[" + item + "," + item + "],[1]]}"), "m:\n  - - " + item + "\n    - " + item + "\n  - [1]\n");
}

}  // namespace
}  // namespace ft::tools
