// SPDX-License-Identifier: Apache-2.0
#include "ft/session/pool_core.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <list>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ft {

namespace {

struct HashEndpoint {
  std::size_t operator()(const Endpoint& endpoint) const noexcept {
    return std::hash<std::string>()(endpoint.host) * 31 + endpoint.port;
  }
};

/// Which credentials a connection was made with; a later reload makes a greater one.
struct Generation {
  std::uint64_t tls = 0;
  std::uint64_t token = 0;
  friend bool operator==(const Generation&, const Generation&) = default;
};

struct Host {
  Generation latest;
  std::size_t open = 0;            // idle, in use or being opened
  std::size_t token_place = 0;     // of the token that was taken last
  std::vector<ConnectionId> idle;  // the one used last at the back
  std::list<WaiterId> waiters;     // the first come at the front
};
using Hosts = std::unordered_map<Endpoint, Host, HashEndpoint>;

using Ends = std::set<std::pair<Instant, ConnectionId>>;

struct Connection {
  Hosts::value_type* host;
  Generation generation;
  Ends::node_type end;      // for its place in Impl::ends_, while it does not idle
  Instant old_at = kNever;  // max_age
  bool idle = false;
  Instant idle_since{};
  Instant idle_until{};  // its place in Impl::ends_
};

struct Waiter {
  Hosts::value_type* host;
  std::list<WaiterId>::iterator place;
};

}  // namespace

PoolLimits::PoolLimits() = default;
PoolKey::PoolKey() = default;
PoolKey::PoolKey(Endpoint endpoint_, std::uint64_t tls_generation_, std::uint64_t token_generation_)
    : endpoint(std::move(endpoint_)), tls_generation(tls_generation_), token_generation(token_generation_) {}

class PoolCore::Impl {
 public:
  explicit Impl(const PoolLimits& limits) : limits_(limits) {}

  Verdict acquire(const PoolKey& key, WaiterId waiter, Instant now);
  bool withdraw(WaiterId waiter) noexcept;
  void opened(ConnectionId id, std::uint64_t random, Instant now) noexcept;
  void release(ConnectionId id, bool reusable, std::size_t token_place, Instant now) noexcept;
  bool lost(ConnectionId id) noexcept;
  void expire(Instant now) noexcept;
  Instant deadline() const noexcept { return ends_.empty() ? kNever : ends_.begin()->first; }
  void drain() noexcept;
  std::optional<Event> next() noexcept;
  Usage usage() const noexcept { return {connections_.size(), ends_.size(), waiters_.size()}; }

 private:
  using HostEntry = Hosts::value_type;

  void renew(HostEntry& host, Generation generation) noexcept;
  Open open(HostEntry& host);
  Verdict wait(HostEntry& host, WaiterId waiter);
  void idle(ConnectionId id, Connection& connection, Instant now) noexcept;
  void forget(ConnectionId id) noexcept;
  void close(ConnectionId id, Reason reason) noexcept;
  void close_ended(ConnectionId id, Instant now) noexcept;
  void take_from_idle(ConnectionId id, Connection& connection) noexcept;
  void give_place(ConnectionId id) noexcept;
  void drop_if_empty(HostEntry& host) noexcept;
  WaiterId first_waiter(Host& host) noexcept;

  const PoolLimits limits_;
  Hosts hosts_;  // nodes do not move, so pointers to entries hold
  std::unordered_map<ConnectionId, Connection> connections_;
  std::unordered_map<WaiterId, Waiter> waiters_;
  Ends ends_;                  // when each idle connection has to be closed
  std::vector<Event> events_;  // of the last operation, with room for one more than there are connections
  std::size_t taken_ = 0;      // of them
  ConnectionId last_ = 0;
  bool draining_ = false;
};

namespace {

template <class T>
void make_room(std::vector<T>& list, std::size_t size) {
  if (list.capacity() < size) list.reserve(std::max(size, 2 * list.capacity()));
}

}  // namespace

// ---- a host

/// Connections with older credentials are of no more use.
void PoolCore::Impl::renew(HostEntry& host, Generation generation) noexcept {
  Generation& latest = host.second.latest;
  if (generation.tls <= latest.tls && generation.token <= latest.token) return;
  latest.tls = std::max(latest.tls, generation.tls);
  if (generation.token > latest.token) host.second.token_place = 0;
  latest.token = std::max(latest.token, generation.token);
  while (!host.second.idle.empty()) close(host.second.idle.back(), Reason::outdated);
}

/// All the memory that a connection will ever need here is taken now.
PoolCore::Open PoolCore::Impl::open(HostEntry& host) {
  const ConnectionId id = last_ + 1;
  make_room(events_, connections_.size() + 2);
  make_room(host.second.idle, std::min(host.second.open + 1, limits_.max_idle_per_host));
  Ends end{{kNever, id}};
  connections_.emplace(id, Connection{&host, host.second.latest, end.extract(end.begin())});
  last_ = id;
  ++host.second.open;
  return {id, host.second.token_place};
}

PoolCore::Verdict PoolCore::Impl::wait(HostEntry& host, WaiterId waiter) {
  std::list<WaiterId> place{waiter};
  waiters_.emplace(waiter, Waiter{&host, place.begin()});
  host.second.waiters.splice(host.second.waiters.end(), place);
  return Wait{};
}

WaiterId PoolCore::Impl::first_waiter(Host& host) noexcept {
  const WaiterId first = host.waiters.front();
  host.waiters.pop_front();
  waiters_.erase(first);
  return first;
}

void PoolCore::Impl::drop_if_empty(HostEntry& host) noexcept {
  if (host.second.open == 0 && host.second.waiters.empty()) hosts_.erase(hosts_.find(host.first));
}

// ---- a connection

void PoolCore::Impl::take_from_idle(ConnectionId id, Connection& connection) noexcept {
  std::vector<ConnectionId>& idle = connection.host->second.idle;
  idle.erase(std::find(idle.begin(), idle.end(), id));
  connection.end = ends_.extract({connection.idle_until, id});
  connection.idle = false;
}

void PoolCore::Impl::forget(ConnectionId id) noexcept {
  const auto found = connections_.find(id);
  Connection& connection = found->second;
  if (connection.idle) take_from_idle(id, connection);
  --connection.host->second.open;
  connections_.erase(found);
}

/// Of a connection that has ended: the first waiter makes one in its place, or it is forgotten.
void PoolCore::Impl::give_place(ConnectionId id) noexcept {
  HostEntry& host = *connections_.at(id).host;
  if (host.second.waiters.empty()) {
    forget(id);
    return drop_if_empty(host);
  }
  auto node = connections_.extract(id);
  if (node.mapped().idle) take_from_idle(id, node.mapped());
  node.key() = ++last_;
  node.mapped().generation = host.second.latest;
  node.mapped().old_at = kNever;
  connections_.insert(std::move(node));
  const WaiterId waiter = first_waiter(host.second);
  events_.push_back(Grant{waiter, Open{last_, host.second.token_place}});
}

void PoolCore::Impl::close(ConnectionId id, Reason reason) noexcept {
  forget(id);
  events_.push_back(Close{id, reason});
}

/// The same for one whose time to idle is up.
void PoolCore::Impl::close_ended(ConnectionId id, Instant now) noexcept {
  close(id, connections_.at(id).old_at <= now ? Reason::aged : Reason::idle);
}

void PoolCore::Impl::idle(ConnectionId id, Connection& connection, Instant now) noexcept {
  std::vector<ConnectionId>& idle = connection.host->second.idle;
  if (idle.size() >= limits_.max_idle_per_host) close(idle.front(), Reason::surplus);
  connection.idle = true;
  connection.idle_since = now;
  connection.idle_until = std::min(after(now, limits_.idle_timeout), connection.old_at);
  idle.push_back(id);
  connection.end.value() = {connection.idle_until, id};
  ends_.insert(std::move(connection.end));
}

// ---- what callers ask

PoolCore::Verdict PoolCore::Impl::acquire(const PoolKey& key, WaiterId waiter, Instant now) {
  HostEntry& host = *hosts_.try_emplace(key.endpoint).first;
  renew(host, {key.tls_generation, key.token_generation});
  std::vector<ConnectionId>& idle = host.second.idle;
  while (!idle.empty()) {
    const ConnectionId id = idle.back();
    Connection& connection = connections_.at(id);
    if (connection.idle_until <= now) {
      close_ended(id, now);
      continue;
    }
    const bool ping_first = now - connection.idle_since >= limits_.validate_after;
    take_from_idle(id, connection);
    return Reuse{id, ping_first, host.second.token_place};
  }
  if (host.second.open >= limits_.max_connections_per_host) {
    if (host.second.waiters.size() >= limits_.max_waiters_per_host) return Refused{errc::too_many_waiters};
    return wait(host, waiter);
  }
  try {
    return open(host);
  } catch (...) {
    drop_if_empty(host);
    throw;
  }
}

bool PoolCore::Impl::withdraw(WaiterId waiter) noexcept {
  const auto found = waiters_.find(waiter);
  if (found == waiters_.end()) return false;
  found->second.host->second.waiters.erase(found->second.place);
  waiters_.erase(found);
  return true;
}

void PoolCore::Impl::opened(ConnectionId id, std::uint64_t random, Instant now) noexcept {
  const double share = static_cast<double>(random >> 11) * 0x1p-53;  // from 0 to 1
  const double age = static_cast<double>(limits_.max_age.count()) * (1 - limits_.age_jitter * share);
  connections_.at(id).old_at = after(now, std::chrono::nanoseconds(static_cast<std::int64_t>(age)));
}

void PoolCore::Impl::release(ConnectionId id, bool reusable, std::size_t token_place, Instant now) noexcept {
  Connection& connection = connections_.at(id);
  assert(!connection.idle);
  HostEntry& host = *connection.host;
  if (!reusable) return give_place(id);
  const bool latest = connection.generation == host.second.latest;
  if (latest) host.second.token_place = token_place;
  const bool waited_for = !host.second.waiters.empty();
  if (!latest || connection.old_at <= now || (draining_ && !waited_for)) {
    events_.push_back(Close{id, !latest                    ? Reason::outdated
                                : connection.old_at <= now ? Reason::aged
                                                           : Reason::drained});
    return give_place(id);
  }
  if (!waited_for) return idle(id, connection, now);
  const WaiterId waiter = first_waiter(host.second);
  events_.push_back(Grant{waiter, Reuse{id, false, host.second.token_place}});
}

bool PoolCore::Impl::lost(ConnectionId id) noexcept {
  const auto found = connections_.find(id);
  if (found == connections_.end() || !found->second.idle) return false;
  give_place(id);
  return true;
}

void PoolCore::Impl::expire(Instant now) noexcept {
  while (!ends_.empty() && ends_.begin()->first <= now) {
    const ConnectionId id = ends_.begin()->second;
    HostEntry& host = *connections_.at(id).host;
    close_ended(id, now);
    drop_if_empty(host);
  }
}

void PoolCore::Impl::drain() noexcept {
  draining_ = true;
  while (!ends_.empty()) {
    const ConnectionId id = ends_.begin()->second;
    HostEntry& host = *connections_.at(id).host;
    close(id, Reason::drained);
    drop_if_empty(host);
  }
}

std::optional<PoolCore::Event> PoolCore::Impl::next() noexcept {
  if (taken_ == events_.size()) {
    events_.clear();
    taken_ = 0;
    return std::nullopt;
  }
  return events_[taken_++];
}

// ---- the public face

PoolCore::PoolCore(const PoolLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
PoolCore::~PoolCore() = default;

PoolCore::Verdict PoolCore::acquire(const PoolKey& key, WaiterId waiter, Instant now) {
  return impl_->acquire(key, waiter, now);
}
bool PoolCore::withdraw(WaiterId waiter) noexcept { return impl_->withdraw(waiter); }
void PoolCore::opened(ConnectionId connection, std::uint64_t random, Instant now) noexcept {
  impl_->opened(connection, random, now);
}
void PoolCore::open_failed(ConnectionId connection, Instant now) noexcept { impl_->release(connection, false, 0, now); }
void PoolCore::release(ConnectionId connection, bool reusable, std::size_t token_place, Instant now) noexcept {
  impl_->release(connection, reusable, token_place, now);
}
bool PoolCore::lost(ConnectionId connection) noexcept { return impl_->lost(connection); }
void PoolCore::expire(Instant now) noexcept { impl_->expire(now); }
Instant PoolCore::deadline() const noexcept { return impl_->deadline(); }
void PoolCore::drain() noexcept { impl_->drain(); }
std::optional<PoolCore::Event> PoolCore::next() noexcept { return impl_->next(); }
PoolCore::Usage PoolCore::usage() const noexcept { return impl_->usage(); }

}  // namespace ft
