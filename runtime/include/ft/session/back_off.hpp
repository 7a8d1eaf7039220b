// SPDX-License-Identifier: Apache-2.0
//
// How long to wait before trying again, and whether trying again is still decent.
//
// Pauses double from `first` to `longest`; each is drawn between half of that and all of it, so that clients which
// failed together do not return together. The budget is a bucket that every call fills a little and every retry empties
// by one: when a worker is down, retries make up a bounded share of the load instead of multiplying it.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "ft/core/result.hpp"

namespace ft {

struct RetryOptions {
  unsigned max_retries = 3;  // up to 100
  std::chrono::milliseconds first{500};
  std::chrono::milliseconds longest{10'000};
  double budget_per_call = 0.2;  // retries that a call earns
  double budget_burst = 10;      // retries that may be saved up

  RetryOptions();
  /// Errors: invalid_configuration: over 100 retries, a pause that is not positive, `longest` below `first` or above an
  /// hour, a budget that is negative or above a million.
  Result<void> validate() const;
};

/// The pauses of one call. Not thread safe.
class BackOff {
 public:
  /// `random` is uniform; the same number gives the same pauses.
  BackOff(const RetryOptions& options, std::uint64_t random) noexcept;
  /// The next pause; never below `retry_after`, which a peer asked for and is capped at `longest`.
  std::chrono::milliseconds next(std::chrono::milliseconds retry_after = {}) noexcept;

 private:
  RetryOptions options_;
  std::uint64_t random_;
  unsigned made_ = 0;
};

/// The bucket of a pool; full at first. Thread safe, without a lock.
class RetryBudget {
 public:
  explicit RetryBudget(const RetryOptions& options) noexcept;
  void call() noexcept;  // a call was made
  bool take() noexcept;  // a retry is wanted: may it be made?

 private:
  std::int64_t per_call_, burst_;  // in thousandths of a retry, as all of it
  std::atomic<std::int64_t> saved_;
};

}  // namespace ft
