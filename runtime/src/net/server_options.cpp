// SPDX-License-Identifier: Apache-2.0
//
// What a server can be told to do, and what of it makes no sense.
#include <limits>
#include <string>
#include <utility>

#include <boost/asio/ip/address.hpp>

#include "ft/server.hpp"

namespace ft {
namespace {

Error refused(std::string why) { return Error(errc::invalid_configuration, Error::no_offset, {}, std::move(why)); }

// Off loopback for certain; a name is judged once it has been looked up.
bool off_loopback(const std::string& host) {
  boost::system::error_code error;
  const asio::ip::address address = asio::ip::make_address(host, error);
  return !error && !address.is_loopback();
}

struct Limit {
  const char* name;
  std::size_t value, least, most;
};

struct Duration {
  const char* name;
  std::chrono::milliseconds value, least, most;
};

}  // namespace

ServerOptions::ServerOptions() = default;

Result<void> ServerOptions::validate() const {
  using std::chrono::hours;
  using std::chrono::milliseconds;
  using std::chrono::seconds;

  if (listen.empty() || listen.size() > kMaxListen) {
    return refused("listen: from 1 to " + std::to_string(kMaxListen) + " addresses");
  }
  for (const Endpoint& where : listen) {
    if (where.host.empty()) return refused("listen: an address without a host");
    if (!tls && !allow_plaintext_off_loopback && off_loopback(where.host)) {
      return refused("listen: " + where.to_string() +
                     " is no loopback address; there it takes tls, or allow_plaintext_off_loopback");
    }
  }
  if (!tokens) return refused("tokens: a server without a token ring would take requests from anybody");

  constexpr std::size_t kMany = 1'000'000;
  const Limit limits[] = {
      {"max_connections", max_connections, 1, kMany},
      {"reserved_connections", reserved_connections, 1, kMany},
      {"admission.max_executions", admission.max_executions, 1, kMany},
      {"admission.max_queued", admission.max_queued, 1, kMany},
      {"admission.max_queued_per_peer", admission.max_queued_per_peer, 1, kMany},
      // Less, and the largest legal frame could never be taken.
      {"admission.max_bytes", admission.max_bytes, MAX_PAYLOAD, std::numeric_limits<std::size_t>::max()},
  };
  for (const Limit& limit : limits) {
    if (limit.value >= limit.least && limit.value <= limit.most) continue;
    return refused(std::string(limit.name) + ": from " + std::to_string(limit.least) + " to " +
                   std::to_string(limit.most) + ", not " + std::to_string(limit.value));
  }

  constexpr milliseconds kShortest{1};
  constexpr milliseconds kLongest = hours(24 * 365);
  const Duration durations[] = {
      {"request_timeout", request_timeout, kShortest, kLongest},
      {"handshake_timeout", handshake_timeout, kShortest, kLongest},
      {"first_frame_timeout", first_frame_timeout, kShortest, kLongest},
      {"idle_timeout", idle_timeout, kShortest, kLongest},
      {"frame_timeout", frame_timeout, kShortest, kLongest},
      {"write_timeout", write_timeout, kShortest, kLongest},
      {"drain_timeout", drain_timeout, kShortest, kLongest},
      {"linger", linger, kShortest, seconds(60)},
      {"keepalive", keepalive, seconds(1), hours(9)},  // Linux takes at most 32767 seconds
  };
  for (const Duration& duration : durations) {
    if (duration.value >= duration.least && duration.value <= duration.most) continue;
    return refused(std::string(duration.name) + ": from " + std::to_string(duration.least.count()) + " to " +
                   std::to_string(duration.most.count()) + " ms, not " + std::to_string(duration.value.count()));
  }
  return {};
}

}  // namespace ft
