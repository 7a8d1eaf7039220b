// SPDX-License-Identifier: Apache-2.0
//
// Time as the state machines see it: it is passed in with every event, so a test can make it stand still or jump.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>

#include "ft/gen/request.hpp"

namespace ft {

/// For durations and deadlines: never jumps.
using Instant = std::chrono::steady_clock::time_point;
/// "Never", for a deadline that is not set.
inline constexpr Instant kNever = Instant::max();

/// Both clocks, read once per event. The wall clock serves for `deadline_epoch_ms` alone.
struct Now {
  Instant steady;
  std::chrono::system_clock::time_point wall;

  static Now read() noexcept { return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()}; }
};

/// `from` + `duration` without overflow, whatever the unit: kNever at the latest, `from` at the earliest.
template <class Rep, class Period>
Instant after(Instant from, std::chrono::duration<Rep, Period> duration) noexcept {
  using Duration = std::chrono::duration<Rep, Period>;
  if (duration > std::chrono::duration_cast<Duration>(kNever - from)) return kNever;
  return from + std::max(duration, Duration::zero());
}

/// When the answer to a request that arrived now becomes useless. The relative timeout wins over the absolute
/// deadline, because the clocks of two nodes differ; kNever without either.
Instant deadline_of(const FragmentRequest& request, Now now) noexcept;

}  // namespace ft
