// SPDX-License-Identifier: Apache-2.0
#include "net/server_core.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <boost/asio/post.hpp>

#include "net/guarded.hpp"
#include "net/reload.hpp"

namespace ft::net {
namespace {

ServerRules rules_of(const ServerOptions& options) {
  ServerRules rules;
  rules.tokens = options.tokens;
  rules.first_frame_timeout = options.first_frame_timeout;
  rules.idle_timeout = options.idle_timeout;
  rules.frame_timeout = options.frame_timeout;
  rules.write_timeout = options.write_timeout;
  rules.request_timeout = options.request_timeout;
  rules.report_server_time = options.report_server_time;
  return rules;
}

}  // namespace

ServerCore::ServerCore(asio::any_io_executor executor, ServerOptions options,
                       std::shared_ptr<FragmentExecutor> fragments)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      rules_(rules_of(options_)),
      reserved_rules_(rules_),
      fragments_(std::move(fragments)),
      executions_(std::make_shared<Executions>(options_.admission, options_.observer)),
      drain_timer_(executor_) {
  // The reserve is for whoever has something to cancel, not for those who sit and wait.
  reserved_rules_.idle_timeout = std::min(rules_.idle_timeout, rules_.first_frame_timeout);
}

template <class F>
void ServerCore::safely(F&& f) noexcept {
  guarded(std::forward<F>(f), [this](const char* why) {
    if (observer()) observer()->logger().write(LogEvent::internal_error, why);
  });
}

void ServerCore::start(std::vector<Acceptor> acceptors) {
  for (Acceptor& acceptor : acceptors) {
    auto accepted = [self = shared_from_this()](Socket socket, const tcp::endpoint& peer) {
      self->accepted(std::move(socket), peer);
    };
    listeners_.push_back(std::make_shared<Listener>(std::move(acceptor), std::move(accepted), observer()));
  }
  listening_ = listeners_.size();
  for (const auto& listener : listeners_) listener->start();
}

std::optional<Seat> ServerCore::seat_for_next() const {
  const auto taken = [this](Seat seat) { return seats_[static_cast<std::size_t>(seat)]; };
  if (taken(Seat::full) < options_.max_connections) return Seat::full;
  if (taken(Seat::reserved) < options_.reserved_connections) return Seat::reserved;
  // Whoever is refused under TLS could be told so only after a handshake.
  if (taken(Seat::refused) < kMaxRefused && !options_.tls) return Seat::refused;
  return std::nullopt;
}

void ServerCore::accepted(Socket socket, const tcp::endpoint& peer) {
  std::shared_ptr<ServerSession> session;
  {
    const std::lock_guard lock(mutex_);
    // At a drain it learns that its request was not run; before a TLS handshake there is none.
    if (!draining() || !options_.tls) {
      if (const std::optional<Seat> seat = seat_for_next()) {
        session = std::make_shared<ServerSession>(shared_from_this(), std::move(socket), peer, *seat);
        sessions_.emplace(session.get(), session);
        ++seats_[static_cast<std::size_t>(*seat)];
      }
    }
  }
  if (!session) return refused(draining() ? Refusal::draining : Refusal::connection_limit, peer);
  if (observer()) observer()->metrics().server.connections_accepted.add();
  if (session->seat() == Seat::refused) refused(Refusal::connection_limit, peer);
  session->start();
}

void ServerCore::refused(Refusal why, const tcp::endpoint& peer) {
  if (!observer()) return;
  observer()->metrics().server.connections_refused[why].add();
  observer()->logger().write(LogEvent::connection_refused, to_name(why), {{"peer", peer.address().to_string()}});
}

void ServerCore::left(const ServerSession& session) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (sessions_.erase(&session) == 0) return;
    --seats_[static_cast<std::size_t>(session.seat())];
  }
  if (draining()) safely([this] { finish_drain_if_empty(); });
}

std::vector<std::shared_ptr<ServerSession>> ServerCore::sessions() const {
  std::vector<std::shared_ptr<ServerSession>> all;
  const std::lock_guard lock(mutex_);
  all.reserve(sessions_.size());
  for (const auto& [key, session] : sessions_) {
    if (auto alive = session.lock()) all.push_back(std::move(alive));
  }
  return all;
}

void ServerCore::drain(DrainHandler handler) {
  std::optional<Completion<DrainReport>> completion;
  if (handler) completion.emplace(std::move(handler), executor_);
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    if (completion && report_) return complete(std::move(*completion), *report_);
    if (completion) drains_.push_back(std::move(*completion));
    first = !draining();
    if (first) {
      drain_count_.begin();
      draining_.store(true, std::memory_order_release);
      drain_began_ = std::chrono::steady_clock::now();
      drain_timer_.expires_after(options_.drain_timeout);
      drain_timer_.async_wait([self = shared_from_this()](const error_code& error) {
        if (!error) self->safely([&] { self->kill(); });
      });
    }
  }
  if (!first) return;
  if (observer()) {
    observer()->metrics().server.drains.add();
    observer()->logger().write(LogEvent::drain_started, "the server takes nothing new and ends what runs");
  }
  // From here on what is pending holds them, and they hold the server: all of it goes with the execution context,
  // should that not run any more.
  for (const auto& listener : std::exchange(listeners_, {})) {
    listener->close([self = shared_from_this()] {
      {
        const std::lock_guard lock(self->mutex_);
        --self->listening_;
      }
      self->safely([&] { self->finish_drain_if_empty(); });
    });
  }
  executions_->drain();
  for (const auto& session : sessions()) {
    safely([&] { session->drain(); });
  }
}

void ServerCore::kill() {
  for (const auto& session : sessions()) {
    safely([&] { session->kill(); });
  }
}

void ServerCore::finish_drain_if_empty() {
  std::vector<Completion<DrainReport>> done;
  DrainReport report;
  {
    const std::lock_guard lock(mutex_);
    if (listening_ > 0 || !sessions_.empty() || report_) return;
    drain_count_.write_to(report);
    report.took =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - drain_began_);
    report_ = report;
    done.swap(drains_);
    drain_timer_.cancel();
  }
  if (observer()) {
    observer()->logger().write(LogEvent::drain_finished, "the last connection is gone",
                               {{"finished", std::to_string(report.finished)},
                                {"rejected", std::to_string(report.rejected)},
                                {"killed", std::to_string(report.killed)}});
  }
  for (Completion<DrainReport>& completion : done) complete(std::move(completion), report);
}

// Not inside of whatever ended the last connection; and none of them keeps the next from being called, should it throw.
void ServerCore::complete(Completion<DrainReport> completion, const DrainReport& report) {
  asio::post(executor_, [completed = std::move(completion), report]() mutable { std::move(completed)(report); });
}

Result<void> ServerCore::reload() {
  return net::reload(*options_.tokens, options_.tls.get(), observer(), "the server");
}

FragmentServer::Stats ServerCore::stats() const {
  FragmentServer::Stats stats;
  stats.usage = executions_->usage();
  stats.draining = draining();
  const std::lock_guard lock(mutex_);
  stats.connections = sessions_.size();
  return stats;
}

}  // namespace ft::net
