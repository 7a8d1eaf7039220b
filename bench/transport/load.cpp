// SPDX-License-Identifier: Apache-2.0
#include "transport/load.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <optional>
#include <utility>

namespace bench {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Tls = asio::ssl::stream<tcp::socket>;

namespace {

tcp::socket connect(asio::io_context& io, std::uint16_t port) {
  tcp::socket socket(io);
  socket.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
  socket.set_option(tcp::no_delay(true));
  return socket;
}

}  // namespace

class Load::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Load& load, std::uint16_t port, std::size_t answer_bytes, asio::ssl::context* tls)
      : load_(load), socket_(connect(load.io_, port)), answer_(answer_bytes) {
    if (tls == nullptr) return;
    tls_.emplace(std::move(socket_), *tls);
    tls_->handshake(asio::ssl::stream_base::client);
  }

  void send() {
    on_stream([this](auto& stream) {
      asio::async_write(stream, asio::buffer(load_.request_),
                        [self = shared_from_this()](error_code failed, std::size_t) {
                          if (!failed) self->receive();
                        });
    });
  }

 private:
  void receive() {
    on_stream([this](auto& stream) {
      asio::async_read(stream, asio::buffer(answer_), [self = shared_from_this()](error_code failed, std::size_t) {
        if (failed) throw boost::system::system_error(failed, "the server ended a connection under load");
        ++self->load_.answers_;
        if (!self->load_.stopping_) self->send();
      });
    });
  }

  template <class F>
  void on_stream(F f) {
    if (tls_) {
      f(*tls_);
    } else {
      f(socket_);
    }
  }

  Load& load_;
  tcp::socket socket_;
  std::optional<Tls> tls_;
  std::vector<char> answer_;
};

Load::Load(std::uint16_t port, std::size_t connections, std::string request, std::size_t answer_bytes,
           asio::ssl::context* tls)
    : io_(1), request_(std::move(request)) {
  for (std::size_t i = 0; i < connections; ++i) {
    connections_.push_back(std::make_shared<Connection>(*this, port, answer_bytes, tls));
  }
}
Load::~Load() = default;

std::uint64_t Load::run(std::chrono::milliseconds time) {
  answers_ = 0;
  stopping_ = false;
  for (const auto& connection : connections_) connection->send();
  io_.restart();
  io_.run_for(time);
  stopping_ = true;
  io_.run();  // what is under way comes to its end
  return answers_;
}

std::uint64_t connect_repeatedly(std::uint16_t port, const std::string& request, std::size_t answer_bytes,
                                 asio::ssl::context* tls, std::chrono::milliseconds time) {
  asio::io_context io(1);
  std::vector<char> answer(answer_bytes);
  std::uint64_t times = 0;
  const auto exchange = [&](auto& stream) {
    asio::write(stream, asio::buffer(request));
    asio::read(stream, asio::buffer(answer));
  };
  const auto end = std::chrono::steady_clock::now() + time;
  for (; std::chrono::steady_clock::now() < end; ++times) {
    tcp::socket socket = connect(io, port);
    if (tls == nullptr) {
      exchange(socket);
      continue;
    }
    Tls stream(std::move(socket), *tls);
    stream.handshake(asio::ssl::stream_base::client);
    exchange(stream);
  }
  return times;
}

}  // namespace bench
