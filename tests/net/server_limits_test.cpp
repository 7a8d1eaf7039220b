// SPDX-License-Identifier: Apache-2.0
//
// What a server refuses because it has enough, and how it says so; what it gives up waiting for.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <memory>
#include <vector>

#include "net/server_harness.hpp"
#include "support/frames.hpp"
#include "support/net.hpp"

namespace ft::test {
namespace {

using std::chrono::milliseconds;

TEST(ServerLimits, TellsAConnectionBeyondTheReserveAndCloses) {
  ServerOptions options = loopback_options();
  options.max_connections = 1;
  options.reserved_connections = 1;
  ServerHarness server(std::move(options));
  RawClient first(server.endpoint());
  first.send(ping());
  EXPECT_EQ(first.answer(), acknowledged(0));
  RawClient reserve(server.endpoint());
  reserve.send(ping());
  EXPECT_EQ(reserve.answer(), acknowledged(0));

  RawClient refused(server.endpoint());
  refused.send(ping());
  const FragmentResponse answer = refused.answer();
  EXPECT_EQ(failure(answer), (Failure{0, "53300"}));
  EXPECT_EQ(answer.get_if<FragmentResponse::Error>()->not_executed, true);
  EXPECT_TRUE(refused.ended());

  first.close();
  reserve.close();
  server.await_connections(0);
  RawClient next(server.endpoint());
  next.send(execute(7, "SELECT"));
  EXPECT_EQ(next.answer(), command(7, "SELECT"));
}

TEST(ServerLimits, TurnsRequestsAwayWhenTheQueueIsFull) {
  ServerOptions options = loopback_options();
  options.admission.max_executions = 1;
  options.admission.max_queued = 1;
  ServerHarness server(std::move(options));
  RawClient first(server.endpoint());
  RawClient second(server.endpoint());
  RawClient third(server.endpoint());
  first.send(execute(1, "hold"));
  server.executor().await_started(1);
  second.send(execute(2, "hold"));
  server.await([](const FragmentServer::Stats& stats) { return stats.usage.queued == 1; });
  third.send(execute(3, "hold"));
  const FragmentResponse answer = third.answer();
  EXPECT_EQ(failure(answer), (Failure{3, "53400"}));
  EXPECT_EQ(answer.get_if<FragmentResponse::Error>()->not_executed, true);

  server.executor().finish(1);
  EXPECT_EQ(first.answer(), command(1, "hold"));
  server.executor().await_started(2);
  server.executor().finish(2);
  EXPECT_EQ(second.answer(), command(2, "hold"));
  third.send(execute(3, "SELECT"));
  EXPECT_EQ(third.answer(), command(3, "SELECT"));
}

TEST(ServerLimits, RefusesALargeFrameThatTheByteBudgetHasNoRoomFor) {
  ServerOptions options = loopback_options();
  options.admission.max_bytes = MAX_PAYLOAD;
  ServerHarness server(std::move(options));
  const auto announce = [&](RawClient& client) {
    client.send(ping());
    EXPECT_EQ(client.answer(), acknowledged(0));
    std::string header(kFrameHeaderSize, '\0');
    write_frame_header(header.data(), {MSG_EXECUTE_FRAGMENT, std::uint32_t{40} << 20});
    client.send(header);
  };
  RawClient first(server.endpoint());
  announce(first);
  server.await([](const FragmentServer::Stats& stats) { return stats.usage.bytes >= std::size_t{40} << 20; });
  RawClient second(server.endpoint());
  announce(second);
  EXPECT_EQ(failure(second.answer()), (Failure{0, "53200"}));
  EXPECT_TRUE(second.ended());
  first.close();
  server.await([](const FragmentServer::Stats& stats) { return stats.usage == Admission::Usage(); });
}

TEST(ServerLimits, GivesUpOnAStrangerWhoSaysNothing) {
  ServerOptions options = loopback_options();
  options.first_frame_timeout = milliseconds(20);
  ServerHarness server(std::move(options));
  RawClient client(server.endpoint());
  while (client.receive()) {
  }
  server.await_connections(0);
}

TEST(ServerLimits, EndsAnIdleConnectionWithABareFin) {
  ServerOptions options = loopback_options();
  options.idle_timeout = milliseconds(20);
  ServerHarness server(std::move(options));
  RawClient client(server.endpoint());
  client.send(execute(7, "SELECT"));
  EXPECT_EQ(client.answer(), command(7, "SELECT"));
  EXPECT_TRUE(client.ended());
}

TEST(ServerLimits, EndsAConnectionWhoseFrameDoesNotGoOn) {
  ServerOptions options = loopback_options();
  options.frame_timeout = milliseconds(20);
  ServerHarness server(std::move(options));
  RawClient client(server.endpoint());
  client.send(ping());
  EXPECT_EQ(client.answer(), acknowledged(0));
  client.send(encode(execute(7, "SELECT")).substr(0, 20));
  while (client.receive()) {
  }
  server.await_connections(0);
}

TEST(ServerLimits, EndsAConnectionThatTakesNoAnswer) {
  ServerOptions options = loopback_options();
  options.write_timeout = milliseconds(50);
  ServerHarness server(std::move(options));
  RawClient client(server.endpoint(), 4096);
  FragmentRequest request = tagged_request(7, "bytes:30000000");
  request.max_result_bytes = request.max_memory_bytes = request.max_temp_bytes = 64 << 20;
  client.send(execute(request));
  server.await([](const FragmentServer::Stats& stats) { return stats.connections == 1; });
  server.await_connections(0);
  EXPECT_EQ(server.server().stats().usage, Admission::Usage());
}

TEST(ServerLimits, GoesOnAcceptingOnceDescriptorsAreFreeAgain) {
  ServerHarness server;
  RawClient client(server.endpoint());
  client.send(ping());
  EXPECT_EQ(client.answer(), acknowledged(0));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);

  // The next descriptor is the client's socket, and none is left for the server's end of it.
  rlimit tight = before;
  tight.rlim_cur = static_cast<rlim_t>(::dup(0)) + 1;
  ::close(static_cast<int>(tight.rlim_cur) - 1);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  RawClient waiting(server.endpoint());
  waiting.send(execute(7, "SELECT"));
  client.send(ping());  // those that are there are served
  EXPECT_EQ(client.answer(), acknowledged(0));
  EXPECT_TRUE(waiting.silent());
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(waiting.answer(), command(7, "SELECT"));
}

TEST(ServerLimits, ManyConnectionsAtOnce) {
  ServerHarness server;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (std::uint64_t id = 1; id <= 200; ++id) {
    clients.push_back(std::make_unique<RawClient>(server.endpoint()));
    clients.back()->send(execute(id, "T"));
  }
  for (std::uint64_t id = 1; id <= 200; ++id) EXPECT_EQ(clients[id - 1]->answer(), command(id, "T"));
  EXPECT_EQ(server.server().stats().connections, 200u);
  clients.clear();
  server.await_connections(0);
}

}  // namespace
}  // namespace ft::test
