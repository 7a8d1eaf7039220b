// SPDX-License-Identifier: Apache-2.0
//
// A cancel reaches the stop token at once, wherever it comes from and however busy the server is; deadlines do too.
#include <gtest/gtest.h>

#include "net/server_harness.hpp"
#include "support/frames.hpp"
#include "support/net.hpp"

namespace ft::test {
namespace {

// The promise is 50 ms; a machine that runs other things as well gets ten times as much.
constexpr std::chrono::milliseconds kPrompt{500};

TransportEnvelope held(std::uint64_t id, std::uint64_t key) {
  FragmentRequest request = tagged_request(id, "hold");
  request.cancel_key = SecretU64(key);
  return execute(std::move(request));
}

TEST(ServerCancel, StopsARequestOfAnotherConnection) {
  ServerHarness server;
  RawClient client(server.endpoint());
  RawClient canceller(server.endpoint());
  client.send(held(7, 4711));
  server.executor().await_started(7);

  const auto before = std::chrono::steady_clock::now();
  canceller.send(cancel(7, 4711));
  EXPECT_EQ(canceller.answer(), acknowledged(7));
  server.executor().await_stop(7);
  EXPECT_LT(std::chrono::steady_clock::now() - before, kPrompt);

  const FragmentResponse answer = client.answer();
  EXPECT_EQ(failure(answer), (Failure{7, "57014"}));
  EXPECT_EQ(message(answer), "query canceled");
  client.send(execute(8, "SELECT"));
  EXPECT_EQ(client.answer(), command(8, "SELECT"));
  server.executor().finish(7);
}

TEST(ServerCancel, StopsTheRequestOfItsOwnConnection) {
  ServerHarness server;
  RawClient client(server.endpoint());
  client.send(held(7, 4711));
  server.executor().await_started(7);
  client.send(cancel(7, 4711));
  server.executor().await_stop(7);
  EXPECT_EQ(failure(client.answer()), (Failure{7, "57014"}));
  EXPECT_EQ(client.answer(), acknowledged(7));
  server.executor().finish(7);
}

TEST(ServerCancel, WithTheWrongKeyOrIdIsAcknowledgedAndDoesNothing) {
  ServerHarness server;
  RawClient client(server.endpoint());
  RawClient canceller(server.endpoint());
  client.send(held(7, 4711));
  server.executor().await_started(7);
  for (const auto& [id, key] : {std::pair(7, 4712), std::pair(8, 4711), std::pair(7, 0), std::pair(0, 0)}) {
    canceller.send(cancel(static_cast<std::uint64_t>(id), static_cast<std::uint64_t>(key)));
    EXPECT_EQ(canceller.answer(), acknowledged(static_cast<std::uint64_t>(id)));
  }
  EXPECT_FALSE(server.executor().stop_requested(7));
  server.executor().finish(7);
  EXPECT_EQ(client.answer(), command(7, "hold"));
}

TEST(ServerCancel, OfAFinishedRequestIsAcknowledged) {
  ServerHarness server;
  RawClient client(server.endpoint());
  client.send(execute(7, "SELECT"));
  EXPECT_EQ(client.answer(), command(7, "SELECT"));
  client.send(cancel(7, 0));
  EXPECT_EQ(client.answer(), acknowledged(7));
}

TEST(ServerCancel, WithoutAKeyHitsRequestsOfTheSameAddressOnly) {
  ServerOptions options = loopback_options();
  options.listen.emplace_back("::1", std::uint16_t{0});
  ServerHarness server(std::move(options));
  RawClient client(server.endpoint());
  RawClient same(server.endpoint());
  RawClient other(server.endpoint(1));  // comes from ::1
  client.send(held(7, 0));
  server.executor().await_started(7);
  other.send(cancel(7, 0));
  EXPECT_EQ(other.answer(), acknowledged(7));
  EXPECT_FALSE(server.executor().stop_requested(7));
  same.send(cancel(7, 0));
  EXPECT_EQ(same.answer(), acknowledged(7));
  server.executor().await_stop(7);
  EXPECT_EQ(failure(client.answer()), (Failure{7, "57014"}));
  server.executor().finish(7);
}

TEST(ServerCancel, TakesAQueuedRequestOutOfTheQueue) {
  ServerOptions options = loopback_options();
  options.admission.max_executions = 1;
  ServerHarness server(std::move(options));
  RawClient first(server.endpoint());
  RawClient second(server.endpoint());
  RawClient canceller(server.endpoint());
  first.send(held(1, 11));
  server.executor().await_started(1);
  second.send(held(2, 22));
  server.await([](const FragmentServer::Stats& stats) { return stats.usage.queued == 1; });
  canceller.send(cancel(2, 22));
  const FragmentResponse answer = second.answer();
  EXPECT_EQ(failure(answer), (Failure{2, "57014"}));
  EXPECT_EQ(answer.get_if<FragmentResponse::Error>()->not_executed, true);
  EXPECT_EQ(server.server().stats().usage.queued, 0u);
  server.executor().finish(1);
  EXPECT_EQ(first.answer(), command(1, "hold"));
  EXPECT_EQ(server.executor().executions(), 1u);
}

TEST(ServerCancel, GetsThroughAtTheConnectionLimitAndWithAFullQueue) {
  ServerOptions options = loopback_options();
  options.max_connections = 2;
  options.reserved_connections = 1;
  options.admission.max_executions = 1;
  options.admission.max_queued = 1;
  ServerHarness server(std::move(options));
  RawClient first(server.endpoint());
  first.send(held(1, 11));
  server.executor().await_started(1);
  RawClient second(server.endpoint());
  second.send(held(2, 22));
  server.await([](const FragmentServer::Stats& stats) { return stats.usage.queued == 1; });

  RawClient canceller(server.endpoint());
  const auto before = std::chrono::steady_clock::now();
  canceller.send(cancel(1, 11));
  EXPECT_EQ(canceller.answer(), acknowledged(1));
  server.executor().await_stop(1);
  EXPECT_LT(std::chrono::steady_clock::now() - before, kPrompt);
  EXPECT_EQ(failure(first.answer()), (Failure{1, "57014"}));

  canceller.send(execute(3, "SELECT"));  // the reserve executes nothing
  EXPECT_EQ(failure(canceller.answer()), (Failure{3, "53300"}));
  server.executor().finish(1);
  server.executor().await_started(2);
  server.executor().finish(2);
  EXPECT_EQ(second.answer(), command(2, "hold"));
}

TEST(ServerDeadline, OfTheRequestStopsIt) {
  ServerHarness server;
  RawClient client(server.endpoint());
  FragmentRequest request = tagged_request(7, "hold");
  request.timeout_ms = 20;
  client.send(execute(request));
  EXPECT_EQ(failure(client.answer()), (Failure{7, "57014"}));
  server.executor().await_stop(7);
  server.executor().finish(7);
  client.send(execute(8, "SELECT"));
  EXPECT_EQ(client.answer(), command(8, "SELECT"));
}

TEST(ServerDeadline, OfTheServerStopsIt) {
  ServerOptions options = loopback_options();
  options.request_timeout = std::chrono::milliseconds(20);
  ServerHarness server(std::move(options));
  RawClient client(server.endpoint());
  client.send(execute(7, "hold"));
  const FragmentResponse answer = client.answer();
  EXPECT_EQ(failure(answer), (Failure{7, "57014"}));
  EXPECT_EQ(message(answer), "fragment execution timed out");
  server.executor().await_stop(7);
  server.executor().finish(7);
}

TEST(ServerDeadline, PassesInTheQueueToo) {
  ServerOptions options = loopback_options();
  options.admission.max_executions = 1;
  ServerHarness server(std::move(options));
  RawClient first(server.endpoint());
  RawClient second(server.endpoint());
  first.send(execute(1, "hold"));
  server.executor().await_started(1);
  FragmentRequest request = tagged_request(2, "SELECT");
  request.timeout_ms = 20;
  second.send(execute(request));
  const FragmentResponse answer = second.answer();
  EXPECT_EQ(failure(answer), (Failure{2, "57014"}));
  EXPECT_EQ(answer.get_if<FragmentResponse::Error>()->not_executed, true);
  server.executor().finish(1);
  EXPECT_EQ(first.answer(), command(1, "hold"));
  EXPECT_EQ(server.executor().executions(), 1u);
}

// A job that ignores its stop keeps its slot until it ends.
TEST(ServerCancel, DoesNotHandOutTheSlotOfAJobThatGoesOn) {
  ServerOptions options = loopback_options();
  options.admission.max_executions = 1;
  ServerHarness server(std::move(options));
  RawClient client(server.endpoint());
  RawClient other(server.endpoint());
  client.send(held(1, 11));
  server.executor().await_started(1);
  client.send(cancel(1, 11));
  EXPECT_EQ(failure(client.answer()), (Failure{1, "57014"}));
  EXPECT_EQ(client.answer(), acknowledged(1));
  EXPECT_EQ(server.server().stats().usage.abandoned, 1u);

  other.send(execute(2, "SELECT"));  // every slot is held by a job that nobody awaits
  const FragmentResponse answer = other.answer();
  EXPECT_EQ(failure(answer), (Failure{2, "53000"}));
  EXPECT_EQ(answer.get_if<FragmentResponse::Error>()->not_executed, true);

  server.executor().finish(1);
  other.send(execute(3, "SELECT"));
  EXPECT_EQ(other.answer(), command(3, "SELECT"));
  EXPECT_EQ(server.server().stats().usage, Admission::Usage());
}

}  // namespace
}  // namespace ft::test
