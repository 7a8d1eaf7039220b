// SPDX-License-Identifier: Apache-2.0
#include "net/call_session.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>

namespace ft::net {
namespace {

CallEnd end_of(const CallResult<Answer>& result) noexcept {
  if (result) return CallEnd::ok;
  switch (result.error().code) {
    case errc::remote_error:
    case errc::draining:
    case errc::authentication_failed:
    case errc::version_unsupported:
      return CallEnd::remote_error;
    case errc::cancelled:
      return CallEnd::cancelled;
    case errc::timed_out:
      return CallEnd::timed_out;
    case errc::connect_failed:
    case errc::tls_failed:
    case errc::connection_lost:
      return CallEnd::unreachable;
    case errc::too_many_waiters:
    case errc::pool_closed:
    case errc::invalid_configuration:
    case errc::not_finite:
    case errc::output_too_large:
    case errc::invalid_string:
    case errc::depth_exceeded:
      return CallEnd::rejected;
    default:
      return CallEnd::failed;
  }
}

/// An alert with which a server turns down a client's certificate, or the lack of one. Under TLS 1.3 the client's
/// handshake is over before the server has seen it.
bool is_certificate_refusal(const error_code& error) noexcept {
  if (error.category() != asio::error::get_ssl_category()) return false;
  switch (ERR_GET_REASON(static_cast<unsigned long>(error.value())) - SSL_AD_REASON_OFFSET) {
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_ACCESS_DENIED:
    case SSL_AD_CERTIFICATE_REQUIRED:
      return true;
    default:
      return false;
  }
}

}  // namespace

CallSession::CallSession(std::shared_ptr<Pool> pool, std::shared_ptr<const Endpoint> worker, Route route,
                         std::unique_ptr<Call> call, RowSink* sink, Completed completed, std::size_t token_place)
    : pool_(std::move(pool)),
      worker_(std::move(worker)),
      route_(route),
      strand_(pool_->executor()),
      call_(std::move(call)),
      sink_(sink),
      completed_(std::move(completed)),
      timer_(strand_),
      started_(std::chrono::steady_clock::now()),
      direct_token_place_(token_place) {}

void CallSession::start() {
  asio::post(strand_, [self = shared_from_this()] { self->pump(Now::read()); });
}

void CallSession::cancel(Call::Cancel kind) {
  asio::post(strand_, [self = shared_from_this(), kind] {
    if (!self->completed_) return;
    const Now now = Now::read();
    self->call_->cancel(kind, now);
    self->pump(now);
  });
}

void CallSession::rows_taken() {
  asio::post(strand_, [self = shared_from_this()] {
    if (!self->completed_ || !std::exchange(self->batch_out_, false)) return;
    const Now now = Now::read();
    self->call_->rows_taken(now);
    self->pump(now);
  });
}

void CallSession::granted(WaiterId waiter, Lease lease) {
  asio::post(strand_, [self = shared_from_this(), waiter, lease = std::move(lease)]() mutable {
    if (self->waiting_ != waiter) return self->give_back(std::move(lease));
    self->waiting_.reset();
    const Now now = Now::read();
    self->take(std::move(lease), now);
    self->pump(now);
  });
}

void CallSession::pump(Now now) {
  do {
    while (std::optional<Call::Action> action = call_->next()) {
      std::visit([this](auto& wanted) { perform(wanted); }, *action);
      if (!completed_) return;
    }
  } while (write(now));
  listen();
  arm();
}

// ---- bytes

// Whether anything happened that the machine may want to react to.
bool CallSession::write(Now now) {
  if (!lease_.link || awaiting_write_) return false;
  if (write_failed_) {
    if (batch_out_) return false;  // what has arrived behind it is read when the sink is ready
    read(now, true);
    return true;
  }
  const std::span<const char> bytes = call_->output();
  if (bytes.empty()) return false;
  error_code error;
  const std::size_t written = lease_.link->stream->write_some(bytes, error);
  if (written > 0) {
    lease_.link->used = true;
    lease_.link->frames.sent.feed(bytes.first(written));
    if (Observer* const shown = pool_->observer()) shown->metrics().client.bytes_sent.add(written);
    call_->written(written, now);
    return true;
  }
  if (error != asio::error::would_block) return write_failed_ = true;
  awaiting_write_ = true;
  auto handler = [self = shared_from_this(), link = lease_.link, attempt = attempt_](error_code failed) {
    if (self->attempt_ != attempt) return;
    self->awaiting_write_ = false;
    self->write_failed_ = static_cast<bool>(failed);
    self->pump(Now::read());
  };
  lease_.link->stream->async_wait_writable(asio::bind_executor(strand_, std::move(handler)));
  return false;
}

void CallSession::listen() {
  if (!lease_.link || awaiting_read_ || call_->prepare().empty()) return;
  awaiting_read_ = true;
  auto handler = [self = shared_from_this(), link = lease_.link, attempt = attempt_](error_code error) {
    if (self->attempt_ != attempt) return;
    self->awaiting_read_ = false;
    self->readable(error);
  };
  lease_.link->stream->async_wait_readable(asio::bind_executor(strand_, std::move(handler)));
}

void CallSession::readable(error_code error) {
  const Now now = Now::read();
  if (error) {
    call_->end_of_stream(now);
  } else {
    read(now, false);
  }
  pump(now);
}

// Reads once. `last`: nothing more will come than what is there.
void CallSession::read(Now now, bool last) {
  const std::span<char> space = call_->prepare();
  error_code error = asio::error::would_block;
  const std::size_t bytes = space.empty() ? 0 : lease_.link->stream->read_some(space, error);
  if (bytes > 0) {
    lease_.link->frames.received.feed(space.first(bytes));
    if (Observer* const shown = pool_->observer()) shown->metrics().client.bytes_received.add(bytes);
    return call_->received(bytes, now);
  }
  if (is_certificate_refusal(error)) {
    return call_->refused(Error(errc::tls_failed, Error::no_offset, {}, "the peer's verdict: " + error.message()), now);
  }
  if (last || error != asio::error::would_block) call_->end_of_stream(now);
}

// The timer is never off: it holds the session.
void CallSession::arm() {
  constexpr Instant at_last = kNever - std::chrono::nanoseconds(1);
  timer_.arm(std::min(call_->deadline(), at_last), [self = shared_from_this()] {
    if (!self->completed_) return;
    const Now now = Now::read();
    self->call_->tick(now);
    self->pump(now);
  });
}

// ---- connections

void CallSession::perform(Call::Acquire&) {
  if (route_ == Route::direct) {
    Lease lease;
    lease.token_place = direct_token_place_;
    return take(std::move(lease), Now::read());
  }
  const WaiterId waiter = pool_->next_waiter();
  waiting_ = waiter;
  Result<std::optional<Lease>> lease = pool_->acquire(pool_->key_of(*worker_), shared_from_this(), waiter);
  if (lease && !*lease) return;
  waiting_.reset();
  const Now now = Now::read();
  if (!lease) return call_->acquire_failed(lease.error(), now);
  take(std::move(**lease), now);
}

void CallSession::take(Lease lease, Now now) {
  lease_ = std::move(lease);
  if (!lease_.link) return connect();
  show_busy();
  Call::Connection connection;
  connection.fresh = !lease_.link->used;
  connection.ping_first = lease_.ping_first;
  connection.token_place = lease_.token_place;
  connection.version = pool_->version_of(*worker_, now.steady);
  connection.peer = worker_->to_string();
  call_->acquired(std::move(connection), now);
}

void CallSession::show_busy() {
  lease_.link->shown.request(call_->request_id());
  lease_.link->shown.count_request();
  lease_.link->shown.phase(ConnectionPhase::busy);
}

void CallSession::connect() {
  Connector::Target target;
  target.endpoint = *worker_;
  target.credentials = pool_->options().tls;
  // As of now, not of when the call began to wait: never older than the key under which the connection is kept.
  if (target.credentials) target.context = target.credentials->snapshot().context;
  target.allow_plaintext_off_loopback = pool_->options().allow_plaintext_off_loopback;
  target.timeout = pool_->options().connect_timeout;
  target.keepalive = pool_->options().keepalive;
  connecting_since_ = std::chrono::steady_clock::now();
  if (Observer* const shown = pool_->observer()) {
    dialling_ = shown->live().dialled(worker_->to_string(), target.credentials != nullptr, connecting_since_);
    dialling_.request(call_->request_id());
  }
  connector_ = Connector::start(
      strand_, std::move(target),
      [self = shared_from_this()](Result<std::shared_ptr<Stream>> stream) { self->connected(std::move(stream)); });
}

void CallSession::connected(Result<std::shared_ptr<Stream>> stream) {
  connector_.reset();
  const Now now = Now::read();
  if (stream) {
    if (route_ == Route::pooled) pool_->opened(lease_.connection);
    lease_.link = std::make_shared<Link>(std::move(*stream), pool_->observer() ? pool_->observer()->frames() : nullptr);
    lease_.link->shown = std::move(dialling_);
    show_busy();
    Call::Connection connection;
    connection.token_place = lease_.token_place;
    connection.version = pool_->version_of(*worker_, now.steady);
    connection.peer = worker_->to_string();
    connection.connecting = now.steady - connecting_since_;
    call_->acquired(std::move(connection), now);
  } else {
    dialling_ = LiveConnection();
    give_back(std::exchange(lease_, Lease()));
    if (Observer* const shown = pool_->observer()) {
      shown->metrics().client.connect_failures.add();
      shown->logger().write(LogEvent::connect_failed, stream.error().message(), {}, now);
    }
    call_->acquire_failed(stream.error(), now);
  }
  pump(now);
}

void CallSession::perform(Call::Withdraw&) {
  if (const auto waiter = std::exchange(waiting_, std::nullopt)) return pool_->withdraw(*waiter);
  if (const auto connector = connector_.lock()) connector->abort();
  connector_.reset();
  dialling_ = LiveConnection();
  give_back(std::exchange(lease_, Lease()));
}

void CallSession::perform(Call::Release& release) {
  ++attempt_;
  Lease lease = std::exchange(lease_, Lease());
  lease.token_place = release.token_place;
  const bool waits = awaiting_read_ || awaiting_write_;
  const bool keep = release.reusable && !write_failed_ && route_ == Route::pooled;
  awaiting_read_ = awaiting_write_ = write_failed_ = false;
  Stream& stream = *lease.link->stream;
  if (!keep) {
    stream.shutdown_send();
    stream.close();
    lease.link->shown = LiveConnection();  // handlers of waits that have just ended hold the link for a while
    if (route_ == Route::pooled) pool_->release(lease.connection, nullptr, lease.token_place);
    return;
  }
  if (waits) {
    error_code ignored;
    stream.socket().cancel(ignored);
  }
  lease.link->shown.request(0);
  lease.link->shown.phase(ConnectionPhase::ready);
  give_back(std::move(lease));
}

// A lease that was not used, or whose connection is as good as before.
void CallSession::give_back(Lease lease) {
  if (route_ == Route::direct) return;
  if (lease.link) return pool_->release(lease.connection, std::move(lease.link), lease.token_place);
  pool_->open_failed(lease.connection);
}

// ---- the rest of what the machine wants

void CallSession::perform(Call::Learned& learned) {
  pool_->learned_version(*worker_, learned.version, Now::read().steady);
}

void CallSession::perform(Call::Retry& retry) {
  pool_->count_retry();
  if (Observer* const shown = pool_->observer()) {
    shown->metrics().client.retries.add();
    shown->logger().write(LogEvent::call_retried, info(retry.why).text,
                          {{"peer", worker_->to_string()}, {"request", std::to_string(call_->request_id())}});
  }
}

void CallSession::perform(Call::Columns& columns) { sink_->columns(columns.columns); }

void CallSession::perform(Call::Batch& batch) {
  batch_out_ = true;
  sink_->rows(std::move(batch.rows), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->rows_taken();
  });
}

void CallSession::perform(Call::Done& done) {
  /// The call ends behind its handler, and ends although the handler throws.
  struct End {
    CallSession& call;
    ~End() {
      if (call.route_ == Route::pooled) {
        call.pool_->end_call();
      } else {
        call.pool_->end_cancel(*call.worker_);
      }
    }
  };
  const End end{*this};
  timer_.cancel();
  Completed completed = std::move(*completed_);
  completed_.reset();
  count(done.result);
  std::move(completed)(std::move(done.result));
}

void CallSession::count(const CallResult<Answer>& result) {
  Observer* const shown = pool_->observer();
  if (!shown) return;
  ClientMetrics& metrics = shown->metrics().client;
  if (route_ == Route::direct) {
    metrics.cancels_sent.add();
    if (!result)
      shown->logger().write(LogEvent::cancel_failed, result.error().message, {{"peer", result.error().peer}});
    return;
  }
  const CallEnd end = end_of(result);
  metrics.calls[end].add();
  metrics.call_seconds.observe(std::chrono::steady_clock::now() - started_);
  if (end == CallEnd::remote_error) metrics.errors[sql_class_of(result.error().sqlstate)].add();
  if (!result && result.error().code == errc::response_mismatch) {
    shown->logger().write(LogEvent::response_mismatch, result.error().message, {{"peer", result.error().peer}});
  }
}

// Over a connection of its own, bounded in time and number; how it ends is counted and no more.
void CallSession::perform(Call::SendCancel& cancel) {
  if (!pool_->begin_cancel(*worker_)) {
    if (Observer* const shown = pool_->observer()) {
      shown->logger().write(LogEvent::cancel_failed, "as many cancels as connections are under way already",
                            {{"peer", worker_->to_string()}});
    }
    return;
  }
  CallOptions options;
  options.timeout = pool_->options().cancel_timeout;
  options.max_retries = 0;
  auto call = std::make_unique<Call>(pool_->rules(), std::move(cancel.request), options, pool_->random(), Now::read());
  Completed ignored([](const CallResult<Answer>&) {}, pool_->executor());
  const auto session = std::make_shared<CallSession>(pool_, worker_, Route::direct, std::move(call), nullptr,
                                                     std::move(ignored), cancel.token_place);
  session->start();
}

}  // namespace ft::net
