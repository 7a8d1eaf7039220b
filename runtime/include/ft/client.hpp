// SPDX-License-Identifier: Apache-2.0
//
// A coordinator's side: sends fragments to workers, cancels them, fetches their rows.
//
//   ft::PoolOptions options;
//   options.tokens = ring;                                           // ft/auth.hpp
//   auto pool = ft::ConnectionPool::create(io.get_executor(), options);
//   if (!pool) die(pool.error().message());
//   ft::FragmentClient worker(*pool, ft::Endpoint("worker-7", 9100));
//   ft::CallResult<ft::Answer> answer = co_await worker.execute(request, {}, asio::use_awaitable);
//
// A call never sends a request twice unless it is idempotent (CallOptions) or was provably not run. What cancellation,
// deadlines and retries promise: docs/guarantees.md.
//
// Threads: none of its own; all work runs on the pool's executor, but for the look-up of host names, which Asio does on
// a thread that it keeps for that. Every public function may be called from any thread; handlers run on their
// associated executors, the pool's by default, and never inside of the function that starts the operation. A
// cancellation signal is emitted on the executor of the handler.
//
// Lifetime: copies of a client and of a pool name the same thing. Calls hold it: they go on when the last copy is gone,
// and then the connections are closed. Idle connections keep the execution context running until they time out; drain()
// ends them at once. A context that is destroyed first takes the calls with it, without calling their handlers; sockets
// must not outlive it, so destroy the pool before or with it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>

#include "ft/auth.hpp"
#include "ft/core/diagnostics.hpp"
#include "ft/core/endpoint.hpp"
#include "ft/observe.hpp"
#include "ft/protocol.hpp"
#include "ft/session/answer.hpp"
#include "ft/session/back_off.hpp"
#include "ft/tls.hpp"

namespace ft {

namespace asio = boost::asio;

namespace net {
class CallSession;
class Pool;
}  // namespace net

struct PoolOptions {
  std::shared_ptr<TokenRing> tokens;          // required
  std::shared_ptr<TlsClientCredentials> tls;  // empty: plaintext
  bool allow_plaintext_off_loopback = false;  // without TLS, only loopback is dialled unless this is set

  // Counts: from 1 to a million. Durations: from a millisecond to a year.
  std::size_t max_connections_per_host = 64;
  std::size_t max_idle_per_host = 8;
  std::size_t max_waiters_per_host = 1024;
  std::chrono::milliseconds connect_timeout{10'000};  // name, TCP, TLS
  std::chrono::milliseconds idle_timeout{60'000};     // below the five minutes after which a server ends it
  std::chrono::milliseconds max_age{std::chrono::minutes(30)};
  double age_jitter = 0.1;                          // of max_age, so that connections do not all end at once
  std::chrono::milliseconds validate_after{5'000};  // idle longer: a ping before a request
  std::chrono::milliseconds cancel_timeout{2'000};  // bounds the cancel of a given-up call, and a ping before a request
  std::chrono::milliseconds keepalive{60'000};      // TCP keepalive and user timeout; a second to 9 hours
  RetryOptions retry;                               // 3 retries from 500 ms

  std::shared_ptr<Observer> observer;

  PoolOptions();
  /// Errors: invalid_configuration, naming the option.
  Result<void> validate() const;
};

/// Takes rows while they arrive: `columns` once, then `rows` any number of times, one at a time, on the pool's
/// executor. Neither may throw or block. The next batch is not read from the network before `more` was called, from any
/// thread, once; until then nothing but the call's deadline or a cancel ends the call. A `more` that comes too late
/// does nothing. Memory: about one batch and one row.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual void columns(std::span<const ResultField> columns) = 0;
  virtual void rows(FlatRows<Value> batch, std::function<void()> more) = 0;
};

class ConnectionPool {
 public:
  static Result<ConnectionPool> create(asio::any_io_executor executor, PoolOptions options);

  struct Stats {
    std::size_t open = 0, idle = 0, waiting = 0, calls = 0;
    std::uint64_t opened = 0, reused = 0, retries = 0, cancels = 0;
  };
  /// Numbers; which connection waits for which request stands in PoolOptions::observer's live list.
  Stats stats() const;

  /// Takes no new call and no ping, ends idle connections, completes with `void()` when the last call has ended. A
  /// FragmentClient::cancel is still taken, for it may end such a call, and is waited for as well.
  template <asio::completion_token_for<void()> Token = asio::deferred_t>
  auto drain(Token&& token = Token()) const {
    return asio::async_initiate<Token, void()>(
        [self = *this](auto handler) mutable { self.start_drain(std::move(handler)); }, token);
  }

  /// Reads token and TLS files again; connections of the old generation are not reused. The last good ones stay on an
  /// error, which is returned and logged.
  Result<void> reload();

 private:
  friend class FragmentClient;
  explicit ConnectionPool(std::shared_ptr<net::Pool> pool);
  void start_drain(asio::any_completion_handler<void()> handler);
  std::shared_ptr<net::Pool> pool_;
};

/// A call under way that can be cancelled by name. Dropping it lets the call go on.
class CallHandle {
 public:
  CallHandle();

  /// 0 if no call was made with this handle.
  std::uint64_t request_id() const noexcept { return request_id_; }
  /// As cancellation_type::partial (see execute). Nothing happens if the call is over.
  void cancel();

 private:
  friend class FragmentClient;
  std::weak_ptr<net::CallSession> session_;
  std::uint64_t request_id_ = 0;
};

class FragmentClient {
 public:
  FragmentClient(ConnectionPool pool, Endpoint worker);

  /// Runs a fragment. `request_id` 0 and `cancel_key` 0 are filled in. Completes with `void(CallResult<Answer>)`.
  ///
  /// Cancellation: while no byte of the request was written, each type completes now with errc::cancelled. Then: total:
  /// does nothing but that the request is not sent again. partial: sends a cancel on a second connection and waits for
  /// the real answer, cancel_timeout at the longest. terminal: completes now; the cancel goes out behind it. A timeout
  /// does as terminal does, with errc::timed_out.
  template <asio::completion_token_for<void(CallResult<Answer>)> Token = asio::deferred_t>
  auto execute(FragmentRequest request, CallOptions options, Token&& token = Token()) const {
    return asio::async_initiate<Token, void(CallResult<Answer>)>(
        [self = *this](auto handler, FragmentRequest r, CallOptions o) mutable {
          self.start_execute(std::move(r), std::move(o), nullptr, nullptr, std::move(handler));
        },
        token, std::move(request), std::move(options));
  }

  /// The same with the rows of a Query given to `sink`, which must outlive the call; `result` holds the columns alone.
  /// Once the sink was called, the call is not retried.
  template <asio::completion_token_for<void(CallResult<Answer>)> Token = asio::deferred_t>
  auto execute(FragmentRequest request, RowSink& sink, CallOptions options, Token&& token = Token()) const {
    return asio::async_initiate<Token, void(CallResult<Answer>)>(
        [self = *this, out = &sink](auto handler, FragmentRequest r, CallOptions o) mutable {
          self.start_execute(std::move(r), std::move(o), out, nullptr, std::move(handler));
        },
        token, std::move(request), std::move(options));
  }

  /// The same with a handle, which is valid from the moment of the call.
  template <asio::completion_token_for<void(CallResult<Answer>)> Token = asio::deferred_t>
  auto execute(FragmentRequest request, CallHandle& handle, CallOptions options, Token&& token = Token()) const {
    return asio::async_initiate<Token, void(CallResult<Answer>)>(
        [self = *this, out = &handle](auto handler, FragmentRequest r, CallOptions o) mutable {
          self.start_execute(std::move(r), std::move(o), nullptr, out, std::move(handler));
        },
        token, std::move(request), std::move(options));
  }

  /// Asks for a sign of life, over a connection of the pool. Completes with
  /// `void(CallResult<std::chrono::microseconds>)`, the round trip.
  template <asio::completion_token_for<void(CallResult<std::chrono::microseconds>)> Token = asio::deferred_t>
  auto ping(std::chrono::milliseconds timeout, Token&& token = Token()) const {
    return asio::async_initiate<Token, void(CallResult<std::chrono::microseconds>)>(
        [self = *this, timeout](auto handler) mutable { self.start_ping(timeout, std::move(handler)); }, token);
  }

  /// Cancels a request of somebody else whose id and key are known. Completes when it was acknowledged.
  template <asio::completion_token_for<void(CallResult<void>)> Token = asio::deferred_t>
  auto cancel(CancelRequest request, std::chrono::milliseconds timeout, Token&& token = Token()) const {
    return asio::async_initiate<Token, void(CallResult<void>)>(
        [self = *this, timeout](auto handler, CancelRequest r) mutable {
          self.start_cancel(std::move(r), timeout, std::move(handler));
        },
        token, std::move(request));
  }

  const Endpoint& worker() const noexcept;

 private:
  void start_execute(FragmentRequest request, CallOptions options, RowSink* sink, CallHandle* handle,
                     asio::any_completion_handler<void(CallResult<Answer>)> handler);
  void start_ping(std::chrono::milliseconds timeout,
                  asio::any_completion_handler<void(CallResult<std::chrono::microseconds>)> handler);
  void start_cancel(CancelRequest request, std::chrono::milliseconds timeout,
                    asio::any_completion_handler<void(CallResult<void>)> handler);

  ConnectionPool pool_;
  std::shared_ptr<const Endpoint> worker_;
};

}  // namespace ft
