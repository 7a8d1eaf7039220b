// SPDX-License-Identifier: Apache-2.0
//
// When a request's answer becomes useless: both ways to say it, far ends, clocks that are wrong.
#include "ft/session/time.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace ft {
namespace {

using namespace std::chrono_literals;
using Wall = std::chrono::system_clock::time_point;

constexpr Now kNow{Instant(1h), Wall(500'000h)};
constexpr std::uint64_t kWallMs = 1'800'000'000'000;  // the same
constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();

Instant deadline(std::optional<std::uint64_t> timeout_ms, std::optional<std::uint64_t> deadline_epoch_ms,
                 Now now = kNow) {
  FragmentRequest request;
  request.timeout_ms = timeout_ms;
  request.deadline_epoch_ms = deadline_epoch_ms;
  return deadline_of(request, now);
}

TEST(Time, AfterDoesNotOverflow) {
  EXPECT_EQ(after(Instant(1h), 1s), Instant(1h + 1s));
  EXPECT_EQ(after(Instant(1h), std::chrono::nanoseconds::max()), kNever);
  EXPECT_EQ(after(kNever, 1ns), kNever);
  EXPECT_EQ(after(Instant(1h), std::chrono::milliseconds::max()), kNever) << "more than there are nanoseconds";
  EXPECT_EQ(after(Instant(1h), std::chrono::hours::max()), kNever);
  EXPECT_EQ(after(Instant(1h), 200 * 365 * 24h), Instant(1h + 200 * 365 * 24h));
}

TEST(Time, ANegativeDurationIsNone) {
  EXPECT_EQ(after(Instant(1h), -1s), Instant(1h));
  EXPECT_EQ(after(Instant(1h), std::chrono::milliseconds::min()), Instant(1h));
}

TEST(Time, ARequestWithoutADeadlineHasNone) { EXPECT_EQ(deadline({}, {}), kNever); }

TEST(Time, ATimeoutCountsFromNow) {
  EXPECT_EQ(deadline(1500, {}), kNow.steady + 1500ms);
  EXPECT_EQ(deadline(0, {}), kNow.steady);
}

TEST(Time, ADeadlineIsReadByTheWallClock) {
  EXPECT_EQ(deadline({}, kWallMs + 1500), kNow.steady + 1500ms);
  EXPECT_EQ(deadline({}, kWallMs), kNow.steady);
  EXPECT_EQ(deadline({}, kWallMs - 1), kNow.steady) << "has passed";
  EXPECT_EQ(deadline({}, 0), kNow.steady);
}

TEST(Time, TheTimeoutWins) {
  EXPECT_EQ(deadline(1500, kWallMs - 1), kNow.steady + 1500ms) << "the other node's clock may be wrong";
  EXPECT_EQ(deadline(1500, kWallMs + 1), kNow.steady + 1500ms);
}

TEST(Time, FarOffIsNever) {
  EXPECT_EQ(deadline(kLargest, {}), kNever);
  EXPECT_EQ(deadline({}, kLargest), kNever);
  EXPECT_EQ(deadline(std::uint64_t{9'223'372'036'854}, {}), kNever) << "what the clock can just hold, from now";
  EXPECT_GT(deadline({}, 9'223'372'036'854), kNow.steady + 24h * 365 * 200);
}

TEST(Time, AWallClockBefore1970DoesNoHarm) {
  const Now now{Instant(1h), Wall::min()};
  EXPECT_EQ(deadline({}, 1500, now), now.steady + 1500ms);
  EXPECT_EQ(deadline({}, 9'223'372'036'854, now), kNever);
}

}  // namespace
}  // namespace ft
