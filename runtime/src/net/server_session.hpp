// SPDX-License-Identifier: Apache-2.0
//
// One connection of a server: moves bytes between its socket and its ServerConnection, performs what that asks for, and
// answers to the executions that it started.
//
// Everything runs on the connection's strand; the public functions may be called from any thread and get there. Each
// event (readable, writable, timer, execution) is fed to the machine and followed by pump(), which performs all actions
// and then writes everything that is ready at once. The session lives while it waits for anything; close() ends all
// waits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/post.hpp>

#include "ft/server.hpp"
#include "net/executions.hpp"
#include "net/guarded.hpp"
#include "net/lazy_timer.hpp"
#include "net/session_watch.hpp"
#include "net/stream.hpp"

namespace ft::net {

class ServerCore;

/// What a connection may do, by how full the server was when it came.
enum class Seat : std::uint8_t {
  full,      // below the limit
  reserved,  // beyond it: cancels and pings
  refused,   // beyond the reserve too: told so, and closed
};

class ServerSession final : public ExecutionOwner, public std::enable_shared_from_this<ServerSession> {
 public:
  ServerSession(std::shared_ptr<ServerCore> core, Socket socket, const tcp::endpoint& peer, Seat seat);
  ~ServerSession() override;

  Seat seat() const noexcept { return seat_; }

  void start();
  /// Ends it when nothing runs; takes no new request.
  void drain();
  /// The drain's time is up: ends it within the linger time.
  void kill();

  bool granted(std::shared_ptr<Execution> execution) override;
  void evicted(std::shared_ptr<Execution> execution) override;
  void cancelled(std::shared_ptr<Execution> execution) override;
  void ended(std::shared_ptr<Execution> execution, ExecutionOutcome outcome) override;
  bool here() const noexcept override;

 private:
  enum class Phase : std::uint8_t { handshake, open, lingering, closed };

  // Each on the strand.
  void begin();
  void begin(const std::shared_ptr<Execution>& execution);
  void refuse();
  void begin_handshake();
  void handshake_done(const error_code& error);
  void open();

  void on_read(const error_code& error, std::span<const char> bytes);
  void on_timer();
  void pump();
  bool write_ready();
  void stream_ended();
  void read();
  void arm_timer();
  Instant deadline() const noexcept;
  ConnectionPhase phase_to_show() const noexcept;

  void perform(ServerConnection::Reserve action);
  void perform(ServerConnection::Unreserve action);
  void perform(ServerConnection::Start& action);
  void perform(ServerConnection::Stop action);
  void perform(const ServerConnection::Cancel& action);
  void perform(ServerConnection::Close action);
  void run();
  void finish(ExecutionOutcome outcome);
  void reject(errc why);
  void stop_current();

  void linger();
  void await_input();
  void drop_input();
  void close() noexcept;

  template <class F>
  void event(F&& f) noexcept;
  template <class F>
  void on_strand(F f);
  template <class F>
  void notify(F f);

  const std::shared_ptr<ServerCore> core_;
  const Strand strand_;
  Stream stream_;
  LazyTimer<Strand> timer_;
  const std::shared_ptr<PeerIdentity> peer_;  // not changed once the connection is open
  const Seat seat_;

  Now now_{};  // of the event under way
  Phase phase_ = Phase::handshake;
  bool pumping_ = false;
  bool reading_ = false;
  bool write_waiting_ = false;
  bool stream_ended_ = false;  // nothing more to read
  Instant limit_ = kNever;     // of the handshake, the linger or the kill
  std::size_t dropped_ = 0;    // while lingering
  std::size_t reserved_ = 0;   // of the byte budget
  SessionWatch watch_;
  std::optional<ServerConnection> machine_;  // once open
  std::shared_ptr<Execution> current_;       // queued or running, and awaited
};

// Every event comes through here, on the strand. What it throws (no memory, in practice) ends this connection and no
// other.
template <class F>
void ServerSession::event(F&& f) noexcept {
  if (phase_ == Phase::closed) return;
  now_ = Now::read();
  guarded(std::forward<F>(f), [this](const char* why) {
    close();
    watch_.defect(why);
  });
}

template <class F>
void ServerSession::on_strand(F f) {
  asio::post(strand_, [self = shared_from_this(), f = std::move(f)]() mutable { self->event([&] { f(*self); }); });
}

// For what Executions tells: does not keep the session alive, which lives while it waits for an execution, because it
// waits for the deadline of that as well.
template <class F>
void ServerSession::notify(F f) {
  asio::post(strand_, [session = weak_from_this(), f = std::move(f)]() mutable {
    if (const auto self = session.lock()) self->event([&] { f(*self); });
  });
}

}  // namespace ft::net
