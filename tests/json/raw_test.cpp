// SPDX-License-Identifier: Apache-2.0
//
// Json: raw text that is valid, kept byte for byte.
#include "ft/json/raw.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

namespace ft {
namespace {

TEST(Json, IsNullAtFirst) {
  EXPECT_EQ(Json().text(), "null");
  EXPECT_EQ(JsonView().text(), "null");
  EXPECT_TRUE(Json() == Json::parse("null").value());
}

TEST(Json, KeepsWhatCame) {
  for (const char* text :
       {"null", "true", "-0", "-0.0", "1e2", "1E-400", "9223372036854775808", "0.1000", R"("\u0041/\/")",
        "[ 1 ,2,\t3 ]", R"({"z":1,"a":2,"z":3})", R"({ "a" : [ ] })", "\"\xF0\x9F\x98\x80\"", "\"\x7F\""}) {
    const Result<Json> json = Json::parse(text);
    ASSERT_TRUE(json) << text << ": " << json.error().message();
    EXPECT_EQ(json->text(), text);
    EXPECT_EQ(json->view().text(), text);
    boost::json::error_code failed;
    boost::json::parse(text, failed);
    EXPECT_FALSE(failed) << text << ": the independent parser disagrees";
  }
}

TEST(Json, DropsWhiteSpaceAround) {
  EXPECT_EQ(Json::parse(" \t\r\n[ 1 ] \t\r\n").value().text(), "[ 1 ]");
  EXPECT_EQ(Json::parse(" 1 ").value().text(), "1");
}

TEST(Json, RefusesWhatIsNotValid) {
  for (const auto& [text, code] : std::initializer_list<std::pair<std::string, errc>>{
           {"", errc::unexpected_end},
           {" ", errc::unexpected_end},
           {"[1,]", errc::syntax},
           {"1 2", errc::trailing_bytes},
           {"nul", errc::syntax},
           {"1e999", errc::out_of_range},
           {"[-1e400]", errc::out_of_range},
           {"01", errc::invalid_number},
           {"\"\xFF\"", errc::invalid_utf8},
           {"\"\n\"", errc::control_character},
           {R"("\ud800")", errc::invalid_escape},
           {std::string(128, '['), errc::depth_exceeded},
           {std::string("1\0", 2), errc::trailing_bytes},
           {"// comment\n1", errc::syntax},
           {"\xEF\xBB\xBF"
            "1",
            errc::syntax},
       }) {
    const Result<Json> json = Json::parse(text);
    ASSERT_FALSE(json) << text;
    EXPECT_EQ(json.error().code, code) << text << ": " << json.error().message();
  }
}

TEST(Json, NestsAsDeepAsAMessage) {
  const std::string deepest = std::string(127, '[') + std::string(127, ']');
  EXPECT_TRUE(Json::parse(deepest));
  const Result<Json> deeper = Json::parse("[" + deepest + "]");
  ASSERT_FALSE(deeper);
  EXPECT_EQ(deeper.error().code, errc::depth_exceeded);
  EXPECT_EQ(deeper.error().offset, 127U);
}

TEST(Json, IsEqualWhenItsTextIs) {
  EXPECT_TRUE(Json::parse("[1]").value() == Json::parse(" [1] ").value());
  EXPECT_FALSE(Json::parse("[1]").value() == Json::parse("[1 ]").value());
  EXPECT_FALSE(Json::parse("1").value() == Json::parse("1.0").value());
}

}  // namespace
}  // namespace ft
