// SPDX-License-Identifier: Apache-2.0
#include "ft/client.hpp"

#include <utility>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>

#include "net/call_session.hpp"
#include "net/pool.hpp"

namespace ft {
namespace {

using net::CallSession;

Call::Cancel kind_of(asio::cancellation_type type) noexcept {
  if ((type & asio::cancellation_type::terminal) != asio::cancellation_type::none) return Call::Cancel::terminal;
  if ((type & asio::cancellation_type::partial) != asio::cancellation_type::none) return Call::Cancel::partial;
  return Call::Cancel::total;
}

/// A handler of another result, with its executor and its slot.
template <class Handler, class Translate>
asio::any_completion_handler<void(CallResult<Answer>)> translated(Handler handler,
                                                                  const asio::any_io_executor& fallback,
                                                                  Translate translate) {
  auto executor = asio::get_associated_executor(handler, fallback);
  auto slot = handler.get_cancellation_slot();
  auto inner = [handler = std::move(handler), translate](CallResult<Answer> result) mutable {
    std::move(handler)(translate(std::move(result)));
  };
  return asio::bind_cancellation_slot(slot, asio::bind_executor(std::move(executor), std::move(inner)));
}

enum class Route {
  pooled,  // a call
  direct,  // a cancel
};

/// Begins a call, or says at once that the pool takes none. `handle`, if there is one, is filled in before the call can
/// end, because its owner may take the end as leave to destroy it.
void begin(const std::shared_ptr<net::Pool>& pool, const std::shared_ptr<const Endpoint>& worker, Route route,
           std::unique_ptr<Call> call, RowSink* sink, std::weak_ptr<CallSession>* handle,
           asio::any_completion_handler<void(CallResult<Answer>)> handler) {
  CallSession::Completed completed(std::move(handler), pool->executor());
  const bool direct = route == Route::direct;
  std::optional<net::UnderWay> under_way = direct ? pool->begin_cancel(worker) : pool->begin_call();
  if (!under_way) {
    Diagnostics refused(direct ? errc::too_many_waiters : errc::pool_closed, Outcome::not_executed);
    refused.request_id = call->request_id();
    auto refuse = [completed = std::move(completed), refused = std::move(refused)]() mutable {
      std::move(completed)(std::move(refused));
    };
    asio::post(pool->executor(), std::move(refuse));
    return;
  }
  const asio::cancellation_slot offered = completed.slot();
  auto session =
      std::make_shared<CallSession>(pool, worker, std::move(*under_way), std::move(call), sink, std::move(completed));
  if (asio::cancellation_slot slot = offered; slot.is_connected()) {
    slot.assign([weak = std::weak_ptr(session)](asio::cancellation_type type) {
      if (const auto self = weak.lock()) self->cancel(kind_of(type));
    });
  }
  if (handle) *handle = session;
  session->start();
}

}  // namespace

// ---- ConnectionPool

ConnectionPool::ConnectionPool(std::shared_ptr<net::Pool> pool) : pool_(std::move(pool)) {}

Result<ConnectionPool> ConnectionPool::create(asio::any_io_executor executor, PoolOptions options) {
  if (Result<void> valid = options.validate(); !valid) return valid.error();
  return ConnectionPool(std::make_shared<net::Pool>(std::move(executor), std::move(options)));
}

ConnectionPool::Stats ConnectionPool::stats() const { return pool_->stats(); }
Result<void> ConnectionPool::reload() { return pool_->reload(); }
void ConnectionPool::start_drain(asio::any_completion_handler<void()> handler) { pool_->drain(std::move(handler)); }

// ---- CallHandle

CallHandle::CallHandle() = default;
void CallHandle::cancel() {
  if (const auto session = session_.lock()) session->cancel(Call::Cancel::partial);
}

// ---- FragmentClient

FragmentClient::FragmentClient(ConnectionPool pool, Endpoint worker)
    : pool_(std::move(pool)), worker_(std::make_shared<const Endpoint>(std::move(worker))) {}

const Endpoint& FragmentClient::worker() const noexcept { return *worker_; }

void FragmentClient::start_execute(FragmentRequest request, CallOptions options, RowSink* sink, CallHandle* handle,
                                   asio::any_completion_handler<void(CallResult<Answer>)> handler) {
  const auto& pool = pool_.pool_;
  if (request.request_id == 0) request.request_id = pool->next_request_id();
  if (request.cancel_key.reveal() == 0) request.cancel_key = random_cancel_key();
  if (handle) {
    *handle = CallHandle();
    handle->request_id_ = request.request_id;
  }
  const Call::Rows rows = sink ? Call::Rows::deliver : Call::Rows::gather;
  auto call =
      std::make_unique<Call>(pool->rules(), std::move(request), std::move(options), rows, pool->random(), Now::read());
  begin(pool, worker_, Route::pooled, std::move(call), sink, handle ? &handle->session_ : nullptr, std::move(handler));
}

void FragmentClient::start_ping(std::chrono::milliseconds timeout,
                                asio::any_completion_handler<void(CallResult<std::chrono::microseconds>)> handler) {
  const auto& pool = pool_.pool_;
  CallOptions options;
  options.timeout = timeout;
  auto call = std::make_unique<Call>(pool->rules(), CancelRequest(), options, pool->random(), Now::read());
  const auto round_trip = [](CallResult<Answer> result) -> CallResult<std::chrono::microseconds> {
    if (!result) return std::move(result).error();
    return result->timings.answering;
  };
  begin(pool, worker_, Route::pooled, std::move(call), nullptr, nullptr,
        translated(std::move(handler), pool->executor(), round_trip));
}

void FragmentClient::start_cancel(CancelRequest request, std::chrono::milliseconds timeout,
                                  asio::any_completion_handler<void(CallResult<void>)> handler) {
  const auto& pool = pool_.pool_;
  CallOptions options;
  options.timeout = timeout;
  auto call = std::make_unique<Call>(pool->rules(), std::move(request), options, pool->random(), Now::read());
  const auto acknowledged = [](CallResult<Answer> result) -> CallResult<void> {
    if (!result) return std::move(result).error();
    return {};
  };
  begin(pool, worker_, Route::direct, std::move(call), nullptr, nullptr,
        translated(std::move(handler), pool->executor(), acknowledged));
}

}  // namespace ft
