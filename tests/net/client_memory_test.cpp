// SPDX-License-Identifier: Apache-2.0
//
// A client that finds no memory ends the call that wanted it, once, and makes the next one: nothing is lost to a place,
// a count or a drain. Left out is the moment at which Boost 1.81 has made half of a strand, which it does not survive.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "net/raw_worker.hpp"
#include "net/server_harness.hpp"
#include "support/allocations.hpp"

namespace ft {
namespace {

using Outcomes = std::optional<CallResult<Answer>>;

// The client has this thread, the server others, because allocations are counted per thread.
class ClientMemory : public testing::Test {
 protected:
  void SetUp() override {
    if (!test::sees_allocations()) GTEST_SKIP() << "operator new is the sanitizer's: no allocation can be made to fail";
    for (int i = 0; i < 10'000; ++i) asio::make_strand(io_);  // so that all their shared mutexes are there
    half_a_strand_ = test::last_allocation_size();
  }

  /// A pool of one connection, so that a place which is lost is missed.
  ConnectionPool new_pool() {
    PoolOptions options = test::quick_options();
    options.max_connections_per_host = 1;
    options.retry.max_retries = 0;
    options.cancel_timeout = std::chrono::milliseconds(50);  // a cancel for which there is no memory is waited for
    options.observer = observer_;
    return ConnectionPool::create(io_.get_executor(), std::move(options)).value();
  }
  FragmentClient client_of(const ConnectionPool& pool) { return {pool, server_.endpoint()}; }
  static auto store(Outcomes& outcome) {
    return [&outcome](CallResult<Answer> result) {
      ASSERT_FALSE(outcome) << "called twice";
      outcome = std::move(result);
    };
  }
  template <class Condition>
  bool run_until(Condition condition) {
    const auto limit = std::chrono::steady_clock::now() + test::kPatience;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > limit) return false;
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(1));  // the server may be what is waited for
    }
    return true;
  }
  /// Runs `body` with the allocation of this number failing; how many were asked for.
  template <class Body>
  std::size_t with_failing(std::size_t n, Body body) const {
    const test::FailingAllocation failing(n, half_a_strand_);
    const std::size_t before = test::allocations();
    body();
    return test::allocations() - before;
  }
  /// That the pool has lost nothing: it serves a call, and drains.
  void expect_sound(ConnectionPool& pool) {
    EXPECT_EQ(pool.stats().calls, 0U);
    EXPECT_EQ(pool.stats().waiting, 0U);
    Outcomes next;
    client_of(pool).execute(test::request_of("SELECT"), CallOptions(), store(next));
    ASSERT_TRUE(run_until([&] { return next.has_value(); })) << "no place is left for the next call";
    EXPECT_TRUE(*next) << next->error().describe();
    EXPECT_EQ(pool.stats().open, 1U);
    bool drained = false;
    pool.drain([&] { drained = true; });
    EXPECT_TRUE(run_until([&] { return drained; })) << "something is under way for ever";
    EXPECT_EQ(pool.stats().open, 0U);
  }

  test::ServerHarness server_;
  const std::shared_ptr<Observer> observer_ = std::make_shared<Observer>();
  asio::io_context io_;
  std::size_t half_a_strand_ = 0;
};

TEST_F(ClientMemory, ThatEndsAnywhereCostsOneCall) {
  for (const bool warm : {false, true}) {
    SCOPED_TRACE(warm ? "on a connection that stands" : "on a connection that is made");
    for (std::size_t n = 0;; ++n) {
      SCOPED_TRACE(n);
      ConnectionPool pool = new_pool();
      FragmentClient client = client_of(pool);
      if (warm) {
        Outcomes first;
        client.execute(test::request_of("SELECT"), CallOptions(), store(first));
        ASSERT_TRUE(run_until([&] { return first.has_value(); }));
      }
      Outcomes outcome;
      FragmentRequest request = test::request_of("SELECT");
      bool begun = false;
      const std::size_t asked_for = with_failing(n, [&] {
        try {
          client.execute(std::move(request), CallOptions(), store(outcome));
          begun = true;
        } catch (const std::bad_alloc&) {
        }
        ASSERT_NO_THROW(ASSERT_TRUE(!begun || run_until([&] { return outcome.has_value(); }))) << "it has no end";
      });
      if (begun && !*outcome && outcome->error().code != errc::internal) {
        EXPECT_EQ(outcome->error().code, errc::connect_failed) << outcome->error().describe();
      }
      expect_sound(pool);
      if (testing::Test::HasFailure()) return;
      if (asked_for > n) continue;
      EXPECT_TRUE(begun && *outcome);
      EXPECT_GT(n, 10U) << "nothing has failed";
      break;
    }
  }
}

TEST_F(ClientMemory, ThatEndsInACancelCostsNoOtherCall) {
  for (std::size_t n = 0;; ++n) {
    SCOPED_TRACE(n);
    ConnectionPool pool = new_pool();
    FragmentClient client = client_of(pool);
    Outcomes outcome;
    CallHandle handle;
    client.execute(test::request_of("hold"), handle, CallOptions(), store(outcome));
    ASSERT_TRUE(run_until([&] { return server_.server().stats().usage.running == 1; }));
    const std::size_t asked_for = with_failing(n, [&] {
      try {
        handle.cancel();
        ASSERT_NO_THROW(ASSERT_TRUE(run_until([&] { return outcome.has_value(); })));
      } catch (const std::bad_alloc&) {
        handle.cancel();
      }
    });
    ASSERT_TRUE(run_until([&] { return outcome.has_value(); }));
    EXPECT_FALSE(*outcome);
    server_.executor().finish(handle.request_id());
    expect_sound(pool);
    if (testing::Test::HasFailure()) return;
    if (asked_for > n) continue;
    EXPECT_GT(n, 10U) << "nothing has failed";
    break;
  }
}

TEST_F(ClientMemory, ThatEndsWhenAConnectionIsHandedOnEndsBothCalls) {
  for (std::size_t n = 0;; ++n) {
    SCOPED_TRACE(n);
    ConnectionPool pool = new_pool();
    FragmentClient client = client_of(pool);
    Outcomes first, second;
    CallHandle handle;
    client.execute(test::request_of("hold"), handle, CallOptions(), store(first));
    ASSERT_TRUE(run_until([&] { return server_.server().stats().usage.running == 1; }));
    client.execute(test::request_of("SELECT"), CallOptions(), store(second));
    ASSERT_TRUE(run_until([&] { return pool.stats().waiting == 1; }));
    server_.executor().finish(handle.request_id());
    const std::size_t asked_for = with_failing(
        n, [&] { ASSERT_NO_THROW(ASSERT_TRUE(run_until([&] { return first.has_value() && second.has_value(); }))); });
    expect_sound(pool);
    if (testing::Test::HasFailure()) return;
    if (asked_for > n) continue;
    EXPECT_GT(n, 5U) << "nothing has failed";
    break;
  }
}

}  // namespace
}  // namespace ft
