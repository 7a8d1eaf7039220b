// SPDX-License-Identifier: Apache-2.0
//
// What a pool can be configured to, and what it cannot.
#include <string>

#include "ft/client.hpp"

namespace ft {
namespace {

Error refused(std::string what) {
  return Error(errc::invalid_configuration, Error::no_offset, {}, "PoolOptions::" + std::move(what));
}

}  // namespace

PoolOptions::PoolOptions() = default;

Result<void> PoolOptions::validate() const {
  if (!tokens) return refused("tokens is required");
  const struct {
    const char* name;
    std::size_t value;
  } counts[] = {
      {"max_connections_per_host", max_connections_per_host},
      {"max_idle_per_host", max_idle_per_host},
      {"max_waiters_per_host", max_waiters_per_host},
  };
  for (const auto& [name, value] : counts) {
    if (value == 0) return refused(std::string(name) + " must be at least 1");
  }
  // Long enough for anything, and far from what a clock can overflow at.
  constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365);
  const struct {
    const char* name;
    std::chrono::milliseconds value;
  } durations[] = {
      {"connect_timeout", connect_timeout}, {"idle_timeout", idle_timeout},     {"max_age", max_age},
      {"validate_after", validate_after},   {"cancel_timeout", cancel_timeout},
  };
  for (const auto& [name, value] : durations) {
    if (value <= std::chrono::milliseconds::zero() || value > longest) {
      return refused(std::string(name) + " must be positive and at most a year");
    }
  }
  if (keepalive < std::chrono::seconds(1) || keepalive > std::chrono::hours(1)) {
    return refused("keepalive must be between a second and an hour");
  }
  if (!(age_jitter >= 0 && age_jitter <= 1)) return refused("age_jitter must be between 0 and 1");
  return retry.validate();
}

}  // namespace ft
