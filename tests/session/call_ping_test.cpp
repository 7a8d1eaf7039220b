// SPDX-License-Identifier: Apache-2.0
//
// The ping before a request, what becomes of dead connections of the pool, and pings and cancels as calls of their own.
#include "session/call_harness.hpp"

namespace ft {
namespace {

using namespace test;

TEST(CallPing, LargeRequestOnFreshConnectionIsPrecededByAPing) {
  HarnessOptions options;
  options.request = large_request();
  Harness h(options);
  h.connect();
  h.read_ping();
  EXPECT_EQ(h.token, kFirstToken);
  EXPECT_TRUE(h.call->output().empty());
  h.advance(milliseconds(3));
  h.send(ack(0));
  EXPECT_EQ(h.read_request(), large_request());
  h.send(success());
  EXPECT_TRUE(h.take<Call::Release>().reusable);
  EXPECT_EQ(h.result()->timings.connecting, milliseconds(3));
}

TEST(CallPing, LargeRequestOnReusedConnectionNeedsNoPing) {
  HarnessOptions options;
  options.request = large_request();
  Harness h(options);
  h.reuse();
  EXPECT_EQ(h.read_request(), large_request());
}

TEST(CallPing, LargestFirstFrameNeedsNoPing) {
  HarnessOptions options;
  options.request.isolation = "";
  Harness probe(options);
  probe.connect();
  const std::size_t rest = probe.hand_out().size() - kFrameHeaderSize;
  for (const std::size_t above : {0u, 1u}) {
    options.request.isolation = std::string(max_payload(Phase::unauthenticated) - rest + above, 'x');
    Harness h(options);
    h.connect();
    const bool pinged = Harness::open(h.hand_out()).payload.tag() == TransportPayload::Tag::CancelFragment;
    EXPECT_EQ(pinged, above == 1);
  }
}

TEST(CallPing, RefusedCertificateOfAFreshConnectionProvesThatNothingRan) {
  Harness h;
  h.connect();
  h.read_request();
  h.call->refused(Error(errc::tls_failed), h.now);
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  const Diagnostics failure = h.failure();
  EXPECT_EQ(failure.code, errc::tls_failed);
  EXPECT_EQ(failure.outcome, Outcome::not_executed);
}

TEST(CallPing, RefusalOfAConnectionThatHasServedProvesNothing) {
  Harness h;
  h.reuse();
  h.read_request();
  h.call->refused(Error(errc::tls_failed), h.now);
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  const Diagnostics failure = h.failure();
  EXPECT_EQ(failure.code, errc::connection_lost);
  EXPECT_EQ(failure.outcome, Outcome::unknown);
}

TEST(CallPing, PingBeforeAConnectionThatWasIdleForLong) {
  Harness h;
  h.reuse(true);
  h.read_ping();
  h.send(ack(0));
  EXPECT_EQ(h.read_request(), simple_request());
  h.send(success());
  h.take<Call::Release>();
  EXPECT_TRUE(h.result());
}

TEST(CallPing, AckThatOvertakesTheReportOfItsWriteWaitsForIt) {
  Harness h;
  h.reuse(true);
  const std::size_t size = h.hand_out().size();
  h.send(ack(0));
  EXPECT_EQ(Harness::open(h.hand_out()).payload.tag(), TransportPayload::Tag::CancelFragment) << "still the ping";
  h.call->written(size, h.now);
  EXPECT_EQ(h.read_request(), simple_request());
}

TEST(CallPing, DeadPooledConnectionIsReplacedAndNotCounted) {
  HarnessOptions options;
  options.call.max_retries = 0;
  for (const bool by_timeout : {false, true}) {
    Harness h(options);
    h.reuse(true);
    h.read_ping();
    if (by_timeout) {
      h.wait();
    } else {
      h.hang_up();
    }
    EXPECT_FALSE(h.take<Call::Release>().reusable);
    h.connect();
    h.read_request();
    h.send(success());
    EXPECT_TRUE(h.take<Call::Release>().reusable);
    EXPECT_EQ(h.result()->attempts, 1u);
  }
}

TEST(CallPing, PooledConnectionThatEndsBeforeTheRequestIsReplaced) {
  HarnessOptions options;
  options.call.max_retries = 0;
  Harness h(options);
  h.reuse();
  h.hang_up();
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  h.take<Call::Acquire>();
}

TEST(CallPing, PooledConnectionThatSpeaksUnaskedIsReplaced) {
  HarnessOptions options;
  options.call.max_retries = 0;
  Harness h(options);
  h.reuse();
  h.send(success());
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  h.connect();
  EXPECT_EQ(h.read_request(), simple_request());
}

TEST(CallPing, EndlessDeadConnectionsComeToAnEnd) {
  HarnessOptions options;
  options.call.max_retries = 0;
  Harness h(options);
  for (unsigned i = 0; i < 9; ++i) {
    h.reuse();
    h.hang_up();
    h.take<Call::Release>();
  }
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.code, errc::connection_lost);
  EXPECT_EQ(d.outcome, Outcome::not_executed);
}

// ---- cancels and pings as calls

TEST(CallPing, PingIsAnswered) {
  HarnessOptions options;
  options.cancel.emplace();
  Harness h(options);
  h.reuse(true);
  h.read_ping();
  h.advance(milliseconds(2));
  h.send(ack(0));
  EXPECT_TRUE(h.take<Call::Release>().reusable);
  EXPECT_EQ(h.result()->timings.answering, milliseconds(2));
}

TEST(CallPing, PingOnDeadPooledConnectionGoesToAnother) {
  HarnessOptions options;
  options.cancel.emplace();
  options.call.max_retries = 0;
  Harness h(options);
  h.reuse();
  h.read_ping();
  h.hang_up();
  h.take<Call::Release>();
  h.connect();
  h.read_ping();
  h.send(ack(0));
  h.take<Call::Release>();
  EXPECT_TRUE(h.result());
}

TEST(CallPing, CancelOfSomebodyElseCarriesIdAndKey) {
  HarnessOptions options;
  options.cancel.emplace();
  options.cancel->request_id = 5;
  options.cancel->cancel_key = SecretU64(66);
  Harness h(options);
  h.connect();
  EXPECT_EQ(h.read_cancel(), *options.cancel);
  h.send(ack(5));
  EXPECT_TRUE(h.take<Call::Release>().reusable);
  EXPECT_EQ(h.result()->request_id, 5u);
}

TEST(CallPing, PingThatTimesOutSendsNoCancel) {
  HarnessOptions options;
  options.cancel.emplace();
  options.call.timeout = milliseconds(100);
  Harness h(options);
  h.connect();
  h.read_ping();
  h.wait();
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  EXPECT_EQ(h.failure().code, errc::timed_out);
}

}  // namespace
}  // namespace ft
