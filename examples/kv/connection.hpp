// SPDX-License-Identifier: Apache-2.0
//
// One end of a connection: messages of kv over TCP. For one thread; owned by a shared_ptr, because writing goes on
// after send() has returned.
#pragma once

#include <ft/kv/gen/frames.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace ft::kv {

namespace asio = boost::asio;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

  /// The next message, or what is wrong with it. Nothing when the stream has ended, or when nobody knows where in it
  /// the next frame begins.
  asio::awaitable<std::optional<Result<Envelope>>> receive() {
    for (;;) {
      const Result<std::optional<Frame>> frame = frames_.next();
      if (!frame) co_return std::nullopt;
      if (*frame) co_return decode_envelope((*frame)->type, (*frame)->payload, judge);
      const std::span<char> space = frames_.prepare();
      const auto [error, n] = co_await socket_.async_read_some(asio::buffer(space.data(), space.size()), kWait);
      if (error) co_return std::nullopt;
      frames_.commit(n);
    }
  }

  /// As the envelope's version has it. A peer that does not read what it is sent is dropped.
  void send(const Envelope& envelope) {
    if (unwritten_.size() > kMaxUnwritten || !encode_envelope(envelope, unwritten_)) close();
    if (!std::exchange(writing_, true)) co_spawn(socket_.get_executor(), write(shared_from_this()), asio::detached);
  }

  void close() { socket_.close(); }

 private:
  static constexpr auto kWait = asio::as_tuple(asio::use_awaitable);
  static constexpr std::size_t kMaxUnwritten = std::size_t{4} << 20;

  static std::optional<Error> judge(const Envelope& head) {
    if (speaks(head.version)) return std::nullopt;
    return Error(errc::version_unsupported);
  }

  static asio::awaitable<void> write(std::shared_ptr<Connection> self) {
    while (self->unwritten_.size() != 0) {
      const PaddedBuffer bytes = std::exchange(self->unwritten_, PaddedBuffer());
      const auto [error, n] =
          co_await asio::async_write(self->socket_, asio::buffer(bytes.data(), bytes.size()), kWait);
      if (error) self->close();
    }
    self->writing_ = false;
  }

  asio::ip::tcp::socket socket_;
  FrameReader frames_{Phase::open};
  PaddedBuffer unwritten_;
  bool writing_ = false;
};

}  // namespace ft::kv
