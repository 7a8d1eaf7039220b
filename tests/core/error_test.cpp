// SPDX-License-Identifier: Apache-2.0
#include "ft/core/error.hpp"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

#include "ft/core/result.hpp"

namespace ft {
namespace {

Error missing_plan() { return Error(errc::missing_key, 57, "$.payload.ExecuteFragment", "\"plan\""); }

TEST(Error, MessageSaysWhatWhereAndWhatNext) {
  EXPECT_EQ(missing_plan().message(),
            "missing key \"plan\" at byte 57, in $.payload.ExecuteFragment; the sender must write this key");
}

TEST(Error, MessageLeavesOutWhatIsNotKnown) {
  EXPECT_EQ(Error(errc::not_finite).message(),
            "NaN or infinity cannot be encoded; correct the value before encoding it");
  EXPECT_EQ(Error(errc::syntax, 0).message(), "invalid JSON at byte 0; the sender does not speak this protocol");
}

TEST(Error, DetailsThatAreSentencesStandBehindAColon) {
  EXPECT_EQ(Error(errc::rule_violated, Error::no_offset, "$.snapshot", "xmin must not be above xmax").message(),
            "rule violated: xmin must not be above xmax, in $.snapshot; correct the request and send it again");
  EXPECT_EQ(Error(errc::payload_too_large, 1, {}, "(65537 of at most 65536 bytes)").message(),
            "payload too large (65537 of at most 65536 bytes) at byte 1; send less, or ask for less; until a "
            "connection has authenticated, 64 KiB are the limit");
}

TEST(Error, IsInternalByDefaultAndComparesByContent) {
  EXPECT_EQ(Error(), Error(errc::internal));
  EXPECT_EQ(missing_plan(), missing_plan());
  EXPECT_NE(missing_plan(), Error(errc::missing_key, 58, "$.payload.ExecuteFragment", "\"plan\""));
}

TEST(Result, HoldsAValueOrAnError) {
  const Result<int> good = 7;
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, 7);
  const Result<std::string> bad = missing_plan();
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error(), missing_plan());
  const Result<void> nothing;
  EXPECT_TRUE(nothing.has_value());
}

TEST(Result, ValueThrowsTheErrorWhenThereIsNone) {
  const Result<int> bad = missing_plan();
  try {
    (void)bad.value();
    FAIL() << "nothing was thrown";
  } catch (const Exception& e) {
    EXPECT_EQ(e.error(), missing_plan());
    EXPECT_EQ(e.what(), missing_plan().message());
  }
}

TEST(Exception, CopiesWithoutThrowing) { EXPECT_TRUE(std::is_nothrow_copy_constructible_v<Exception>); }

}  // namespace
}  // namespace ft
