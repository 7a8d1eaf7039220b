// SPDX-License-Identifier: Apache-2.0
//
// From a host and a port to a stream: the one outcome, whatever comes at the same time.
#include "net/connector.hpp"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <optional>
#include <thread>

#include "net/raw_worker.hpp"

namespace ft::net {
namespace {

/// Blocks until the threads of the context have queued what it had to tell by now: look-ups and timers are told in
/// order, connections in the order in which they came about.
void settle(asio::io_context& io, const Endpoint& listener) {
  tcp::resolver resolver(io);
  asio::steady_timer timer(io);
  asio::basic_stream_socket<tcp, asio::io_context::executor_type> socket(io);
  resolver.async_resolve("127.1", "1", asio::use_future).get();
  timer.expires_at(std::chrono::steady_clock::now());
  timer.async_wait(asio::use_future).get();
  socket.async_connect({asio::ip::make_address(listener.host), listener.port}, asio::use_future).get();
}

// The timer closes the socket while the news of its success is on the way. Both are behind a strand that is held up.
TEST(Connector, SaysThatItTookTooLongThoughItConnectedAtLast) {
  asio::io_context io;
  const auto work = asio::make_work_guard(io);
  std::thread thread([&io] { io.run(); }), another([&io] { io.run(); });
  test::RawWorker worker;
  const Strand strand{IoExecutor(asio::any_io_executor(io.get_executor()))};
  std::promise<Result<std::shared_ptr<Stream>>> outcome;
  Connector::Target target;
  target.endpoint = Endpoint("127.1", worker.endpoint().port);  // no address in digits: it is looked up
  target.timeout = std::chrono::milliseconds(100);              // the look-up takes less
  asio::post(strand, [&] {
    Connector::start(strand, target,
                     [&outcome](Result<std::shared_ptr<Stream>> stream) { outcome.set_value(std::move(stream)); });
    asio::post(strand, [&] {
      // The name is known, and the time is up: in this order.
      settle(io, worker.endpoint());
      asio::post(strand, [&] { settle(io, worker.endpoint()); });
      const Instant late = std::chrono::steady_clock::now() + target.timeout;
      while (std::chrono::steady_clock::now() < late) std::this_thread::yield();
      settle(io, worker.endpoint());
    });
  });
  auto future = outcome.get_future();
  const Result<std::shared_ptr<Stream>> stream = test::wait(future);
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().code, errc::connect_failed);
  EXPECT_NE(stream.error().detail.find("timed out"), std::string::npos) << stream.error().message();
  io.stop();
  thread.join();
  another.join();
}

}  // namespace
}  // namespace ft::net
