// SPDX-License-Identifier: Apache-2.0
//
// The executors that come with the library, and what becomes of their exceptions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <barrier>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <latch>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "net/server_harness.hpp"
#include "support/net.hpp"

namespace ft::test {
namespace {

using testing::ElementsAre;

const std::string& tag_of(const FragmentRequest& request) {
  return request.plan.get_if<PhysicalPlan::InternalNoOp>()->tag;
}

ExecutionOutcome command_outcome(std::string tag) {
  ExecutionResult::Command command;
  command.tag = std::move(tag);
  return ExecutionResult(std::move(command));
}

TEST(BlockingExecutor, RunsAsManyAtOnceAsItHasThreads) {
  std::latch both(2);
  ServerHarness server(loopback_options(),
                       blocking_executor(2, [&](const FragmentRequest& request, const ExecutionContext&) {
                         both.arrive_and_wait();
                         return command_outcome(tag_of(request));
                       }));
  RawClient first(server.endpoint());
  RawClient second(server.endpoint());
  first.send(execute(1, "A"));
  second.send(execute(2, "B"));
  EXPECT_EQ(first.answer(), command(1, "A"));
  EXPECT_EQ(second.answer(), command(2, "B"));
}

TEST(BlockingExecutor, SeesTheStop) {
  ServerHarness server(loopback_options(),
                       blocking_executor(1, [](const FragmentRequest&, const ExecutionContext& context) {
                         while (!context.stop.stop_requested()) std::this_thread::yield();
                         return ExecutionOutcome(SqlError("57014", "stopped"));
                       }));
  {
    RawClient client(server.endpoint());
    client.send(execute(7, "SELECT"));
    server.await([](const FragmentServer::Stats& stats) { return stats.usage.running == 1; });
  }
  server.await([](const FragmentServer::Stats& stats) { return stats.usage.running == 0; });
}

TEST(BlockingExecutor, AnExceptionGoesToTheLogAndNotToThePeer) {
  std::mutex mutex;
  std::vector<std::string> texts;
  ServerOptions options = loopback_options();
  options.observer = std::make_shared<Observer>();
  options.observer->log([&](const LogRecord& record) {
    const std::lock_guard lock(mutex);
    if (record.event == LogEvent::executor_failed) texts.push_back(record.text);
  });
  ServerHarness server(options,
                       blocking_executor(1, [](const FragmentRequest&, const ExecutionContext&) -> ExecutionOutcome {
                         throw std::runtime_error("disk on fire");
                       }));
  RawClient client(server.endpoint());
  client.send(execute(7, "SELECT"));
  const FragmentResponse answer = client.answer();
  EXPECT_EQ(failure(answer), (Failure{7, "XX000"}));
  EXPECT_EQ(message(answer), "internal error");
  const std::lock_guard lock(mutex);
  EXPECT_THAT(texts, ElementsAre("disk on fire"));
}

TEST(BlockingExecutor, WantsAReasonableNumberOfThreads) {
  const auto run = [](const FragmentRequest&, const ExecutionContext&) { return command_outcome("x"); };
  EXPECT_THROW(blocking_executor(0, run), Exception);
  EXPECT_THROW(blocking_executor(1025, run), Exception);
}

boost::asio::awaitable<ExecutionOutcome> wait_a_little(FragmentRequest request, ExecutionContext) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, std::chrono::milliseconds(1));
  co_await timer.async_wait(boost::asio::use_awaitable);
  if (tag_of(request) == "throw") throw std::runtime_error("a text that no peer may see");
  co_return command_outcome(tag_of(request));
}

TEST(CoroutineExecutor, AnswersWhenTheCoroutineReturns) {
  boost::asio::thread_pool pool(1);
  ServerHarness server(loopback_options(), coroutine_executor(pool.get_executor(), wait_a_little));
  RawClient client(server.endpoint());
  client.send(execute(7, "SELECT"));
  EXPECT_EQ(client.answer(), command(7, "SELECT"));
  client.send(execute(8, "throw"));
  const FragmentResponse answer = client.answer();
  EXPECT_EQ(failure(answer), (Failure{8, "XX000"}));
  EXPECT_EQ(message(answer), "internal error");
}

// The server and all else that knew the executor are gone when the job ends, on a thread of that executor.
TEST(BlockingExecutor, MayBeReleasedByItsOwnLastJob) {
  std::latch started(1), go(1), ended(1);
  {
    ServerHarness server(loopback_options(), blocking_executor(1, [&](const FragmentRequest&, const ExecutionContext&) {
                           started.count_down();
                           go.wait();
                           ended.count_down();
                           return command_outcome("late");
                         }));
    RawClient client(server.endpoint());
    client.send(execute(7, "SELECT"));
    started.wait();
    client.close();
    server.await([](const FragmentServer::Stats& stats) { return stats.usage.abandoned == 1; });
    go.count_down();
  }
  ended.wait();
}

// The end of a job meets the end of its connection, of its server and of their execution context, in any order.
TEST(BlockingExecutor, AJobMayEndWhileEverythingAroundItGoes) {
  for (int i = 0; i < 50; ++i) {
    const auto executor = blocking_executor(2, [](const FragmentRequest&, const ExecutionContext& context) {
      while (!context.stop.stop_requested()) std::this_thread::yield();
      return command_outcome("late");
    });
    ServerOptions options = loopback_options();
    options.drain_timeout = std::chrono::milliseconds(1);
    ServerHarness server(std::move(options), executor, 1);
    RawClient first(server.endpoint());
    RawClient second(server.endpoint());
    first.send(execute(1, "SELECT"));
    second.send(execute(2, "SELECT"));
    server.await([](const FragmentServer::Stats& stats) { return stats.usage.running == 2; });
    first.close();
    second.half_close();
  }
}

// The same with a context that nobody runs any more, so that its destructor ends the connection.
TEST(ExecutionDone, MayBeCalledWhileItsContextIsDestroyed) {
  class Parked final : public FragmentExecutor {
   public:
    void execute(FragmentRequest, ExecutionContext, ExecutionDone done) override { job.emplace(std::move(done)); }
    std::optional<ExecutionDone> job;
  };
  for (int i = 0; i < 300; ++i) {
    const auto executor = std::make_shared<Parked>();
    std::optional<boost::asio::io_context> io(std::in_place);
    std::optional<FragmentServer> server =
        FragmentServer::start(io->get_executor(), loopback_options(), executor).value();
    RawClient client(server->endpoints()[0]);
    client.send(execute(7, "SELECT"));
    while (!executor->job) io->run_one();
    server.reset();
    std::barrier go(2);
    std::thread job([&] {
      go.arrive_and_wait();
      (*executor->job)(command_outcome("late"));
    });
    go.arrive_and_wait();
    io.reset();
    job.join();
  }
}

class CountingWaiter final : public ExecutionDone::Waiter {
 public:
  void ended(ExecutionOutcome) override { ++ends; }
  void failed(std::exception_ptr why) override { why ? ++failures : ++drops; }

  int ends = 0, failures = 0, drops = 0;
};

TEST(ExecutionDone, DropsItsJobWhenItTakesAnotherOne) {
  const auto first = std::make_shared<CountingWaiter>(), second = std::make_shared<CountingWaiter>();
  ExecutionDone done(first);
  ExecutionDone other(second);
  done = std::move(other);
  EXPECT_EQ(first->drops, 1) << "answered now, not when the other one is gone";
  EXPECT_EQ(second->drops, 0);
  ExecutionDone& itself = done;
  done = std::move(itself);
  done(command_outcome("x"));
  EXPECT_EQ(second->ends, 1);
  EXPECT_EQ(first->drops + first->ends, 1);
}

}  // namespace
}  // namespace ft::test
