// SPDX-License-Identifier: Apache-2.0
//
// What the calls of a pool share: rules, numbers, their count, and its end. Connections: pool_connections.cpp.
#include "net/pool.hpp"

#include <random>
#include <utility>

#include <boost/asio/post.hpp>

#include "ft/core/split_mix64.hpp"
#include "net/reload.hpp"

namespace ft::net {

namespace {

std::uint64_t draw_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

PoolLimits limits_of(const PoolOptions& options) {
  PoolLimits limits;
  limits.max_connections_per_host = options.max_connections_per_host;
  limits.max_idle_per_host = options.max_idle_per_host;
  limits.max_waiters_per_host = options.max_waiters_per_host;
  limits.idle_timeout = options.idle_timeout;
  limits.max_age = options.max_age;
  limits.age_jitter = options.age_jitter;
  limits.validate_after = options.validate_after;
  return limits;
}

}  // namespace

Pool::Pool(asio::any_io_executor executor, PoolOptions options)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      seed_(draw_seed()),
      // Workers tell requests apart by id and key; a start of its own per client keeps their logs apart as well. Below
      // 2^53, so that every JSON tool can show it.
      request_ids_((seed_ >> 16) | 1),
      core_(limits_of(options_)),
      timer_(executor_) {
  rules_.tokens = options_.tokens;
  rules_.budget = std::make_shared<RetryBudget>(options_.retry);
  rules_.retry = options_.retry;
  rules_.ping_timeout = options_.cancel_timeout;
  rules_.cancel_timeout = options_.cancel_timeout;
}

Pool::~Pool() {
  // The waits that are armed on them hold them.
  for (const auto& [connection, idle] : idle_) idle.link->stream->close();
  if (Observer* const shown = observer()) {
    ClientMetrics& metrics = shown->metrics().client;
    metrics.connections_open.sub(static_cast<std::int64_t>(shown_.open));
    metrics.connections_idle.sub(static_cast<std::int64_t>(shown_.idle));
    metrics.calls_waiting.sub(static_cast<std::int64_t>(shown_.waiting));
  }
}

PoolKey Pool::key_of(const Endpoint& worker) const {
  return PoolKey(worker, options_.tls ? options_.tls->snapshot().generation : 0, options_.tokens->generation());
}

std::uint64_t Pool::random() noexcept { return split_mix64(seed_, draws_.fetch_add(1, std::memory_order_relaxed)); }

std::uint64_t Pool::next_request_id() noexcept {
  const std::uint64_t id = request_ids_.fetch_add(1, std::memory_order_relaxed);
  return id != 0 ? id : request_ids_.fetch_add(1, std::memory_order_relaxed);
}

// ---- calls

UnderWay::UnderWay(std::shared_ptr<Pool> pool, std::shared_ptr<const Endpoint> cancels_at) noexcept
    : pool_(std::move(pool)), cancels_at_(std::move(cancels_at)) {}

UnderWay::~UnderWay() {
  if (!pool_) return;
  if (is_cancel()) {
    pool_->end_cancel(*cancels_at_);
  } else {
    pool_->end_call();
  }
}

std::optional<UnderWay> Pool::begin_call() {
  const std::lock_guard lock(mutex_);
  if (draining_) return std::nullopt;
  ++calls_;
  return std::optional<UnderWay>(std::in_place, shared_from_this(), nullptr);
}

void Pool::end_call() {
  std::unique_lock lock(mutex_);
  --calls_;
  end(std::move(lock));
}

std::optional<UnderWay> Pool::begin_cancel(std::shared_ptr<const Endpoint> worker) {
  const std::lock_guard lock(mutex_);
  std::size_t& under_way = cancels_to_[*worker];
  if (under_way == options_.max_connections_per_host) return std::nullopt;
  ++under_way;
  ++cancels_;
  ++cancels_sent_;
  return std::optional<UnderWay>(std::in_place, shared_from_this(), std::move(worker));
}

void Pool::end_cancel(const Endpoint& worker) {
  std::unique_lock lock(mutex_);
  const auto found = cancels_to_.find(worker);
  if (--found->second == 0) cancels_to_.erase(found);
  --cancels_;
  end(std::move(lock));
}

std::optional<Version> Pool::version_of(const Endpoint& worker, Instant now) const {
  if (rules_.versions.min == rules_.versions.max) return rules_.versions.max;
  const std::lock_guard lock(mutex_);
  return versions_.of(worker, now);
}

void Pool::learned_version(const Endpoint& worker, Version version, Instant now) {
  const std::lock_guard lock(mutex_);
  versions_.learned(worker, version, now);
}

void Pool::drain(asio::any_completion_handler<void()> handler) {
  Completion<> completion(std::move(handler), executor_);
  std::unique_lock lock(mutex_);
  draining_ = true;
  core_.drain();
  settle(std::chrono::steady_clock::now());
  drains_.push_back(std::move(completion));
  end(std::move(lock));
}

void Pool::end(std::unique_lock<std::mutex> lock) {
  if (!draining_ || calls_ + cancels_ > 0) return;
  std::vector<Completion<>> done = std::move(drains_);
  drains_.clear();
  lock.unlock();
  // Not inside of whatever ended the last call; and none of them keeps the next from being called, should it throw.
  for (Completion<>& completion : done) {
    asio::post(executor_, [completed = std::move(completion)]() mutable { std::move(completed)(); });
  }
}

// ---- for the operator

void Pool::show() {
  if (!observer()) return;
  ClientMetrics& metrics = observer()->metrics().client;
  const PoolCore::Usage usage = core_.usage();
  const auto difference = [](std::size_t is, std::size_t was) {
    return static_cast<std::int64_t>(is) - static_cast<std::int64_t>(was);
  };
  metrics.connections_open.add(difference(usage.open, shown_.open));
  metrics.connections_idle.add(difference(usage.idle, shown_.idle));
  metrics.calls_waiting.add(difference(usage.waiting, shown_.waiting));
  shown_ = usage;
}

Result<void> Pool::reload() { return net::reload(*options_.tokens, options_.tls.get(), observer(), "the client"); }

ConnectionPool::Stats Pool::stats() const {
  const std::lock_guard lock(mutex_);
  const PoolCore::Usage usage = core_.usage();
  ConnectionPool::Stats stats;
  stats.open = usage.open;
  stats.idle = usage.idle;
  stats.waiting = usage.waiting;
  stats.calls = calls_;
  stats.opened = opened_;
  stats.reused = reused_;
  stats.retries = retries_.load(std::memory_order_relaxed);
  stats.cancels = cancels_sent_;
  return stats;
}

}  // namespace ft::net
