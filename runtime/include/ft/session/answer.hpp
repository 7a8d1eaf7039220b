// SPDX-License-Identifier: Apache-2.0
//
// What a call may be told and what it brings back: the plain values that the machine and the client share.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "ft/core/diagnostics.hpp"
#include "ft/gen/result.hpp"

namespace ft {

struct CallOptions {
  /// Of the whole call: waiting, connecting and retries included. Unset: the request's own, or else as long as the
  /// worker is there and takes.
  std::optional<std::chrono::milliseconds> timeout;
  bool idempotent = false;              // may be run more than once: retried although it may have run
  std::optional<unsigned> max_retries;  // instead of the pool's

  CallOptions();
};

/// What a fragment returned, and how it went.
struct Answer {
  ExecutionResult result;
  std::uint64_t request_id = 0;
  std::string peer;
  unsigned attempts = 1;
  Timings timings;

  Answer();
};

}  // namespace ft
