// SPDX-License-Identifier: Apache-2.0
//
// The connections of a pool: PoolCore decides, this does it to sockets.
#include <utility>

#include <boost/asio/bind_executor.hpp>

#include "net/guarded.hpp"
#include "net/pool.hpp"

namespace ft::net {

Link::Link(std::shared_ptr<Stream> stream_, FrameCapture* capture) : stream(std::move(stream_)), frames(capture) {}

Lease::Lease() = default;

namespace {

/// Open, and silent. Under TLS this also takes in what is no data, such as session tickets.
bool is_quiet(Stream& stream) {
  char byte;
  error_code error;
  return stream.read_some({&byte, 1}, error) == 0 && error == asio::error::would_block;
}

PoolClose label_of(PoolCore::Reason reason) noexcept {
  switch (reason) {
    case PoolCore::Reason::idle:
      return PoolClose::idle;
    case PoolCore::Reason::aged:
      return PoolClose::aged;
    case PoolCore::Reason::surplus:
      return PoolClose::surplus;
    case PoolCore::Reason::outdated:
      return PoolClose::outdated;
    case PoolCore::Reason::drained:
      break;
  }
  return PoolClose::drained;
}

}  // namespace

Result<std::optional<Lease>> Pool::acquire(const PoolKey& key, const std::shared_ptr<Waiter>& user, WaiterId waiter) {
  const Instant now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  for (;;) {
    PoolCore::Verdict verdict = core_.acquire(key, waiter, now);
    std::optional<Lease> lease;
    if (const auto* refused = std::get_if<PoolCore::Refused>(&verdict)) {
      settle(now);
      return Error(refused->why);
    }
    if (const auto* reuse = std::get_if<PoolCore::Reuse>(&verdict)) {
      lease = lease_of(*reuse);
      if (!is_quiet(*lease->link->stream)) {
        lease->link->stream->close();
        core_.release(lease->connection, false, lease->token_place, now);
        count_closed(PoolClose::broken);
        settle(now);
        continue;  // each turn uses up one connection
      }
      ++reused_;
      if (observer()) observer()->metrics().client.connections_reused.add();
    } else if (const auto* open = std::get_if<PoolCore::Open>(&verdict)) {
      lease = lease_of(*open);
    } else {
      try {
        waiters_[waiter].user = user;
      } catch (...) {
        core_.withdraw(waiter);
        throw;
      }
    }
    settle(now);
    return lease;
  }
}

void Pool::withdraw(WaiterId waiter) {
  const std::lock_guard lock(mutex_);
  if (core_.withdraw(waiter)) waiters_.erase(waiter);
  settle(std::chrono::steady_clock::now());
}

void Pool::opened(ConnectionId connection) {
  const std::uint64_t number = random();
  const Instant now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  ++opened_;
  core_.opened(connection, number, now);
  settle(now);
  if (observer()) observer()->metrics().client.connections_opened.add();
}

void Pool::open_failed(ConnectionId connection) {
  const Instant now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  core_.open_failed(connection, now);
  settle(now);
}

void Pool::release(ConnectionId connection, std::shared_ptr<Link> link, std::size_t token_place) {
  const Instant now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  bool reusable = link != nullptr;
  if (reusable) {
    guarded([&] { idle_[connection].link = link; },
            [&](const char*) {
              link->stream->close();
              reusable = false;
            });
  }
  if (!reusable) count_closed(PoolClose::broken);
  core_.release(connection, reusable, token_place, now);
  settle(now);
  watch(connection);
}

Lease Pool::lease_of(const PoolCore::Reuse& reuse) {
  Lease lease;
  lease.connection = reuse.connection;
  lease.ping_first = reuse.ping_first;
  lease.token_place = reuse.token_place;
  const auto found = idle_.find(reuse.connection);
  lease.link = std::move(found->second.link);
  if (found->second.watch != 0) {
    error_code ignored;
    lease.link->stream->socket().cancel(ignored);
  }
  idle_.erase(found);
  return lease;
}

Lease Pool::lease_of(const PoolCore::Open& open) {
  Lease lease;
  lease.connection = open.connection;
  lease.token_place = open.token_place;
  return lease;
}

// Does what the core has decided in the meantime.
void Pool::settle(Instant now) {
  if (std::exchange(untold_, false)) {
    for (auto next = waiters_.begin(); next != waiters_.end();) {
      const auto waiting = next++;
      if (waiting->second.granted) tell(waiting, now);
    }
  }
  while (const std::optional<PoolCore::Event> event = core_.next()) {
    if (const auto* close = std::get_if<PoolCore::Close>(&*event)) {
      close_idle(close->connection, label_of(close->reason));
    } else {
      grant(std::get<PoolCore::Grant>(*event), now);
    }
  }
  show();
  set_timer();
}

void Pool::grant(const PoolCore::Grant& grant, Instant now) {
  const auto found = waiters_.find(grant.waiter);
  const auto* const open = std::get_if<PoolCore::Open>(&grant.what);
  if (found == waiters_.end() || found->second.user.expired()) {
    if (found != waiters_.end()) waiters_.erase(found);
    if (open) return core_.open_failed(open->connection, now);
    const auto& reuse = std::get<PoolCore::Reuse>(grant.what);
    core_.release(reuse.connection, true, reuse.token_place, now);
    return watch(reuse.connection);
  }
  if (!open) {
    ++reused_;
    if (observer()) observer()->metrics().client.connections_reused.add();
  }
  found->second.granted = open ? lease_of(*open) : lease_of(std::get<PoolCore::Reuse>(grant.what));
  tell(found, now);
}

// Without memory for it, a little later.
void Pool::tell(Waiters::iterator waiting, Instant now) {
  guarded(
      [&] {
        const Lease& lease = *waiting->second.granted;
        if (const auto user = waiting->second.user.lock()) {
          user->granted(waiting->first, lease);
        } else {
          core_.release(lease.connection, false, lease.token_place, now);
        }
        waiters_.erase(waiting);
      },
      [this](const char*) { untold_ = true; });
}

void Pool::close_idle(ConnectionId connection, PoolClose why) {
  const auto found = idle_.find(connection);
  Stream& stream = *found->second.link->stream;
  stream.shutdown_send();
  stream.close();
  idle_.erase(found);
  count_closed(why);
}

void Pool::count_closed(PoolClose why) {
  if (observer()) observer()->metrics().client.connections_closed[why].add();
}

// Arms the wait of a connection that idles and has none. Without memory for that it idles unwatched: before it is used
// again it is looked at in any case.
void Pool::watch(ConnectionId connection) {
  const auto found = idle_.find(connection);
  if (found == idle_.end() || found->second.watch != 0) return;
  const std::uint64_t number = ++watches_;
  auto stream = found->second.link->stream;
  Stream& waiting = *stream;
  auto handler = [weak = weak_from_this(), stream = std::move(stream), connection, number](error_code error) {
    if (error) return;
    if (const auto self = weak.lock()) self->noticed(connection, number);
  };
  guarded(
      [&] {
        waiting.async_wait_readable(asio::bind_executor(executor_, std::move(handler)));
        found->second.watch = number;
      },
      [](const char*) {});
}

void Pool::noticed(ConnectionId connection, std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  const auto found = idle_.find(connection);
  if (found == idle_.end() || found->second.watch != number) return;
  found->second.watch = 0;
  if (is_quiet(*found->second.link->stream)) return watch(connection);
  const Instant now = std::chrono::steady_clock::now();
  found->second.link->stream->close();
  idle_.erase(found);
  core_.lost(connection);
  count_closed(PoolClose::broken);
  settle(now);
}

// ---- time

void Pool::set_timer() {
  constexpr std::chrono::milliseconds kTellAgain(10);
  if (armed_ != kNever && core_.usage().open == 0) {
    timer_.cancel();  // an empty pool does not keep the context running
    armed_ = kNever;
  }
  const Instant deadline = untold_ ? after(std::chrono::steady_clock::now(), kTellAgain) : core_.deadline();
  // A timer that is armed for too early costs one look at the pool; arming anew for each call would cost more.
  if (deadline >= armed_) return;
  armed_ = kNever;
  guarded(
      [&] {
        timer_.expires_at(deadline);
        timer_.async_wait([weak = weak_from_this()](error_code error) {
          if (error) return;
          if (const auto self = weak.lock()) self->on_timer();
        });
        armed_ = deadline;
      },
      [](const char*) {});  // no memory: whoever uses the pool next will arm it
}

void Pool::on_timer() {
  const std::lock_guard lock(mutex_);
  armed_ = kNever;
  const Instant now = std::chrono::steady_clock::now();
  core_.expire(now);
  settle(now);
}

}  // namespace ft::net
