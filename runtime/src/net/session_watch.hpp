// SPDX-License-Identifier: Apache-2.0
//
// What one connection of a server shows its operator: metrics, log records, its place in the live list, its captured
// bytes. Without an observer every function returns at once. On the connection's strand.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ft/observe.hpp"
#include "ft/session/server_connection.hpp"

namespace ft::net {

class SessionWatch final : public ServerConnectionWatcher {
 public:
  /// `observer` may be null; otherwise it outlives this. `peer`: HOST:PORT.
  SessionWatch(Observer* observer, const std::string& peer, bool tls);
  ~SessionWatch() override;
  SessionWatch(const SessionWatch&) = delete;
  SessionWatch& operator=(const SessionWatch&) = delete;

  bool watching() const noexcept { return observer_ != nullptr; }

  void handshake(Handshake how, std::string_view why);
  void read(std::span<const char> bytes);
  void written(std::span<const char> bytes);
  void phase(ConnectionPhase phase);
  /// It is no longer counted or listed.
  void closed();

  LiveExecution submitted(const FragmentRequest& request, Instant now, Instant deadline);
  void started(std::chrono::nanoseconds queued);
  /// How the machine is about to be told that an execution ended; called again, it has been told.
  void ending(std::optional<RequestEnd> how) noexcept { ending_ = how; }
  void answered(std::chrono::nanoseconds took);
  void client_left();
  void cancelled(std::size_t hit);
  void wedged();
  void defect(std::string_view what);

  void frame_taken(bool ping) override;
  void succeeded() override;
  void failed(const FragmentResponse::Error& answer) override;
  void acknowledged() override;
  void refused(const FragmentResponse::Error& answer) override;

 private:
  void log(LogEvent event, std::string_view text);
  void count_error(const FragmentResponse::Error& answer);
  RequestEnd end_of(const FragmentResponse::Error& answer) const;

  Observer* const observer_;
  const std::string peer_;
  LiveConnection shown_;
  bool closed_ = false;
  FrameTap received_, sent_;
  std::optional<RequestEnd> ending_;
};

}  // namespace ft::net
