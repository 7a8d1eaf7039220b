// SPDX-License-Identifier: Apache-2.0
//
// A worker: takes fragments over TCP or TLS, hands them to an executor, answers.
//
//   ft::ServerOptions options;
//   options.listen = {ft::Endpoint("127.0.0.1", 9100)};
//   options.tokens = ring;                                            // ft/auth.hpp
//   auto executor = ft::blocking_executor(4, [](const auto& request, const ft::ExecutionContext& context) {
//     return run(request.plan, context.stop);                         // an ft::ExecutionOutcome
//   });
//   auto server = ft::FragmentServer::start(io.get_executor(), options, executor);
//   if (!server) die(server.error().message());                       // nothing was bound
//   io.run();
//
// Everything that a peer sees, when, and with which SQLSTATE: docs/guarantees.md.
//
// Threads: none of its own. All work runs on the given executor, each connection in a strand of its own; any number of
// threads may run it. Every public function may be called from any thread.
//
// Lifetime: copies name the same server; it lives until the last is gone and its drain has ended. An execution context
// that is destroyed first takes the connections with it, without calling the handlers of drains; sockets must not
// outlive it, so destroy the last copy before or with it. Jobs may outlive both.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>

#include "ft/auth.hpp"
#include "ft/core/endpoint.hpp"
#include "ft/core/result.hpp"
#include "ft/observe.hpp"
#include "ft/protocol.hpp"
#include "ft/session/admission.hpp"
#include "ft/session/server_connection.hpp"
#include "ft/tls.hpp"

namespace ft {

namespace asio = boost::asio;

/// Who asks. The address is always known, the names only of a certificate that was verified.
struct PeerIdentity {
  std::string address;  // without port
  std::uint16_t port = 0;
  std::string common_name;         // of the client's certificate
  std::vector<std::string> names;  // its SANs: DNS names, IP addresses, URIs

  PeerIdentity();
};

/// What an executor may know of a request beside the request. Callbacks on `stop` run on the connection's strand, or,
/// if the execution context goes first, where it is destroyed: they must neither block nor throw.
struct ExecutionContext {
  std::stop_token stop;       // requested once nobody awaits the answer: cancel, deadline, client gone, drain
  Instant deadline = kNever;  // when that happens at the latest
  std::shared_ptr<const PeerIdentity> peer;
  std::string traceparent;  // empty if the request brought none

  ExecutionContext();
};

/// Completes one execution; move-only, used once, from any thread. Destroyed without use it completes with XX000.
class ExecutionDone {
 public:
  /// Who awaits the end. Exactly one of the two is called, once.
  class Waiter {
   public:
    virtual ~Waiter() = default;
    virtual void ended(ExecutionOutcome outcome) = 0;
    /// The job ended with an exception, or was dropped (null).
    virtual void failed(std::exception_ptr why) = 0;
  };

  explicit ExecutionDone(std::shared_ptr<Waiter> waiter) noexcept;
  ExecutionDone(ExecutionDone&&) noexcept = default;
  ExecutionDone& operator=(ExecutionDone&& other) noexcept;
  ~ExecutionDone();

  void operator()(ExecutionOutcome outcome);
  /// XX000 for the peer; the text of the exception goes to the server's log alone.
  void fail(std::exception_ptr why);

 private:
  std::shared_ptr<Waiter> waiter_;
};

/// Runs fragments. `execute` is called from the connection's strand: it must not block, and must see to it that `done`
/// is called when the job has *ended*, not when it was told to: its slot is free from then on.
class FragmentExecutor {
 public:
  virtual ~FragmentExecutor() = default;
  virtual void execute(FragmentRequest request, ExecutionContext context, ExecutionDone done) = 0;
};

/// A function that blocks, run on `threads` threads (1 to 1024) that live as long as the executor. An exception becomes
/// XX000; its text goes to the server's log and never to the peer. Throws ft::Exception (invalid_configuration) for
/// another number of threads.
std::shared_ptr<FragmentExecutor> blocking_executor(
    std::size_t threads, std::function<ExecutionOutcome(const FragmentRequest&, const ExecutionContext&)> run);

/// A coroutine, run on `where`. Exceptions as above.
std::shared_ptr<FragmentExecutor> coroutine_executor(
    asio::any_io_executor where,
    std::function<asio::awaitable<ExecutionOutcome>(FragmentRequest, ExecutionContext)> run);

struct ServerOptions {
  static constexpr std::size_t kMaxListen = 64;

  // 1 to kMaxListen. Port 0 takes a free one; an IPv6 address takes IPv6 alone; of a name the first address is bound.
  std::vector<Endpoint> listen;
  std::shared_ptr<TokenRing> tokens;          // required
  std::shared_ptr<TlsServerCredentials> tls;  // empty: plaintext
  bool allow_plaintext_off_loopback = false;  // without TLS, only loopback is bound unless this is set

  std::size_t max_connections = 1024;
  std::size_t reserved_connections = 16;  // beyond max_connections, for cancels and pings alone
  AdmissionLimits admission;
  std::chrono::milliseconds request_timeout{std::chrono::hours(24)};
  std::chrono::milliseconds handshake_timeout{10'000};  // TLS
  std::chrono::milliseconds first_frame_timeout{10'000};
  std::chrono::milliseconds idle_timeout{std::chrono::minutes(5)};
  std::chrono::milliseconds frame_timeout{60'000};  // without a byte of a frame that was begun
  std::chrono::milliseconds write_timeout{60'000};  // without the peer taking a byte of an answer
  std::chrono::milliseconds drain_timeout{30'000};
  std::chrono::milliseconds linger{1'000};      // after an error that closes; of a TLS handshake at a drain
  std::chrono::milliseconds keepalive{60'000};  // TCP keepalive; also the TCP user timeout
  bool report_server_time = false;              // answers carry server_us

  std::shared_ptr<Observer> observer;  // metrics, log, capture, live lists; empty: none

  ServerOptions();

  /// All that can be known without opening a socket. Errors: invalid_configuration, naming the option.
  Result<void> validate() const;
};

class FragmentServer {
 public:
  /// Validates, binds, listens, accepts. On an error nothing is bound.
  ///
  /// Errors: invalid_configuration (the option, the address that cannot be bound and why).
  static Result<FragmentServer> start(asio::any_io_executor executor, ServerOptions options,
                                      std::shared_ptr<FragmentExecutor> fragments);

  /// What was bound, in the order of ServerOptions::listen, with the real ports.
  const std::vector<Endpoint>& endpoints() const noexcept;

  /// Stops accepting at once, ends idle connections after a tenth of a second, in which a request that was on its way
  /// is told that it was not run, and lets what runs finish; a TLS handshake may end within `linger`, for the sake of
  /// such a request; whoever is queued gets 57P03, whatever is left after `drain_timeout` 57P01. Completes with
  /// `void(DrainReport)` when the last connection is gone; a second drain awaits the first. Cancellation: none, it
  /// always ends.
  struct DrainReport {
    std::size_t finished = 0;  // requests that were answered with what their execution came to
    std::size_t rejected = 0;  // that were not run: 57P03
    std::size_t killed = 0;    // that were given up: 57P01
    std::chrono::milliseconds took{0};
  };
  template <asio::completion_token_for<void(DrainReport)> Token = asio::deferred_t>
  auto drain(Token&& token = Token()) const {
    return asio::async_initiate<Token, void(DrainReport)>(
        [self = *this](auto handler) mutable { self.start_drain(std::move(handler)); }, token);
  }

  /// Reads token and TLS files again; the last good ones stay on an error, which is returned and logged.
  Result<void> reload();

  struct Stats {
    std::size_t connections = 0;
    Admission::Usage usage;
    bool draining = false;
  };
  Stats stats() const;

 private:
  class Impl;
  explicit FragmentServer(std::shared_ptr<Impl> impl);
  void start_drain(asio::any_completion_handler<void(DrainReport)> handler);

  std::shared_ptr<Impl> impl_;
};

}  // namespace ft
