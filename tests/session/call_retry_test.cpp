// SPDX-License-Identifier: Apache-2.0
//
// When a call tries again, when it must not, and what the attempts add up to.
#include "session/call_harness.hpp"

namespace ft {
namespace {

using namespace test;

HarnessOptions idempotent() {
  HarnessOptions options;
  options.call.idempotent = true;
  return options;
}

/// Sends an error in answer to a request.
void fail(Harness& h, FragmentResponse response) {
  h.connect();
  h.read_request();
  h.send(std::move(response));
  h.take<Call::Release>();
}

/// The same; what follows is the pause before a retry (true) or the end.
bool retried(Harness& h, FragmentResponse response) {
  fail(h, std::move(response));
  return h.call->deadline() != kNever;
}

void succeed(Harness& h) {
  h.connect();
  h.read_request();
  h.send(success());
  h.take<Call::Release>();
}

TEST(CallRetry, FailedConnectsAreTriedThreeTimesAgain) {
  Harness h;
  h.refuse();
  for (unsigned i = 0; i < 3; ++i) {
    const auto retry = h.take<Call::Retry>();
    EXPECT_EQ(retry.why, errc::connect_failed);
    EXPECT_EQ(h.call->deadline(), h.now.steady + retry.pause);
    h.pass(retry.pause - std::chrono::nanoseconds(1));
    EXPECT_TRUE(h.quiet());
    h.wait();
    h.refuse();
  }
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.code, errc::connect_failed);
  EXPECT_EQ(d.outcome, Outcome::not_executed);
  EXPECT_EQ(d.attempts, 4u);
  EXPECT_EQ(d.peer, "");
}

TEST(CallRetry, OtherFailuresToGetAConnectionAreFinal) {
  for (const errc why :
       {errc::tls_failed, errc::too_many_waiters, errc::pool_closed, errc::invalid_configuration, errc::internal}) {
    Harness h(idempotent());
    h.refuse(why);
    const Diagnostics d = h.failure();
    EXPECT_EQ(d.code, why);
    EXPECT_EQ(d.outcome, Outcome::not_executed);
  }
}

TEST(CallRetry, MaxRetriesOfTheCallWins) {
  HarnessOptions options;
  options.call.max_retries = 1;
  Harness h(options);
  h.refuse();
  h.take<Call::Retry>();
  h.wait();
  h.refuse();
  EXPECT_EQ(h.failure().attempts, 2u);
}

TEST(CallRetry, SuccessAfterRetriesCountsAttemptsAndTime) {
  Harness h;
  h.refuse();
  const auto pause = h.take<Call::Retry>().pause;
  h.wait();
  succeed(h);
  const CallResult<Answer> answer = h.result();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->attempts, 2u);
  EXPECT_EQ(answer->timings.total, pause);
}

TEST(CallRetry, OverloadIsTriedAgainOnlyIfProvablyNotRun) {
  for (const char* state : {"53000", "53200", "53300", "53400", "57P03"}) {
    SCOPED_TRACE(state);
    Harness proven, doubtful, of_connection;
    EXPECT_TRUE(retried(proven, error(7, state, true)));
    EXPECT_TRUE(retried(of_connection, error(0, state)));
    EXPECT_FALSE(retried(doubtful, error(7, state)));
    EXPECT_EQ(doubtful.failure().outcome, Outcome::executed);
  }
}

TEST(CallRetry, DrainingIsNamed) {
  HarnessOptions options;
  options.call.max_retries = 0;
  Harness h(options);
  EXPECT_FALSE(retried(h, error(7, "57P03", true)));
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.code, errc::draining);
  EXPECT_EQ(d.outcome, Outcome::not_executed);
}

TEST(CallRetry, StateAloneNeverProvesThatNothingRan) {
  for (const char* state : {"08006", "28000", "40001", "57014", "57P01", "XX000"}) {
    Harness h;
    EXPECT_FALSE(retried(h, error(7, state)));
    const Diagnostics d = h.failure();
    EXPECT_EQ(d.code, errc::remote_error) << state;
    EXPECT_EQ(d.outcome, Outcome::executed) << state;
  }
}

TEST(CallRetry, ErrorsOfTheConnectionForGoodAreFinalEvenIfIdempotent) {
  for (const char* state : {"08006", "08P01", "28000", "54000", "XX000"}) {
    Harness h(idempotent());
    EXPECT_FALSE(retried(h, error(0, state))) << state;
    EXPECT_EQ(h.failure().outcome, Outcome::not_executed);
  }
}

TEST(CallRetry, ErrorProvenNotRunButNotPassingIsFinalEvenIfIdempotent) {
  // A request that breaks a rule is answered with 08P01; no worker would take it.
  for (const char* state : {"57014", "08P01"}) {
    Harness h(idempotent());
    EXPECT_FALSE(retried(h, error(7, state, true))) << state;
    EXPECT_EQ(h.failure().outcome, Outcome::not_executed) << state;
  }
}

TEST(CallRetry, LostRequestIsNeverSentTwice) {
  Harness h;
  h.connect();
  h.hand_out();
  h.hang_up();
  h.take<Call::Release>();
  EXPECT_EQ(h.failure().outcome, Outcome::unknown);
}

TEST(CallRetry, LostIdempotentRequestIsSentAgain) {
  Harness h(idempotent());
  h.connect();
  h.read_request();
  h.hang_up();
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  EXPECT_EQ(h.take<Call::Retry>().why, errc::connection_lost);
  h.wait();
  succeed(h);
  EXPECT_EQ(h.result()->attempts, 2u);
}

TEST(CallRetry, IdempotentRequestIsRetriedOnMismatchAndOverload) {
  Harness mismatch(idempotent());
  EXPECT_TRUE(retried(mismatch, success(8)));
  Harness killed(idempotent());
  EXPECT_TRUE(retried(killed, error(7, "57P01")));
  Harness sql(idempotent());
  EXPECT_FALSE(retried(sql, error(7, "22012")));
}

TEST(CallRetry, WorstOutcomeOfAllAttemptsCounts) {
  HarnessOptions options = idempotent();
  options.call.max_retries = 1;
  Harness unknown(options);
  unknown.connect();
  unknown.read_request();
  unknown.hang_up();
  unknown.take<Call::Release>();
  unknown.take<Call::Retry>();
  unknown.wait();
  unknown.refuse();
  const Diagnostics d = unknown.failure();
  EXPECT_EQ(d.code, errc::connect_failed);
  EXPECT_EQ(d.outcome, Outcome::unknown);

  Harness executed(options);
  EXPECT_TRUE(retried(executed, error(7, "57P01")));
  executed.take<Call::Retry>();
  executed.call->cancel(Call::Cancel::total, executed.now);
  EXPECT_EQ(executed.failure().outcome, Outcome::executed);
}

TEST(CallRetry, PeersWishIsHonouredUpToTheLongestPause) {
  HarnessOptions options;
  options.retry.longest = seconds(5);
  Harness h(options);
  EXPECT_TRUE(retried(h, error(7, "53400", true, 3000)));
  EXPECT_EQ(h.take<Call::Retry>().pause, seconds(3));
  h.wait();
  EXPECT_TRUE(retried(h, error(7, "53400", true, 3'600'000)));
  EXPECT_EQ(h.take<Call::Retry>().pause, seconds(5));
  h.wait();
  EXPECT_TRUE(retried(h, error(7, "53400", true, ~std::uint64_t{0})));
  EXPECT_EQ(h.take<Call::Retry>().pause, seconds(5));
}

TEST(CallRetry, PauseBeyondTheDeadlineIsNotBegun) {
  HarnessOptions options;
  options.call.timeout = seconds(2);
  Harness h(options);
  EXPECT_FALSE(retried(h, error(7, "53400", true, 2000)));
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.sqlstate, "53400");
  EXPECT_EQ(d.retry_after, seconds(2));
}

TEST(CallRetry, EmptyBudgetStopsRetries) {
  HarnessOptions options;
  options.retry.budget_burst = 1;
  options.retry.budget_per_call = 0;
  Harness h(options);
  h.refuse();
  h.take<Call::Retry>();
  h.wait();
  h.refuse();
  EXPECT_EQ(h.failure().attempts, 2u);
}

// ---- tokens

TEST(CallRetry, RefusedTokenIsFollowedByTheNextOnceAndNotCounted) {
  HarnessOptions options;
  options.call.max_retries = 0;
  options.tokens = {kFirstToken, kSecondToken};
  Harness h(options);
  h.connect();
  h.read_request();
  EXPECT_EQ(h.token, kFirstToken);
  h.send(error(0, "28000"));
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  h.connect();
  h.read_request();
  EXPECT_EQ(h.token, kSecondToken);
  h.send(success());
  const auto release = h.take<Call::Release>();
  EXPECT_TRUE(release.reusable);
  EXPECT_EQ(release.token_place, 1u);
  EXPECT_EQ(h.result()->attempts, 2u);
}

TEST(CallRetry, SecondRefusalIsFinal) {
  HarnessOptions options;
  options.tokens = {kFirstToken, kSecondToken};
  Harness h(options);
  fail(h, error(0, "28000"));
  EXPECT_FALSE(retried(h, error(0, "28000")));
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.code, errc::authentication_failed);
  EXPECT_EQ(d.sqlstate, "28000");
  EXPECT_EQ(d.outcome, Outcome::not_executed);
}

TEST(CallRetry, RingOfOneTokenHasNoOther) {
  Harness h;
  EXPECT_FALSE(retried(h, error(0, "28000")));
  EXPECT_EQ(h.failure().code, errc::authentication_failed);
}

TEST(CallRetry, PlaceThatTheHostTookLastIsTriedFirstAndTheRingWraps) {
  HarnessOptions options;
  options.tokens = {kFirstToken, kSecondToken};
  Harness h(options);
  Call::Connection connection;
  connection.token_place = 1;
  h.connect(connection);
  h.read_request();
  EXPECT_EQ(h.token, kSecondToken);
  h.send(error(0, "28000"));
  h.take<Call::Release>();
  h.connect(connection);
  h.read_request();
  EXPECT_EQ(h.token, kFirstToken);
}

TEST(CallRetry, TokenRefusedOnThePingIsReplacedAsWell) {
  HarnessOptions options;
  options.tokens = {kFirstToken, kSecondToken};
  options.request = large_request();
  Harness h(options);
  h.connect();
  h.read_ping();
  h.send(error(0, "28000"));
  h.take<Call::Release>();
  h.connect();
  h.read_ping();
  EXPECT_EQ(h.token, kSecondToken);
}

TEST(CallRetry, SilentCloseAfterThePingOfAFreshConnectionIsARetry) {
  HarnessOptions options;
  options.request = large_request();
  Harness h(options);
  h.connect();
  h.read_ping();
  h.hang_up();
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  EXPECT_EQ(h.take<Call::Retry>().why, errc::connection_lost);
}

TEST(CallRetry, UnansweredPingOfAFreshConnectionIsARetry) {
  HarnessOptions options;
  options.request = large_request();
  Harness h(options);
  h.connect();
  h.read_ping();
  h.pass(seconds(2));
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  h.take<Call::Retry>();
}

}  // namespace
}  // namespace ft
