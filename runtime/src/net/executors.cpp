// SPDX-License-Identifier: Apache-2.0
//
// The executors of ft/server.hpp: a function on threads, a coroutine on an executor.
#include <memory>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "ft/server.hpp"

namespace ft {

ExecutionDone::ExecutionDone(std::shared_ptr<Waiter> waiter) noexcept : waiter_(std::move(waiter)) {}

ExecutionDone& ExecutionDone::operator=(ExecutionDone&& other) noexcept {
  if (this == &other) return *this;
  const ExecutionDone dropped(std::exchange(waiter_, std::move(other.waiter_)));
  return *this;
}

ExecutionDone::~ExecutionDone() {
  if (waiter_) fail(nullptr);
}

void ExecutionDone::operator()(ExecutionOutcome outcome) {
  if (const auto waiter = std::exchange(waiter_, nullptr)) waiter->ended(std::move(outcome));
}

void ExecutionDone::fail(std::exception_ptr why) {
  if (const auto waiter = std::exchange(waiter_, nullptr)) waiter->failed(std::move(why));
}

namespace {

using BlockingFunction = std::function<ExecutionOutcome(const FragmentRequest&, const ExecutionContext&)>;
using CoroutineFunction = std::function<asio::awaitable<ExecutionOutcome>(FragmentRequest, ExecutionContext)>;

// The last reference to an executor may go on one of its own threads, behind the job of a server that is gone; such a
// thread cannot wait for itself.
struct DeletePool {
  void operator()(asio::thread_pool* pool) const {
    if (!pool->get_executor().running_in_this_thread()) {
      delete pool;
      return;
    }
    std::thread([pool] { delete pool; }).detach();
  }
};

class BlockingExecutor final : public FragmentExecutor {
 public:
  BlockingExecutor(std::size_t threads, BlockingFunction run)
      : run_(std::make_shared<const BlockingFunction>(std::move(run))), pool_(new asio::thread_pool(threads)) {}

  void execute(FragmentRequest request, ExecutionContext context, ExecutionDone done) override {
    asio::post(*pool_, [run = run_, request = std::move(request), context = std::move(context),
                        done = std::move(done)]() mutable {
      try {
        done((*run)(request, context));
      } catch (...) {
        done.fail(std::current_exception());
      }
    });
  }

 private:
  std::shared_ptr<const BlockingFunction> run_;
  std::unique_ptr<asio::thread_pool, DeletePool> pool_;
};

asio::awaitable<void> run_coroutine(std::shared_ptr<const CoroutineFunction> run, FragmentRequest request,
                                    ExecutionContext context, ExecutionDone done) {
  try {
    asio::awaitable<ExecutionOutcome> job = (*run)(std::move(request), std::move(context));
    ExecutionOutcome outcome = co_await std::move(job);
    done(std::move(outcome));
  } catch (...) {
    done.fail(std::current_exception());
  }
}

class CoroutineExecutor final : public FragmentExecutor {
 public:
  CoroutineExecutor(asio::any_io_executor where, CoroutineFunction run)
      : where_(std::move(where)), run_(std::make_shared<const CoroutineFunction>(std::move(run))) {}

  void execute(FragmentRequest request, ExecutionContext context, ExecutionDone done) override {
    asio::co_spawn(where_, run_coroutine(run_, std::move(request), std::move(context), std::move(done)),
                   asio::detached);
  }

 private:
  asio::any_io_executor where_;
  std::shared_ptr<const CoroutineFunction> run_;
};

}  // namespace

std::shared_ptr<FragmentExecutor> blocking_executor(std::size_t threads, BlockingFunction run) {
  if (threads == 0 || threads > 1024)
    throw Exception(invalid_configuration("threads of a blocking executor: 1 to 1024"));
  return std::make_shared<BlockingExecutor>(threads, std::move(run));
}

std::shared_ptr<FragmentExecutor> coroutine_executor(asio::any_io_executor where, CoroutineFunction run) {
  return std::make_shared<CoroutineExecutor>(std::move(where), std::move(run));
}

}  // namespace ft
