// SPDX-License-Identifier: Apache-2.0
//
// One attempt of a call: what is written, which answers are taken, what they mean.
#include "ft/session/call.hpp"

#include "session/call_harness.hpp"
#include "support/allocations.hpp"

namespace ft {
namespace {

using namespace test;

TEST(Call, RequestAndAnswer) {
  Harness h;
  Call::Connection connection;
  connection.peer = "10.0.0.7:9100";
  h.connect(connection);
  EXPECT_EQ(h.read_request(), simple_request());
  EXPECT_EQ(h.token, kFirstToken);
  h.send(success());
  EXPECT_TRUE(h.take<Call::Release>().reusable);
  const CallResult<Answer> answer = h.result();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->result.get_if<ExecutionResult::Command>()->tag, "DONE");
  EXPECT_EQ(answer->request_id, 7u);
  EXPECT_EQ(answer->peer, "10.0.0.7:9100");
  EXPECT_EQ(answer->attempts, 1u);
}

TEST(Call, AnswerInSingleBytesAndRequestInSingleBytes) {
  Harness h;
  h.connect();
  std::string request;
  while (!h.call->output().empty()) {
    request += h.call->output().front();
    h.call->written(1, h.now);
  }
  EXPECT_EQ(Harness::open(request).payload.get_if<TransportPayload::ExecuteFragment>()->value, simple_request());
  for (const char c : answer_frame(success())) {
    EXPECT_TRUE(h.quiet());
    h.send_bytes({&c, 1});
  }
  EXPECT_TRUE(h.take<Call::Release>().reusable);
  EXPECT_TRUE(h.result());
}

TEST(Call, LeavesNoTokenInMemoryThatItGivesBack) {
  if (!sees_allocations()) GTEST_SKIP() << "operator new is the sanitizer's";
  Harness h;
  h.connect();
  const std::span<const char> frame = h.call->output();
  EXPECT_NE(std::string_view(frame.data(), frame.size()).find(kFirstToken), std::string_view::npos);
  watch_release(frame.data(), frame.size());
  h.call.reset();
  EXPECT_TRUE(released_clean());
}

TEST(Call, TimingsTellWaitingConnectingAndAnswering) {
  Harness h;
  h.advance(milliseconds(30));
  Call::Connection connection;
  connection.connecting = milliseconds(20);
  h.connect(connection);
  h.read_request();
  h.advance(milliseconds(5));
  FragmentResponse response = success();
  response.get_if<FragmentResponse::Success>()->server_us = 4000;
  h.send(std::move(response));
  h.take<Call::Release>();
  const CallResult<Answer> answer = h.result();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->timings.waiting, milliseconds(10));
  EXPECT_EQ(answer->timings.connecting, milliseconds(20));
  EXPECT_EQ(answer->timings.answering, milliseconds(5));
  EXPECT_EQ(answer->timings.total, milliseconds(35));
  EXPECT_EQ(answer->timings.server, milliseconds(4));
}

// ---- answers that do not belong

struct Wrong {
  const char* name;
  FragmentResponse response;
  std::uint8_t version = PROTOCOL_VERSION;
};

TEST(Call, AnswerThatDoesNotBelongEndsTheConnection) {
  const Wrong cases[] = {
      {"another id", success(8)},
      {"an error of another id", error(8, "22012")},
      {"an acknowledgement", ack(7)},
      {"another version", success(7), 2},
  };
  for (const Wrong& wrong : cases) {
    SCOPED_TRACE(wrong.name);
    Harness h;
    h.connect();
    h.read_request();
    h.send(wrong.response, wrong.version);
    EXPECT_FALSE(h.take<Call::Release>().reusable);
    const Diagnostics d = h.failure();
    EXPECT_EQ(d.code, errc::response_mismatch);
    EXPECT_EQ(d.outcome, Outcome::unknown);
    EXPECT_EQ(d.request_id, 7u);
  }
}

TEST(Call, RequestAsAnswerIsAMismatch) {
  Harness h;
  h.connect();
  const std::string request = h.hand_out();
  h.call->written(request.size(), h.now);
  h.send_bytes(request);
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  EXPECT_EQ(h.failure().code, errc::response_mismatch);
}

TEST(Call, FreshConnectionThatSpeaksUnaskedIsAMismatchAndNothingRan) {
  Harness h;
  h.connect();
  h.send(success());
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.code, errc::response_mismatch);
  EXPECT_EQ(d.outcome, Outcome::not_executed);
}

TEST(Call, MalformedAnswerIsReportedWithItsPlace) {
  Harness h;
  h.connect();
  h.read_request();
  h.send_bytes(frame(MSG_FRAGMENT_RESULT, R"({"version":1,)"));
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.outcome, Outcome::unknown);
  EXPECT_EQ(d.sqlstate, "08P01");
}

TEST(Call, BytesBehindTheAnswerSpoilTheConnection) {
  Harness h;
  h.connect();
  h.read_request();
  h.send_bytes(answer_frame(success()) + "x");
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  EXPECT_TRUE(h.result());
}

TEST(Call, AnswerThatOvertakesTheReportOfItsWriteWaitsForIt) {
  Harness h;
  h.connect();
  const std::size_t size = h.hand_out().size();
  h.send(success());
  EXPECT_TRUE(h.quiet());
  EXPECT_TRUE(h.call->prepare().empty());
  h.call->written(size, h.now);
  EXPECT_TRUE(h.take<Call::Release>().reusable);
  EXPECT_TRUE(h.result());
}

TEST(Call, AnswerWhoseWriteNeverEndsIsGivenWithoutTheConnection) {
  Harness h;
  h.connect();
  h.hand_out();
  h.send(success());
  h.wait();
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  EXPECT_TRUE(h.result());
}

// ---- outcomes

TEST(Call, SqlErrorKeepsItsStateAndTheConnection) {
  Harness h;
  h.connect();
  h.read_request();
  h.send(error(7, "22012"));
  EXPECT_TRUE(h.take<Call::Release>().reusable);
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.code, errc::remote_error);
  EXPECT_EQ(d.sqlstate, "22012");
  EXPECT_EQ(d.message, "the peer's words");
  EXPECT_EQ(d.outcome, Outcome::executed);
  EXPECT_EQ(d.peer, "worker:9100");
}

TEST(Call, MalformedRequestErrorEndsTheConnection) {
  Harness h;
  h.connect();
  h.read_request();
  h.send(error(7, "08P01"));
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  EXPECT_EQ(h.failure().sqlstate, "08P01");
}

TEST(Call, InvalidOrMissingStateBecomesInternal) {
  for (const std::optional<std::string>& state : {std::optional<std::string>(), {"2201"}, {"22o12"}, {"22 12"}}) {
    Harness h;
    h.connect();
    h.read_request();
    FragmentResponse response = error(7, "");
    response.get_if<FragmentResponse::Error>()->sql_state = state;
    h.send(std::move(response));
    h.take<Call::Release>();
    EXPECT_EQ(h.failure().sqlstate, "XX000");
  }
}

TEST(Call, RemoteTextIsCleanedAndCut) {
  Harness h;
  h.connect();
  h.read_request();
  FragmentResponse response = error(7, "22012");
  response.get_if<FragmentResponse::Error>()->message =
      "a\x1b[31m\n\x7f\u0085\u00a0\u00e9" + std::string(8178, 'x') + "\u00e9";
  h.send(std::move(response));
  h.take<Call::Release>();
  EXPECT_EQ(h.failure().message, "a [31m    \u00a0\u00e9" + std::string(8178, 'x'));
}

TEST(Call, LostBeforeTheRequestIsNotExecuted) {
  HarnessOptions options;
  options.call.max_retries = 0;
  Harness h(options);
  h.connect();
  h.hang_up();
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  EXPECT_EQ(h.failure().outcome, Outcome::not_executed);
}

TEST(Call, LostWithOneByteHandedOutIsUnknown) {
  Harness h;
  h.connect();
  h.hand_out();
  h.hang_up();
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.code, errc::connection_lost);
  EXPECT_EQ(d.outcome, Outcome::unknown);
}

TEST(Call, LostInTheMiddleOfTheAnswerIsUnknown) {
  Harness h;
  h.connect();
  h.read_request();
  h.send_bytes(std::string_view(answer_frame(success())).substr(0, 40));
  h.hang_up();
  h.take<Call::Release>();
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.code, errc::connection_lost);
  EXPECT_EQ(d.outcome, Outcome::unknown);
  EXPECT_NE(d.message.find("cut off"), std::string::npos);
}

TEST(Call, EarlyErrorOfTheConnectionIsTakenWhileTheRequestIsWritten) {
  HarnessOptions options;
  options.call.max_retries = 0;
  Harness h(options);
  h.connect();
  h.call->output();
  h.call->written(10, h.now);
  h.send(error(0, "53200"));
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.sqlstate, "53200");
  EXPECT_EQ(d.outcome, Outcome::not_executed);
}

TEST(Call, UnsupportedVersionIsTakenInAnyVersionAndKeepsTheWindow) {
  for (const std::uint8_t version : {std::uint8_t{1}, std::uint8_t{2}}) {
    Harness h;
    h.connect();
    h.read_request();
    FragmentResponse response = error(0, "08006");
    response.get_if<FragmentResponse::Error>()->message = "protocol version unsupported: server accepts [2..=3], got 1";
    h.send(std::move(response), version);
    EXPECT_FALSE(h.take<Call::Release>().reusable);
    const Diagnostics d = h.failure();
    EXPECT_EQ(d.code, errc::version_unsupported);
    EXPECT_NE(d.message.find("[2..=3]"), std::string::npos);
    EXPECT_EQ(d.outcome, Outcome::not_executed);
  }
}

TEST(Call, RequestThatCannotBeEncodedIsNotExecutedAndKeepsTheConnection) {
  HarnessOptions options;
  options.request.isolation = "\xff";
  Harness h(options);
  h.connect();
  EXPECT_TRUE(h.take<Call::Release>().reusable);
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.code, errc::invalid_string);
  EXPECT_EQ(d.outcome, Outcome::not_executed);
}

}  // namespace
}  // namespace ft
