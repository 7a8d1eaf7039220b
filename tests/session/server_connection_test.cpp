// SPDX-License-Identifier: Apache-2.0
//
// What a server connection answers: the protocol's table case by case, the limits of a result, the extension keys.
#include "ft/session/server_connection.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <utility>

#include "server_harness.hpp"
#include "support/allocations.hpp"

namespace ft {
namespace {

using namespace std::chrono_literals;
using test::Answers;
using test::ServerHarness;
using Start = ServerConnection::Start;

// ---- requests

TEST(ServerConnection, HandsOutARequestAndAnswersIt) {
  ServerHarness server;
  server.send(test::request_frame(7));
  const Start start = server.expect<Start>();
  EXPECT_EQ(start.request, test::a_request(7));
  EXPECT_EQ(start.deadline, server.now.steady + 24h);
  server.expect_nothing();
  EXPECT_TRUE(server.connection.authenticated());
  EXPECT_FALSE(server.connection.idle());
  server.connection.started(start.execution);
  server.connection.finished(start.execution, test::command("a"), server.now);
  EXPECT_EQ(server.answers(), Answers{test::success(7, "a")});
  EXPECT_TRUE(server.connection.idle());
  server.expect_nothing();
}

TEST(ServerConnection, TakesBytesHoweverTheyAreCut) {
  const std::string bytes = test::request_frame(7) + test::ping_frame() + test::request_frame(8);
  for (std::size_t piece = 1; piece < bytes.size(); piece += 7) {
    ServerHarness server;
    EXPECT_EQ(server.send(bytes, piece), bytes.size());
    const Start first = server.expect<Start>();
    server.connection.finished(first.execution, test::command("a"), server.now);
    const Start second = server.expect<Start>();
    server.connection.finished(second.execution, test::command("b"), server.now);
    EXPECT_EQ(server.answers(), (Answers{test::success(7, "a"), test::acknowledgement(0), test::success(8, "b")}));
  }
}

TEST(ServerConnection, WritesInWhateverPiecesThePeerTakes) {
  ServerHarness server;
  const Start start = server.start(7);
  server.connection.finished(start.execution, test::query(100), server.now);
  const std::string bytes = server.raw_output(3);
  EXPECT_TRUE(test::decode(bytes)) << bytes;
}

TEST(ServerConnection, AcknowledgesAPing) {
  ServerHarness server;
  server.send(test::ping_frame());
  server.expect_nothing();
  EXPECT_EQ(server.answers(), Answers{test::acknowledgement(0)});
}

TEST(ServerConnection, AcknowledgesACancelAndPassesItOn) {
  ServerHarness server;
  server.send(test::cancel_frame(9, 77));
  const auto cancel = server.expect<ServerConnection::Cancel>();
  EXPECT_EQ(cancel.request_id, 9U);
  EXPECT_EQ(cancel.key, SecretU64(77));
  EXPECT_EQ(server.answers(), Answers{test::acknowledgement(9)});
  server.expect_nothing();
}

// ---- what the peer does wrong: one answer, then the end

/// Everything that a connection says to these bytes; it must close with a linger afterwards.
Answers last_words(std::string_view bytes) {
  ServerHarness server;
  server.send(bytes);
  Answers answers = server.answers();
  server.expect_close(true);
  EXPECT_TRUE(server.connection.prepare().empty()) << "nothing is read any more";
  EXPECT_TRUE(server.connection.closing());
  server.expect_nothing();
  return answers;
}

TEST(ServerConnectionRefuses, AVersionOutsideTheWindowBeforeItLooksAtTheToken) {
  const TransportPayload request = TransportPayload::ExecuteFragment(test::a_request(5));
  const std::string text = "protocol version unsupported: server accepts [1..=1], got ";
  EXPECT_EQ(last_words(test::message_of(request, "wrong", 2)), Answers{test::error(0, text + "2", "08006")});
  EXPECT_EQ(last_words(test::message_of(request, test::kClusterToken, 0)),
            Answers{test::error(0, text + "0", "08006")});
}

TEST(ServerConnectionRefuses, AWrongOrEmptyToken) {
  const TransportPayload request = TransportPayload::ExecuteFragment(test::a_request(5));
  const Answers refusal{test::error(0, "authentication failed", "28000")};
  EXPECT_EQ(last_words(test::message_of(request, "wrong-token-of-the-tests-32-bytes")), refusal);
  EXPECT_EQ(last_words(test::message_of(request, "")), refusal);
}

TEST(ServerConnectionRefuses, AWrongTokenAfterAGoodOne) {
  ServerHarness server;
  const Start start = server.start(5);
  server.connection.finished(start.execution, test::command("a"), server.now);
  server.send(test::message_of(TransportPayload::ExecuteFragment(test::a_request(6)), "another"));
  EXPECT_EQ(server.answers(), (Answers{test::success(5, "a"), test::error(0, "authentication failed", "28000")}));
  server.expect_close(true);
}

TEST(ServerConnectionRefuses, ARequestThatBreaksARule) {
  FragmentRequest request = test::a_request(5);
  request.max_result_rows = 0;
  EXPECT_EQ(last_words(test::request_frame(request)),
            Answers{test::error(5, "max_result_rows must not be 0", "08P01", test::kNotExecuted)});
  EXPECT_EQ(last_words(test::request_frame(test::a_request(0))),
            Answers{test::error(0, "request_id must not be 0", "08P01", test::kNotExecuted)});
}

TEST(ServerConnectionRefuses, AnAnswerFromAClient) {
  TransportPayload answer(TransportPayload::Tag::FragmentResult);
  EXPECT_EQ(last_words(test::message_of(answer)),
            Answers{test::error(0, "unexpected FragmentResult from client", "08P01")});
}

TEST(ServerConnectionRefuses, WhatIsNoMessage) {
  const auto sqlstate = [](std::string_view bytes) {
    const Answers answers = last_words(bytes);
    if (answers.size() != 1 || !answers[0].starts_with(R"({"Error":{"request_id":0,)")) return std::string("none");
    const std::size_t at = answers[0].find(R"("sql_state":")");
    return answers[0].substr(at + 13, 5);
  };
  EXPECT_EQ(sqlstate("GET / HTTP/1.1\r\n\r\n"), "08P01") << "unknown type";
  EXPECT_EQ(sqlstate(test::frame(MSG_EXECUTE_FRAGMENT, "{")), "08P01") << "bad JSON";
  EXPECT_EQ(sqlstate(test::frame(MSG_EXECUTE_FRAGMENT,
                                 test::envelope(R"({"CancelFragment":{"request_id":1}})", test::kClusterToken))),
            "08P01")
      << "type against payload";
  EXPECT_EQ(
      sqlstate(test::frame(MSG_CANCEL_FRAGMENT, R"({"version":1,"payload":{"CancelFragment":{"request_id":1}}})")),
      "08P01")
      << "no token";
  EXPECT_EQ(sqlstate(std::string_view("\x01\x01\x00\x01\x00", 5)), "54000") << "above 64 KiB before authentication";
}

TEST(ServerConnectionRefuses, AFrameAboveTheLimitOfAnAuthenticatedPeer) {
  ServerHarness server;
  server.send(test::ping_frame());
  server.send(std::string_view("\x01\x01\x00\x00\x04", 5));
  const Answers answers = server.answers();
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_NE(answers[1].find("limit 67108864"), std::string::npos) << answers[1];
  EXPECT_NE(answers[1].find(R"("sql_state":"54000")"), std::string::npos) << answers[1];
  server.expect_close(true);
}

// ---- executors

TEST(ServerConnectionAnswers, TheErrorOfAnExecutorAsItIs) {
  ServerHarness server;
  const Start start = server.start(5);
  server.connection.finished(start.execution, SqlError("23505", "coded error"), server.now);
  EXPECT_EQ(server.answers(), Answers{test::error(5, "coded error", "23505")});
  server.expect_nothing();
  EXPECT_TRUE(server.connection.idle()) << "stays open";
}

TEST(ServerConnectionAnswers, AnErrorThatTheWireCannotCarryInAFormThatItCan) {
  ServerHarness server;
  const auto answer_to = [&](SqlError error) {
    const Start start = server.start(5);
    server.connection.finished(start.execution, std::move(error), server.now);
    const Answers answers = server.answers();
    return answers.size() == 1 ? answers[0] : std::string();
  };
  for (const char* bad : {"", "2350", "235055", "2350a", "23 05",
                          "\xC3\xA9"
                          "xxx"}) {
    EXPECT_EQ(answer_to(SqlError(bad, "m")), test::error(5, "m", "XX000")) << bad;
  }
  EXPECT_EQ(answer_to(SqlError("23505", "\xFF")),
            test::error(5, "the executor failed with a message that is not UTF-8", "23505"));
  const std::string longest(8192, 'x');
  EXPECT_EQ(answer_to(SqlError("23505", longest)), test::error(5, longest, "23505"));
  EXPECT_EQ(answer_to(SqlError("23505", longest + "y")), test::error(5, longest, "23505"));
  const std::string before_character = longest.substr(1);
  EXPECT_EQ(answer_to(SqlError("23505", before_character + "\xC3\xA9")), test::error(5, before_character, "23505"))
      << "cut in front of a character";
}

TEST(ServerConnectionAnswers, AResultThatHasNoFormOnTheWireWithAnError) {
  ServerHarness server;
  const Start start = server.start(5);
  FlatRows<Value>::Builder rows;
  rows.add(Value::Double(std::numeric_limits<double>::quiet_NaN())).end_row();
  ExecutionResult result;
  result.emplace<ExecutionResult::Query>().rows = std::move(rows).build();
  server.connection.finished(start.execution, std::move(result), server.now);
  const Answers answers = server.answers();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_TRUE(answers[0].starts_with(R"({"Error":{"request_id":5,"message":"NaN or infinity cannot be encoded)"));
  EXPECT_TRUE(answers[0].ends_with(R"("sql_state":"XX000"}})")) << "it ran";
}

// ---- limits of a result

TEST(ServerConnectionLimits, RowsOfAQuery) {
  ServerHarness server;
  FragmentRequest request = test::a_request(5);
  request.max_result_rows = 3;
  server.connection.finished(server.start(request).execution, test::query(3), server.now);
  EXPECT_TRUE(server.answers().at(0).starts_with(R"({"Success")"));
  server.connection.finished(server.start(request).execution, test::query(4), server.now);
  EXPECT_EQ(server.answers(), Answers{test::error(5, "result too large: 4 rows, limit 3", "54000")});
}

TEST(ServerConnectionLimits, RowsOfACopy) {
  ServerHarness server;
  FragmentRequest request = test::a_request(5);
  request.max_result_rows = 2;
  for (const auto& [data, fits] : {std::pair("", true), std::pair("1\n2\n", true), std::pair("1\n2", true),
                                   std::pair("1\n2\n3", false), std::pair("1\n2\n3\n", false)}) {
    server.connection.finished(server.start(request).execution, test::copy_out(data), server.now);
    EXPECT_EQ(server.answers().at(0).starts_with(R"({"Success")"), fits) << data;
  }
}

TEST(ServerConnectionLimits, BytesOfTheAnswer) {
  ServerHarness server;
  FragmentRequest request = test::a_request(5);
  server.connection.finished(server.start(request).execution, test::query(50), server.now);
  const std::size_t payload = server.raw_output().size() - kFrameHeaderSize;
  request.max_result_bytes = payload;
  server.connection.finished(server.start(request).execution, test::query(50), server.now);
  EXPECT_TRUE(server.answers().at(0).starts_with(R"({"Success")"));
  request.max_result_bytes = payload - 1;
  server.connection.finished(server.start(request).execution, test::query(50), server.now);
  EXPECT_EQ(server.answers(),
            Answers{test::error(5, "result too large: more than " + std::to_string(payload - 1) + " bytes", "54000")});
}

TEST(ServerConnectionLimits, DoNotApplyToACommand) {
  ServerHarness server;
  FragmentRequest request = test::a_request(5);
  request.max_result_rows = request.max_result_bytes = 1;
  server.connection.finished(server.start(request).execution, test::command("a"), server.now);
  EXPECT_EQ(server.answers(), Answers{test::success(5, "a")});
}

TEST(ServerConnectionLimits, AFrameAbove64MiBIsAnErrorAndNotSilence) {
  ServerHarness server;
  FragmentRequest request = test::a_request(5);
  request.max_result_bytes = request.max_memory_bytes = request.max_temp_bytes = MAX_PAYLOAD;
  server.connection.finished(server.start(request).execution, test::copy_out(std::string(MAX_PAYLOAD, 'x')),
                             server.now);
  const Answers answers = server.answers();
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_TRUE(answers[0].starts_with(R"({"Error":{"request_id":5,"message":"encoded message too large)"));
  EXPECT_TRUE(answers[0].ends_with(R"("sql_state":"54000"}})"));
  EXPECT_TRUE(server.connection.idle()) << "stays open";
}

// ---- turned away

TEST(ServerConnectionRejects, WithWhatTheShellSays) {
  ServerHarness server;
  const auto rejected = [&](errc why) {
    server.send(test::request_frame(5));
    server.connection.rejected(server.expect<Start>().execution, why, server.now);
    return server.answers();
  };
  EXPECT_EQ(rejected(errc::queue_full),
            Answers{test::error(5, "too many requests wait for execution", "53400", test::kComeBack)});
  EXPECT_EQ(rejected(errc::executors_wedged),
            Answers{test::error(5, "no executor is free: all run jobs that were given up", "53000", test::kComeBack)});
  EXPECT_EQ(rejected(errc::draining),
            Answers{test::error(5, "the server is shutting down", "57P03", test::kNotExecuted)});
  server.expect_nothing();
}

TEST(ServerConnectionRejects, RequestsBeyondTheConnectionLimitButNotPingsAndCancels) {
  ServerHarness server(ServerHarness::standard_rules(), false);
  server.send(test::ping_frame() + test::cancel_frame(3, 4));
  server.expect<ServerConnection::Cancel>();
  EXPECT_EQ(server.answers(), (Answers{test::acknowledgement(0), test::acknowledgement(3)}));
  server.send(test::request_frame(5));
  EXPECT_EQ(server.answers(), Answers{test::error(5, "too many connections", "53300", test::kComeBack)});
  server.expect_close(true);
}

// ---- extension keys

TEST(ServerConnectionReports, ServerTimeIfItIsWanted) {
  ServerRules rules = ServerHarness::standard_rules();
  rules.report_server_time = true;
  ServerHarness server(rules);
  Start start = server.start(7);
  server.advance(1500us);
  server.connection.finished(start.execution, test::command("a"), server.now);
  EXPECT_TRUE(server.answers().at(0).ends_with(R"(,"server_us":1500}})"));
  start = server.start(8);
  server.advance(2ms);
  server.connection.finished(start.execution, SqlError("23505", "m"), server.now);
  EXPECT_EQ(server.answers(), Answers{test::error(8, "m", "23505", R"(,"server_us":2000)")});
}

// ---- cost

TEST(ServerConnectionCost, ASmallRequestNeedsFewAllocations) {
  ServerHarness server;
  server.grant_reservations = false;
  const std::string frame = test::request_frame(7);
  std::size_t allocations = 0;
  for (int i = 0; i < 3; ++i) {  // the first rounds make the buffers
    ExecutionOutcome outcome = test::command("ping");
    const std::size_t before = test::allocations();
    const std::span<char> space = server.connection.prepare();
    std::memcpy(space.data(), frame.data(), frame.size());
    server.connection.received(frame.size(), server.now);
    {
      const std::optional<ServerConnection::Action> action = server.connection.next();
      const auto* const start = std::get_if<Start>(&*action);
      server.connection.started(start->execution);
      server.connection.finished(start->execution, std::move(outcome), server.now);
    }
    server.connection.written(server.connection.output().size(), server.now);
    allocations = test::allocations() - before;
  }
  // The token that is compared, the request, its plan; the answer's two nodes and the outcome's one.
  EXPECT_LE(allocations, 7U);
}

TEST(ServerConnectionCost, AnIdleConnectionHoldsLittle) {
  if (!test::sees_allocations()) GTEST_SKIP() << "operator new is the sanitizer's";
  const std::size_t before = test::heap_in_use();
  ServerHarness server;
  const std::size_t fresh = test::heap_in_use();
  server.connection.prepare();
  EXPECT_LE(test::heap_in_use() - fresh, 5000U) << "a connection that has asked nothing yet";
  server.send(test::ping_frame());
  server.answers();
  FragmentRequest request = test::a_request(1, std::string(3 << 20, 'x'));
  request.max_result_bytes = request.max_memory_bytes = request.max_temp_bytes = 8 << 20;
  {
    const Start start = server.start(request);
    server.connection.finished(start.execution, test::copy_out(std::string(4 << 20, 'y')), server.now);
  }
  EXPECT_GT(test::heap_in_use() - before, 4U << 20);
  server.raw_output();
  server.connection.prepare();
  request = FragmentRequest();
  EXPECT_LE(test::heap_in_use() - before, 40'000U) << "what the large frames took has been given back";
}

}  // namespace
}  // namespace ft
