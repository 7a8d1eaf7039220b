// SPDX-License-Identifier: Apache-2.0
//
// The same load for every server: connections that send a request, wait for an answer of known length, and send again.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace bench {

class Load {
 public:
  /// Connects at once, `connections` times; throws when that fails. `tls` may be null.
  Load(std::uint16_t port, std::size_t connections, std::string request, std::size_t answer_bytes,
       boost::asio::ssl::context* tls);
  ~Load();

  /// Keeps every connection busy for this long. How many answers came.
  std::uint64_t run(std::chrono::milliseconds time);

 private:
  class Connection;
  boost::asio::io_context io_;
  std::string request_;
  std::vector<std::shared_ptr<Connection>> connections_;
  std::uint64_t answers_ = 0;
  bool stopping_ = false;
};

/// Connects, shakes hands, sends `request`, awaits the answer, closes; for this long. How often.
std::uint64_t connect_repeatedly(std::uint16_t port, const std::string& request, std::size_t answer_bytes,
                                 boost::asio::ssl::context* tls, std::chrono::milliseconds time);

}  // namespace bench
