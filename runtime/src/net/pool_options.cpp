// SPDX-License-Identifier: Apache-2.0
//
// What a pool can be configured to, and what it cannot.
#include <string>

#include "ft/client.hpp"
#include "net/option_ranges.hpp"
#include "net/socket_options.hpp"

namespace ft {
namespace {

Error refused(std::string what) { return invalid_configuration("PoolOptions::" + std::move(what)); }

}  // namespace

PoolOptions::PoolOptions() = default;

Result<void> PoolOptions::validate() const {
  using net::kLongestWait;
  using net::kMostOfAnything;
  using std::chrono::milliseconds;

  if (!tokens) return refused("tokens: required");
  const net::OptionRange<std::size_t> counts[] = {
      {"max_connections_per_host", max_connections_per_host, 1, kMostOfAnything},
      {"max_idle_per_host", max_idle_per_host, 1, kMostOfAnything},
      {"max_waiters_per_host", max_waiters_per_host, 1, kMostOfAnything},
  };
  if (const auto problem = net::out_of_range<std::size_t>(counts)) return refused(*problem);

  constexpr milliseconds kShortest{1};
  const net::OptionRange<milliseconds> durations[] = {
      {"connect_timeout", connect_timeout, kShortest, kLongestWait},
      {"idle_timeout", idle_timeout, kShortest, kLongestWait},
      {"max_age", max_age, kShortest, kLongestWait},
      {"validate_after", validate_after, kShortest, kLongestWait},
      {"cancel_timeout", cancel_timeout, kShortest, kLongestWait},
      {"keepalive", keepalive, net::kShortestKeepalive, net::kLongestKeepalive},
  };
  if (const auto problem = net::out_of_range<milliseconds>(durations)) return refused(*problem);

  if (!(age_jitter >= 0 && age_jitter <= 1)) return refused("age_jitter: from 0 to 1");
  const Result<void> valid = retry.validate();
  return valid ? valid : refused("retry: " + valid.error().detail);
}

}  // namespace ft
