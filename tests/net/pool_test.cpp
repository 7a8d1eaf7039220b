// SPDX-License-Identifier: Apache-2.0
//
// ConnectionPool: which connections are kept, who waits for them, how it ends.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <utility>

#include "net/raw_worker.hpp"
#include "support/temporary_folder.hpp"

namespace ft {
namespace {

using namespace std::chrono_literals;
using test::becomes_true;
using test::ClientUnderTest;
using test::failure_of;
using test::RawConnection;
using test::tag_of;
using test::wait;

/// Serves the next request of a connection.
void serve(RawConnection& connection) {
  const FragmentRequest request = connection.request();
  connection.answer(test::command(request.request_id, "done"));
}

TEST(Pool, RefusesOptionsThatCannotWork) {
  asio::io_context io;
  const auto problem = [&io](auto change) {
    PoolOptions options = test::quick_options();
    change(options);
    const auto pool = ConnectionPool::create(io.get_executor(), options);
    return pool ? std::string() : pool.error().message();
  };
  EXPECT_EQ(problem([](PoolOptions&) {}), "");
  EXPECT_NE(problem([](PoolOptions& o) { o.tokens = nullptr; }).find("tokens"), std::string::npos);
  EXPECT_NE(problem([](PoolOptions& o) { o.max_idle_per_host = 0; }).find("max_idle_per_host"), std::string::npos);
  EXPECT_NE(problem([](PoolOptions& o) { o.max_waiters_per_host = 0; }).find("max_waiters"), std::string::npos);
  EXPECT_NE(problem([](PoolOptions& o) { o.max_connections_per_host = 0; }).find("max_connections"), std::string::npos);
  EXPECT_NE(problem([](PoolOptions& o) { o.connect_timeout = 0ms; }).find("connect_timeout"), std::string::npos);
  EXPECT_NE(problem([](PoolOptions& o) { o.max_age = -1ms; }).find("max_age"), std::string::npos);
  EXPECT_NE(problem([](PoolOptions& o) { o.keepalive = 1ms; }).find("keepalive"), std::string::npos);
  EXPECT_NE(problem([](PoolOptions& o) { o.age_jitter = 2; }).find("age_jitter"), std::string::npos);
  EXPECT_NE(problem([](PoolOptions& o) { o.retry.first = 0ms; }), "");
}

TEST(Pool, ClosesAnIdleConnectionThatTheWorkerEnds) {
  ClientUnderTest under_test;
  auto answer = under_test.execute("first");
  {
    RawConnection connection = under_test.worker.accept();
    serve(connection);
    EXPECT_EQ(tag_of(answer), "done");
    EXPECT_EQ(under_test.pool.stats().idle, 1u);
  }
  EXPECT_TRUE(becomes_true([&] { return under_test.pool.stats().open == 0; }));
  auto again = under_test.execute("second");
  RawConnection connection = under_test.worker.accept();
  serve(connection);
  EXPECT_EQ(tag_of(again), "done");
}

TEST(Pool, NeverTakesUnaskedBytesForAnAnswer) {
  ClientUnderTest under_test;
  auto answer = under_test.execute("first");
  RawConnection connection = under_test.worker.accept();
  const FragmentRequest request = connection.request();
  connection.answer(test::command(request.request_id, "done"));
  EXPECT_EQ(tag_of(answer), "done");
  connection.answer(test::command(request.request_id + 1, "not asked for"));
  EXPECT_TRUE(connection.ended());
  EXPECT_TRUE(becomes_true([&] { return under_test.pool.stats().open == 0; }));
}

TEST(Pool, ReplacesADeadConnectionBehindThePingWithoutARetry) {
  PoolOptions options = test::quick_options();
  options.validate_after = 1ms;
  options.retry.max_retries = 0;
  ClientUnderTest under_test(options);
  auto answer = under_test.execute("first");
  RawConnection stale = under_test.worker.accept();
  serve(stale);
  EXPECT_EQ(tag_of(answer), "done");
  std::this_thread::sleep_for(2ms);  // so that it is old enough to be validated
  auto again = under_test.execute("second");
  EXPECT_EQ(stale.cancel().request_id, 0u);
  stale.close();
  RawConnection fresh = under_test.worker.accept();
  serve(fresh);
  EXPECT_EQ(tag_of(again), "done");
  EXPECT_EQ(under_test.pool.stats().retries, 0u);
}

TEST(Pool, ServesWaitersInTheOrderInWhichTheyCame) {
  PoolOptions options = test::quick_options();
  options.max_connections_per_host = 1;
  ClientUnderTest under_test(options);
  auto first = under_test.execute("first");
  RawConnection connection = under_test.worker.accept();
  const FragmentRequest request = connection.request();
  std::vector<std::future<CallResult<Answer>>> waiting;
  for (std::size_t i = 0; i < 5; ++i) {
    waiting.push_back(under_test.execute("waiter " + std::to_string(i)));
    ASSERT_TRUE(becomes_true([&] { return under_test.pool.stats().waiting == i + 1; }));
  }
  connection.answer(test::command(request.request_id, "first"));
  EXPECT_EQ(tag_of(first), "first");
  for (std::size_t i = 0; i < 5; ++i) {
    const FragmentRequest next = connection.request();
    EXPECT_EQ(next.plan.get_if<PhysicalPlan::InternalNoOp>()->tag, "waiter " + std::to_string(i));
    connection.answer(test::command(next.request_id, "done"));
    EXPECT_EQ(tag_of(waiting[i]), "done");
  }
  EXPECT_EQ(under_test.pool.stats().opened, 1u);
}

TEST(Pool, GivesThePlaceOfABrokenConnectionToAWaiter) {
  PoolOptions options = test::quick_options();
  options.max_connections_per_host = 1;
  ClientUnderTest under_test(options);
  auto first = under_test.execute("first");
  RawConnection connection = under_test.worker.accept();
  connection.request();
  auto second = under_test.execute("second");
  ASSERT_TRUE(becomes_true([&] { return under_test.pool.stats().waiting == 1; }));
  connection.close();
  EXPECT_EQ(failure_of(first).code, errc::connection_lost);
  RawConnection other = under_test.worker.accept();
  serve(other);
  EXPECT_EQ(tag_of(second), "done");
}

TEST(Pool, BoundsTheWaiters) {
  PoolOptions options = test::quick_options();
  options.max_connections_per_host = 1;
  options.max_waiters_per_host = 1;
  ClientUnderTest under_test(options);
  auto first = under_test.execute("first");
  RawConnection connection = under_test.worker.accept();
  const FragmentRequest request = connection.request();
  auto second = under_test.execute("second");
  ASSERT_TRUE(becomes_true([&] { return under_test.pool.stats().waiting == 1; }));
  auto third = under_test.execute("third");
  const Diagnostics failure = failure_of(third);
  EXPECT_EQ(failure.code, errc::too_many_waiters);
  EXPECT_EQ(failure.outcome, Outcome::not_executed);
  connection.answer(test::command(request.request_id, "done"));
  EXPECT_EQ(tag_of(first), "done");
  serve(connection);
  EXPECT_EQ(tag_of(second), "done");
}

TEST(Pool, KeepsNoMoreIdleConnectionsThanAllowed) {
  PoolOptions options = test::quick_options();
  options.max_idle_per_host = 2;
  ClientUnderTest under_test(options);
  std::vector<std::future<CallResult<Answer>>> answers;
  std::vector<RawConnection> connections;
  for (int i = 0; i < 4; ++i) {
    answers.push_back(under_test.execute("all at once"));
    connections.push_back(under_test.worker.accept());
  }
  for (RawConnection& connection : connections) serve(connection);
  for (auto& answer : answers) EXPECT_EQ(tag_of(answer), "done");
  EXPECT_TRUE(becomes_true([&] { return under_test.pool.stats().open == 2; }));
  EXPECT_EQ(under_test.pool.stats().idle, 2u);
}

TEST(Pool, EndsAConnectionThatIdlesForTooLong) {
  PoolOptions options = test::quick_options();
  options.idle_timeout = 5ms;
  ClientUnderTest under_test(options);
  auto answer = under_test.execute("first");
  RawConnection connection = under_test.worker.accept();
  serve(connection);
  EXPECT_EQ(tag_of(answer), "done");
  EXPECT_TRUE(connection.ended());
  EXPECT_TRUE(becomes_true([&] { return under_test.pool.stats().open == 0; }));
}

TEST(Pool, DoesNotReuseConnectionsOfOldTokens) {
  const test::TemporaryFolder folder;
  const std::string old_token(40, 'o'), new_token(40, 'n');
  const auto file = folder.write("token", old_token + "\n");
  PoolOptions options = test::quick_options();
  options.tokens = TokenRing::from_file(file).value();
  ClientUnderTest under_test(options);
  auto before = under_test.execute("before");
  RawConnection old_connection = under_test.worker.accept();
  serve(old_connection);
  EXPECT_EQ(old_connection.token(), old_token);
  EXPECT_EQ(tag_of(before), "done");

  folder.write("token", new_token + "\n");
  ASSERT_TRUE(under_test.pool.reload());
  auto after = under_test.execute("after");
  RawConnection new_connection = under_test.worker.accept();
  serve(new_connection);
  EXPECT_EQ(new_connection.token(), new_token);
  EXPECT_EQ(tag_of(after), "done");
  EXPECT_TRUE(old_connection.ended());
}

TEST(Pool, DrainsAtOnceWhenItIsIdle) {
  ClientUnderTest under_test;
  auto answer = under_test.execute("first");
  RawConnection connection = under_test.worker.accept();
  serve(connection);
  EXPECT_EQ(tag_of(answer), "done");
  auto drained = under_test.pool.drain(asio::use_future);
  wait(drained);
  EXPECT_TRUE(connection.ended());
  EXPECT_EQ(under_test.pool.stats().open, 0u);
}

TEST(Pool, DrainsWhenTheLastCallHasEndedAndTakesNoNewOne) {
  ClientUnderTest under_test;
  auto busy = under_test.execute("busy");
  RawConnection connection = under_test.worker.accept();
  const FragmentRequest request = connection.request();
  auto drained = under_test.pool.drain(asio::use_future);
  auto late = under_test.execute("late");
  const Diagnostics failure = failure_of(late);
  EXPECT_EQ(failure.code, errc::pool_closed);
  EXPECT_EQ(failure.outcome, Outcome::not_executed);
  EXPECT_EQ(under_test.pool.stats().calls, 1u);
  connection.answer(test::command(request.request_id, "busy"));
  EXPECT_EQ(tag_of(busy), "busy");
  wait(drained);
  EXPECT_TRUE(connection.ended());
}

TEST(Pool, IsCounted) {
  PoolOptions options = test::quick_options();
  options.observer = std::make_shared<Observer>();
  const ClientMetrics& metrics = options.observer->metrics().client;
  {
    ClientUnderTest under_test(options);
    for (int i = 0; i < 2; ++i) {
      auto ping = under_test.client.ping(10s, asio::use_future);
      static std::optional<RawConnection> connection;
      if (i == 0) connection.emplace(under_test.worker.accept());
      connection->cancel();
      connection->answer(test::acknowledged(0));
      EXPECT_TRUE(wait(ping));
      if (i == 1) connection.reset();
    }
    EXPECT_EQ(metrics.calls[CallEnd::ok].value(), 2u);
    EXPECT_EQ(metrics.connections_opened.value(), 1u);
    EXPECT_EQ(metrics.connections_reused.value(), 1u);
    EXPECT_GT(metrics.bytes_sent.value(), 0u);
    EXPECT_GT(metrics.bytes_received.value(), 0u);
  }
  EXPECT_EQ(metrics.connections_open.value(), 0);
  EXPECT_EQ(metrics.connections_idle.value(), 0);
}

// Calls that wait, connect, read and sleep, all at once, when their execution context goes.
TEST(Pool, GoesWithItsExecutionContext) {
  bool called = false;
  auto kept = std::make_shared<int>(0);
  const std::weak_ptr<int> observed = kept;
  test::RawWorker worker;
  {
    PoolOptions options = test::quick_options();
    options.max_connections_per_host = 1;
    options.retry.first = 1h;
    options.retry.longest = 1h;
    asio::io_context io;
    auto pool = ConnectionPool::create(io.get_executor(), options).value();
    const auto ignore = [&called, kept = std::move(kept)](const CallResult<Answer>&) { called = true; };
    FragmentClient client(pool, worker.endpoint());
    FragmentClient nobody(pool, Endpoint("127.0.0.1", 1));  // refuses: its call sleeps before a retry
    client.execute(test::request_of("reads"), CallOptions(), ignore);
    client.execute(test::request_of("waits"), CallOptions(), ignore);
    nobody.execute(test::request_of("sleeps"), CallOptions(), ignore);
    io.run_for(20ms);
    client.execute(test::request_of("begins"), CallOptions(), ignore);
  }
  EXPECT_FALSE(called);
  EXPECT_TRUE(observed.expired());
}

TEST(Pool, CallsOutliveTheObjectsThatMadeThem) {
  test::RawWorker worker;
  asio::io_context io;
  std::optional<CallResult<Answer>> result;
  {
    auto pool = ConnectionPool::create(io.get_executor(), test::quick_options()).value();
    FragmentClient(pool, worker.endpoint())
        .execute(test::request_of("SELECT"), CallOptions(), [&result](CallResult<Answer> r) { result = std::move(r); });
  }
  std::thread script([&worker] {
    RawConnection connection = worker.accept();
    serve(connection);
    EXPECT_TRUE(connection.ended());  // with the last user the pool has gone
  });
  io.run();
  script.join();
  ASSERT_TRUE(result && *result);
}

}  // namespace
}  // namespace ft
