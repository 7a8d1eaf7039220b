// SPDX-License-Identifier: Apache-2.0
#include "net/listener.hpp"

#include <cerrno>
#include <chrono>
#include <string>
#include <utility>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include "net/socket_options.hpp"

namespace ft::net {
namespace {

constexpr std::chrono::milliseconds kPause{100};

// Errors of accept that will come again at once: there is no descriptor or memory left.
bool exhausted(const error_code& error) noexcept {
  const int code = error.value();
  return error.category() == boost::system::system_category() &&
         (code == EMFILE || code == ENFILE || code == ENOBUFS || code == ENOMEM);
}

}  // namespace

Result<Acceptor> listen(const asio::any_io_executor& executor, const tcp::endpoint& where,
                        std::chrono::milliseconds keepalive) {
  Acceptor acceptor(Strand{executor});
  error_code error;
  const auto ok = [&error] { return !error; };
  acceptor.open(where.protocol(), error);
  if (ok()) acceptor.set_option(Acceptor::reuse_address(true), error);
  if (ok() && where.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
  if (ok()) error = tune(acceptor.native_handle(), keepalive);
  if (ok()) acceptor.bind(where, error);
  if (ok()) acceptor.listen(Acceptor::max_listen_connections, error);
  if (ok()) return acceptor;
  const std::string address = Endpoint(where.address().to_string(), where.port()).to_string();
  return Error(errc::invalid_configuration, Error::no_offset, {},
               "cannot listen on " + address + ": " + error.message());
}

Listener::Listener(Acceptor acceptor, Accepted accepted, Observer* observer)
    : acceptor_(std::move(acceptor)),
      pause_(acceptor_.get_executor()),
      accepted_(std::move(accepted)),
      observer_(observer) {}

void Listener::start() {
  asio::dispatch(acceptor_.get_executor(), [self = shared_from_this()] { self->accept(); });
}

void Listener::close(std::function<void()> closed) {
  asio::dispatch(acceptor_.get_executor(), [self = shared_from_this(), closed = std::move(closed)] {
    error_code ignored;
    self->acceptor_.close(ignored);
    self->pause_.cancel();
    self->accepted_ = nullptr;  // holds the server
    if (closed) closed();
  });
}

void Listener::accept() {
  if (!acceptor_.is_open()) return;
  const Strand strand(acceptor_.get_executor().get_inner_executor());
  acceptor_.async_accept(strand, [self = shared_from_this()](const error_code& error, Socket socket) {
    if (!self->acceptor_.is_open()) return;
    if (exhausted(error)) return self->pause(error);
    if (!error) {
      error_code gone;
      const tcp::endpoint peer = socket.remote_endpoint(gone);
      if (!gone) self->accepted_(std::move(socket), peer);
    }
    self->accept();
  });
}

void Listener::pause(const error_code& why) {
  if (observer_) {
    observer_->metrics().server.connections_refused[Refusal::descriptor_limit].add();
    observer_->logger().write(LogEvent::accept_failed, why.message());
  }
  pause_.expires_after(kPause);
  pause_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->accept();
  });
}

}  // namespace ft::net
