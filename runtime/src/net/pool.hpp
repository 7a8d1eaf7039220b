// SPDX-License-Identifier: Apache-2.0
//
// The inside of a ConnectionPool: PoolCore with its sockets, one mutex around both, and what all calls share.
//
// A call takes a lease, which is a connection of its own or the duty to make one, and gives it back. An idle connection
// has a wait for reading armed: its end closes it at once, and so does any byte, because nobody has asked for one.
// Before a connection is handed out it is looked at once more.
//
// Lifetime: calls hold the pool; the pool holds calls weakly, and nothing that is pending holds the pool. So it dies
// with its last user, or with the execution context, whichever comes first. Locks of one small request: begin, acquire,
// release, end; each for a few hundred nanoseconds, none while user code runs. Thread safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include <boost/asio/steady_timer.hpp>

#include "ft/client.hpp"
#include "ft/session/call.hpp"
#include "ft/session/pool_core.hpp"
#include "net/completion.hpp"
#include "net/stream.hpp"

namespace ft::net {

/// A connection that stands.
struct Link {
  std::shared_ptr<Stream> stream;
  ConnectionTap frames;
  LiveConnection shown;
  bool used = false;  // something was sent on it: a call may give a connection back that it has only made

  Link(std::shared_ptr<Stream> stream_, FrameCapture* capture);
};

/// What acquire gives: a connection, or the right to make one.
struct Lease {
  ConnectionId connection = 0;
  std::shared_ptr<Link> link;  // empty: to be made, then opened() or open_failed()
  bool ping_first = false;
  std::size_t token_place = 0;

  Lease();
};

/// Whoever waits for a lease. Called under the pool's lock: it may post, and nothing else.
class Waiter {
 public:
  virtual ~Waiter() = default;
  virtual void granted(WaiterId waiter, Lease lease) = 0;
};

class Pool;

/// That a call, or a cancel, is under way: it is counted, and waited for by a drain, until this goes.
class UnderWay {
 public:
  UnderWay(std::shared_ptr<Pool> pool, std::shared_ptr<const Endpoint> cancels_at) noexcept;
  UnderWay(UnderWay&&) noexcept = default;
  UnderWay& operator=(UnderWay&&) = delete;
  ~UnderWay();

  bool is_cancel() const noexcept { return cancels_at_ != nullptr; }

 private:
  std::shared_ptr<Pool> pool_;  // empty once it was moved from
  std::shared_ptr<const Endpoint> cancels_at_;
};

class Pool : public std::enable_shared_from_this<Pool> {
 public:
  Pool(asio::any_io_executor executor, PoolOptions options);
  ~Pool();

  const asio::any_io_executor& executor() const noexcept { return executor_; }
  const PoolOptions& options() const noexcept { return options_; }
  const CallRules& rules() const noexcept { return rules_; }
  /// May be null.
  Observer* observer() const noexcept { return options_.observer.get(); }
  /// With the credentials as they are now.
  PoolKey key_of(const Endpoint& worker) const;

  /// Uniform, not secret.
  std::uint64_t random() noexcept;
  /// Unlikely to be in use by another client of the same worker; never 0.
  std::uint64_t next_request_id() noexcept;
  WaiterId next_waiter() noexcept { return waiter_ids_.fetch_add(1, std::memory_order_relaxed); }

  // ---- calls
  /// Nothing while draining: the call must not start.
  std::optional<UnderWay> begin_call();
  void count_retry() noexcept { retries_.fetch_add(1, std::memory_order_relaxed); }
  /// A connection beside the pool, to cancel a call, drain or not: nothing if as many as one per connection are under
  /// way to this host.
  std::optional<UnderWay> begin_cancel(std::shared_ptr<const Endpoint> worker);
  void drain(asio::any_completion_handler<void()> handler);

  // ---- versions
  /// What the worker speaks, if that is known. Without a lock when there is only one version to speak.
  std::optional<Version> version_of(const Endpoint& worker, Instant now) const;
  void learned_version(const Endpoint& worker, Version version, Instant now);

  // ---- connections
  /// A lease, or nothing: `user->granted` will be called unless withdraw() comes first. Errors: too_many_waiters.
  Result<std::optional<Lease>> acquire(const PoolKey& key, const std::shared_ptr<Waiter>& user, WaiterId waiter);
  /// A lease that is granted nevertheless has to be given back.
  void withdraw(WaiterId waiter);
  void opened(ConnectionId connection);
  void open_failed(ConnectionId connection);
  /// `link` is empty if the connection must not be used again; whoever releases it closes it.
  void release(ConnectionId connection, std::shared_ptr<Link> link, std::size_t token_place);

  Result<void> reload();
  ConnectionPool::Stats stats() const;

 private:
  friend class UnderWay;

  struct Idle {
    std::shared_ptr<Link> link;
    std::uint64_t watch = 0;  // number of the wait that is armed, if one is; a wait of an earlier number is stale
  };
  struct Waiting {
    std::weak_ptr<Waiter> user;
    std::optional<Lease> granted;  // though it could not be told yet
  };
  using Waiters = std::unordered_map<WaiterId, Waiting>;

  // All of these under the lock.
  Lease lease_of(const PoolCore::Reuse& reuse);
  static Lease lease_of(const PoolCore::Open& open);
  void settle(Instant now);
  void grant(const PoolCore::Grant& grant, Instant now);
  void tell(Waiters::iterator waiting, Instant now);
  void close_idle(ConnectionId connection, PoolClose why);
  void count_closed(PoolClose why);
  void watch(ConnectionId connection);
  void show();
  void set_timer();

  void end_call();
  void end_cancel(const Endpoint& worker);
  void noticed(ConnectionId connection, std::uint64_t watch);
  void on_timer();
  void end(std::unique_lock<std::mutex> lock);

  const asio::any_io_executor executor_;
  const PoolOptions options_;
  CallRules rules_;
  const std::uint64_t seed_;
  std::atomic<std::uint64_t> draws_{0};
  std::atomic<std::uint64_t> request_ids_;
  std::atomic<WaiterId> waiter_ids_{1};
  std::atomic<std::uint64_t> retries_{0};

  mutable std::mutex mutex_;  // of all below
  PoolCore core_;
  std::unordered_map<ConnectionId, Idle> idle_;
  Waiters waiters_;
  bool untold_ = false;                         // one of them is granted what it waits for, and does not know
  std::map<Endpoint, std::size_t> cancels_to_;  // under way
  PeerVersions versions_;
  std::vector<Completion<>> drains_;
  std::size_t calls_ = 0;
  std::size_t cancels_ = 0;
  bool draining_ = false;
  std::uint64_t watches_ = 0, opened_ = 0, reused_ = 0, cancels_sent_ = 0;
  PoolCore::Usage shown_;  // what the gauges say
  asio::steady_timer timer_;
  Instant armed_ = kNever;
};

}  // namespace ft::net
