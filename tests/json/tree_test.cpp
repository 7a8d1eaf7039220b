// SPDX-License-Identifier: Apache-2.0
//
// Opaque JSON as a tree.
#include "ft/json/tree.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <limits>
#include <string>

namespace ft {
namespace {

boost::json::value tree(std::string_view text) { return to_tree(Json::parse(text).value()); }

TEST(Tree, HoldsWhatTheTextSays) {
  EXPECT_TRUE(tree("null").is_null());
  EXPECT_EQ(tree("true"), boost::json::value(true));
  EXPECT_EQ(tree(R"("\u0041\n")").as_string(), "A\n");
  const boost::json::value nested = tree(R"({ "z" : [ 1 , {"a":null} ] , "b" : 0.5 })");
  EXPECT_EQ(nested.at("z").as_array().size(), 2U);
  EXPECT_TRUE(nested.at("z").at(1).at("a").is_null());
  EXPECT_EQ(nested.at("b").as_double(), 0.5);
}

TEST(Tree, NumbersKeepTheirKind) {
  EXPECT_EQ(tree("-9223372036854775808").as_int64(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(tree("18446744073709551615").as_uint64(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_TRUE(tree("18446744073709551616").is_double());
  EXPECT_TRUE(tree("1.0").is_double());
  EXPECT_TRUE(tree("1e-400").is_double());
}

TEST(Tree, OfTwoEqualKeysTheLastCounts) { EXPECT_EQ(tree(R"({"a":1,"b":2,"a":3})").at("a").as_int64(), 3); }

TEST(Tree, NestsAsDeepAsAMessage) {
  const std::string deepest = std::string(127, '[') + std::string(127, ']');
  const boost::json::value value = tree(deepest);
  unsigned depth = 1;
  for (const boost::json::value* inner = &value; !inner->as_array().empty(); inner = &inner->as_array()[0]) ++depth;
  EXPECT_EQ(depth, 127U);
}

}  // namespace
}  // namespace ft
