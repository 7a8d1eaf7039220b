// SPDX-License-Identifier: Apache-2.0
#include "net/listener.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <new>
#include <string>
#include <system_error>

#include "support/net.hpp"

namespace ft::net {
namespace {

TEST(Listener, OutlivesAConnectionThatCannotBeSetUp) {
  asio::io_context io;
  Observer observer;
  std::string log;
  observer.log([&log](const LogRecord& record) { log += json_line(record); });
  const tcp::endpoint anywhere(asio::ip::address_v4::loopback(), 0);
  Acceptor acceptor = listen(io.get_executor(), anywhere, std::chrono::minutes(1)).value();
  const Endpoint here("127.0.0.1", acceptor.local_endpoint().port());
  int calls = 0;
  const auto accepted = [&](Socket, const tcp::endpoint&) {
    if (++calls == 1) throw std::bad_alloc();
    io.stop();
  };
  const auto listener = std::make_shared<Listener>(std::move(acceptor), accepted, &observer);
  listener->start();
  test::RawClient first(here), second(here);
  EXPECT_NO_THROW(io.run_for(test::kPatience));
  EXPECT_EQ(calls, 2);
  EXPECT_TRUE(first.ended());
  EXPECT_EQ(observer.metrics().server.connections_refused[Refusal::setup_failed].value(), 1U);
  EXPECT_NE(log.find("\"event\":\"accept_failed\",\"text\":\"std::bad_alloc\""), std::string::npos) << log;
}

// They may have sent a request, and must not be left without an answer.
TEST(Listener, TakesThoseThatAreConnectedBeforeItCloses) {
  asio::io_context io;
  const tcp::endpoint anywhere(asio::ip::address_v4::loopback(), 0);
  Acceptor acceptor = listen(io.get_executor(), anywhere, std::chrono::minutes(1)).value();
  const Endpoint here("127.0.0.1", acceptor.local_endpoint().port());
  int calls = 0, calls_at_the_end = 0;
  const auto accepted = [&](Socket, const tcp::endpoint&) { ++calls; };
  const auto listener = std::make_shared<Listener>(std::move(acceptor), accepted, nullptr);
  listener->start();
  io.poll();  // an accept is under way
  test::RawClient first(here), second(here), third(here);
  listener->close([&] { calls_at_the_end = calls; });
  EXPECT_NO_THROW(io.run_for(test::kPatience));
  EXPECT_EQ(calls_at_the_end, 3);
  EXPECT_THROW(test::RawClient late(here), std::system_error);
}

}  // namespace
}  // namespace ft::net
