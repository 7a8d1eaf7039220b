// SPDX-License-Identifier: Apache-2.0
//
// One connection of an AdminServer: reads the head of one request, answers, closes.
//
// Everything on the strand of its socket; close() gets there by itself. A session lives while it waits for something;
// its timer ends all waits.
#pragma once

#include <array>
#include <memory>
#include <optional>

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "ft/net/admin_server.hpp"
#include "net/stream.hpp"

namespace ft::net {

class AdminSession final : public std::enable_shared_from_this<AdminSession> {
 public:
  /// `options` are valid.
  AdminSession(Socket socket, std::shared_ptr<const AdminOptions> options);

  void start();
  /// From any thread.
  void close();

 private:
  // Head of a request, and as much of what comes behind an answer.
  static constexpr std::size_t kMaxHead = 8192;
  static constexpr std::size_t kMaxIgnored = 65536;

  template <class F>
  void event(F&& f) noexcept;
  void read();
  void answer(const error_code& error);
  void write(boost::beast::http::status status, std::string body, const char* content_type);
  void linger();
  void end();

  tcp::socket socket_;  // its executor is the strand, in a type that Beast takes
  asio::steady_timer timer_;
  std::shared_ptr<const AdminOptions> options_;
  boost::beast::flat_buffer buffer_{kMaxHead};
  boost::beast::http::request_parser<boost::beast::http::empty_body> parser_;
  boost::beast::http::response<boost::beast::http::string_body> response_;
  std::array<char, 1024> ignored_;
  std::size_t ignored_bytes_ = 0;
};

}  // namespace ft::net
