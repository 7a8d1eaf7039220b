// SPDX-License-Identifier: Apache-2.0
//
// ConnectionPool: which connections are kept, who waits for them, how it ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/strand.hpp>
#include <memory>
#include <stdexcept>
#include <utility>

#include "ft/server.hpp"
#include "net/pool.hpp"
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
    if (pool) return std::string();
    EXPECT_EQ(pool.error().code, errc::invalid_configuration);
    return pool.error().detail;
  };
  using testing::StartsWith;
  EXPECT_EQ(problem([](PoolOptions&) {}), "");
  EXPECT_THAT(problem([](PoolOptions& o) { o.tokens = nullptr; }), StartsWith("PoolOptions::tokens"));
  for (const auto count :
       {&PoolOptions::max_connections_per_host, &PoolOptions::max_idle_per_host, &PoolOptions::max_waiters_per_host}) {
    EXPECT_THAT(problem([count](PoolOptions& o) { o.*count = 0; }), StartsWith("PoolOptions::max_"));
    EXPECT_THAT(problem([count](PoolOptions& o) { o.*count = 1'000'001; }), StartsWith("PoolOptions::max_"));
    EXPECT_EQ(problem([count](PoolOptions& o) { o.*count = 1'000'000; }), "");
  }
  EXPECT_EQ(problem([](PoolOptions& o) { o.max_idle_per_host = 0; }),
            "PoolOptions::max_idle_per_host: from 1 to 1000000, not 0");
  EXPECT_THAT(problem([](PoolOptions& o) { o.connect_timeout = 0ms; }), StartsWith("PoolOptions::connect_timeout"));
  EXPECT_THAT(problem([](PoolOptions& o) { o.max_age = -1ms; }), StartsWith("PoolOptions::max_age"));
  EXPECT_THAT(problem([](PoolOptions& o) { o.cancel_timeout = std::chrono::hours(24 * 366); }),
              StartsWith("PoolOptions::cancel_timeout"));
  EXPECT_THAT(problem([](PoolOptions& o) { o.age_jitter = 2; }), StartsWith("PoolOptions::age_jitter"));
  EXPECT_THAT(problem([](PoolOptions& o) { o.retry.first = 0ms; }), StartsWith("PoolOptions::retry: "));
  EXPECT_THAT(problem([](PoolOptions& o) { o.retry.max_retries = 1000; }), StartsWith("PoolOptions::retry: "));
}

// What one side takes the other takes as well.
TEST(Pool, HasTheServersBoundsOfKeepalive) {
  for (const auto& [keepalive, good] :
       {std::pair<std::chrono::milliseconds, bool>(999ms, false), {1s, true}, {9h, true}, {9h + 1ms, false}}) {
    PoolOptions client = test::quick_options();
    ServerOptions server;
    server.listen = {Endpoint("127.0.0.1", 0)};
    server.tokens = client.tokens;
    client.keepalive = server.keepalive = keepalive;
    EXPECT_EQ(client.validate().has_value(), good) << keepalive.count();
    EXPECT_EQ(server.validate().has_value(), good) << keepalive.count();
  }
}

TEST(Pool, CountsACallOffWhoseHandlerThrows) {
  test::RawWorker worker;
  asio::io_context io;
  // A strand calls handlers in place, and lets what they throw pass.
  const auto pool = ConnectionPool::create(asio::make_strand(io), test::quick_options()).value();
  FragmentClient(pool, worker.endpoint())
      .execute(test::request_of("SELECT"), CallOptions(),
               [](const CallResult<Answer>&) { throw std::runtime_error("of the user"); });
  std::thread script([&worker] {
    RawConnection connection = worker.accept();
    serve(connection);
    EXPECT_TRUE(connection.ended());
  });
  EXPECT_THROW(io.run(), std::runtime_error);
  EXPECT_EQ(pool.stats().calls, 0u);
  EXPECT_EQ(pool.stats().idle, 1u) << "the connection is as good as before";

  // And so it drains, for everybody who waits for it.
  bool drained = false;
  pool.drain([] { throw std::runtime_error("of the user"); });
  pool.drain([&drained] { drained = true; });
  EXPECT_THROW(io.run_for(test::kPatience), std::runtime_error);
  io.run_for(test::kPatience);
  EXPECT_TRUE(drained);
  script.join();
}

/// Leaves the queue without a word.
class Leaver final : public net::Waiter {
 public:
  void granted(WaiterId, net::Lease) override { ADD_FAILURE() << "it has left"; }
};

TEST(Pool, WatchesAConnectionOnceWhoeverWasToHaveIt) {
  const auto handlers_run = [](bool waited_for) {
    test::RawWorker worker;
    asio::io_context io;
    PoolOptions options = test::quick_options();
    options.max_connections_per_host = 1;
    const auto pool = std::make_shared<net::Pool>(io.get_executor(), options);
    const PoolKey key = pool->key_of(worker.endpoint());
    const ConnectionId connection = pool->acquire(key, nullptr, 1).value()->connection;
    net::Socket socket(net::Strand(pool->executor()));
    socket.connect({asio::ip::make_address(worker.endpoint().host), worker.endpoint().port});
    pool->opened(connection);
    if (waited_for) {
      EXPECT_FALSE(*pool->acquire(key, std::make_shared<Leaver>(), 2));
    }
    auto stream = std::make_shared<net::Stream>(std::move(socket));
    pool->release(connection, std::make_shared<net::Link>(std::move(stream), nullptr), 0);
    worker.accept().close();
    return io.run();
  };
  EXPECT_EQ(handlers_run(true), handlers_run(false));
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

  // A cancel may be what ends it.
  CancelRequest cancel;
  cancel.request_id = request.request_id;
  auto cancelled = under_test.client.cancel(cancel, 10s, asio::use_future);
  RawConnection second = under_test.worker.accept();
  EXPECT_EQ(second.cancel(), cancel);
  second.answer(test::acknowledged(request.request_id));
  EXPECT_TRUE(wait(cancelled));

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

TEST(Pool, ShowsWhatItsConnectionsWaitFor) {
  PoolOptions options = test::quick_options();
  options.observer = std::make_shared<Observer>();
  TlsClientConfig trusting;
  trusting.verify = TlsVerify::none;
  PoolOptions encrypted = options;
  encrypted.tls = TlsClientCredentials::load(trusting).value();
  const auto listed = [&list = options.observer->live()] { return list.json(Now::read()); };
  using testing::HasSubstr;

  ClientUnderTest under_test(options);
  FragmentRequest request = test::request_of("SELECT");
  request.request_id = 77;
  auto answer = under_test.execute(request);
  RawConnection connection = under_test.worker.accept();
  connection.request();
  EXPECT_THAT(listed(), HasSubstr("{\"peer\":\"" + under_test.worker.endpoint().to_string() +
                                  "\",\"direction\":\"out\",\"since\""));
  EXPECT_THAT(listed(), HasSubstr("\"phase\":\"busy\",\"tls\":false,\"requests\":1,\"request_id\":77}"));
  connection.answer(test::command(77, "done"));
  EXPECT_EQ(tag_of(answer), "done");
  EXPECT_THAT(listed(), HasSubstr("\"phase\":\"ready\",\"tls\":false,\"requests\":1,\"request_id\":null}"));
  connection.close();
  EXPECT_TRUE(becomes_true([&] { return listed().find("\"connections\":[]") != std::string::npos; }));

  ClientUnderTest silent(encrypted);
  CallOptions unretried;
  unretried.max_retries = 0;
  request.request_id = 78;
  auto refused = silent.execute(request, unretried);
  RawConnection mute = silent.worker.accept();
  EXPECT_THAT(listed(), HasSubstr("\"phase\":\"handshake\",\"tls\":true,\"requests\":0,\"request_id\":78}"));
  mute.close();
  EXPECT_EQ(failure_of(refused).code, errc::connect_failed);
  EXPECT_THAT(listed(), HasSubstr("\"connections\":[]"));
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
