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

#include "net/guarded.hpp"

namespace ft::net {
namespace {

/// An alert with which a server turns down a client's certificate, or the lack of one. Under TLS 1.3 the client's
/// handshake is over before the server has seen it.
bool is_certificate_refusal(const error_code& error) noexcept {
  if (error.category() != asio::error::get_ssl_category()) return false;
  switch (ERR_GET_REASON(static_cast<unsigned long>(error.value())) - SSL_AD_REASON_OFFSET) {
    case SSL_AD_HANDSHAKE_FAILURE:  // of a server with a list of the peers that it allows
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

CallSession::CallSession(std::shared_ptr<Pool> pool, std::shared_ptr<const Endpoint> worker, UnderWay under_way,
                         std::unique_ptr<Call> call, RowSink* sink, Completed completed, std::size_t token_place)
    : pool_(std::move(pool)),
      worker_(std::move(worker)),
      under_way_(std::move(under_way)),
      pooled_(!under_way_.is_cancel()),
      strand_(pool_->executor()),
      call_(std::move(call)),
      sink_(sink),
      completed_(std::move(completed)),
      timer_(strand_),
      watch_(pool_->observer(), *worker_),
      direct_token_place_(token_place) {}

// ---- events

// Every event comes through here, on the strand. What it throws (no memory, in practice) ends the call, as internal
// unless its end was known already. The handler is called behind that: what it throws is the user's.
template <class F>
void CallSession::event(F&& f) {
  if (!completed_) return;
  guarded(
      [&] {
        const Now now = Now::read();
        f(now);
        pump(now);
      },
      [this](const char* why) { fail(why); });
  if (result_) complete();
}

void CallSession::start() {
  asio::post(strand_, [self = shared_from_this()] { self->event([](Now) {}); });
}

void CallSession::cancel(Call::Cancel kind) {
  asio::post(strand_,
             [self = shared_from_this(), kind] { self->event([&](Now now) { self->call_->cancel(kind, now); }); });
}

void CallSession::rows_taken() {
  asio::post(strand_, [self = shared_from_this()] {
    if (!std::exchange(self->batch_out_, false)) return;
    self->event([&](Now now) { self->call_->rows_taken(now); });
  });
}

void CallSession::granted(WaiterId waiter, Lease lease) {
  asio::post(strand_, [self = shared_from_this(), waiter, lease = std::move(lease)]() mutable {
    if (self->waiting_ != waiter) return self->give_back(std::move(lease));
    self->event([&](Now now) {
      self->waiting_.reset();
      self->take(std::move(lease), now);
    });
  });
}

void CallSession::pump(Now now) {
  do {
    while (std::optional<Call::Action> action = call_->next()) {
      std::visit([this](auto& wanted) { perform(wanted); }, *action);
    }
    if (result_) return;
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
    watch_.sent(written);
    call_->written(written, now);
    return true;
  }
  if (error != asio::error::would_block) return write_failed_ = true;
  awaiting_write_ = true;
  auto handler = [self = shared_from_this(), link = lease_.link, attempt = attempt_](error_code failed) {
    if (self->attempt_ != attempt) return;
    self->event([&](Now) {
      self->awaiting_write_ = false;
      self->write_failed_ = static_cast<bool>(failed);
    });
  };
  lease_.link->stream->async_wait_writable(asio::bind_executor(strand_, std::move(handler)));
  return false;
}

void CallSession::listen() {
  if (!lease_.link || awaiting_read_ || call_->prepare().empty()) return;
  awaiting_read_ = true;
  auto handler = [self = shared_from_this(), link = lease_.link, attempt = attempt_](error_code error) {
    if (self->attempt_ != attempt) return;
    self->event([&](Now now) {
      self->awaiting_read_ = false;
      if (error) return self->call_->end_of_stream(now);
      self->read(now, false);
    });
  };
  lease_.link->stream->async_wait_readable(asio::bind_executor(strand_, std::move(handler)));
}

// Reads once. `last`: nothing more will come than what is there.
void CallSession::read(Now now, bool last) {
  const std::span<char> space = call_->prepare();
  error_code error = asio::error::would_block;
  const std::size_t bytes = space.empty() ? 0 : lease_.link->stream->read_some(space, error);
  if (bytes > 0) {
    lease_.link->frames.received.feed(space.first(bytes));
    watch_.received(bytes);
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
  timer_.arm(std::min(call_->deadline(), at_last),
             [self = shared_from_this()] { self->event([&](Now now) { self->call_->tick(now); }); });
}

// ---- connections

void CallSession::perform(Call::Acquire&) {
  if (!pooled_) {
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
  Call::Connection connection;
  connection.fresh = !lease_.link->used;
  connection.ping_first = lease_.ping_first;
  acquired(std::move(connection), now);
}

void CallSession::acquired(Call::Connection connection, Now now) {
  lease_.link->shown.request(call_->request_id());
  lease_.link->shown.count_request();
  lease_.link->shown.phase(ConnectionPhase::busy);
  connection.token_place = lease_.token_place;
  connection.version = pool_->version_of(*worker_, now.steady);
  connection.peer = worker_->to_string();
  call_->acquired(std::move(connection), now);
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
  dialling_ = watch_.dialled(target.credentials != nullptr, connecting_since_);
  dialling_.request(call_->request_id());
  connector_ =
      Connector::start(strand_, std::move(target), [self = shared_from_this()](Result<std::shared_ptr<Stream>> stream) {
        self->event([&](Now now) { self->connected(std::move(stream), now); });
      });
}

void CallSession::connected(Result<std::shared_ptr<Stream>> stream, Now now) {
  connector_.reset();
  if (stream) {
    lease_.link = std::make_shared<Link>(std::move(*stream), pool_->observer() ? pool_->observer()->frames() : nullptr);
    lease_.link->shown = std::move(dialling_);
    if (pooled_) pool_->opened(lease_.connection);
    Call::Connection connection;
    connection.connecting = now.steady - connecting_since_;
    acquired(std::move(connection), now);
  } else {
    dialling_ = LiveConnection();
    give_back(std::exchange(lease_, Lease()));
    watch_.connect_failed(stream.error(), now);
    call_->acquire_failed(stream.error(), now);
  }
}

void CallSession::perform(Call::Withdraw&) { let_go(); }

// Of whatever was to become, or is, a connection of this call.
void CallSession::let_go() {
  ++attempt_;
  if (const auto connector = std::exchange(connector_, {}).lock()) connector->abort();
  dialling_ = LiveConnection();
  if (const auto waiter = std::exchange(waiting_, std::nullopt)) pool_->withdraw(*waiter);
  if (lease_.link) return close();
  give_back(std::exchange(lease_, Lease()));
}

void CallSession::perform(Call::Release& release) {
  ++attempt_;
  lease_.token_place = release.token_place;
  const bool waits = awaiting_read_ || awaiting_write_;
  const bool keep = release.reusable && !write_failed_ && pooled_;
  awaiting_read_ = awaiting_write_ = write_failed_ = false;
  if (!keep) return close();
  if (waits) {
    error_code ignored;
    lease_.link->stream->socket().cancel(ignored);
  }
  lease_.link->shown.request(0);
  lease_.link->shown.phase(ConnectionPhase::ready);
  give_back(std::exchange(lease_, Lease()));
}

void CallSession::close() {
  const Lease lease = std::exchange(lease_, Lease());
  lease.link->stream->shutdown_send();
  lease.link->stream->close();
  lease.link->shown = LiveConnection();  // handlers of waits that have just ended hold the link for a while
  if (pooled_) pool_->release(lease.connection, nullptr, lease.token_place);
}

// A lease that was not used, or whose connection is as good as before.
void CallSession::give_back(Lease lease) {
  if (lease.connection == 0) return;  // none of the pool's
  if (lease.link) return pool_->release(lease.connection, std::move(lease.link), lease.token_place);
  pool_->open_failed(lease.connection);
}

// ---- the rest of what the machine wants

void CallSession::perform(Call::Learned& learned) {
  pool_->learned_version(*worker_, learned.version, Now::read().steady);
}

void CallSession::perform(Call::Retry& retry) {
  pool_->count_retry();
  watch_.retried(retry.why, call_->request_id());
}

void CallSession::perform(Call::Columns& columns) { sink_->columns(columns.columns); }

void CallSession::perform(Call::Batch& batch) {
  batch_out_ = true;
  sink_->rows(std::move(batch.rows), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->rows_taken();
  });
}

// Over a connection of its own, bounded in time and number; how it ends is counted and no more.
void CallSession::perform(Call::SendCancel& cancel) {
  std::optional<UnderWay> under_way = pool_->begin_cancel(worker_);
  if (!under_way) return watch_.cancel_failed("as many cancels as connections are under way already");
  CallOptions options;
  options.timeout = pool_->options().cancel_timeout;
  options.max_retries = 0;
  auto call = std::make_unique<Call>(pool_->rules(), std::move(cancel.request), options, pool_->random(), Now::read());
  Completed ignored([](const CallResult<Answer>&) {}, pool_->executor());
  const auto session = std::make_shared<CallSession>(pool_, worker_, std::move(*under_way), std::move(call), nullptr,
                                                     std::move(ignored), cancel.token_place);
  session->start();
}

// ---- the end

void CallSession::perform(Call::Done& done) { result_ = std::move(done.result); }

// First of all there is a result; what is thrown behind that costs no more than has been lost already.
void CallSession::fail(const char* why) {
  while (!result_) {
    std::optional<Call::Action> action = call_->next();
    if (!action) break;
    if (auto* const done = std::get_if<Call::Done>(&*action)) result_ = std::move(done->result);
  }
  if (!result_) {
    Diagnostics lost(errc::internal, call_->outcome());
    lost.request_id = call_->request_id();
    lost.attempts = call_->attempts();
    result_ = std::move(lost);
  }
  let_go();
  watch_.defect(why);
}

// The call is under way until its handler was called, and not any more although it throws.
void CallSession::complete() {
  const UnderWay until_then = std::move(under_way_);
  timer_.cancel();
  Completed completed = std::move(*completed_);
  completed_.reset();
  guarded([this] { pooled_ ? watch_.ended(*result_) : watch_.cancel_ended(*result_); }, [](const char*) {});
  std::move(completed)(std::move(*result_));
}

}  // namespace ft::net
