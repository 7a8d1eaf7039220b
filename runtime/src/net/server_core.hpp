// SPDX-License-Identifier: Apache-2.0
//
// What the connections of one server share: options, rules, executions, and the list of those connections. Behind
// ft::FragmentServer; see ft/server.hpp.
//
// Thread safe. Locks per request: none here; two of Executions.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "ft/server.hpp"
#include "net/completion.hpp"
#include "net/drain_count.hpp"
#include "net/executions.hpp"
#include "net/listener.hpp"
#include "net/server_session.hpp"
#include "net/stream.hpp"

namespace ft::net {

class ServerCore final : public std::enable_shared_from_this<ServerCore> {
 public:
  using DrainReport = FragmentServer::DrainReport;
  using DrainHandler = asio::any_completion_handler<void(DrainReport)>;

  /// `acceptors` are bound and listen.
  ServerCore(asio::any_io_executor executor, ServerOptions options, std::shared_ptr<FragmentExecutor> fragments);

  void start(std::vector<Acceptor> acceptors);
  void drain(DrainHandler handler);
  Result<void> reload();
  FragmentServer::Stats stats() const;

  // ---- for the sessions
  const ServerOptions& options() const noexcept { return options_; }
  const ServerRules& rules(Seat seat) const noexcept { return seat == Seat::full ? rules_ : reserved_rules_; }
  FragmentExecutor& fragments() const noexcept { return *fragments_; }
  const std::shared_ptr<Executions>& executions() const noexcept { return executions_; }
  Observer* observer() const noexcept { return options_.observer.get(); }

  DrainCount& drain_count() noexcept { return drain_count_; }
  bool draining() const noexcept { return draining_.load(std::memory_order_acquire); }
  void left(const ServerSession& session) noexcept;

 private:
  // Connections that may be told at the same time that there is no room for them.
  static constexpr std::size_t kMaxRefused = 64;

  void accepted(Socket socket, const tcp::endpoint& peer);
  void refused(Refusal why, const tcp::endpoint& peer);
  std::optional<Seat> seat_for_next() const;
  std::vector<std::shared_ptr<ServerSession>> sessions() const;
  void kill();
  void finish_drain_if_empty();
  void complete(Completion<DrainReport> completion, const DrainReport& report);
  /// What this throws is logged.
  template <class F>
  void safely(F&& f) noexcept;

  const asio::any_io_executor executor_;
  const ServerOptions options_;
  ServerRules rules_, reserved_rules_;
  const std::shared_ptr<FragmentExecutor> fragments_;
  const std::shared_ptr<Executions> executions_;
  std::vector<std::shared_ptr<Listener>> listeners_;  // set by start, let go by drain

  std::atomic<bool> draining_{false};
  DrainCount drain_count_;

  mutable std::mutex mutex_;  // of all below
  std::unordered_map<const ServerSession*, std::weak_ptr<ServerSession>> sessions_;
  std::array<std::size_t, 3> seats_{};  // taken, by Seat
  std::size_t listening_ = 0;           // listeners that are open
  Instant drain_began_{};
  std::optional<DrainReport> report_;            // of the drain that has ended
  std::vector<Completion<DrainReport>> drains_;  // that await it
  asio::steady_timer drain_timer_;
};

}  // namespace ft::net
