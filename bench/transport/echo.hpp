// SPDX-License-Identifier: Apache-2.0
//
// The peer to compare with: the least that a server over Asio can do with the same bytes. It reads a request of a known
// length into a buffer that it keeps and sends it back; no frames, no JSON, no deadlines, no limits.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace bench {

class EchoServer {
 public:
  /// Listens on a free port of 127.0.0.1; `tls` may be null and must outlive the server.
  EchoServer(boost::asio::io_context& io, std::size_t request_bytes, boost::asio::ssl::context* tls);
  ~EchoServer();

  std::uint16_t port() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace bench
