// SPDX-License-Identifier: Apache-2.0
//
// How a server ends: at once where nothing runs, politely where something does, firmly at its limit.
#include <gtest/gtest.h>

#include <boost/asio/bind_executor.hpp>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "net/server_harness.hpp"
#include "support/frames.hpp"
#include "support/net.hpp"

namespace ft::test {
namespace {

using std::chrono::milliseconds;

TEST(ServerDrain, OfIdleConnectionsIsOverAtOnce) {
  ServerHarness server;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.endpoint()));
    clients.back()->send(ping());
    EXPECT_EQ(clients.back()->answer(), acknowledged(0));
  }
  const FragmentServer::DrainReport report = server.drain().get();
  EXPECT_LT(report.took, milliseconds(2000));  // ten times the promise
  EXPECT_EQ(report.finished + report.rejected + report.killed, 0u);
  for (const auto& client : clients) EXPECT_TRUE(client->ended());
}

TEST(ServerDrain, AcceptsNothingMore) {
  ServerHarness server;
  const Endpoint endpoint = server.endpoint();
  server.drain().get();
  EXPECT_THROW(RawClient client(endpoint), std::system_error);
}

TEST(ServerDrain, LetsWhatRunsFinishAndClosesThen) {
  ServerHarness server;
  RawClient client(server.endpoint());
  client.send(execute(7, "hold"));
  server.executor().await_started(7);
  auto report = server.drain();
  EXPECT_EQ(report.wait_for(milliseconds(20)), std::future_status::timeout);
  server.executor().finish(7);
  EXPECT_EQ(client.answer(), command(7, "hold"));
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(report.get().finished, 1u);
}

TEST(ServerDrain, TellsTheQueuedThatTheyWereNotRun) {
  ServerOptions options = loopback_options();
  options.admission.max_executions = 1;
  ServerHarness server(std::move(options));
  RawClient first(server.endpoint());
  RawClient second(server.endpoint());
  first.send(execute(1, "hold"));
  server.executor().await_started(1);
  second.send(execute(2, "hold"));
  server.await([](const FragmentServer::Stats& stats) { return stats.usage.queued == 1; });
  auto report = server.drain();
  const FragmentResponse answer = second.answer();
  EXPECT_EQ(failure(answer), (Failure{2, "57P03"}));
  EXPECT_EQ(answer.get_if<FragmentResponse::Error>()->not_executed, true);
  EXPECT_TRUE(second.ended());
  server.executor().finish(1);
  EXPECT_EQ(first.answer(), command(1, "hold"));
  const FragmentServer::DrainReport done = report.get();
  EXPECT_EQ(done.finished, 1u);
  EXPECT_EQ(done.rejected, 1u);
  EXPECT_EQ(done.killed, 0u);
}

TEST(ServerDrain, CountsWhatAConnectionTurnsAwayByItself) {
  ServerHarness server;
  RawClient client(server.endpoint());
  client.send(execute(1, "hold"));
  server.executor().await_started(1);
  client.send(execute(2, "SELECT"));
  auto report = server.drain();
  server.executor().finish(1);
  EXPECT_EQ(client.answer(), command(1, "hold"));
  EXPECT_EQ(failure(client.answer()), (Failure{2, "57P03"}));
  client.close();
  const FragmentServer::DrainReport done = report.get();
  EXPECT_EQ(done.finished, 1u);
  EXPECT_EQ(done.rejected, 1u);
  EXPECT_EQ(done.killed, 0u);
}

TEST(ServerDrain, CountsNothingFromBeforeIt) {
  ServerHarness server;
  RawClient client(server.endpoint());
  client.send(execute(1, "SELECT"));
  EXPECT_EQ(client.answer(), command(1, "SELECT"));
  client.send(execute(2, "hold"));
  server.executor().await_started(2);
  auto report = server.drain();
  server.executor().finish(2);
  EXPECT_EQ(client.answer(), command(2, "hold"));
  client.close();
  EXPECT_EQ(report.get().finished, 1u);
}

TEST(ServerDrain, KeepsTheExecutorOfItsHandlerAtWork) {
  boost::asio::io_context other;
  std::optional<FragmentServer::DrainReport> report;
  ServerHarness server;
  RawClient client(server.endpoint());
  client.send(execute(1, "hold"));
  server.executor().await_started(1);
  server.server().drain(boost::asio::bind_executor(other.get_executor(),
                                                   [&](const FragmentServer::DrainReport& came) { report = came; }));
  other.poll();
  EXPECT_FALSE(other.stopped()) << "it has run out of work";
  server.executor().finish(1);
  EXPECT_EQ(client.answer(), command(1, "hold"));
  client.close();
  other.run();
  ASSERT_TRUE(report);
  EXPECT_EQ(report->finished, 1u);
}

TEST(ServerDrain, GivesUpWhatIsLeftAtItsLimit) {
  ServerOptions options = loopback_options();
  options.drain_timeout = milliseconds(20);
  ServerHarness server(std::move(options));
  RawClient client(server.endpoint());
  client.send(execute(7, "hold"));
  server.executor().await_started(7);
  auto report = server.drain();
  EXPECT_EQ(failure(client.answer()), (Failure{7, "57P01"}));
  EXPECT_TRUE(client.ended());
  client.close();
  const FragmentServer::DrainReport done = report.get();
  EXPECT_EQ(done.killed, 1u);
  EXPECT_GE(done.took, milliseconds(20));
  server.executor().await_stop(7);
  server.executor().finish(7);  // the job outlives its server's connections
}

TEST(ServerDrain, EndsAPeerThatTakesNothingAtItsLimit) {
  ServerOptions options = loopback_options();
  options.drain_timeout = milliseconds(20);
  options.linger = milliseconds(20);
  ServerHarness server(std::move(options));
  RawClient client(server.endpoint(), 4096);
  FragmentRequest request = tagged_request(7, "bytes:30000000");
  request.max_result_bytes = request.max_memory_bytes = request.max_temp_bytes = 64 << 20;
  client.send(execute(request));
  server.await([](const FragmentServer::Stats& stats) { return stats.connections == 1; });
  EXPECT_LT(server.drain().get().took, milliseconds(10'000));
}

TEST(ServerDrain, ASecondOneAwaitsTheFirstAndAThirdOneGetsItsReport) {
  ServerHarness server;
  RawClient client(server.endpoint());
  client.send(execute(7, "hold"));
  server.executor().await_started(7);
  auto first = server.drain();
  auto second = server.drain();
  server.executor().finish(7);
  EXPECT_EQ(first.get().finished, 1u);
  EXPECT_EQ(second.get().finished, 1u);
}

TEST(ServerDrain, TheLastCopyOfAServerDrainsIt) {
  auto server = std::make_unique<ServerHarness>();
  RawClient client(server->endpoint());
  client.send(ping());
  EXPECT_EQ(client.answer(), acknowledged(0));
  server.reset();  // joins its threads: nothing is left to do
  EXPECT_TRUE(client.ended());
}

}  // namespace
}  // namespace ft::test
