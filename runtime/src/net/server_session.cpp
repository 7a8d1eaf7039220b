// SPDX-License-Identifier: Apache-2.0
#include "net/server_session.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <string>
#include <utility>
#include <variant>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include "net/server_core.hpp"
#include "session/server_connection_answers.hpp"

namespace ft::net {
namespace {

// What a lingering connection reads and drops at most.
constexpr std::size_t kMaxDropped = std::size_t{256} << 10;

std::shared_ptr<PeerIdentity> identity_of(const tcp::endpoint& peer) {
  auto identity = std::make_shared<PeerIdentity>();
  identity->address = peer.address().to_string();
  identity->port = peer.port();
  return identity;
}

std::string name_of(const PeerIdentity& peer) { return Endpoint(peer.address, peer.port).to_string(); }

// What it is if an error is answered: without one from the executor, the result could not be sent.
RequestEnd end_of(const ExecutionOutcome& outcome) {
  const bool refused = outcome.has_error() && outcome.error().sqlstate != info(errc::executor_failed).sqlstate;
  return refused ? RequestEnd::error : RequestEnd::failed;
}

errc reason_of(Executions::Verdict verdict) noexcept {
  switch (verdict) {
    case Executions::Verdict::queue_full:
      return errc::queue_full;
    case Executions::Verdict::wedged:
      return errc::executors_wedged;
    case Executions::Verdict::draining:
      return errc::draining;
    case Executions::Verdict::started:
    case Executions::Verdict::queued:
      break;
  }
  return errc::internal;
}

}  // namespace

ServerSession::ServerSession(std::shared_ptr<ServerCore> core, Socket socket, const tcp::endpoint& peer, Seat seat)
    : core_(std::move(core)),
      stream_(std::move(socket)),
      timer_(stream_.socket().get_executor()),
      peer_(identity_of(peer)),
      seat_(seat),
      watch_(core_->observer(), name_of(*peer_), core_->options().tls != nullptr) {}

ServerSession::~ServerSession() { close(); }

// Every event comes through here, on the strand. What it throws (no memory, in practice) ends this connection and no
// other.
template <class F>
void ServerSession::event(F&& f) noexcept {
  if (phase_ == Phase::closed) return;
  now_ = Now::read();
  try {
    f();
  } catch (const std::exception& error) {
    watch_.defect(error.what());
    close();
  }
}

template <class F>
void ServerSession::on_strand(F f) {
  asio::post(stream_.socket().get_executor(),
             [self = shared_from_this(), f = std::move(f)]() mutable { self->event([&] { f(*self); }); });
}

// ---- the beginning

void ServerSession::start() {
  on_strand([](ServerSession& self) { self.begin(); });
}

void ServerSession::begin() {
  const ServerOptions& options = core_->options();
  if (seat_ == Seat::refused) return refuse();
  if (options.tls) return begin_handshake();
  open();
}

// Said before anything was asked: there is no other moment for it.
void ServerSession::refuse() {
  PaddedBuffer frame;
  append_error(error_answer(0, errc::too_many_connections), frame);
  error_code ignored;
  stream_.write_some({frame.data(), frame.size()}, ignored);
  linger();
}

void ServerSession::begin_handshake() {
  limit_ = after(now_.steady, core_->options().handshake_timeout);
  if (const error_code error = stream_.start_tls(core_->options().tls->snapshot().context)) {
    return handshake_done(error);
  }
  stream_.async_handshake(Stream::Role::server, [self = shared_from_this()](const error_code& error) {
    self->event([&] { self->handshake_done(error); });
  });
  arm_timer();
}

void ServerSession::handshake_done(const error_code& error) {
  watch_.handshake(error ? Handshake::failed : Handshake::ok, error.message());
  if (error || core_->draining()) return close();
  CertificateNames names = peer_names(stream_.tls());
  peer_->common_name = std::move(names.common_name);
  peer_->names = std::move(names.alternative);
  open();
}

void ServerSession::open() {
  phase_ = Phase::open;
  limit_ = kNever;
  machine_.emplace(core_->rules(seat_), seat_ == Seat::full, now_);
  if (watch_.watching()) machine_->watch(watch_);
  if (core_->draining()) machine_->drain(now_);
  pump();
}

// ---- events

void ServerSession::read() {
  if (reading_ || stream_ended_) return;
  const std::span<char> space = machine_->prepare();
  if (space.empty()) return;
  reading_ = true;
  stream_.async_read_some(space, [self = shared_from_this(), space](const error_code& error, std::size_t bytes) {
    self->event([&] { self->on_read(error, space.first(bytes)); });
  });
}

void ServerSession::on_read(const error_code& error, std::span<const char> bytes) {
  reading_ = false;
  if (phase_ == Phase::lingering) return drop_input();
  if (error) {
    stream_ended();
  } else {
    watch_.read(bytes);
    machine_->received(bytes.size(), now_);
  }
  pump();
}

void ServerSession::stream_ended() {
  stream_ended_ = true;
  machine_->end_of_stream(now_);
}

void ServerSession::on_timer() {
  if (now_.steady >= limit_) {
    if (phase_ == Phase::handshake) watch_.handshake(Handshake::timed_out, "the TLS handshake took too long");
    return close();
  }
  if (phase_ == Phase::open && now_.steady >= machine_->deadline()) machine_->tick(now_);
  if (phase_ == Phase::open) return pump();
  arm_timer();
}

Instant ServerSession::deadline() const noexcept {
  return phase_ == Phase::open ? std::min(limit_, machine_->deadline()) : limit_;
}

void ServerSession::arm_timer() {
  timer_.arm(deadline(), [self = shared_from_this()] { self->event([&] { self->on_timer(); }); });
}

// Performs what the machine wants until it wants nothing more, then waits. Actions may lead to further events at once,
// such as an executor that completes inline; those come back here and are taken up by the loop that runs already.
void ServerSession::pump() {
  if (pumping_ || phase_ != Phase::open) return;
  pumping_ = true;
  do {
    while (phase_ == Phase::open) {
      std::optional<ServerConnection::Action> action = machine_->next();
      if (!action) break;
      std::visit([this](auto& wanted) { perform(wanted); }, *action);
    }
  } while (phase_ == Phase::open && write_ready());
  pumping_ = false;
  if (phase_ != Phase::open) return;
  if (watch_.watching()) watch_.phase(phase_to_show());
  read();
  arm_timer();
}

ConnectionPhase ServerSession::phase_to_show() const noexcept {
  if (machine_->closing()) return ConnectionPhase::closing;
  if (!machine_->authenticated()) return ConnectionPhase::unauthenticated;
  return machine_->idle() ? ConnectionPhase::ready : ConnectionPhase::busy;
}

// Whether the machine may want something again.
bool ServerSession::write_ready() {
  if (write_waiting_) return false;
  const std::span<const char> output = machine_->output();
  if (output.empty()) return false;
  error_code error;
  const std::size_t written = stream_.write_some(output, error);
  if (error && error != asio::error::would_block) {
    stream_ended();
    stream_ended();  // nothing can be written either: not even what is ready
    return true;
  }
  if (written > 0) {
    watch_.written(output.first(written));
    machine_->written(written, now_);
  }
  if (written < output.size()) {
    write_waiting_ = true;
    stream_.async_wait_writable([self = shared_from_this()](const error_code&) {
      self->event([&] {
        self->write_waiting_ = false;
        self->pump();
      });
    });
  }
  return written > 0;
}

// ---- what the machine wants

void ServerSession::perform(ServerConnection::Reserve action) {
  const bool granted = core_->executions()->reserve(action.bytes);
  if (granted) reserved_ += action.bytes;
  machine_->reserved(granted, now_);
}

void ServerSession::perform(ServerConnection::Unreserve action) {
  core_->executions()->unreserve(action.bytes);
  reserved_ -= action.bytes;
}

void ServerSession::perform(ServerConnection::Start& action) {
  current_ = std::make_shared<Execution>(core_->executions(), weak_from_this(), std::move(action), now_.steady);
  current_->shown = watch_.submitted(current_->request, now_.steady, current_->deadline);
  const Executions::Verdict verdict =
      core_->executions()->submit(*current_, current_->request.cancel_key, peer_->address);
  if (verdict == Executions::Verdict::queued) return;
  if (verdict == Executions::Verdict::started) return run();
  if (verdict == Executions::Verdict::wedged) watch_.wedged();
  reject(reason_of(verdict));
}

void ServerSession::run() {
  const std::shared_ptr<Execution> execution = current_;  // one that ends at once is no longer the current one
  ExecutionDone done(execution);                          // from here on it ends, whatever happens
  execution->given_away = true;
  machine_->started(execution->id);
  execution->shown.state(ExecutionState::running);
  if (watch_.watching()) watch_.started(now_.steady - execution->submitted);
  ExecutionContext context;
  context.stop = execution->stop.get_token();
  context.deadline = execution->deadline;
  context.peer = peer_;
  if (execution->request.traceparent) context.traceparent = *execution->request.traceparent;
  try {
    core_->fragments().execute(std::move(execution->request), std::move(context), std::move(done));
  } catch (...) {  // ExecutionDone has answered already; here is why
    core_->executions()->log_failure(*execution, std::current_exception());
  }
}

void ServerSession::reject(errc why) {
  const std::shared_ptr<Execution> execution = std::exchange(current_, nullptr);
  core_->count(ServerCore::End::rejected);
  machine_->rejected(execution->id, why, now_);
}

void ServerSession::perform(ServerConnection::Stop action) {
  if (action.reason == StopReason::client_left) watch_.client_left();
  if (action.reason == StopReason::drained) core_->count(ServerCore::End::killed);
  stop_current();
}

// The job may go on for as long as it likes, and holds its slot until it ends; nobody here waits for it any more.
void ServerSession::stop_current() {
  const std::shared_ptr<Execution> execution = std::exchange(current_, nullptr);
  if (!execution) return;
  execution->shown.state(ExecutionState::abandoned);
  core_->executions()->give_up(*execution);
  execution->stop.request_stop();
}

void ServerSession::perform(const ServerConnection::Cancel& action) {
  watch_.cancelled(core_->executions()->cancel(action.request_id, action.key, peer_->address));
}

void ServerSession::perform(ServerConnection::Close action) {
  if (action.linger) return linger();
  stream_.shutdown_send();  // without room for a close_notify it goes without
  close();
}

// ---- what happens to executions

void ServerSession::granted(std::shared_ptr<Execution> execution) {
  asio::post(stream_.socket().get_executor(), [self = shared_from_this(), execution = std::move(execution)] {
    self->event([&] { self->begin(execution); });
    if (!execution->given_away) self->core_->executions()->end(*execution);  // it has been answered without
  });
}

void ServerSession::begin(const std::shared_ptr<Execution>& execution) {
  if (phase_ == Phase::open) machine_->tick(now_);  // its time may have passed in the queue
  pump();
  if (execution != current_) return;
  run();
  pump();
}

void ServerSession::evicted(std::shared_ptr<Execution> execution) {
  on_strand([execution = std::move(execution)](ServerSession& self) {
    if (execution != self.current_) return;
    self.reject(errc::draining);
    self.pump();
  });
}

void ServerSession::cancelled(std::shared_ptr<Execution> execution) {
  on_strand([execution = std::move(execution)](ServerSession& self) {
    if (execution != self.current_) return;
    self.machine_->cancel(execution->id, self.now_);
    self.pump();
  });
}

void ServerSession::ended(std::shared_ptr<Execution> execution, ExecutionOutcome outcome) {
  auto tell = [self = shared_from_this(), execution = std::move(execution), outcome = std::move(outcome)]() mutable {
    self->event([&] {
      if (execution == self->current_) self->finish(std::move(outcome));
    });
  };
  asio::dispatch(stream_.socket().get_executor(), std::move(tell));
}

void ServerSession::finish(ExecutionOutcome outcome) {
  const std::shared_ptr<Execution> execution = std::exchange(current_, nullptr);
  execution->shown = LiveExecution();  // before the peer can know that it is over
  core_->count(ServerCore::End::finished);
  watch_.answered(now_.steady - execution->submitted);
  watch_.ending(end_of(outcome));
  machine_->finished(execution->id, std::move(outcome), now_);
  watch_.ending(std::nullopt);
  pump();
}

// ---- the end

void ServerSession::drain() {
  on_strand([](ServerSession& self) {
    if (self.phase_ == Phase::handshake) return self.close();
    if (self.phase_ != Phase::open) return;
    self.machine_->drain(self.now_);
    self.pump();
  });
}

void ServerSession::kill() {
  on_strand([](ServerSession& self) {
    if (self.phase_ != Phase::open) return self.close();
    self.limit_ = after(self.now_.steady, self.core_->options().linger);
    self.machine_->kill(self.now_);
    self.pump();
  });
}

void ServerSession::linger() {
  phase_ = Phase::lingering;
  watch_.phase(ConnectionPhase::closing);
  stop_current();
  if (stream_.shutdown_send() || stream_ended_) return close();
  limit_ = std::min(limit_, after(now_.steady, core_->options().linger));
  await_input();
  arm_timer();
}

// A read that is under way already will do as well.
void ServerSession::await_input() {
  if (reading_) return;
  reading_ = true;
  stream_.async_wait_readable([self = shared_from_this()](const error_code&) {
    self->event([&] {
      self->reading_ = false;
      self->drop_input();
    });
  });
}

void ServerSession::drop_input() {
  std::array<char, 16384> space;
  error_code error;
  while (dropped_ < kMaxDropped) {
    const std::size_t read = stream_.read_some(space, error);
    if (error == asio::error::would_block) return await_input();
    if (read == 0) break;
    dropped_ += read;
  }
  close();
}

void ServerSession::close() noexcept {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  stop_current();
  if (reserved_ > 0) core_->executions()->unreserve(std::exchange(reserved_, 0));
  timer_.cancel();
  stream_.close();
  watch_.closed();
  core_->left(*this);
}

}  // namespace ft::net
