// SPDX-License-Identifier: Apache-2.0
//
// What one small request asks of the heap, from its first byte to its answer on the socket.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <memory>

#include "net/server_harness.hpp"
#include "support/allocations.hpp"
#include "support/frames.hpp"
#include "support/net.hpp"

namespace ft::test {
namespace {

// Asks nothing of the heap itself, but for the result.
class Immediate final : public FragmentExecutor {
 public:
  void execute(FragmentRequest, ExecutionContext, ExecutionDone done) override {
    ExecutionResult::Command command;
    command.tag = "OK";
    done(ExecutionResult(std::move(command)));
  }
};

// Server and client share this thread, because allocations are counted per thread.
TEST(ServerAllocations, OfASmallRequestAreFew) {
  boost::asio::io_context io;
  auto server = FragmentServer::start(io.get_executor(), loopback_options(), std::make_shared<Immediate>());
  ASSERT_TRUE(server) << why(server);
  RawClient client(server->endpoints()[0]);
  const std::string bytes = encode(execute(7, "SELECT"));
  std::array<char, 1024> answer;
  const auto round_trip = [&] {
    ASSERT_EQ(::send(client.socket(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    while (::recv(client.socket(), answer.data(), answer.size(), MSG_DONTWAIT) < 0) io.run_one();
  };
  for (int i = 0; i < 10; ++i) round_trip();

  constexpr std::size_t kRequests = 100;
  const std::size_t before = allocations();
  for (std::size_t i = 0; i < kRequests; ++i) round_trip();
  // The decoded request and its plan, its token, the execution, its stop state and its entries in the lists of the
  // server, the result: nothing per read, write, wait or timer.
  EXPECT_LE(allocations() - before, 12 * kRequests);

  client.close();
  bool drained = false;
  server->drain([&](FragmentServer::DrainReport) { drained = true; });
  io.run();
  EXPECT_TRUE(drained);
}

}  // namespace
}  // namespace ft::test
