// SPDX-License-Identifier: Apache-2.0
#include "transport/echo.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <utility>
#include <vector>

namespace bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

template <class Stream>
class Connection : public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(Stream stream, std::size_t request_bytes) : stream_(std::move(stream)), buffer_(request_bytes) {}

  void start() {
    if constexpr (std::is_same_v<Stream, tcp::socket>) {
      read();
    } else {
      stream_.async_handshake(asio::ssl::stream_base::server, [self = this->shared_from_this()](error_code failed) {
        if (!failed) self->read();
      });
    }
  }

 private:
  void read() {
    asio::async_read(stream_, asio::buffer(buffer_), [self = this->shared_from_this()](error_code failed, std::size_t) {
      if (!failed) self->write();
    });
  }
  void write() {
    asio::async_write(stream_, asio::buffer(buffer_),
                      [self = this->shared_from_this()](error_code failed, std::size_t) {
                        if (!failed) self->read();
                      });
  }

  Stream stream_;
  std::vector<char> buffer_;
};

}  // namespace

class EchoServer::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& io, std::size_t request_bytes, asio::ssl::context* tls)
      : acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), request_bytes_(request_bytes), tls_(tls) {}

  void accept() {
    acceptor_.async_accept([self = shared_from_this()](error_code failed, tcp::socket socket) {
      if (failed) return;
      socket.set_option(tcp::no_delay(true));
      if (self->tls_ != nullptr) {
        using Tls = asio::ssl::stream<tcp::socket>;
        std::make_shared<Connection<Tls>>(Tls(std::move(socket), *self->tls_), self->request_bytes_)->start();
      } else {
        std::make_shared<Connection<tcp::socket>>(std::move(socket), self->request_bytes_)->start();
      }
      self->accept();
    });
  }

  tcp::acceptor acceptor_;

 private:
  std::size_t request_bytes_;
  asio::ssl::context* tls_;
};

EchoServer::EchoServer(asio::io_context& io, std::size_t request_bytes, asio::ssl::context* tls)
    : impl_(std::make_shared<Impl>(io, request_bytes, tls)) {
  impl_->accept();
}
EchoServer::~EchoServer() = default;

std::uint16_t EchoServer::port() const { return impl_->acceptor_.local_endpoint().port(); }

}  // namespace bench
