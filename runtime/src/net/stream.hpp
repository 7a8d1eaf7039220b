// SPDX-License-Identifier: Apache-2.0
//
// One connection's bytes, plain or under TLS. Both shells, the server's and the client's, are written on it.
//
//   Stream stream(std::move(socket));                          // connected, or to be connected through socket()
//   stream.start_tls(context);                                 // before the handshake; the client prepares tls() then
//   stream.async_handshake(Stream::Role::server, handler);     // void(error_code)
//   stream.async_read_some(space, handler);                    // void(error_code, std::size_t)
//   std::size_t n = stream.write_some(bytes, error);           // at once; would_block: async_wait_writable, again
//   stream.shutdown_send(); ... stream.close();
//
// Writing never blocks and completes at once, because a message nearly always fits into the socket's buffer: no handler
// has to be queued to learn it. Reading waits with a buffer in hand, or, for whoever cannot promise one, waits for
// readiness (async_wait_readable) and then reads at once (read_some). Under TLS, OpenSSL works on the socket
// directly; an idle connection costs the SSL object alone.
//
// Handlers run on their associated executor, the socket's by default, never inside of the call that starts the
// operation. At most one handshake, read or wait for reading, and one wait for writing, at a time. Everything on the
// strand; a handler must keep the stream alive. close() ends what is under way with operation_aborted, unless it has
// succeeded already. No deadline here: the owner's timer calls close().
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/strand.hpp>

#include "net/io_executor.hpp"

namespace ft::net {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

using Strand = asio::strand<IoExecutor>;
using Socket = asio::basic_stream_socket<tcp, Strand>;

class Stream {
 public:
  enum class Role { client, server };

  explicit Stream(Socket socket) noexcept;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  Socket& socket() noexcept { return socket_; }
  /// Null without TLS.
  SSL* tls() const noexcept { return tls_.get(); }

  /// From now on everything goes through TLS. The socket must be open. Errors: of OpenSSL, which has run out of memory.
  error_code start_tls(std::shared_ptr<asio::ssl::context> context);

  /// `handler(error_code)`. A failure of the peer's or of its certificate is in asio's SSL category.
  template <class Handler>
  void async_handshake(Role role, Handler handler) {
    error_code error = handshake(role);
    if (error == asio::error::would_block) return continue_handshake(role, std::move(handler));
    asio::post(socket_.get_executor(), [handler = std::move(handler), error]() mutable { handler(error); });
  }

  /// `handler(error_code)` once read_some can get on. The connection's end counts as readable; read_some tells.
  template <class Handler>
  void async_wait_readable(Handler handler) {
    if (!tls_ || starved_) return wait_for(read_wait_, std::move(handler));
    // Decrypted or not, OpenSSL may hold bytes of which the socket knows nothing.
    const auto executor = asio::get_associated_executor(handler, socket_.get_executor());
    asio::post(executor, [handler = std::move(handler)]() mutable { handler(error_code()); });
  }

  /// `handler(error_code, std::size_t)`: waits, then reads, into a buffer that stays valid until then. Where that can
  /// be promised it spares a system call whenever the bytes are there already. Errors as of read_some, never
  /// would_block.
  template <class Handler>
  void async_read_some(std::span<char> into, Handler handler) {
    if (!tls_) return socket_.async_read_some(asio::buffer(into.data(), into.size()), std::move(handler));
    async_wait_readable([this, into, handler = std::move(handler)](error_code error) mutable {
      const std::size_t read = error ? 0 : read_some(into, error);
      if (error == asio::error::would_block) return async_read_some(into, std::move(handler));
      handler(error, read);
    });
  }

  /// Reads what is there, at most `into`, under TLS about 256 KiB; `into` is not empty. Returns 0 with an error:
  /// would_block, eof (under TLS: with close_notify), ssl stream_truncated (without), or what the socket says.
  std::size_t read_some(std::span<char> into, error_code& error);

  /// Writes what can be written at once, at most about 1 MiB, so that one fast reader does not hold up a thread.
  /// Returns how much; 0 and would_block if nothing. Under TLS what was refused once must be offered again, though it
  /// may have moved.
  std::size_t write_some(std::span<const char> bytes, error_code& error);

  /// `handler(error_code)` once write_some or shutdown_send can get on.
  template <class Handler>
  void async_wait_writable(Handler handler) {
    wait_for(write_wait_, std::move(handler));
  }

  /// No more will be written: close_notify under TLS, then a FIN. would_block if there is no room for the
  /// close_notify: wait, or close() and leave it.
  error_code shutdown_send();

  void close() noexcept;

 private:
  enum class Wait { read, write };

  template <class Handler>
  void wait_for(Wait what, Handler handler) {
    socket_.async_wait(what == Wait::read ? Socket::wait_read : Socket::wait_write, std::move(handler));
  }

  template <class Handler>
  void continue_handshake(Role role, Handler handler) {
    wait_for(read_wait_, [this, role, handler = std::move(handler)](error_code error) mutable {
      if (!error) error = handshake(role);
      if (error == asio::error::would_block) return continue_handshake(role, std::move(handler));
      handler(error);
    });
  }

  bool closed(error_code& error) const;
  error_code handshake(Role role);
  std::size_t read_tls(std::span<char> into, error_code& error);
  std::size_t write_tls(std::span<const char> bytes, error_code& error);
  error_code result_of(int returned, Wait& wait);

  struct FreeSsl {
    void operator()(SSL* tls) const noexcept;
  };

  Socket socket_;
  std::shared_ptr<asio::ssl::context> context_;  // outlives the connection that was made with it
  std::unique_ptr<SSL, FreeSsl> tls_;
  Wait read_wait_ = Wait::read;  // TLS may have to write in order to read, and the other way round
  Wait write_wait_ = Wait::write;
  bool starved_ = false;  // OpenSSL has asked for bytes of the socket since it last gave some
  bool ready_ = true;     // no handshake is wanting
  bool broken_ = false;   // TLS has failed: OpenSSL forbids another word, close_notify included
};

}  // namespace ft::net
