// SPDX-License-Identifier: Apache-2.0
//
// What an Error from a peer means to a call: code, outcome, whether it may pass, whether the connection lives on.
//
// Nothing of it is believed more than it can bear: an SQLSTATE that is none becomes XX000, control characters in the
// text are replaced, a long text is cut, and an SQLSTATE alone never proves that nothing was run.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "ft/core/diagnostics.hpp"
#include "ft/gen/result.hpp"

namespace ft {

struct RemoteFailure {
  Diagnostics diagnostics;       // code, SQLSTATE, message, outcome, retry_after
  bool may_pass = false;         // the same request may succeed later: overload, shut-down
  bool keeps_connection = true;  // the peer goes on reading after it
};

/// `gave_up`: what an answer 57014 means, because this side asked for it; otherwise remote_error.
RemoteFailure judge(FragmentResponse::Error&& error, errc gave_up);

/// What a peer says of its own time, as far as it can be believed.
std::chrono::microseconds bounded_microseconds(std::uint64_t value) noexcept;

/// Control characters (C0, DEL, C1) become blanks; at most 8 KiB, cut between characters. `text` is UTF-8.
std::string clean(std::string text);

}  // namespace ft
