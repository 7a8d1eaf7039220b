// SPDX-License-Identifier: Apache-2.0
#include "ft/session/back_off.hpp"

#include <algorithm>

namespace ft {

namespace {

constexpr double kMaxBudget = 1e6;
constexpr double kThousandths = 1000;

Error bad(const char* detail) { return Error(errc::invalid_configuration, Error::no_offset, {}, detail); }

bool is_budget(double value) noexcept { return value >= 0 && value <= kMaxBudget; }  // false for NaN

/// splitmix64: enough to spread pauses.
std::uint64_t next_random(std::uint64_t& state) noexcept {
  std::uint64_t z = state += 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

}  // namespace

RetryOptions::RetryOptions() = default;

Result<void> RetryOptions::validate() const {
  if (first.count() <= 0) return bad("the first pause between retries must be positive");
  if (longest < first) return bad("the longest pause between retries is shorter than the first");
  if (!is_budget(budget_per_call)) return bad("the retry budget per call must be from 0 to 1000000");
  if (!is_budget(budget_burst)) return bad("the retry budget's burst must be from 0 to 1000000");
  return {};
}

BackOff::BackOff(const RetryOptions& options, std::uint64_t random) noexcept : options_(options), random_(random) {}

std::chrono::milliseconds BackOff::next(std::chrono::milliseconds retry_after) noexcept {
  std::chrono::milliseconds whole = options_.first;
  for (unsigned i = 0; i < made_ && whole < options_.longest; ++i) {
    whole = whole > options_.longest / 2 ? options_.longest : whole * 2;
  }
  ++made_;
  const std::chrono::milliseconds half = whole / 2;
  const auto spread = static_cast<std::uint64_t>((whole - half).count()) + 1;
  const std::chrono::milliseconds drawn = half + std::chrono::milliseconds(next_random(random_) % spread);
  return std::max(drawn, std::min(retry_after, options_.longest));
}

RetryBudget::RetryBudget(const RetryOptions& options) noexcept
    : per_call_(static_cast<std::int64_t>(options.budget_per_call * kThousandths)),
      burst_(static_cast<std::int64_t>(options.budget_burst * kThousandths)),
      saved_(burst_) {}

void RetryBudget::call() noexcept {
  std::int64_t saved = saved_.load(std::memory_order_relaxed);
  while (saved < burst_ && !saved_.compare_exchange_weak(saved, std::min(saved + per_call_, burst_))) {
  }
}

bool RetryBudget::take() noexcept {
  constexpr auto one = static_cast<std::int64_t>(kThousandths);
  std::int64_t saved = saved_.load(std::memory_order_relaxed);
  while (saved >= one) {
    if (saved_.compare_exchange_weak(saved, saved - one)) return true;
  }
  return false;
}

}  // namespace ft
