// SPDX-License-Identifier: Apache-2.0
//
// What a peer sees on the socket, case by case: answers, their order, and how the connection ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/server_harness.hpp"
#include "support/frames.hpp"
#include "support/net.hpp"

namespace ft::test {
namespace {

using testing::HasSubstr;

TEST(ServerSocket, AnswersARequestAndStaysOpen) {
  ServerHarness server;
  RawClient client(server.endpoint());
  client.send(execute(7, "SELECT"));
  EXPECT_EQ(client.answer(), command(7, "SELECT"));
  client.send(execute(8, "INSERT"));
  EXPECT_EQ(client.answer(), command(8, "INSERT"));
  EXPECT_TRUE(client.silent());
}

TEST(ServerSocket, AnswersCarryTheResultTypeVersionOneAndNoToken) {
  ServerHarness server;
  RawClient client(server.endpoint());
  client.send(execute(7, "SELECT"));
  const auto envelope = client.receive();
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->version, 1);
  EXPECT_TRUE(envelope->auth_token.reveal().empty());
}

TEST(ServerSocket, RefusesAnotherVersionBeforeTheToken) {
  ServerHarness server;
  RawClient client(server.endpoint());
  TransportEnvelope envelope = execute(7, "SELECT", "wrong");
  std::string bytes = encode(envelope);
  bytes.replace(bytes.find("\"version\":1"), 11, "\"version\":2");
  client.send(bytes);
  const FragmentResponse answer = client.answer();
  EXPECT_EQ(failure(answer), (Failure{0, "08006"}));
  EXPECT_EQ(message(answer), "protocol version unsupported: server accepts [1..=1], got 2");
  EXPECT_TRUE(client.ended());
}

TEST(ServerSocket, RefusesAWrongTokenAndAnEmptyOne) {
  ServerHarness server;
  for (const char* token : {"wrong", ""}) {
    RawClient client(server.endpoint());
    client.send(execute(7, "SELECT", token));
    const FragmentResponse answer = client.answer();
    EXPECT_EQ(failure(answer), (Failure{0, "28000"}));
    EXPECT_EQ(message(answer), "authentication failed");
    EXPECT_TRUE(client.ended());
  }
  EXPECT_EQ(server.executor().executions(), 0u);
}

TEST(ServerSocket, ChecksTheTokenOfEveryRequest) {
  ServerHarness server;
  RawClient client(server.endpoint());
  client.send(execute(7, "SELECT"));
  EXPECT_EQ(client.answer(), command(7, "SELECT"));
  client.send(execute(8, "SELECT", "wrong"));
  EXPECT_EQ(failure(client.answer()), (Failure{0, "28000"}));
  EXPECT_TRUE(client.ended());
}

TEST(ServerSocket, AnswersARequestThatBreaksARuleAndCloses) {
  ServerHarness server;
  RawClient client(server.endpoint());
  FragmentRequest request = tagged_request(7, "SELECT");
  request.isolation = " ";
  client.send(execute(std::move(request)));
  EXPECT_EQ(failure(client.answer()), (Failure{7, "08P01"}));
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(server.executor().executions(), 0u);
}

TEST(ServerSocket, RefusesAnAnswerFromAClient) {
  ServerHarness server;
  RawClient client(server.endpoint());
  TransportEnvelope envelope = ping();
  envelope.payload = TransportPayload(TransportPayload::FragmentResult(command(1, "SELECT")));
  client.send(envelope);
  const FragmentResponse answer = client.answer();
  EXPECT_EQ(failure(answer), (Failure{0, "08P01"}));
  EXPECT_EQ(message(answer), "unexpected FragmentResult from client");
  EXPECT_TRUE(client.ended());
}

TEST(ServerSocket, SaysWhatIsWrongWithAMalformedFrameAndCloses) {
  ServerHarness server;
  const std::string bad_json = frame(MSG_EXECUTE_FRAGMENT, "{");
  const std::string unknown_type = frame(static_cast<MessageType>(0x7f), "{}");
  for (const std::string& bytes : {bad_json, unknown_type}) {
    RawClient client(server.endpoint());
    client.send(bytes);
    EXPECT_EQ(failure(client.answer()), (Failure{0, "08P01"}));
    EXPECT_TRUE(client.ended());
  }
}

TEST(ServerSocket, TakesNoMoreThan64KibFromAStranger) {
  ServerHarness server;
  RawClient client(server.endpoint());
  std::string header(kFrameHeaderSize, '\0');
  write_frame_header(header.data(), {MSG_EXECUTE_FRAGMENT, 65537});
  client.send(header);
  EXPECT_EQ(failure(client.answer()), (Failure{0, "54000"}));
  EXPECT_TRUE(client.ended());
}

TEST(ServerSocket, TakesALargeFrameOnceTheClientIsKnown) {
  ServerHarness server;
  RawClient client(server.endpoint());
  client.send(ping());
  EXPECT_EQ(client.answer(), acknowledged(0));
  FragmentRequest request = tagged_request(7, std::string(3 << 20, 'x'));
  request.max_result_bytes = request.max_memory_bytes = request.max_temp_bytes = 32 << 20;
  client.send(execute(request));
  EXPECT_EQ(client.answer(), command(7, std::string(3 << 20, 'x')));
  server.await([](const FragmentServer::Stats& stats) { return stats.usage == Admission::Usage(); });
}

TEST(ServerSocket, AnErrorThatClosesReachesAPeerThatIsStillSending) {
  ServerHarness server;
  RawClient client(server.endpoint());
  client.send(execute(7, "SELECT", "wrong"));
  client.send(std::string(100'000, 'x'));  // unread by the server: a close without linger would reset the connection
  EXPECT_EQ(failure(client.answer()), (Failure{0, "28000"}));
  EXPECT_TRUE(client.ended());
}

TEST(ServerSocket, HandsOnTheExecutorsErrorAndStaysOpen) {
  ServerHarness server;
  RawClient client(server.endpoint());
  client.send(execute(7, "error:42P01"));
  const FragmentResponse answer = client.answer();
  EXPECT_EQ(failure(answer), (Failure{7, "42P01"}));
  EXPECT_EQ(message(answer), "the executor says no");
  client.send(execute(8, "SELECT"));
  EXPECT_EQ(client.answer(), command(8, "SELECT"));
}

TEST(ServerSocket, AnExceptionIsAnInternalErrorWithoutItsText) {
  ServerHarness server;
  RawClient client(server.endpoint());
  for (const char* tag : {"throw", "drop"}) {
    client.send(execute(7, tag));
    const FragmentResponse answer = client.answer();
    EXPECT_EQ(failure(answer), (Failure{7, "XX000"}));
    EXPECT_EQ(message(answer), "internal error");
  }
  client.send(execute(8, "SELECT"));
  EXPECT_EQ(client.answer(), command(8, "SELECT"));
}

TEST(ServerSocket, AnswersPipelinedRequestsInOrder) {
  ServerHarness server;
  RawClient client(server.endpoint());
  std::string bytes;
  for (std::uint64_t id = 1; id <= 100; ++id) bytes += encode(execute(id, "T" + std::to_string(id)));
  client.send(bytes);
  for (std::uint64_t id = 1; id <= 100; ++id) EXPECT_EQ(client.answer(), command(id, "T" + std::to_string(id)));
}

TEST(ServerSocket, RunsThePipelinedRequestsOfOneConnectionOneAfterAnother) {
  ServerHarness server;
  RawClient client(server.endpoint());
  client.send(encode(execute(1, "hold")) + encode(execute(2, "hold")));
  server.executor().await_started(1);
  EXPECT_EQ(server.executor().executions(), 1u);
  server.executor().finish(1);
  EXPECT_EQ(client.answer(), command(1, "hold"));
  server.executor().await_started(2);
  server.executor().finish(2);
  EXPECT_EQ(client.answer(), command(2, "hold"));
}

TEST(ServerSocket, ReadsAFrameThatComesByteByByte) {
  ServerHarness server;
  RawClient client(server.endpoint());
  for (const char byte : encode(execute(7, "SELECT"))) client.send(std::string_view(&byte, 1));
  EXPECT_EQ(client.answer(), command(7, "SELECT"));
}

TEST(ServerSocket, AClientThatLeavesStopsWhatRunsForIt) {
  ServerHarness server;
  for (const bool reset : {false, true}) {
    RawClient client(server.endpoint());
    client.send(execute(7, "hold"));
    server.executor().await_started(7);
    reset ? client.reset() : client.close();
    server.executor().await_stop(7);
    server.executor().finish(7);
    server.await_connections(0);
  }
}

TEST(ServerSocket, AHalfClosedConnectionHasLeft) {
  ServerHarness server;
  RawClient client(server.endpoint());
  client.send(execute(7, "hold"));
  server.executor().await_started(7);
  client.half_close();
  server.executor().await_stop(7);
  EXPECT_TRUE(client.ended());
  server.executor().finish(7);
}

TEST(ServerSocket, AnswersThatAreReadyReachAClientThatHalfClosed) {
  ServerHarness server;
  RawClient client(server.endpoint());
  client.send(ping());
  EXPECT_EQ(client.answer(), acknowledged(0));
  client.half_close();
  EXPECT_TRUE(client.ended());
  server.await_connections(0);
}

TEST(ServerSocket, ASlowReaderGetsALargeAnswerWhole) {
  ServerHarness server;
  RawClient client(server.endpoint(), 4096);
  FragmentRequest request = tagged_request(7, "bytes:20000000");
  request.max_result_bytes = request.max_memory_bytes = request.max_temp_bytes = 64 << 20;
  client.send(execute(request));
  const FragmentResponse answer = client.answer();
  const auto* success = answer.get_if<FragmentResponse::Success>();
  ASSERT_TRUE(success);
  EXPECT_EQ(success->result.get_if<ExecutionResult::CopyOut>()->data.size(), 20'000'000u);
  server.await([](const FragmentServer::Stats& stats) { return stats.usage == Admission::Usage(); });
}

TEST(ServerSocket, AResultAboveTheRequestsLimitIsAnError) {
  ServerHarness server;
  RawClient client(server.endpoint());
  FragmentRequest request = tagged_request(7, "bytes:5000");
  request.max_result_bytes = 1000;
  client.send(execute(request));
  EXPECT_EQ(failure(client.answer()), (Failure{7, "54000"}));
  client.send(execute(8, "SELECT"));
  EXPECT_EQ(client.answer(), command(8, "SELECT"));
}

TEST(ServerSocket, ServesIpv6) {
  ServerOptions options = loopback_options();
  options.listen.emplace_back("::1", std::uint16_t{0});
  ServerHarness server(std::move(options));
  RawClient client(server.endpoint(1));
  client.send(execute(7, "hold"));
  server.executor().await_started(7);
  EXPECT_EQ(server.executor().context(7).peer->address, "::1");
  server.executor().finish(7);
  EXPECT_EQ(client.answer(), command(7, "hold"));
}

TEST(ServerSocket, TellsTheExecutorWhoAsks) {
  ServerHarness server;
  RawClient client(server.endpoint());
  FragmentRequest request = tagged_request(7, "hold");
  request.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  request.timeout_ms = 60'000;
  const Instant before = std::chrono::steady_clock::now();
  client.send(execute(request));
  server.executor().await_started(7);
  const ExecutionContext context = server.executor().context(7);
  EXPECT_EQ(context.peer->address, "127.0.0.1");
  EXPECT_NE(context.peer->port, 0);
  EXPECT_EQ(context.traceparent, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  EXPECT_GE(context.deadline, before + std::chrono::seconds(60));
  EXPECT_LT(context.deadline, before + std::chrono::seconds(90));
  server.executor().finish(7);
  EXPECT_EQ(client.answer(), command(7, "hold"));
}

}  // namespace
}  // namespace ft::test
