// SPDX-License-Identifier: Apache-2.0
//
// A server that finds no memory ends the connection that wanted it, and serves the next one. Left out is the moment at
// which a strand is made for a new connection: there Boost 1.81 does not survive an allocation that fails.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <cerrno>
#include <chrono>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>

#include "net/server_harness.hpp"
#include "support/allocations.hpp"
#include "support/frames.hpp"
#include "support/net.hpp"

namespace ft::test {
namespace {

// Server and client share this thread, because allocations are counted per thread.
class ServerMemory : public testing::Test {
 protected:
  ServerMemory() {
    observer_->log([](const LogRecord&) {});
    ServerOptions options = loopback_options();
    options.observer = observer_;
    options.admission.max_executions = 1;
    server_ = FragmentServer::start(io_.get_executor(), std::move(options), executor_).value();
  }

  void SetUp() override {
    if (!sees_allocations()) GTEST_SKIP() << "operator new is the sanitizer's: no allocation can be made to fail";
  }

  /// Sends a frame; whether an answer comes, and not the end of the connection.
  bool served(const RawClient& client, const std::string& frame) {
    ::send(client.socket(), frame.data(), frame.size(), MSG_NOSIGNAL);
    std::array<char, 1024> answer;
    for (;;) {
      const ssize_t got = ::recv(client.socket(), answer.data(), answer.size(), MSG_DONTWAIT);
      if (got >= 0 || errno != EAGAIN) return got > 0;
      io_.run_one();
    }
  }
  template <class Condition>
  void await(Condition condition) {
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    while (!condition(server_->stats())) {
      if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("the server never got there");
      io_.run_one_for(kPatience);
    }
  }

  const std::string ping_ = encode(ping());
  const std::string request_ = encode(execute(7, "SELECT"));
  const std::shared_ptr<Observer> observer_ = std::make_shared<Observer>();
  const std::shared_ptr<PlayedExecutor> executor_ = std::make_shared<PlayedExecutor>();
  boost::asio::io_context io_;
  std::optional<FragmentServer> server_;
};

TEST_F(ServerMemory, ThatEndsAnywhereCostsOneConnection) {
  for (std::size_t n = 0;; ++n) {
    SCOPED_TRACE(n);
    bool answered = false;
    std::size_t asked_for = 0;
    {
      const RawClient client(server_->endpoints()[0]);
      ASSERT_TRUE(served(client, ping_));
      const FailingAllocation failing(n);
      const std::size_t before = allocations();
      ASSERT_NO_THROW(answered = served(client, request_));
      asked_for = allocations() - before;
    }
    await([](const FragmentServer::Stats& stats) { return stats.connections == 0; });
    EXPECT_EQ(server_->stats().usage, Admission::Usage());
    EXPECT_EQ(observer_->metrics().server.connections_open.value(), 0);
    if (asked_for > n) continue;
    EXPECT_TRUE(answered);
    EXPECT_GT(n, 5U) << "nothing has failed";
    break;
  }
}

TEST_F(ServerMemory, ThatEndsWhenAClientLeavesStillStopsItsJob) {
  for (std::size_t n = 0;; ++n) {
    SCOPED_TRACE(n);
    RawClient client(server_->endpoints()[0]);
    client.send(execute(1, "hold"));
    await([](const FragmentServer::Stats& stats) { return stats.usage.running == 1; });
    std::size_t asked_for = 0;
    {
      const FailingAllocation failing(n);
      const std::size_t before = allocations();
      client.close();
      await([](const FragmentServer::Stats& stats) { return stats.connections == 0; });
      asked_for = allocations() - before;
    }
    EXPECT_TRUE(executor_->stop_requested(1));
    EXPECT_EQ(server_->stats().usage.abandoned, 1U);
    executor_->finish(1);
    EXPECT_EQ(server_->stats().usage, Admission::Usage());
    if (asked_for <= n) break;
  }
}

TEST_F(ServerMemory, ThatEndsWhenAJobEndsCostsNoSlot) {
  for (std::size_t n = 0;; ++n) {
    SCOPED_TRACE(n);
    RawClient first(server_->endpoints()[0]), second(server_->endpoints()[0]);
    first.send(execute(1, "hold"));
    await([](const FragmentServer::Stats& stats) { return stats.usage.running == 1; });
    second.send(execute(2, "SELECT"));
    await([](const FragmentServer::Stats& stats) { return stats.usage.queued == 1; });
    std::size_t asked_for = 0;
    {
      const FailingAllocation failing(n);
      const std::size_t before = allocations();
      try {
        executor_->finish(1);
      } catch (const std::bad_alloc&) {  // the job itself; it was dropped
      }
      asked_for = allocations() - before;
    }
    await([](const FragmentServer::Stats& stats) { return stats.usage == Admission::Usage(); });
    if (asked_for > n) continue;
    EXPECT_GT(n, 0U) << "nothing has failed";
    break;
  }
}

}  // namespace
}  // namespace ft::test
