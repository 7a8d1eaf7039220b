// SPDX-License-Identifier: Apache-2.0
//
// What one connection of a server shows its operator: metrics, log records, its place in the live list, its captured
// bytes; and, for the report of a drain, how its requests ended. Without an observer nothing but that is done. On the
// connection's strand.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "ft/observe.hpp"
#include "ft/session/server_connection.hpp"
#include "net/drain_count.hpp"

namespace ft::net {

class SessionWatch final : public ServerConnectionWatcher {
 public:
  /// `observer` may be null; otherwise it outlives this, as `drain` does. `peer`: HOST:PORT.
  SessionWatch(Observer* observer, DrainCount& drain, const std::string& peer, bool tls);
  ~SessionWatch() override;
  SessionWatch(const SessionWatch&) = delete;
  SessionWatch& operator=(const SessionWatch&) = delete;

  bool watching() const noexcept { return observer_ != nullptr; }

  void handshake_succeeded();
  void handshake_failed(std::string_view why);
  void handshake_timed_out(std::chrono::nanoseconds limit);
  void read(std::span<const char> bytes);
  void written(std::span<const char> bytes);
  void phase(ConnectionPhase phase);
  /// It is no longer counted or listed.
  void closed();

  LiveExecution submitted(const FragmentRequest& request, Instant now, Instant deadline);
  void started(std::chrono::nanoseconds queued);
  void answered(std::chrono::nanoseconds took);
  void client_left();
  void cancelled(std::size_t hit);
  void wedged();
  void defect(std::string_view what);

  void frame_taken(bool ping) override;
  void succeeded() override;
  void failed(const FragmentResponse::Error& answer, RequestFailure why) override;
  void acknowledged() override;
  void refused(const FragmentResponse::Error& answer, errc why) override;
  void timed_out(PeerWait wait, std::chrono::nanoseconds limit) override;

 private:
  void log(LogEvent event, std::string_view text);
  void log_timeout(std::string_view wait, std::chrono::nanoseconds limit);
  void count_error(const FragmentResponse::Error& answer);

  Observer* const observer_;
  DrainCount& drain_;
  const std::string peer_;
  LiveConnection shown_;
  bool closed_ = false;
  ConnectionTap frames_;
};

}  // namespace ft::net
