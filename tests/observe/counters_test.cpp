// SPDX-License-Identifier: Apache-2.0
#include "ft/observe/counters.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace ft {
namespace {

using namespace std::chrono_literals;

TEST(Counters, LoseNothingBetweenThreads) {
  Counter counter;
  Gauge gauge;
  Histogram histogram;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) {
        counter.add();
        gauge.add(2);
        gauge.sub();
        histogram.observe(1ms);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter.value(), 40'000U);
  EXPECT_EQ(gauge.value(), 40'000);
  EXPECT_EQ(histogram.bucket(3), 40'000U);
  EXPECT_EQ(histogram.sum(), 40s);
}

TEST(Histogram, TakesUpperEndsIntoTheirBucket) {
  for (std::size_t i = 0; i < Histogram::kBounds.size(); ++i) {
    Histogram histogram;
    histogram.observe(Histogram::kBounds[i]);
    histogram.observe(Histogram::kBounds[i] + 1ns);
    EXPECT_EQ(histogram.bucket(i), 1U) << i;
    EXPECT_EQ(histogram.bucket(i + 1), 1U) << i;
  }
}

TEST(Histogram, CountsWhatIsBelowZeroAsZero) {
  Histogram histogram;
  histogram.observe(-5s);
  EXPECT_EQ(histogram.bucket(0), 1U);
  EXPECT_EQ(histogram.sum(), 0s);
}

}  // namespace
}  // namespace ft
