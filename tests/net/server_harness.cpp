// SPDX-License-Identifier: Apache-2.0
#include "net/server_harness.hpp"

#include <stdexcept>
#include <utility>

namespace ft::test {
namespace {

ExecutionOutcome answer_to(const std::string& tag) {
  if (tag == "throw") throw std::runtime_error("a text that no peer may see");
  if (tag.starts_with("error:")) return SqlError(tag.substr(6), "the executor says no");
  if (tag.starts_with("bytes:")) {
    ExecutionResult::CopyOut copy;
    copy.data.assign(std::stoul(tag.substr(6)), 'x');
    copy.column_count = 1;
    return ExecutionResult(std::move(copy));
  }
  ExecutionResult::Command command;
  command.tag = tag;
  return ExecutionResult(std::move(command));
}

}  // namespace

struct PlayedExecutor::Held {
  Held(PlayedExecutor& all_, ExecutionContext context_, ExecutionDone done_)
      : context(std::move(context_)), done(std::move(done_)), on_stop(context.stop, Notify{all_}) {}

  struct Notify {
    PlayedExecutor& all;
    void operator()() const { all.changed_.notify_all(); }
  };
  ExecutionContext context;
  ExecutionDone done;
  std::stop_callback<Notify> on_stop;
};

PlayedExecutor::PlayedExecutor() = default;
PlayedExecutor::~PlayedExecutor() = default;

void PlayedExecutor::execute(FragmentRequest request, ExecutionContext context, ExecutionDone done) {
  const std::uint64_t id = request.request_id;
  const std::string tag = request.plan.get_if<PhysicalPlan::InternalNoOp>()->tag;
  {
    const std::lock_guard lock(mutex_);
    ++executions_;
    if (tag == "hold") {
      held_[id] = std::make_unique<Held>(*this, std::move(context), std::move(done));
      changed_.notify_all();
      return;
    }
  }
  if (tag == "drop") return;
  done(answer_to(tag));
}

void PlayedExecutor::await_started(std::uint64_t id) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kPatience, [&] { return held_.contains(id); })) {
    throw std::runtime_error("request never started: " + std::to_string(id));
  }
}

void PlayedExecutor::await_stop(std::uint64_t id) {
  std::unique_lock lock(mutex_);
  // A stop is asked for without our mutex, so its notification may be missed: look again every millisecond.
  const auto limit = std::chrono::steady_clock::now() + kPatience;
  while (!held_.at(id)->context.stop.stop_requested()) {
    if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("request never told to stop");
    changed_.wait_for(lock, std::chrono::milliseconds(1));
  }
}

bool PlayedExecutor::stop_requested(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  return held_.at(id)->context.stop.stop_requested();
}

ExecutionContext PlayedExecutor::context(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  return held_.at(id)->context;
}

void PlayedExecutor::finish(std::uint64_t id) {
  std::unique_ptr<Held> held;
  {
    const std::lock_guard lock(mutex_);
    held = std::move(held_.at(id));
    held_.erase(id);
  }
  held->done(answer_to("hold"));
}

std::size_t PlayedExecutor::executions() {
  const std::lock_guard lock(mutex_);
  return executions_;
}

ServerOptions loopback_options() {
  ServerOptions options;
  options.listen.emplace_back("127.0.0.1", std::uint16_t{0});
  options.tokens = TokenRing::create({AuthToken(kToken)}).value();
  return options;
}

ServerHarness::ServerHarness(ServerOptions options, unsigned threads)
    : ServerHarness(std::move(options), nullptr, threads) {}

ServerHarness::ServerHarness(ServerOptions options, std::shared_ptr<FragmentExecutor> executor, unsigned threads) {
  if (!executor) executor = played_ = std::make_shared<PlayedExecutor>();
  server_ = FragmentServer::start(io_.get_executor(), std::move(options), std::move(executor)).value();
  for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { io_.run(); });
}

// The drain ends all connections, so the threads run out of work.
ServerHarness::~ServerHarness() {
  server_.reset();
  for (std::thread& thread : threads_) thread.join();
}

std::future<FragmentServer::DrainReport> ServerHarness::drain() {
  auto promise = std::make_shared<std::promise<FragmentServer::DrainReport>>();
  server_->drain([promise](FragmentServer::DrainReport report) { promise->set_value(report); });
  return promise->get_future();
}

}  // namespace ft::test
