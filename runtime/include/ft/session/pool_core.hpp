// SPDX-License-Identifier: Apache-2.0
//
// Who gets which connection: reuse, open, wait, close. Bookkeeping only; the shell owns the sockets, guards this object
// with a mutex and performs what it says.
//
//   PoolCore::Verdict verdict = core.acquire(key, waiter, now);
//   Reuse: go ahead    Open: connect, then opened() or open_failed()    Wait: a Grant with this waiter follows
//   core.release(connection, reusable, token_place, now);        // when the call is over, or the connection broke
//   while (auto event = core.next()) perform it                  // after every call: Grant, Close
//   at core.deadline(): core.expire(now)
//
// Limits hold per host (an endpoint): connections in all, idle ones, waiters. Waiters are served first come first
// served. The connection that was used last is reused first, so that the others can grow old and go. Within a host only
// connections of its latest credentials (PoolKey) are reused; older ones are closed as soon as they are idle. Time per
// operation: O(log n). Memory: whatever a connection will need is taken by the acquire that makes it, so that alone can
// fail, and then nothing has changed; events have to be taken after every call. Not thread safe.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "ft/core/endpoint.hpp"
#include "ft/core/errc.hpp"
#include "ft/session/time.hpp"

namespace ft {

/// The part of PoolOptions that concerns the core. All numbers at least 1, all durations positive.
struct PoolLimits {
  std::size_t max_connections_per_host = 64;
  std::size_t max_idle_per_host = 8;
  std::size_t max_waiters_per_host = 1024;
  std::chrono::nanoseconds idle_timeout = std::chrono::seconds(60);
  std::chrono::nanoseconds max_age = std::chrono::minutes(30);
  double age_jitter = 0.1;  // a connection lives between (1 - age_jitter) * max_age and max_age
  std::chrono::nanoseconds validate_after = std::chrono::seconds(5);

  PoolLimits();
};

/// Connections of one key are alike: same peer, same credentials. Generations only grow.
struct PoolKey {
  Endpoint endpoint;
  std::uint64_t tls_generation = 0;
  std::uint64_t token_generation = 0;

  PoolKey();
  PoolKey(Endpoint endpoint_, std::uint64_t tls_generation_, std::uint64_t token_generation_);
};

using ConnectionId = std::uint64_t;  // given by the core, never reused
using WaiterId = std::uint64_t;      // chosen by the caller, unique while it waits

class PoolCore {
 public:
  /// Take this idle connection.
  struct Reuse {
    ConnectionId connection;
    bool ping_first;          // it was idle for validate_after or longer
    std::size_t token_place;  // of the token that the host took last
  };
  /// Make a connection, with the credentials of now, and call it this. It counts from now on.
  struct Open {
    ConnectionId connection;
    std::size_t token_place;
  };
  /// Every connection of the host is in use. A Grant will follow, unless withdraw comes first.
  struct Wait {};
  /// too_many_waiters.
  struct Refused {
    errc why;
  };
  using Verdict = std::variant<Reuse, Open, Wait, Refused>;

  // ---- events
  /// The end of waiting.
  struct Grant {
    WaiterId waiter;
    std::variant<Reuse, Open> what;
  };
  enum class Reason : std::uint8_t {
    idle,      // for longer than idle_timeout
    aged,      // beyond max_age
    surplus,   // more idle ones than allowed
    outdated,  // made with older credentials
    drained,
  };
  /// Close this idle connection (close_notify, FIN). It is forgotten here already.
  struct Close {
    ConnectionId connection;
    Reason reason;
  };
  using Event = std::variant<Grant, Close>;

  explicit PoolCore(const PoolLimits& limits);
  ~PoolCore();

  Verdict acquire(const PoolKey& key, WaiterId waiter, Instant now);
  /// The waiter has given up. False if it was not waiting: it has its connection, or its Grant is under way.
  bool withdraw(WaiterId waiter) noexcept;

  /// The connection stands. `random` is uniform and sets its age limit.
  void opened(ConnectionId connection, std::uint64_t random, Instant now) noexcept;
  /// It could not be made, or is not wanted any more: its place goes to the first waiter.
  void open_failed(ConnectionId connection, Instant now) noexcept;
  /// Its user has done with it. If it is not reusable, the shell closes it and the core forgets it; otherwise it goes
  /// to the first waiter, or idles, or comes back as Close.
  void release(ConnectionId connection, bool reusable, std::size_t token_place, Instant now) noexcept;
  /// An idle connection was ended by the peer, or sent something unasked: the shell closes it. False if it is not idle:
  /// whoever uses it finds out.
  bool lost(ConnectionId connection) noexcept;

  /// Closes what has been idle for too long or is too old.
  void expire(Instant now) noexcept;
  Instant deadline() const noexcept;

  /// From now on no connection idles: idle ones are closed, released ones go to a waiter or are closed.
  void drain() noexcept;

  std::optional<Event> next() noexcept;

  struct Usage {
    std::size_t open = 0;  // idle, in use or being opened
    std::size_t idle = 0;
    std::size_t waiting = 0;
    friend bool operator==(const Usage&, const Usage&) = default;
  };
  Usage usage() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ft
