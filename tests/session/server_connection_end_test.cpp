// SPDX-License-Identifier: Apache-2.0
//
// How a server connection ends and what time does to it: timeouts, clients that leave, drain and kill.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "ft/session/server_connection.hpp"
#include "server_harness.hpp"

namespace ft {
namespace {

using namespace std::chrono_literals;
using test::Answers;
using test::ServerHarness;
using Start = ServerConnection::Start;
using Stop = ServerConnection::Stop;

/// Lets time pass up to the connection's next deadline, which must be `in` from now.
void pass(ServerHarness& server, std::chrono::nanoseconds in) {
  ASSERT_EQ(server.connection.deadline() - server.now.steady, in);
  server.advance(in - 1ns);
  server.connection.tick(server.now);
  server.expect_nothing();
  server.advance(1ns);
  server.connection.tick(server.now);
}

void expect_stop(ServerHarness& server, const Start& start, StopReason reason) {
  const Stop stop = server.expect<Stop>();
  EXPECT_EQ(stop.execution, start.execution);
  EXPECT_EQ(stop.reason, reason);
}

// ---- requests

TEST(ServerConnectionTime, EndsARequestThatTakesTooLong) {
  ServerRules rules = ServerHarness::standard_rules();
  rules.request_timeout = 500ms;
  ServerHarness server(rules);
  const Start start = server.start(1);
  pass(server, 500ms);
  expect_stop(server, start, StopReason::timed_out);
  EXPECT_EQ(server.answers(), Answers{test::error(1, "fragment execution timed out", "57014")});
  server.connection.finished(start.execution, test::command("late"), server.now);
  EXPECT_TRUE(server.answers().empty());
  EXPECT_TRUE(server.connection.idle()) << "stays open";
}

TEST(ServerConnectionTime, TheEarliestOfAllDeadlinesCounts) {
  ServerRules rules = ServerHarness::standard_rules();
  rules.request_timeout = 500ms;
  ServerHarness server(rules);
  FragmentRequest request = test::a_request(1);
  request.timeout_ms = 300;
  Start start = server.start(request);
  EXPECT_EQ(start.deadline, server.now.steady + 300ms);
  pass(server, 300ms);
  expect_stop(server, start, StopReason::timed_out);
  EXPECT_EQ(server.answers(), Answers{test::error(1, "deadline passed", "57014")});

  request.timeout_ms = 700;
  start = server.start(request);
  pass(server, 500ms);
  expect_stop(server, start, StopReason::timed_out);
  EXPECT_EQ(server.answers(), Answers{test::error(1, "fragment execution timed out", "57014")});
}

TEST(ServerConnectionTime, ADeadlineThatHasPassedStartsNothing) {
  ServerHarness server;
  FragmentRequest request = test::a_request(1);
  using std::chrono::milliseconds;
  const auto wall = std::chrono::duration_cast<milliseconds>(server.now.wall.time_since_epoch());
  request.deadline_epoch_ms = static_cast<std::uint64_t>((wall - 1ms).count());
  server.send(test::request_frame(request));
  server.expect_nothing();
  EXPECT_EQ(server.answers(), Answers{test::error(1, "deadline passed", "57014", test::kNotExecuted)});
}

TEST(ServerConnectionTime, ADeadlineThatPassesInTheQueueProvesThatNothingRan) {
  ServerHarness server;
  FragmentRequest request = test::a_request(1);
  request.timeout_ms = 300;
  server.send(test::request_frame(request));
  const Start start = server.expect<Start>();
  pass(server, 300ms);
  expect_stop(server, start, StopReason::timed_out);
  EXPECT_EQ(server.answers(), Answers{test::error(1, "deadline passed", "57014", test::kNotExecuted)});
}

TEST(ServerConnectionTime, ADeadlineRunsWhileTheRequestWaitsBehindAnother) {
  ServerHarness server;
  const Start first = server.start(1);
  FragmentRequest second = test::a_request(2);
  second.timeout_ms = 300;
  server.send(test::request_frame(second));
  server.advance(301ms);
  server.connection.finished(first.execution, test::command("a"), server.now);
  server.expect_nothing();
  EXPECT_EQ(server.answers(),
            (Answers{test::success(1, "a"), test::error(2, "deadline passed", "57014", test::kNotExecuted)}));
}

TEST(ServerConnectionTime, TheServersOwnTimeBeginsWithTheTurn) {
  ServerRules rules = ServerHarness::standard_rules();
  rules.request_timeout = 500ms;
  ServerHarness server(rules);
  const Start first = server.start(1);
  server.send(test::request_frame(test::a_request(2)));
  pass(server, 500ms);
  expect_stop(server, first, StopReason::timed_out);
  const Start second = server.expect<Start>();
  EXPECT_EQ(second.deadline, server.now.steady + 500ms);
  server.connection.finished(second.execution, test::command("b"), server.now);
  EXPECT_EQ(server.answers(),
            (Answers{test::error(1, "fragment execution timed out", "57014"), test::success(2, "b")}));
}

// ---- connections

TEST(ServerConnectionTime, EndsAStrangerThatSaysNothingWithoutAWord) {
  ServerHarness server;
  pass(server, 10s);
  EXPECT_TRUE(server.answers().empty());
  server.expect_close(false);
}

TEST(ServerConnectionTime, EndsAStrangerWhoseFirstFrameTrickles) {
  ServerHarness server;
  const std::string frame = test::request_frame(1);
  for (int i = 0; i < 9; ++i) {
    server.advance(1s);
    server.send(frame.substr(static_cast<std::size_t>(i), 1));
  }
  pass(server, 1s);
  EXPECT_EQ(server.answers(), Answers{test::error(0, "timed out: the rest of the frame did not arrive", "57014")});
  server.expect_close(true);
}

TEST(ServerConnectionTime, EndsAnIdleConnectionWithoutAWord) {
  ServerHarness server;
  server.send(test::ping_frame());
  server.advance(1s);
  server.answers();
  pass(server, 5min);
  EXPECT_TRUE(server.answers().empty());
  server.expect_close(false);
}

TEST(ServerConnectionTime, ARunningRequestIsNotIdle) {
  ServerHarness server;
  const Start start = server.start(1);
  EXPECT_EQ(server.connection.deadline(), server.now.steady + 24h);
  server.advance(1h);
  server.connection.tick(server.now);
  server.expect_nothing();
  server.connection.finished(start.execution, test::command("a"), server.now);
  server.answers();
  EXPECT_EQ(server.connection.deadline(), server.now.steady + 5min);
}

TEST(ServerConnectionTime, EndsAFrameThatDoesNotGrow) {
  ServerHarness server;
  server.send(test::ping_frame());
  server.answers();
  const std::string frame = test::request_frame(1);
  for (std::size_t i = 0; i < 5; ++i) {
    server.advance(59s);
    server.send(frame.substr(i, 1));
  }
  pass(server, 60s);
  EXPECT_EQ(server.answers(), Answers{test::error(0, "timed out: the rest of the frame did not arrive", "57014")});
  server.expect_close(true);
}

TEST(ServerConnectionTime, AFrameThatTheServerDoesNotReadIsNotLate) {
  ServerHarness server;
  const Start start = server.start(1);
  const std::string large = test::large_frame(2, 100'000);
  const std::size_t sent = server.send(large);
  server.advance(1h);
  server.connection.tick(server.now);
  server.connection.finished(start.execution, test::command("a"), server.now);
  server.answers();
  pass(server, 60s);
  EXPECT_EQ(server.answers().size(), 1U);
  EXPECT_LT(sent, large.size());
}

TEST(ServerConnectionTime, GivesUpOnAPeerThatTakesNothing) {
  ServerHarness server;
  Start start = server.start(1);
  server.connection.finished(start.execution, test::query(100), server.now);
  server.advance(59s);
  server.connection.written(10, server.now);
  start = server.start(2);
  const std::span<const char> under_way = server.connection.output();
  EXPECT_FALSE(under_way.empty());
  pass(server, 60s);
  expect_stop(server, start, StopReason::client_left);
  server.expect_close(false);
  EXPECT_TRUE(server.connection.output().empty());
  server.connection.written(under_way.size(), server.now);  // a write that ends after all does no harm
  server.connection.finished(start.execution, test::command("late"), server.now);
  server.expect_nothing();
}

TEST(ServerConnectionTime, TheLastAnswerMayNotStallEither) {
  ServerHarness server;
  server.send("no frame");
  pass(server, 60s);
  server.expect_close(false);
}

TEST(ServerConnectionTime, NothingIsDueAfterTheEnd) {
  ServerHarness server;
  server.connection.drain(server.now);
  pass(server, 100ms);
  server.expect_close(false);
  EXPECT_EQ(server.connection.deadline(), kNever);
  server.advance(48h);
  server.connection.tick(server.now);
  server.connection.drain(server.now);
  server.connection.kill(server.now);
  server.connection.end_of_stream(server.now);
  server.expect_nothing();
}

// ---- clients that leave

TEST(ServerConnectionEnd, AClientThatLeavesStopsWhatRunsForIt) {
  ServerHarness server;
  const Start start = server.start(1);
  server.send(test::request_frame(2) + test::ping_frame());
  server.connection.end_of_stream(server.now);
  expect_stop(server, start, StopReason::client_left);
  server.expect_close(false);
  EXPECT_TRUE(server.answers().empty());
  server.connection.finished(start.execution, test::command("late"), server.now);
  server.expect_nothing();
  EXPECT_TRUE(server.answers().empty());
}

TEST(ServerConnectionEnd, ARequestWhoseClientLeftInTheSameReadIsNeverStarted) {
  ServerHarness server;
  server.send(test::request_frame(1));
  server.connection.end_of_stream(server.now);
  server.expect_close(false);
  EXPECT_TRUE(server.answers().empty());
}

TEST(ServerConnectionEnd, AnswersThatAreReadyAreStillWrittenAfterAHalfClose) {
  ServerHarness server;
  server.send(test::ping_frame());
  server.connection.end_of_stream(server.now);
  server.expect_nothing();
  EXPECT_EQ(server.answers(), Answers{test::acknowledgement(0)});
  server.expect_close(false);
}

TEST(ServerConnectionEnd, AWriteThatFailsAfterAHalfCloseEndsIt) {
  ServerHarness server;
  server.send(test::ping_frame());
  server.connection.output();
  server.connection.end_of_stream(server.now);
  server.connection.end_of_stream(server.now);
  server.expect_close(false);
}

TEST(ServerConnectionEnd, AFrameThatIsCutOffGetsNoAnswer) {
  ServerHarness server;
  server.send(test::request_frame(1).substr(0, 50));
  server.connection.end_of_stream(server.now);
  server.expect_close(false);
  EXPECT_TRUE(server.answers().empty());
}

TEST(ServerConnectionEnd, ARefusalIsWrittenThoughTheClientHalfClosed) {
  ServerHarness server;
  server.send("no frame");
  server.connection.end_of_stream(server.now);
  EXPECT_EQ(server.answers().size(), 1U);
  server.expect_close(true);
}

// ---- drain

TEST(ServerConnectionDrain, EndsAnIdleConnectionSoonWithoutAWord) {
  ServerHarness server;
  server.send(test::ping_frame());
  server.answers();
  server.connection.drain(server.now);
  server.expect_nothing();
  pass(server, 100ms);
  server.expect_close(false);
  EXPECT_TRUE(server.answers().empty());
}

TEST(ServerConnectionDrain, ARequestThatWasOnItsWayIsToldThatItWasNotRun) {
  ServerHarness server;
  const Start start = server.start(1);
  server.connection.drain(server.now);
  server.connection.finished(start.execution, test::command("a"), server.now);
  EXPECT_EQ(server.answers(), Answers{test::success(1, "a")});
  server.advance(99ms);
  server.connection.tick(server.now);
  server.expect_nothing();
  server.send(test::request_frame(2));
  EXPECT_EQ(server.answers(), Answers{test::error(2, "the server is shutting down", "57P03", test::kNotExecuted)});
  server.expect_close(true);
}

TEST(ServerConnectionDrain, PingsDoNotHoldIt) {
  ServerHarness server;
  server.connection.drain(server.now);
  for (int i = 0; i < 3; ++i) {
    server.advance(30ms);
    server.send(test::ping_frame());
    EXPECT_EQ(server.answers(), Answers{test::acknowledgement(0)});
  }
  server.expect_nothing();
  pass(server, 10ms);
  server.expect_close(false);
}

TEST(ServerConnectionDrain, AtItsLimitAnIdleConnectionEndsAtOnce) {
  ServerHarness server;
  server.send(test::ping_frame());
  server.answers();
  server.connection.kill(server.now);
  server.expect_close(false);
}

TEST(ServerConnectionDrain, LetsWhatRunsFinish) {
  ServerHarness server;
  const Start start = server.start(1);
  server.connection.drain(server.now);
  server.expect_nothing();
  server.send(test::request_frame(2) + test::ping_frame());
  server.connection.finished(start.execution, test::command("a"), server.now);
  const std::string refusal = test::error(2, "the server is shutting down", "57P03", test::kNotExecuted);
  EXPECT_EQ(server.answers(), (Answers{test::success(1, "a"), refusal, test::acknowledgement(0)}));
  server.expect_close(true);
}

TEST(ServerConnectionDrain, ARequestThatWasNotHandedOutIsNotRun) {
  ServerHarness server;
  server.send(test::request_frame(1));
  server.connection.drain(server.now);
  EXPECT_EQ(server.answers(), Answers{test::error(1, "the server is shutting down", "57P03", test::kNotExecuted)});
  server.expect_close(true);
}

TEST(ServerConnectionDrain, ARequestThatWaitsForASlotIsTheShellsToReject) {
  ServerHarness server;
  server.send(test::request_frame(1));
  const Start start = server.expect<Start>();
  server.connection.drain(server.now);
  server.expect_nothing();
  server.connection.rejected(start.execution, errc::draining, server.now);
  EXPECT_EQ(server.answers(), Answers{test::error(1, "the server is shutting down", "57P03", test::kNotExecuted)});
  server.expect_close(true);
}

TEST(ServerConnectionDrain, AFrameThatWasBegunIsToldThatItWasNotRun) {
  ServerHarness server;
  server.send(test::request_frame(1).substr(0, 50));
  server.connection.drain(server.now);
  EXPECT_EQ(server.answers(), Answers{test::error(0, "the server is shutting down", "57P03", test::kNotExecuted)});
  server.expect_close(true);
}

TEST(ServerConnectionDrain, AnAnswerUnderWayIsWrittenToItsEnd) {
  ServerHarness server;
  const Start start = server.start(1);
  server.connection.finished(start.execution, test::query(100), server.now);
  server.connection.written(10, server.now);
  server.connection.drain(server.now);
  server.expect_nothing();
  server.raw_output();
  pass(server, 100ms);
  server.expect_close(false);
}

TEST(ServerConnectionDrain, AtItsLimitWhatRunsIsKilled) {
  ServerHarness server;
  const Start start = server.start(1);
  server.send(test::request_frame(2));
  server.connection.drain(server.now);
  server.connection.kill(server.now);
  expect_stop(server, start, StopReason::drained);
  EXPECT_EQ(server.answers(), (Answers{test::error(1, "the server shut down before the request ended", "57P01"),
                                       test::error(2, "the server is shutting down", "57P03", test::kNotExecuted)}));
  server.expect_close(true);
}

TEST(ServerConnectionDrain, AtItsLimitWhatOnlyWaitedWasNotRun) {
  ServerHarness server;
  server.send(test::request_frame(1));
  const Start start = server.expect<Start>();
  server.connection.kill(server.now);
  expect_stop(server, start, StopReason::drained);
  EXPECT_EQ(server.answers(), Answers{test::error(1, "the server is shutting down", "57P03", test::kNotExecuted)});
  server.expect_close(true);
}

TEST(ServerConnectionDrain, AtItsLimitAPeerThatTakesNothingIsNotAwaited) {
  ServerHarness server;
  const Start start = server.start(1);
  server.connection.drain(server.now);
  server.connection.kill(server.now);
  expect_stop(server, start, StopReason::drained);
  pass(server, 1s);
  server.expect_close(false);
}

}  // namespace
}  // namespace ft
