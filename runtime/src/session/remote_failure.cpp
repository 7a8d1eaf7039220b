// SPDX-License-Identifier: Apache-2.0
#include "session/remote_failure.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "session/error_text.hpp"

namespace ft {

namespace {

// A peer's durations beyond this are nonsense, and could overflow.
constexpr std::chrono::hours kLongest(24);
constexpr std::string_view kShuttingDown = "57P03";

errc code_of(std::string_view sqlstate, bool of_connection, errc gave_up) noexcept {
  if (sqlstate == kShuttingDown) return errc::draining;
  if (sqlstate == "57014") return gave_up;
  if (of_connection && sqlstate == "28000") return errc::authentication_failed;
  if (of_connection && sqlstate == "08006") return errc::version_unsupported;
  return errc::remote_error;
}

}  // namespace

std::chrono::microseconds bounded_microseconds(std::uint64_t value) noexcept {
  constexpr std::chrono::microseconds most = kLongest;
  return std::chrono::microseconds(std::min(value, static_cast<std::uint64_t>(most.count())));
}

std::string clean(std::string text) {
  shorten_message(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F) text[i] = ' ';
    // U+0080 to U+009F are C2 80 to C2 9F.
    if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) text[i] = text[i + 1] = ' ';
  }
  return text;
}

RemoteFailure judge(FragmentResponse::Error&& error, errc gave_up) {
  const bool of_connection = error.request_id == 0;
  const std::string state =
      error.sql_state && is_sqlstate(*error.sql_state) ? *error.sql_state : std::string(info(errc::internal).sqlstate);
  const bool not_executed = of_connection || error.not_executed.value_or(false);

  RemoteFailure failure;
  Diagnostics& d = failure.diagnostics;
  d = Diagnostics(code_of(state, of_connection, gave_up), not_executed ? Outcome::not_executed : Outcome::executed);
  d.sqlstate = state;
  d.message = clean(std::move(error.message));
  if (error.retry_after_ms) {
    constexpr std::chrono::milliseconds most = kLongest;
    d.retry_after =
        std::chrono::milliseconds(std::min(*error.retry_after_ms, static_cast<std::uint64_t>(most.count())));
  }
  if (error.server_us) d.timings.server = bounded_microseconds(*error.server_us);
  // Insufficient resources, or on the way down: both end.
  failure.may_pass = state.starts_with("53") || state.starts_with("57P0");
  // Behind an error of the connection or of the message the peer closes; so it does while it shuts down.
  failure.keeps_connection = !of_connection && !state.starts_with("08") && !state.starts_with("57P0");
  return failure;
}

}  // namespace ft
