// SPDX-License-Identifier: Apache-2.0
#include "ftdump/mask.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ft::tools {
namespace {

/// `wire` with its secrets as #; "?" if they cannot be told.
std::string hidden(std::string wire, std::string_view masked) {
  const std::optional<std::vector<Span>> secrets = find_secrets(wire, masked);
  if (!secrets) return "?";
  for (const Span& secret : *secrets)
    wire.replace(secret.begin, secret.end - secret.begin, secret.end - secret.begin, '#');
  return wire;
}

TEST(FtdumpMask, FindsStringsAndNumbers) {
  EXPECT_EQ(hidden(R"({"t":"abc","n":1,"k":123})", R"({"t":"***","n":1,"k":"***"})"), R"({"t":#####,"n":1,"k":###})");
}

TEST(FtdumpMask, EmptySecretsAreLeftOut) {
  EXPECT_EQ(hidden(R"({"t":"","k":0})", R"({"t":"***","k":"***"})"), R"({"t":"","k":#})");
}

TEST(FtdumpMask, SecretsThatResembleTheMask) {
  EXPECT_EQ(hidden(R"({"t":"***x"})", R"({"t":"***"})"), R"({"t":######})");
  EXPECT_EQ(hidden(R"({"t":"*"})", R"({"t":"***"})"), R"({"t":###})");
  EXPECT_EQ(hidden(R"({"t":"*\"**\"","u":1})", R"({"t":"***","u":1})"), R"({"t":#########,"u":1})");
}

TEST(FtdumpMask, EscapesBelongToTheSecret) {
  EXPECT_EQ(hidden(R"({"t":"a\"b\\","u":"\""})", R"({"t":"***","u":"\""})"), R"({"t":########,"u":"\""})");
}

TEST(FtdumpMask, TextsThatDoNotMatchAreRefused) {
  EXPECT_EQ(hidden(R"({"t":"abc","n":1})", R"({"t":"***","n":2})"), "?");
  EXPECT_EQ(hidden(R"({"t":"abc)", R"({"t":"***"})"), "?");
  EXPECT_EQ(hidden(R"({"t":"abc"}x)", R"({"t":"***"})"), "?");
  EXPECT_EQ(hidden("", R"({"t":"***"})"), "?");
}

}  // namespace
}  // namespace ft::tools
