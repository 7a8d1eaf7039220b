// SPDX-License-Identifier: Apache-2.0
//
// The numbers of an options struct, each within its range: what ServerOptions and PoolOptions have in common.
//
//   const OptionRange<std::size_t> counts[] = {{"max_connections", max_connections, 1, kMostOfAnything}};
//   if (auto problem = out_of_range<std::size_t>(counts)) return invalid_configuration(*problem);
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace ft::net {

/// Of connections, waiters and the like: more than a machine can serve, and far from what arithmetic overflows at.
inline constexpr std::size_t kMostOfAnything = 1'000'000;
/// Of a duration: as good as never, and far from what a clock overflows at.
inline constexpr std::chrono::milliseconds kLongestWait = std::chrono::hours(24 * 365);

template <class T>
struct OptionRange {
  const char* name;
  T value, least, most;
};

inline std::string shown(std::size_t count) { return std::to_string(count); }
inline std::string shown(std::chrono::milliseconds time) { return std::to_string(time.count()) + " ms"; }

/// What is wrong with the first that is out of its range: `name: from 1 to 10, not 0`.
template <class T>
std::optional<std::string> out_of_range(std::span<const OptionRange<T>> options) {
  for (const auto& [name, value, least, most] : options) {
    if (value >= least && value <= most) continue;
    return std::string(name) + ": from " + shown(least) + " to " + shown(most) + ", not " + shown(value);
  }
  return std::nullopt;
}

}  // namespace ft::net
