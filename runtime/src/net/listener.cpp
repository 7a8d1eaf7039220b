// SPDX-License-Identifier: Apache-2.0
#include "net/listener.hpp"

#include <cerrno>
#include <chrono>
#include <string>
#include <utility>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include "net/guarded.hpp"
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
  return invalid_configuration("cannot listen on " + address + ": " + error.message());
}

Listener::Listener(Acceptor acceptor, Accepted accepted, Observer* observer)
    : acceptor_(std::move(acceptor)),
      pause_(acceptor_.get_executor()),
      accepted_(std::move(accepted)),
      observer_(observer) {}

// Every event comes through here, on the strand. What it throws costs the connection that came, and a pause. Without
// the memory for a pause even, the port is closed, rather than kept open with nobody behind it.
template <class F>
void Listener::event(F&& f) noexcept {
  guarded(std::forward<F>(f), [this](const char* why) {
    guarded([&] { pause(Refusal::setup_failed, why); }, [this](const char*) { shut(); });
  });
}

void Listener::start() {
  asio::dispatch(acceptor_.get_executor(), [self = shared_from_this()] { self->event([&] { self->accept(); }); });
}

void Listener::close(std::function<void()> closed) {
  asio::dispatch(acceptor_.get_executor(), [self = shared_from_this(), closed = std::move(closed)]() mutable {
    self->event([&] { self->take_backlog(); });
    self->shut();
    self->pause_.cancel();
    self->closed_ = std::move(closed);
    if (!self->accepting_) self->end();
  });
}

void Listener::end() {
  accepted_ = nullptr;  // holds the server
  if (const auto closed = std::exchange(closed_, nullptr)) closed();
}

// A peer that is connected may have sent its request, and would not know what became of it.
void Listener::take_backlog() {
  error_code error;
  acceptor_.non_blocking(true, error);
  for (int i = 0; !error && i < Acceptor::max_listen_connections; ++i) {
    Socket socket = acceptor_.accept(Strand(acceptor_.get_executor().get_inner_executor()), error);
    if (!error) take(std::move(socket));
  }
}

void Listener::shut() noexcept {
  error_code ignored;
  acceptor_.close(ignored);
}

void Listener::accept() {
  if (!acceptor_.is_open()) return end();
  const Strand strand(acceptor_.get_executor().get_inner_executor());
  acceptor_.async_accept(strand, [self = shared_from_this()](const error_code& error, Socket socket) {
    self->accepting_ = false;
    self->event([&] { self->on_accept(error, std::move(socket)); });
  });
  accepting_ = true;
}

void Listener::on_accept(const error_code& error, Socket socket) {
  if (acceptor_.is_open() && exhausted(error)) return pause(Refusal::descriptor_limit, error.message());
  if (!error) take(std::move(socket));
  accept();
}

void Listener::take(Socket socket) {
  error_code gone;
  const tcp::endpoint peer = socket.remote_endpoint(gone);
  if (!gone) accepted_(std::move(socket), peer);
}

void Listener::pause(Refusal refusal, std::string_view why) {
  pause_.expires_after(kPause);
  pause_.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error) self->event([&] { self->accept(); });
  });
  if (!observer_) return;
  observer_->metrics().server.connections_refused[refusal].add();
  observer_->logger().write(LogEvent::accept_failed, why);
}

}  // namespace ft::net
