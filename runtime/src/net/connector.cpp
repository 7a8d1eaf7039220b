// SPDX-License-Identifier: Apache-2.0
#include "net/connector.hpp"

#include <utility>

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>

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
  asio::post(strand, [self] { self->resolve(); });
  return self;
}

Connector::Connector(const Strand& strand, Target target, Handler handler)
    : strand_(strand),
      target_(std::move(target)),
      handler_(std::move(handler)),
      resolver_(strand),
      timer_(strand),
      stream_(std::make_shared<Stream>(Socket(strand))) {}

void Connector::abort() {
  handler_ = nullptr;
  timer_.cancel();
  resolver_.cancel();
  stream_->close();
}

void Connector::resolve() {
  if (!handler_) return;
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
                            if (!self->handler_) return;
                            if (failed) return self->fail_with(errc::connect_failed, failed.message());
                            self->take(found);
                          });
}

void Connector::take(const tcp::resolver::results_type& found) {
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
  stream_->socket().async_connect(address, [self = shared_from_this()](error_code error) { self->connected(error); });
}

void Connector::connected(error_code error) {
  if (!handler_) return;
  if (!error) error = tune(stream_->socket().native_handle(), target_.keepalive);
  if (error) {
    // Closed by the timer: that is what the caller should read.
    last_error_ = error == asio::error::operation_aborted ? error_code(asio::error::timed_out) : error;
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
  const Result<void> prepared = prepare_client(stream_->tls(), target_.credentials->config(), target_.endpoint.host);
  if (!prepared) return finish(prepared.error());
  stream_->async_handshake(Stream::Role::client, [self = shared_from_this()](error_code error) {
    if (!self->handler_) return;
    if (error == asio::error::operation_aborted)
      return self->fail_with(errc::tls_failed, "the handshake took too long");
    if (error) {
      std::string problem = certificate_problem(self->stream_->tls());
      return self->fail_with(errc::tls_failed, problem.empty() ? error.message() : std::move(problem));
    }
    self->finish(std::move(self->stream_));
  });
}

void Connector::fail_with(errc code, std::string detail) {
  finish(Error(code, Error::no_offset, {}, target_.endpoint.to_string() + ": " + std::move(detail)));
}

void Connector::finish(Result<std::shared_ptr<Stream>> result) {
  timer_.cancel();
  const Handler handler = std::exchange(handler_, nullptr);
  handler(std::move(result));
}

// On expiry whatever is under way is given up: the look-up cannot be, so it ends the attempt by itself.
void Connector::arm(Instant deadline) {
  timer_.expires_at(deadline);
  timer_.async_wait([self = shared_from_this()](error_code error) {
    // It may have been set anew after this expiry was queued.
    if (error || !self->handler_ || std::chrono::steady_clock::now() < self->timer_.expiry()) return;
    if (self->addresses_.empty()) return self->fail_with(errc::connect_failed, "the look-up of the name took too long");
    self->stream_->close();
  });
}

}  // namespace ft::net
