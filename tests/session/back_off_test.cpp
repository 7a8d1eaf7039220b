// SPDX-License-Identifier: Apache-2.0
#include "ft/session/back_off.hpp"

#include <cmath>
#include <set>

#include <gtest/gtest.h>

namespace ft {
namespace {

using std::chrono::milliseconds;

TEST(BackOff, DoublesFromTheFirstToTheLongestWithinHalf) {
  RetryOptions options;
  options.first = milliseconds(500);
  options.longest = milliseconds(3000);
  for (std::uint64_t random = 0; random < 100; ++random) {
    BackOff back_off(options, random);
    for (const int whole : {500, 1000, 2000, 3000, 3000, 3000}) {
      const milliseconds pause = back_off.next();
      EXPECT_GE(pause, milliseconds(whole / 2));
      EXPECT_LE(pause, milliseconds(whole));
    }
  }
}

TEST(BackOff, SpreadsOverTheWholeHalf) {
  std::set<milliseconds> pauses;
  for (std::uint64_t random = 0; random < 10'000; ++random) pauses.insert(BackOff(RetryOptions(), random).next());
  EXPECT_EQ(*pauses.begin(), milliseconds(250));
  EXPECT_EQ(*pauses.rbegin(), milliseconds(500));
  EXPECT_EQ(pauses.size(), 251u);
}

TEST(BackOff, SameRandomSamePauses) {
  BackOff a(RetryOptions(), 42), b(RetryOptions(), 42);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(a.next(), b.next());
}

TEST(BackOff, NeverBelowThePeersWishUpToTheLongest) {
  BackOff back_off(RetryOptions(), 1);
  EXPECT_EQ(back_off.next(milliseconds(5000)), milliseconds(5000));
  EXPECT_EQ(back_off.next(milliseconds::max()), milliseconds(10'000));
}

TEST(BackOff, ManyPausesDoNotOverflow) {
  RetryOptions options;
  options.longest = milliseconds::max();
  BackOff back_off(options, 1);
  for (int i = 0; i < 1000; ++i) EXPECT_GT(back_off.next(), milliseconds(0));
}

TEST(RetryOptions, DefaultsAreValidAndNonsenseIsNamed) {
  EXPECT_TRUE(RetryOptions().validate());
  RetryOptions too_many, too_long, zero_pause, shrinking, negative, not_a_number, burst;
  too_many.max_retries = 101;
  too_long.longest = milliseconds(3'600'001);
  zero_pause.first = milliseconds(0);
  shrinking.longest = milliseconds(1);
  negative.budget_per_call = -1;
  not_a_number.budget_per_call = std::nan("");
  burst.budget_burst = 1e9;
  for (const RetryOptions& options : {too_many, too_long, zero_pause, shrinking, negative, not_a_number, burst}) {
    const Result<void> valid = options.validate();
    ASSERT_FALSE(valid);
    EXPECT_EQ(valid.error().code, errc::invalid_configuration);
    EXPECT_NE(valid.error().detail.find("retr"), std::string::npos);
  }
}

TEST(RetryBudget, BurstThenAShareOfTheCalls) {
  RetryBudget budget((RetryOptions()));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(budget.take());
  EXPECT_FALSE(budget.take());
  unsigned granted = 0;
  for (int call = 0; call < 100; ++call) {
    budget.call();
    granted += budget.take() ? 1 : 0;
  }
  EXPECT_EQ(granted, 20u);
}

TEST(RetryBudget, SavesNoMoreThanTheBurst) {
  RetryOptions options;
  options.budget_burst = 2;
  RetryBudget budget(options);
  for (int call = 0; call < 100; ++call) budget.call();
  EXPECT_TRUE(budget.take());
  EXPECT_TRUE(budget.take());
  EXPECT_FALSE(budget.take());
}

}  // namespace
}  // namespace ft
