// SPDX-License-Identifier: Apache-2.0
//
// Giving a call up: what is sent, what is waited for, what its outcome is. And deadlines.
#include "session/call_harness.hpp"

namespace ft {
namespace {

using namespace test;
using Kind = Call::Cancel;

void expect_cancel_of_request(const Call::SendCancel& sent) {
  EXPECT_EQ(sent.request.request_id, 7u);
  EXPECT_EQ(sent.request.cancel_key, SecretU64(99));
  EXPECT_EQ(sent.token_place, 0u);
}

TEST(CallCancel, WhileWaitingEveryKindEndsItAtOnce) {
  for (const Kind kind : {Kind::total, Kind::partial, Kind::terminal}) {
    Harness h;
    h.take<Call::Acquire>();
    h.call->cancel(kind, h.now);
    h.take<Call::Withdraw>();
    const Diagnostics d = h.failure();
    EXPECT_EQ(d.code, errc::cancelled);
    EXPECT_EQ(d.outcome, Outcome::not_executed);
  }
}

TEST(CallCancel, BeforeTheFirstByteTheConnectionStaysGood) {
  for (const Kind kind : {Kind::total, Kind::partial, Kind::terminal}) {
    Harness h;
    h.connect();
    h.call->cancel(kind, h.now);
    EXPECT_TRUE(h.take<Call::Release>().reusable);
    EXPECT_EQ(h.failure().outcome, Outcome::not_executed);
  }
}

TEST(CallCancel, DuringAPingNothingRanAndTheConnectionGoes) {
  Harness h;
  h.reuse(true);
  h.read_ping();
  h.call->cancel(Kind::total, h.now);
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  EXPECT_EQ(h.failure().outcome, Outcome::not_executed);
}

TEST(CallCancel, DuringAPause) {
  Harness h;
  h.refuse();
  h.take<Call::Retry>();
  h.call->cancel(Kind::total, h.now);
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.code, errc::cancelled);
  EXPECT_EQ(d.outcome, Outcome::not_executed);
}

TEST(CallCancel, TotalHasNoEffectOnceAByteIsOut) {
  Harness h;
  h.connect();
  h.hand_out();
  h.call->cancel(Kind::total, h.now);
  EXPECT_TRUE(h.quiet());
  h.read_request();
  h.send(success());
  h.take<Call::Release>();
  EXPECT_TRUE(h.result());
}

TEST(CallCancel, AfterTotalTheRequestIsNotSentAgain) {
  Harness h;
  h.connect();
  h.read_request();
  h.call->cancel(Kind::total, h.now);
  h.send(error(7, "53400", true));
  h.take<Call::Release>();
  EXPECT_EQ(h.failure().sqlstate, "53400");
}

TEST(CallCancel, PartialSendsACancelAndTakesTheRealAnswer) {
  Harness h;
  h.connect();
  h.read_request();
  h.call->cancel(Kind::partial, h.now);
  expect_cancel_of_request(h.take<Call::SendCancel>());
  EXPECT_TRUE(h.quiet());
  h.send(success());
  EXPECT_TRUE(h.take<Call::Release>().reusable);
  EXPECT_TRUE(h.result());
}

TEST(CallCancel, PartialAnsweredByCancelledKeepsTheConnection) {
  for (const bool not_executed : {false, true}) {
    Harness h;
    h.connect();
    h.read_request();
    h.call->cancel(Kind::partial, h.now);
    h.take<Call::SendCancel>();
    h.send(error(7, "57014", not_executed));
    EXPECT_TRUE(h.take<Call::Release>().reusable);
    const Diagnostics d = h.failure();
    EXPECT_EQ(d.code, errc::cancelled);
    EXPECT_EQ(d.sqlstate, "57014");
    EXPECT_EQ(d.outcome, not_executed ? Outcome::not_executed : Outcome::executed);
  }
}

TEST(CallCancel, PartialIsBounded) {
  Harness h;
  h.connect();
  h.read_request();
  h.call->cancel(Kind::partial, h.now);
  h.take<Call::SendCancel>();
  EXPECT_EQ(h.call->deadline(), h.now.steady + h.rules.cancel_timeout);
  h.wait();
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.code, errc::cancelled);
  EXPECT_EQ(d.outcome, Outcome::unknown);
}

TEST(CallCancel, SecondPartialSendsNothingAndDoesNotProlong) {
  Harness h;
  h.connect();
  h.read_request();
  h.call->cancel(Kind::partial, h.now);
  h.take<Call::SendCancel>();
  const Instant until = h.call->deadline();
  h.advance(seconds(1));
  h.call->cancel(Kind::partial, h.now);
  EXPECT_TRUE(h.quiet());
  EXPECT_EQ(h.call->deadline(), until);
}

TEST(CallCancel, PartialThenTerminalSendsOneCancel) {
  Harness h;
  h.connect();
  h.read_request();
  h.call->cancel(Kind::partial, h.now);
  h.take<Call::SendCancel>();
  h.call->cancel(Kind::terminal, h.now);
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  EXPECT_EQ(h.failure().outcome, Outcome::unknown);
}

TEST(CallCancel, AfterPartialNothingIsRetried) {
  HarnessOptions options;
  options.call.idempotent = true;
  Harness h(options);
  h.connect();
  h.read_request();
  h.call->cancel(Kind::partial, h.now);
  h.take<Call::SendCancel>();
  h.hang_up();
  h.take<Call::Release>();
  EXPECT_EQ(h.failure().code, errc::connection_lost);
}

TEST(CallCancel, TerminalIsDoneAtOnceAndTheCancelGoesBehindIt) {
  Harness h;
  h.connect();
  h.hand_out();
  h.call->cancel(Kind::terminal, h.now);
  expect_cancel_of_request(h.take<Call::SendCancel>());
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.code, errc::cancelled);
  EXPECT_EQ(d.outcome, Outcome::unknown);
}

TEST(CallCancel, AnswerThatIsHereAlreadyWins) {
  for (const bool timeout : {false, true}) {
    HarnessOptions options;
    options.call.timeout = milliseconds(10);
    Harness h(options);
    h.connect();
    h.hand_out();
    h.send(success());
    if (timeout) {
      h.pass(milliseconds(10));
    } else {
      h.call->cancel(Kind::terminal, h.now);
    }
    EXPECT_FALSE(h.take<Call::Release>().reusable);
    EXPECT_TRUE(h.result());
  }
}

TEST(CallCancel, NothingHappensAfterTheEnd) {
  Harness h;
  h.take<Call::Acquire>();
  h.call->cancel(Kind::terminal, h.now);
  h.take<Call::Withdraw>();
  h.failure();
  h.call->acquired(Call::Connection(), h.now);
  h.call->acquire_failed(Error(errc::connect_failed), h.now);
  h.call->cancel(Kind::terminal, h.now);
  h.call->end_of_stream(h.now);
  h.call->written(3, h.now);
  h.call->received(3, h.now);
  h.call->rows_taken(h.now);
  h.pass(std::chrono::hours(1));
  EXPECT_TRUE(h.quiet());
  EXPECT_TRUE(h.call->prepare().empty());
  EXPECT_TRUE(h.call->output().empty());
}

// ---- deadlines

HarnessOptions with_timeout(milliseconds timeout) {
  HarnessOptions options;
  options.call.timeout = timeout;
  return options;
}

TEST(CallDeadline, CoversWaitingForAConnection) {
  Harness h(with_timeout(milliseconds(100)));
  h.take<Call::Acquire>();
  h.pass(milliseconds(99));
  EXPECT_TRUE(h.quiet());
  h.pass(milliseconds(1));
  h.take<Call::Withdraw>();
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.code, errc::timed_out);
  EXPECT_EQ(d.outcome, Outcome::not_executed);
  EXPECT_EQ(d.timings.total, milliseconds(100));
}

TEST(CallDeadline, ThatCannotBeReachedIsNone) {
  Harness h(with_timeout(milliseconds::max()));
  h.connect();
  EXPECT_EQ(h.call->deadline(), kNever);
  EXPECT_EQ(h.read_request().timeout_ms, std::nullopt);
  h.send(success());
  h.take<Call::Release>();
  EXPECT_TRUE(h.result());
}

TEST(CallDeadline, CoversThePing) {
  Harness h(with_timeout(milliseconds(100)));
  h.reuse(true);
  h.read_ping();
  h.pass(milliseconds(100));
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  EXPECT_EQ(h.failure().code, errc::timed_out);
}

TEST(CallDeadline, WhileTheRequestRunsSendsACancel) {
  Harness h(with_timeout(milliseconds(100)));
  h.connect();
  h.read_request();
  h.wait();
  expect_cancel_of_request(h.take<Call::SendCancel>());
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.code, errc::timed_out);
  EXPECT_EQ(d.sqlstate, "57014");
  EXPECT_EQ(d.outcome, Outcome::unknown);
}

TEST(CallDeadline, PassedBeforeTheCall) {
  Harness h(with_timeout(milliseconds(0)));
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.code, errc::timed_out);
  EXPECT_EQ(d.outcome, Outcome::not_executed);
}

TEST(CallDeadline, PassedWhenTheConnectionComes) {
  Harness h(with_timeout(milliseconds(100)));
  h.advance(milliseconds(100));
  h.connect();
  EXPECT_TRUE(h.take<Call::Release>().reusable);
  EXPECT_EQ(h.failure().outcome, Outcome::not_executed);
}

TEST(CallDeadline, WhatIsLeftIsWrittenIntoTheRequest) {
  Harness h(with_timeout(seconds(10)));
  h.advance(milliseconds(1500));
  h.refuse();
  const auto pause = h.take<Call::Retry>().pause;
  h.wait();
  h.connect();
  const auto left = seconds(10) - milliseconds(1500) - pause;
  EXPECT_EQ(h.read_request().timeout_ms,
            static_cast<std::uint64_t>(std::chrono::duration_cast<milliseconds>(left).count()));
}

TEST(CallDeadline, LeastTimeoutWrittenIsOne) {
  Harness h(with_timeout(milliseconds(100)));
  h.advance(milliseconds(100) - std::chrono::nanoseconds(1));
  h.connect();
  EXPECT_EQ(h.read_request().timeout_ms, 1u);
}

TEST(CallDeadline, NoTimeoutIsWrittenWithoutOne) {
  HarnessOptions options;
  options.request.deadline_epoch_ms = 4'102'444'800'000;  // 2100
  Harness h(options);
  h.connect();
  const FragmentRequest request = h.read_request();
  EXPECT_EQ(request.timeout_ms, std::nullopt);
  EXPECT_EQ(request.deadline_epoch_ms, options.request.deadline_epoch_ms);
}

TEST(CallDeadline, TimeoutOfTheRequestBoundsTheCall) {
  HarnessOptions options = with_timeout(seconds(10));
  options.request.timeout_ms = 2000;
  Harness h(options);
  EXPECT_EQ(h.call->deadline(), h.now.steady + seconds(2));
  h.advance(milliseconds(500));
  h.connect();
  EXPECT_EQ(h.read_request().timeout_ms, 1500u);
}

TEST(CallDeadline, AbsoluteDeadlineOfTheRequestBoundsTheCall) {
  HarnessOptions options;
  const Now start = Harness().now;
  const auto epoch = std::chrono::duration_cast<milliseconds>(start.wall.time_since_epoch()) + seconds(3);
  options.request.deadline_epoch_ms = static_cast<std::uint64_t>(epoch.count());
  Harness h(options);
  EXPECT_EQ(h.call->deadline(), h.now.steady + seconds(3));
}

TEST(CallDeadline, CancelledAnswerAtTheDeadlineIsATimeout) {
  Harness h(with_timeout(milliseconds(100)));
  h.connect();
  h.read_request();
  h.advance(milliseconds(100));
  h.send(error(7, "57014"));
  EXPECT_TRUE(h.take<Call::Release>().reusable);
  EXPECT_EQ(h.failure().code, errc::timed_out);
}

}  // namespace
}  // namespace ft
