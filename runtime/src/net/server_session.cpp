// SPDX-License-Identifier: Apache-2.0
#include "net/server_session.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <variant>

#include "ft/gen/protocol.hpp"
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

}  // namespace

ServerSession::ServerSession(std::shared_ptr<ServerCore> core, Socket socket, const tcp::endpoint& peer, Seat seat)
    : core_(std::move(core)),
      strand_(socket.get_executor()),
      stream_(std::move(socket)),
      timer_(strand_),
      peer_(identity_of(peer)),
      seat_(seat),
      watch_(core_->observer(), core_->drain_count(), name_of(*peer_), core_->options().tls != nullptr) {}

ServerSession::~ServerSession() { close(); }

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
  append_error(MIN_PROTOCOL_VERSION, error_answer(0, errc::too_many_connections), frame);
  error_code ignored;
  stream_.write_some({frame.data(), frame.size()}, ignored);
  linger();
}

void ServerSession::begin_handshake() {
  limit_ = std::min(limit_, after(now_.steady, core_->options().handshake_timeout));
  if (const error_code error = stream_.start_tls(core_->options().tls->snapshot().context)) {
    return handshake_done(error);
  }
  prepare_server(stream_.tls(), ALPN);
  stream_.async_handshake(Stream::Role::server, [self = shared_from_this()](const error_code& error) {
    self->event([&] { self->handshake_done(error); });
  });
  arm_timer();
}

void ServerSession::handshake_done(const error_code& error) {
  if (error) {
    const std::string problem = stream_.tls() ? certificate_problem(stream_.tls()) : std::string();
    watch_.handshake_failed(problem.empty() ? error.message() : problem);
  } else {
    watch_.handshake_succeeded();
  }
  if (error) return close();
  CertificateNames names = peer_names(stream_.tls());
  peer_->common_name = std::move(names.common_name);
  peer_->names = std::move(names.alternative);
  open();
}

void ServerSession::open() {
  phase_ = Phase::open;
  limit_ = kNever;
  machine_.emplace(core_->rules(seat_), seat_ == Seat::full, now_);
  machine_->watch(watch_);
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
    if (phase_ == Phase::handshake && !core_->draining()) {
      watch_.handshake_timed_out(core_->options().handshake_timeout);
    }
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

// ---- the end

void ServerSession::drain() {
  on_strand([](ServerSession& self) {
    if (self.phase_ == Phase::handshake) {
      // The last of the handshake may bring a request, whose sender waits to learn what became of it.
      self.limit_ = std::min(self.limit_, after(self.now_.steady, self.core_->options().linger));
      return self.arm_timer();
    }
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
