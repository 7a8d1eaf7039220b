// SPDX-License-Identifier: Apache-2.0
//
// Accepts connections on one address. At the descriptor limit, and when there is no memory for a connection, it pauses
// instead of spinning; no other error holds it up.
//
// Thread safe; the callback runs on an unspecified thread of the executor, one call at a time. If it throws, the
// connection is closed.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "ft/core/endpoint.hpp"
#include "ft/core/result.hpp"
#include "ft/observe.hpp"
#include "net/stream.hpp"

namespace ft::net {

using Acceptor = asio::basic_socket_acceptor<tcp, Strand>;

/// Binds and listens. An IPv6 address takes IPv6 alone. Accepted sockets are tuned (net/socket_options.hpp).
///
/// Errors: invalid_configuration, naming the address and the system's reason.
Result<Acceptor> listen(const asio::any_io_executor& executor, const tcp::endpoint& where,
                        std::chrono::milliseconds keepalive);

class Listener final : public std::enable_shared_from_this<Listener> {
 public:
  using Accepted = std::function<void(Socket, const tcp::endpoint& peer)>;

  /// `observer` may be null; otherwise it outlives the listener.
  Listener(Acceptor acceptor, Accepted accepted, Observer* observer);

  void start();
  /// Takes those that are connected already, and none after; `closed`, if given, is called once the port is free. To be
  /// called once.
  void close(std::function<void()> closed = {});

 private:
  template <class F>
  void event(F&& f) noexcept;
  void accept();
  void on_accept(const error_code& error, Socket socket);
  void take(Socket socket);
  void take_backlog();
  void pause(Refusal refusal, std::string_view why);
  void shut() noexcept;
  void end();

  Acceptor acceptor_;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Strand> pause_;
  Accepted accepted_;
  Observer* observer_;
  bool accepting_ = false;        // an accept is under way, and may have a connection
  std::function<void()> closed_;  // of close, until then
};

}  // namespace ft::net
