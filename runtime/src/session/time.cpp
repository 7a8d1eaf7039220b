// SPDX-License-Identifier: Apache-2.0
#include "ft/session/time.hpp"

namespace ft {

Instant deadline_of(const FragmentRequest& request, Now now) noexcept {
  using std::chrono::milliseconds;
  // More milliseconds than this are more than the clock can hold, and as good as never.
  constexpr std::uint64_t most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() / 1'000'000);
  if (request.timeout_ms) {
    return *request.timeout_ms > most ? kNever : after(now.steady, milliseconds(*request.timeout_ms));
  }
  if (!request.deadline_epoch_ms) return kNever;
  if (*request.deadline_epoch_ms > most) return kNever;
  const std::chrono::system_clock::time_point at{milliseconds(*request.deadline_epoch_ms)};
  // A clock that was set to a time before 1970 must not make the difference overflow.
  const std::chrono::system_clock::time_point wall = std::max(now.wall, {});
  return at <= wall ? now.steady : after(now.steady, at - wall);
}

}  // namespace ft
