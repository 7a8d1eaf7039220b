// SPDX-License-Identifier: Apache-2.0
#include "net/lazy_timer.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>

namespace ft::net {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

class LazyTimerTest : public testing::Test {
 protected:
  void arm(Instant deadline) {
    timer_.arm(deadline, [this] { ++fired_; });
  }

  boost::asio::io_context io_;
  LazyTimer<boost::asio::io_context::executor_type> timer_{io_.get_executor()};
  const Instant start_ = std::chrono::steady_clock::now();
  int fired_ = 0;
};

TEST_F(LazyTimerTest, FiresOnceAtItsDeadline) {
  arm(start_ + milliseconds(5));
  io_.run();
  EXPECT_EQ(fired_, 1);
  EXPECT_GE(std::chrono::steady_clock::now(), start_ + milliseconds(5));
}

TEST_F(LazyTimerTest, ALaterDeadlineChangesNothing) {
  arm(start_ + milliseconds(5));
  arm(start_ + hours(1));
  io_.run();  // would take an hour
  EXPECT_EQ(fired_, 1);
}

TEST_F(LazyTimerTest, AnEarlierOneReplacesIt) {
  arm(start_ + hours(1));
  arm(start_ + milliseconds(5));
  io_.run();
  EXPECT_EQ(fired_, 1);
}

TEST_F(LazyTimerTest, CanBeArmedAgainOnceItHasFired) {
  arm(start_);
  io_.run();
  io_.restart();
  arm(start_ + milliseconds(1));
  io_.run();
  EXPECT_EQ(fired_, 2);
}

TEST_F(LazyTimerTest, NeverNeedsNoTimer) {
  arm(kNever);
  EXPECT_EQ(io_.run(), 0u);
  EXPECT_EQ(fired_, 0);
}

TEST_F(LazyTimerTest, CancelLetsGoOfTheHandler) {
  const auto held = std::make_shared<int>();
  timer_.arm(start_ + hours(1), [held] {});
  EXPECT_EQ(held.use_count(), 2);
  timer_.cancel();
  io_.run();
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace ft::net
