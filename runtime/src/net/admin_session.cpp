// SPDX-License-Identifier: Apache-2.0
#include "net/admin_session.hpp"

#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/dispatch.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>

#include "net/guarded.hpp"

namespace ft::net {

namespace http = boost::beast::http;

namespace {

constexpr const char* kText = "text/plain; charset=utf-8";

}  // namespace

AdminSession::AdminSession(Socket socket, std::shared_ptr<const AdminOptions> options)
    : socket_(std::move(socket)), timer_(socket_.get_executor()), options_(std::move(options)) {
  parser_.header_limit(kMaxHead);
}

// Every event comes through here, on the strand.
template <class F>
void AdminSession::event(F&& f) noexcept {
  guarded(std::forward<F>(f), [this](const char*) { end(); });
}

void AdminSession::start() {
  auto begin = [self = shared_from_this()] {
    self->timer_.expires_after(self->options_->timeout);
    self->timer_.async_wait([self](const error_code& error) {
      if (!error) self->end();
    });
    self->read();
  };
  asio::dispatch(socket_.get_executor(), [self = shared_from_this(), begin] { self->event(begin); });
}

void AdminSession::close() {
  asio::dispatch(socket_.get_executor(), [self = shared_from_this()] { self->end(); });
}

void AdminSession::end() {
  error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
}

void AdminSession::read() {
  // The head alone: a body, should one come, is passed over after the answer.
  http::async_read_header(socket_, buffer_, parser_, [self = shared_from_this()](const error_code& error, std::size_t) {
    self->event([&] { self->answer(error); });
  });
}

void AdminSession::answer(const error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return write(http::status::request_header_fields_too_large, "the head of the request is too long\n", kText);
  }
  // Of Beast's own errors, most say that this is no HTTP; those of the socket leave nobody to answer.
  if (error && error.category() == make_error_code(http::error::bad_version).category() &&
      error != http::error::end_of_stream && error != http::error::partial_message) {
    return write(http::status::bad_request, "this is no HTTP request\n", kText);
  }
  if (error) return end();

  const auto& request = parser_.get();
  if (request.method() != http::verb::get) {
    response_.set(http::field::allow, "GET");
    return write(http::status::method_not_allowed, {}, kText);  // without a body, as HEAD wants it
  }
  const std::string_view target(request.target().data(), request.target().size());
  const std::string_view path = target.substr(0, target.find('?'));
  if (path == "/metrics") {
    return write(http::status::ok, options_->observer->metrics().prometheus(),
                 "text/plain; version=0.0.4; charset=utf-8");
  }
  if (path == "/inflight") {
    return write(http::status::ok, options_->observer->live().json(Now::read()), "application/json");
  }
  if (path != "/health") return write(http::status::not_found, "there are /metrics, /health, /inflight\n", kText);
  if (!options_->healthy || options_->healthy()) return write(http::status::ok, "ok\n", kText);
  write(http::status::service_unavailable, "draining\n", kText);
}

void AdminSession::write(http::status status, std::string body, const char* content_type) {
  response_.version(11);
  response_.result(status);
  response_.set(http::field::content_type, content_type);
  response_.set(http::field::cache_control, "no-store");
  response_.keep_alive(false);
  response_.body() = std::move(body);
  response_.prepare_payload();
  http::async_write(socket_, response_, [self = shared_from_this()](const error_code& error, std::size_t) {
    if (error) return self->end();
    error_code ignored;
    self->socket_.shutdown(tcp::socket::shutdown_send, ignored);
    self->event([&] { self->linger(); });
  });
}

/// Closing while unread bytes lie in the socket would send a reset, which may eat the answer.
void AdminSession::linger() {
  socket_.async_read_some(asio::buffer(ignored_), [self = shared_from_this()](const error_code& error, std::size_t n) {
    self->ignored_bytes_ += n;
    if (error || self->ignored_bytes_ > kMaxIgnored) return self->end();
    self->event([&] { self->linger(); });
  });
}

}  // namespace ft::net
