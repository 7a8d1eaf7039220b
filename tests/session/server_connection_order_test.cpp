// SPDX-License-Identifier: Apache-2.0
//
// What a server connection does with several requests at once: order, cancels, bounds, reservations of memory.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>

#include "ft/session/server_connection.hpp"
#include "server_harness.hpp"

namespace ft {
namespace {

using namespace std::chrono_literals;
using test::Answers;
using test::ServerHarness;
using Cancel = ServerConnection::Cancel;
using Reserve = ServerConnection::Reserve;
using Start = ServerConnection::Start;
using Stop = ServerConnection::Stop;
using Unreserve = ServerConnection::Unreserve;

void expect_stop(ServerHarness& server, const Start& start, StopReason reason) {
  const Stop stop = server.expect<Stop>();
  EXPECT_EQ(stop.execution, start.execution);
  EXPECT_EQ(stop.reason, reason);
}

// ---- order

TEST(ServerConnectionOrder, OneAtATime) {
  ServerHarness server;
  server.send(test::request_frame(1) + test::cancel_frame(2, 0) + test::request_frame(3));
  EXPECT_EQ(server.expect<Cancel>().request_id, 2U) << "acts at once";
  const Start first = server.expect<Start>();
  EXPECT_EQ(first.request.request_id, 1U);
  server.expect_nothing();
  EXPECT_TRUE(server.answers().empty()) << "the acknowledgement waits for its turn";
  server.connection.finished(first.execution, test::command("a"), server.now);
  const Start third = server.expect<Start>();
  EXPECT_EQ(third.request.request_id, 3U);
  EXPECT_NE(third.execution, first.execution);
  EXPECT_EQ(server.answers(), (Answers{test::success(1, "a"), test::acknowledgement(2)}));
  server.connection.finished(third.execution, test::command("c"), server.now);
  EXPECT_EQ(server.answers(), Answers{test::success(3, "c")});
}

TEST(ServerConnectionOrder, ABadFrameIsAnsweredInItsTurn) {
  ServerHarness server;
  server.send(test::request_frame(1) + test::frame(MSG_EXECUTE_FRAGMENT, "no") + test::request_frame(3));
  const Start first = server.expect<Start>();
  server.expect_nothing();
  EXPECT_FALSE(server.connection.closing());
  EXPECT_TRUE(server.connection.prepare().empty()) << "behind a bad frame nothing can be read";
  server.connection.finished(first.execution, test::command("a"), server.now);
  const Answers answers = server.answers();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0], test::success(1, "a"));
  EXPECT_TRUE(answers[1].starts_with(R"({"Error":{"request_id":0,)")) << answers[1];
  server.expect_close(true);
}

TEST(ServerConnectionOrder, AnswersThatAreReadyGoOutInOneWrite) {
  ServerHarness server;
  server.send(test::ping_frame() + test::ping_frame() + test::ping_frame());
  const std::size_t first = server.connection.output().size();
  server.send(test::ping_frame());
  EXPECT_EQ(server.connection.output().size(), first) << "a batch that is being written stays as it is";
  EXPECT_EQ(server.answers(), Answers(4, test::acknowledgement(0)));
}

TEST(ServerConnectionOrder, ABatchUnderWayDoesNotMove) {
  ServerHarness server;
  const Start first = server.start(1);
  server.connection.finished(first.execution, test::query(1000), server.now);
  const std::span<const char> batch = server.connection.output();
  const std::string copy(batch.begin(), batch.end());
  const Start second = server.start(2);
  server.connection.finished(second.execution, test::query(1000), server.now);
  server.connection.written(100, server.now);
  const std::span<const char> rest = server.connection.output();
  EXPECT_EQ(rest.data(), batch.data() + 100);
  EXPECT_EQ(std::string(rest.begin(), rest.end()), copy.substr(100));
}

TEST(ServerConnectionOrder, ALateOrUnknownExecutionIsIgnored) {
  ServerHarness server;
  const Start first = server.start(1);
  server.connection.finished(first.execution + 1, test::command("x"), server.now);
  server.connection.rejected(first.execution + 1, errc::queue_full, server.now);
  server.connection.cancel(first.execution + 1, server.now);
  EXPECT_TRUE(server.answers().empty());
  server.connection.finished(first.execution, test::command("a"), server.now);
  server.connection.finished(first.execution, test::command("b"), server.now);
  server.connection.rejected(first.execution, errc::queue_full, server.now);
  server.connection.cancel(first.execution, server.now);
  EXPECT_EQ(server.answers(), Answers{test::success(1, "a")});
  server.expect_nothing();
}

// ---- cancels

TEST(ServerConnectionCancel, ARunningOne) {
  ServerHarness server;
  const Start start = server.start(1);
  server.connection.cancel(start.execution, server.now);
  expect_stop(server, start, StopReason::cancelled);
  EXPECT_EQ(server.answers(), Answers{test::error(1, "query canceled", "57014")});
  server.connection.finished(start.execution, test::command("late"), server.now);
  EXPECT_TRUE(server.answers().empty());
  server.expect_nothing();
  EXPECT_TRUE(server.connection.idle()) << "stays open";
}

TEST(ServerConnectionCancel, OneThatWaitsForASlotWasNotRun) {
  ServerHarness server;
  server.send(test::request_frame(1));
  const Start start = server.expect<Start>();
  server.connection.cancel(start.execution, server.now);
  expect_stop(server, start, StopReason::cancelled);
  EXPECT_EQ(server.answers(), Answers{test::error(1, "query canceled", "57014", test::kNotExecuted)});
}

TEST(ServerConnectionCancel, OneThatWaitsBehindAnotherIsNeverStarted) {
  ServerHarness server;
  server.send(test::request_frame(1) + test::request_frame(2) + test::cancel_frame(2, 2000));
  EXPECT_EQ(server.expect<Cancel>().request_id, 2U);
  const Start first = server.expect<Start>();
  server.connection.finished(first.execution, test::command("a"), server.now);
  EXPECT_EQ(server.answers(),
            (Answers{test::success(1, "a"), test::error(2, "query canceled", "57014", test::kNotExecuted),
                     test::acknowledgement(2)}));
  server.expect_nothing();
}

TEST(ServerConnectionCancel, OneThatArrivedInTheSameReadIsNeverStarted) {
  ServerHarness server;
  server.send(test::request_frame(1) + test::cancel_frame(1, 1000));
  server.expect<Cancel>();
  server.expect_nothing();
  EXPECT_EQ(server.answers(),
            (Answers{test::error(1, "query canceled", "57014", test::kNotExecuted), test::acknowledgement(1)}));
}

TEST(ServerConnectionCancel, NeedsTheKey) {
  ServerHarness server;
  server.send(test::request_frame(1) + test::request_frame(2) + test::cancel_frame(1, 0) + test::cancel_frame(2, 999));
  server.expect<Cancel>();
  server.expect<Cancel>();
  const Start first = server.expect<Start>();
  server.connection.finished(first.execution, test::command("a"), server.now);
  const Start second = server.expect<Start>();
  server.connection.finished(second.execution, test::command("b"), server.now);
  EXPECT_EQ(server.answers(), (Answers{test::success(1, "a"), test::success(2, "b"), test::acknowledgement(1),
                                       test::acknowledgement(2)}));
}

// ---- bounds

TEST(ServerConnectionBounds, ReadingStopsWhenEnoughIsHeldBehindARunningRequest) {
  ServerHarness server;
  const Start first = server.start(1);
  std::string more;
  std::size_t count = 0;
  while (more.size() < 200'000) more.append(test::request_frame(++count + 1));
  const std::size_t sent = server.send(more);
  EXPECT_GT(sent, 60'000U);
  EXPECT_LT(sent, 65'536U + 16'384U);
  EXPECT_TRUE(server.connection.prepare().empty());
  // Nothing is lost: each answer makes room for more.
  std::size_t at = sent;
  server.connection.finished(first.execution, test::command("a"), server.now);
  for (std::size_t i = 0; i < count; ++i) {
    const Start next = server.expect<Start>();
    EXPECT_EQ(next.request.request_id, i + 2);
    server.connection.finished(next.execution, test::command("a"), server.now);
    server.raw_output();
    at += server.send(std::string_view(more).substr(at));
  }
  EXPECT_EQ(at, more.size());
  EXPECT_TRUE(server.connection.idle());
}

TEST(ServerConnectionBounds, APeerThatTakesNoAnswersIsNotServedOn) {
  ServerHarness server;
  server.grant_reservations = false;
  std::string pings;
  while (pings.size() < 1'000'000) pings.append(test::ping_frame());
  const std::size_t sent = server.send(pings);
  EXPECT_LT(sent, 300'000U) << "answers up to one bound, frames up to another, and what was read ahead";
  std::size_t answered = 0;
  for (std::size_t at = sent; at < pings.size();) {
    answered += server.answers().size();
    at += server.send(std::string_view(pings).substr(at));
  }
  answered += server.answers().size();
  EXPECT_EQ(answered, pings.size() / test::ping_frame().size());
}

TEST(ServerConnectionBounds, NoRequestIsStartedBehindALargeAnswerThatIsNotTaken) {
  ServerHarness server;
  server.send(test::request_frame(1) + test::request_frame(2));
  const Start first = server.expect<Start>();
  server.connection.finished(first.execution, test::copy_out(std::string(100'000, 'x')), server.now);
  server.expect_nothing();
  EXPECT_GT(server.connection.output().size(), 100'000U);
  server.connection.written(50'000, server.now);
  EXPECT_EQ(server.expect<Start>().request.request_id, 2U);
}

TEST(ServerConnectionBounds, AReadMayStayUnderWayAcrossEverythingElse) {
  ServerHarness server;
  const Start first = server.start(1);
  const std::string second = test::request_frame(2);
  server.send(second.substr(0, 20));
  const std::span<char> space = server.connection.prepare();
  ASSERT_GE(space.size(), second.size() - 20);
  std::memcpy(space.data(), second.data() + 20, second.size() - 20);  // another thread would, at any time from here
  server.connection.finished(first.execution, test::query(1000), server.now);
  server.raw_output();
  server.advance(1s);
  server.connection.tick(server.now);
  server.connection.received(second.size() - 20, server.now);
  EXPECT_EQ(server.expect<Start>().request, test::a_request(2));
}

// ---- reservations

TEST(ServerConnectionMemory, ALargeFrameIsReservedForBeforeItIsRead) {
  ServerHarness server;
  server.grant_reservations = false;
  server.send(test::ping_frame());
  const std::string frame = test::large_frame(1, 100'000);
  const std::size_t read_ahead = server.send(frame.substr(0, 5));
  EXPECT_TRUE(server.connection.prepare().empty()) << "not before it was granted";
  EXPECT_EQ(server.expect<Reserve>().bytes, frame.size());
  server.expect_nothing();
  server.connection.reserved(true, server.now);
  EXPECT_EQ(read_ahead + server.send(frame.substr(5)), frame.size());
  const Start start = server.expect<Start>();
  server.expect_nothing();
  server.connection.finished(start.execution, test::command("a"), server.now);
  EXPECT_EQ(server.expect<Unreserve>().bytes, frame.size());
  server.expect_nothing();
}

TEST(ServerConnectionMemory, AFrameWithinTheAllowanceDoesNotAsk) {
  ServerHarness server;
  server.grant_reservations = false;
  server.send(test::ping_frame());
  std::string frame = test::large_frame(1, 65'000);
  frame = test::large_frame(1, 65'000 + kFrameHeaderSize + 65'536 - frame.size());
  ASSERT_EQ(frame.size(), kFrameHeaderSize + 65'536);
  EXPECT_EQ(server.send(frame), frame.size());
  server.expect<Start>();
}

TEST(ServerConnectionMemory, ARefusedFrameIsAnErrorAndTheEnd) {
  ServerHarness server;
  server.grant_reservations = false;
  server.send(test::ping_frame());
  server.send(test::large_frame(1, 100'000));
  server.expect<Reserve>();
  server.connection.reserved(false, server.now);
  EXPECT_EQ(server.answers(), (Answers{test::acknowledgement(0),
                                       test::error(0, "the server holds too many bytes", "53200", test::kComeBack)}));
  server.expect_close(true);
}

TEST(ServerConnectionMemory, AStrangerIsNotReservedFor) {
  ServerRules rules = ServerHarness::standard_rules();
  rules.max_pipelined_bytes = 1000;
  ServerHarness server(rules);
  server.grant_reservations = false;
  server.send(test::large_frame(1, 5000));
  server.expect<Start>();
}

TEST(ServerConnectionMemory, ALargeFrameWaitsForItsTurnUnread) {
  ServerHarness server;
  const Start first = server.start(1);
  const std::string frame = test::large_frame(2, 100'000);
  EXPECT_LT(server.send(frame), 20'000U);
  server.grant_reservations = false;
  server.expect_nothing();
  server.connection.finished(first.execution, test::command("a"), server.now);
  EXPECT_EQ(server.expect<Reserve>().bytes, frame.size());
}

TEST(ServerConnectionMemory, ALargeAnswerIsReservedForUntilItIsWritten) {
  ServerHarness server;
  server.grant_reservations = false;
  const Start start = server.start(1);
  server.connection.finished(start.execution, test::copy_out(std::string(100'000, 'x')), server.now);
  EXPECT_TRUE(server.connection.output().empty()) << "held back";
  const std::size_t bytes = server.expect<Reserve>().bytes;
  EXPECT_GT(bytes, 100'000U);
  server.connection.reserved(true, server.now);
  server.expect_nothing();
  EXPECT_EQ(server.connection.output().size(), bytes);
  server.connection.written(bytes - 1, server.now);
  server.expect_nothing();
  server.connection.written(1, server.now);
  EXPECT_EQ(server.expect<Unreserve>().bytes, bytes);
  server.expect_nothing();
}

TEST(ServerConnectionMemory, AnAnswerThatIsRefusedRoomBecomesAnErrorThatDoesNotClaimThatNothingRan) {
  ServerHarness server;
  server.grant_reservations = false;
  server.send(test::ping_frame());
  const Start start = server.start(1);
  server.connection.finished(start.execution, test::copy_out(std::string(100'000, 'x')), server.now);
  server.expect<Reserve>();
  server.connection.reserved(false, server.now);
  server.expect_nothing();
  EXPECT_EQ(server.answers(),
            (Answers{test::acknowledgement(0), test::error(1, "the server holds too many bytes", "53200")}));
  EXPECT_TRUE(server.connection.idle()) << "stays open";
}

TEST(ServerConnectionMemory, WhateverEndsAConnectionGivesItsReservationsBack) {
  const std::string large = test::large_frame(2, 100'000);
  const auto reserved_after = [&](auto&& events) {
    ServerHarness server;
    server.send(test::ping_frame());
    server.raw_output();
    events(server);
    server.grant();
    EXPECT_GT(server.bytes_reserved, 100'000U);
    server.connection.end_of_stream(server.now);
    server.connection.end_of_stream(server.now);
    server.grant();
    EXPECT_TRUE(!server.seen.empty() && std::holds_alternative<ServerConnection::Close>(server.seen.back()));
    return server.bytes_reserved;
  };
  EXPECT_EQ(reserved_after([&](ServerHarness& s) { s.send(large.substr(0, 50'000)); }), 0U);
  EXPECT_EQ(reserved_after([&](ServerHarness& s) { s.send(large); }), 0U);
  EXPECT_EQ(reserved_after([&](ServerHarness& s) {
              const Start start = s.start(1);
              s.connection.finished(start.execution, test::copy_out(std::string(100'000, 'x')), s.now);
              s.grant();
              s.connection.written(std::min<std::size_t>(s.connection.output().size(), 1000), s.now);
            }),
            0U);
}

}  // namespace
}  // namespace ft
