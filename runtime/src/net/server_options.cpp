// SPDX-License-Identifier: Apache-2.0
//
// What a server can be told to do, and what of it makes no sense.
#include <limits>
#include <string>
#include <utility>

#include <boost/asio/ip/address.hpp>

#include "ft/server.hpp"
#include "net/loopback.hpp"
#include "net/option_ranges.hpp"
#include "net/socket_options.hpp"

namespace ft {
namespace {

// Off loopback for certain; a name is judged once it has been looked up.
bool off_loopback(const std::string& host) {
  boost::system::error_code error;
  const asio::ip::address address = asio::ip::make_address(host, error);
  return !error && !net::is_loopback(address);
}

}  // namespace

ServerOptions::ServerOptions() = default;

Result<void> ServerOptions::validate() const {
  using std::chrono::milliseconds;
  using std::chrono::seconds;

  if (listen.empty() || listen.size() > kMaxListen) {
    return invalid_configuration("listen: from 1 to " + std::to_string(kMaxListen) + " addresses");
  }
  for (const Endpoint& where : listen) {
    if (where.host.empty()) return invalid_configuration("listen: an address without a host");
    if (!tls && !allow_plaintext_off_loopback && off_loopback(where.host)) {
      return invalid_configuration("listen: " + where.to_string() +
                                   " is no loopback address; there it takes tls, or allow_plaintext_off_loopback");
    }
  }
  if (!tokens) return invalid_configuration("tokens: a server without a token ring would take requests from anybody");

  using net::kLongestWait;
  using net::kMostOfAnything;
  const net::OptionRange<std::size_t> counts[] = {
      {"max_connections", max_connections, 1, kMostOfAnything},
      {"reserved_connections", reserved_connections, 1, kMostOfAnything},
      {"admission.max_executions", admission.max_executions, 1, kMostOfAnything},
      {"admission.max_queued", admission.max_queued, 1, kMostOfAnything},
      {"admission.max_queued_per_peer", admission.max_queued_per_peer, 1, kMostOfAnything},
      // Less, and the largest legal frame could never be taken.
      {"admission.max_bytes", admission.max_bytes, MAX_PAYLOAD, std::numeric_limits<std::size_t>::max()},
  };
  if (const auto problem = net::out_of_range<std::size_t>(counts)) return invalid_configuration(*problem);

  constexpr milliseconds kShortest{1};
  const net::OptionRange<milliseconds> durations[] = {
      {"request_timeout", request_timeout, kShortest, kLongestWait},
      {"handshake_timeout", handshake_timeout, kShortest, kLongestWait},
      {"first_frame_timeout", first_frame_timeout, kShortest, kLongestWait},
      {"idle_timeout", idle_timeout, kShortest, kLongestWait},
      {"frame_timeout", frame_timeout, kShortest, kLongestWait},
      {"write_timeout", write_timeout, kShortest, kLongestWait},
      {"drain_timeout", drain_timeout, kShortest, kLongestWait},
      {"linger", linger, kShortest, seconds(60)},
      {"keepalive", keepalive, net::kShortestKeepalive, net::kLongestKeepalive},
  };
  if (const auto problem = net::out_of_range<milliseconds>(durations)) return invalid_configuration(*problem);
  return {};
}

}  // namespace ft
