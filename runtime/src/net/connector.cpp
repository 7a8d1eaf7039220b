// SPDX-License-Identifier: Apache-2.0
#include "net/connector.hpp"

#include <utility>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>

#include "ft/gen/protocol.hpp"
#include "net/guarded.hpp"
#include "net/loopback.hpp"
#include "net/socket_options.hpp"

namespace ft::net {
namespace {

std::string name_of(const tcp::endpoint& address) {
  return Endpoint(address.address().to_string(), address.port()).to_string();
}

}  // namespace

Connector::Target::Target() = default;

std::weak_ptr<Connector> Connector::start(const Strand& strand, Target target, Handler handler) {
  auto self = std::make_shared<Connector>(strand, std::move(target), std::move(handler));
  asio::post(strand, [self] { self->event([&] { self->resolve(); }); });
  return self;
}

Connector::Connector(const Strand& strand, Target target, Handler handler)
    : strand_(strand),
      target_(std::move(target)),
      handler_(std::move(handler)),
      resolver_(strand),
      timer_(strand),
      stream_(std::make_shared<Stream>(Socket(strand))) {}

// Every event comes through here. What it throws (no memory, in practice) is a failure like any other; what the handler
// throws is the caller's.
template <class F>
void Connector::event(F&& f) {
  if (!handler_) return;
  guarded(std::forward<F>(f), [this](const char* why) {
    result_ = Error(errc::internal, Error::no_offset, {}, why);
    give_up();
  });
  if (!result_) return;
  timer_.cancel();
  std::exchange(handler_, nullptr)(std::move(*result_));
}

void Connector::abort() {
  handler_ = nullptr;
  give_up();
}

void Connector::give_up() {
  timer_.cancel();
  resolver_.cancel();
  if (stream_) stream_->close();
}

void Connector::resolve() {
  deadline_ = after(std::chrono::steady_clock::now(), target_.timeout);
  error_code error;
  const asio::ip::address address = asio::ip::make_address(target_.endpoint.host, error);
  if (!error) {
    addresses_.emplace_back(address, target_.endpoint.port);
    return dial();
  }
  arm(deadline_);
  resolver_.async_resolve(target_.endpoint.host, std::to_string(target_.endpoint.port), tcp::resolver::numeric_service,
                          [self = shared_from_this()](error_code failed, const tcp::resolver::results_type& found) {
                            self->event([&] { self->resolved(failed, found); });
                          });
}

void Connector::resolved(error_code error, const tcp::resolver::results_type& found) {
  if (error) return fail_with(errc::connect_failed, error.message());
  for (const auto& entry : found) {
    if (addresses_.size() == kMaxAddresses) break;
    addresses_.push_back(entry.endpoint());
  }
  dial();
}

void Connector::dial() {
  const bool guarded = !target_.credentials && !target_.allow_plaintext_off_loopback;
  for (const tcp::endpoint& address : addresses_) {
    if (guarded && !is_loopback(address.address())) {
      return fail_with(errc::invalid_configuration, name_of(address) +
                                                        " is not a loopback address: set PoolOptions::tls, or "
                                                        "allow_plaintext_off_loopback");
    }
  }
  if (next_ == addresses_.size()) {
    if (addresses_.empty()) return fail_with(errc::connect_failed, "the name has no address");
    // Of a name, the address that was tried last.
    const std::string last = name_of(addresses_.back());
    const std::string at = last == target_.endpoint.to_string() ? "" : last + ": ";
    return fail_with(errc::connect_failed, at + last_error_.message());
  }
  const Instant now = std::chrono::steady_clock::now();
  const auto share = (deadline_ - now) / static_cast<Instant::rep>(addresses_.size() - next_);
  arm(now + share);
  stream_ = std::make_shared<Stream>(Socket(strand_));
  const tcp::endpoint& address = addresses_[next_++];
  stream_->socket().async_connect(
      address, [self = shared_from_this()](error_code error) { self->event([&] { self->connected(error); }); });
}

// The timer closes what takes too long, perhaps when it has just succeeded: that is what the caller should read.
bool Connector::took_too_long(error_code error) const {
  return error == asio::error::operation_aborted || !stream_->socket().is_open();
}

void Connector::connected(error_code error) {
  if (took_too_long(error)) error = asio::error::timed_out;
  if (!error) error = tune(stream_->socket().native_handle(), target_.keepalive);
  if (error) {
    last_error_ = error;
    return dial();
  }
  if (target_.credentials) return handshake();
  finish(std::move(stream_));
}

void Connector::handshake() {
  arm(deadline_);
  if (const error_code error = stream_->start_tls(target_.context)) {
    return fail_with(errc::tls_failed, error.message());
  }
  const Result<void> prepared =
      prepare_client(stream_->tls(), target_.credentials->config(), target_.endpoint.host, ALPN);
  if (!prepared) return finish(prepared.error());
  stream_->async_handshake(Stream::Role::client, [self = shared_from_this()](error_code error) {
    self->event([&] { self->shook_hands(error); });
  });
}

void Connector::shook_hands(error_code error) {
  if (took_too_long(error)) return fail_with(errc::connect_failed, "the TLS handshake took too long");
  if (!error) return finish(std::move(stream_));
  // A verdict, on either side, stands. That a peer leaves or cannot be reached any more says nothing about TLS.
  std::string problem = certificate_problem(stream_->tls());
  if (!problem.empty()) return fail_with(errc::tls_failed, std::move(problem));
  if (error.category() == asio::error::get_ssl_category()) return fail_with(errc::tls_failed, error.message());
  fail_with(errc::connect_failed, "in the TLS handshake: " + error.message());
}

void Connector::fail_with(errc code, std::string detail) {
  finish(Error(code, Error::no_offset, {}, target_.endpoint.to_string() + ": " + std::move(detail)));
}

void Connector::finish(Result<std::shared_ptr<Stream>> result) { result_ = std::move(result); }

// On expiry whatever is under way is given up: the look-up cannot be, so it ends the attempt by itself.
void Connector::arm(Instant deadline) {
  timer_.expires_at(deadline);
  timer_.async_wait([self = shared_from_this()](error_code error) {
    // It may have been set anew after this expiry was queued.
    if (error || std::chrono::steady_clock::now() < self->timer_.expiry()) return;
    self->event([&] { self->expired(); });
  });
}

void Connector::expired() {
  if (addresses_.empty()) return fail_with(errc::connect_failed, "the look-up of the name took too long");
  stream_->close();
}

}  // namespace ft::net
