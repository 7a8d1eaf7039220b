// SPDX-License-Identifier: Apache-2.0
#include "net/stream.hpp"

#include <algorithm>
#include <cerrno>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <boost/asio/ssl/error.hpp>

#include "net/tls_bio.hpp"

namespace ft::net {
namespace {

constexpr std::size_t kWriteAtOnce = std::size_t{1} << 20;
constexpr std::size_t kReadAtOnce = std::size_t{256} << 10;

error_code openssl_error() noexcept {
  const unsigned long code = ERR_get_error();
  if (code == 0) return asio::error::no_memory;  // without a word: an allocation failed
  return {static_cast<int>(code), asio::error::get_ssl_category()};
}

error_code last_error() noexcept { return {errno == EINTR ? EAGAIN : errno, boost::system::system_category()}; }

}  // namespace

void Stream::FreeSsl::operator()(SSL* tls) const noexcept { SSL_free(tls); }

Stream::Stream(Socket socket) noexcept : socket_(std::move(socket)) {}
Stream::~Stream() { close(); }

error_code Stream::start_tls(std::shared_ptr<asio::ssl::context> context) {
  ERR_clear_error();
  tls_.reset(SSL_new(context->native_handle()));
  if (!tls_) return openssl_error();
  BIO* const bio = make_socket_bio(socket_.native_handle());
  if (!bio) return openssl_error();
  SSL_set_bio(tls_.get(), bio, bio);
  // A write goes on from wherever the bytes have moved to. What an idle connection holds is the context's matter.
  SSL_set_mode(tls_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_set_read_ahead(tls_.get(), 1);  // a record in one read instead of header and body apart
  context_ = std::move(context);
  ready_ = false;
  return {};
}

// What an SSL function that did not succeed means.
error_code Stream::result_of(int returned, Wait& wait) {
  const int system_error = errno;
  switch (SSL_get_error(tls_.get(), returned)) {
    case SSL_ERROR_WANT_READ:
      wait = Wait::read;
      return asio::error::would_block;
    case SSL_ERROR_WANT_WRITE:
      wait = Wait::write;
      return asio::error::would_block;
    case SSL_ERROR_ZERO_RETURN:
      return asio::error::eof;
    case SSL_ERROR_SYSCALL:
      broken_ = true;
      if (system_error == 0) return asio::ssl::error::stream_truncated;
      return {system_error, boost::system::system_category()};
    default: {
      broken_ = true;
      const error_code error = openssl_error();
      const bool truncated =
          ERR_GET_REASON(static_cast<unsigned long>(error.value())) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
      return truncated ? error_code(asio::ssl::error::stream_truncated) : error;
    }
  }
}

error_code Stream::handshake(Role role) {
  if (error_code error; closed(error)) return error;
  ERR_clear_error();
  errno = 0;
  const int returned = role == Role::server ? SSL_accept(tls_.get()) : SSL_connect(tls_.get());
  if (returned != 1) return result_of(returned, read_wait_);
  ready_ = true;
  return {};
}

std::size_t Stream::read_tls(std::span<char> into, error_code& error) {
  const std::size_t most = std::min(into.size(), kReadAtOnce);
  std::size_t total = 0;
  starved_ = false;
  while (total < most) {
    ERR_clear_error();
    errno = 0;
    std::size_t read = 0;
    const int returned = SSL_read_ex(tls_.get(), into.data() + total, most - total, &read);
    if (returned != 1) {
      error = result_of(returned, read_wait_);
      starved_ = error == asio::error::would_block;
      if (total > 0) error = {};  // what stopped us will do so again next time
      break;
    }
    total += read;
  }
  return total;
}

std::size_t Stream::write_tls(std::span<const char> bytes, error_code& error) {
  std::size_t total = 0;
  while (total < bytes.size()) {
    ERR_clear_error();
    errno = 0;
    std::size_t written = 0;
    const int returned = SSL_write_ex(tls_.get(), bytes.data() + total, bytes.size() - total, &written);
    if (returned != 1) {
      error = result_of(returned, write_wait_);
      if (total > 0) error = {};
      break;
    }
    total += written;
  }
  return total;
}

// Once closed, the number of the descriptor may be somebody else's.
bool Stream::closed(error_code& error) const {
  error = socket_.is_open() ? error_code() : error_code(asio::error::operation_aborted);
  return bool(error);
}

std::size_t Stream::read_some(std::span<char> into, error_code& error) {
  if (closed(error)) return 0;
  if (tls_) return read_tls(into, error);
  const std::ptrdiff_t got = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
  if (got > 0) return static_cast<std::size_t>(got);
  error = got == 0 ? error_code(asio::error::eof) : last_error();
  return 0;
}

std::size_t Stream::write_some(std::span<const char> bytes, error_code& error) {
  if (closed(error)) return 0;
  bytes = bytes.first(std::min(bytes.size(), kWriteAtOnce));
  if (tls_) return write_tls(bytes, error);
  const std::ptrdiff_t sent = send_some(socket_.native_handle(), bytes.data(), bytes.size());
  if (sent >= 0) return static_cast<std::size_t>(sent);
  error = last_error();
  return 0;
}

error_code Stream::shutdown_send() {
  error_code error;
  if (closed(error)) return error;
  if (tls_ && ready_ && !broken_) {
    ERR_clear_error();
    errno = 0;
    const int returned = SSL_shutdown(tls_.get());
    if (returned < 0 && result_of(returned, write_wait_) == asio::error::would_block) return asio::error::would_block;
  }
  socket_.shutdown(Socket::shutdown_send, error);
  return error;
}

void Stream::close() noexcept {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace ft::net
