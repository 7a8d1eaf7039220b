// SPDX-License-Identifier: Apache-2.0
//
// An Observer over HTTP, for Prometheus, a load balancer's probe, and an operator with curl.
//
//   ft::AdminOptions options;
//   options.listen = ft::Endpoint("127.0.0.1", 9101);
//   options.observer = observer;
//   options.healthy = [&] { return !draining; };
//   auto admin = ft::AdminServer::start(io.get_executor(), options);
//   if (!admin) die(admin.error().message());
//
//   GET /metrics    Prometheus text (TransportMetrics::prometheus)
//   GET /health     200 ok, or 503 draining
//   GET /inflight   connections and executions, JSON (LiveList::json)
//
// Anything else is answered with 404, another method with 405, what is no request of at most 8 KiB with 400 or 431. One
// request a connection; HTTP/1.1 without TLS and without a password, hence on loopback alone unless AdminOptions says
// otherwise. What it shows holds no secret, but names peers and request ids.
//
// Threads: none of its own; each connection runs in a strand of the given executor. Public functions may be called from
// any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "ft/core/endpoint.hpp"
#include "ft/core/result.hpp"
#include "ft/observe.hpp"

namespace ft {

struct AdminOptions {
  Endpoint listen;                           // an IP address, not a name; port 0 takes a free one
  bool allow_off_loopback = false;           // whoever reaches the port may read everything
  std::size_t max_connections = 32;          // 1 to 1024; one beyond it is closed at once
  std::chrono::milliseconds timeout{5'000};  // for a whole connection; 1 ms to an hour
  std::shared_ptr<Observer> observer;        // required
  /// False: draining; empty: always true. Called from any thread of the executor; must neither block nor throw.
  std::function<bool()> healthy;

  AdminOptions();
  /// Errors: invalid_configuration, naming the option.
  Result<void> validate() const;
};

/// Copies name the same server. It runs until stop() or until the last copy is gone.
class AdminServer {
 public:
  /// Validates, binds, listens. On an error nothing is bound. Errors: invalid_configuration.
  static Result<AdminServer> start(boost::asio::any_io_executor executor, AdminOptions options);

  /// What was bound, with the real port.
  const Endpoint& endpoint() const noexcept;

  /// Closes the port and all connections, soon; a second time it does nothing.
  void stop();

 private:
  class Impl;
  explicit AdminServer(std::shared_ptr<Impl> impl) noexcept;

  std::shared_ptr<Impl> impl_;
};

}  // namespace ft
