// SPDX-License-Identifier: Apache-2.0
#include "ft/session/back_off.hpp"

#include <algorithm>

#include "ft/core/split_mix64.hpp"

namespace ft {

namespace {

constexpr unsigned kMostRetries = 100;
constexpr std::chrono::milliseconds kLongestPause = std::chrono::hours(1);
constexpr double kMaxBudget = 1e6;
constexpr double kThousandths = 1000;

bool is_budget(double value) noexcept { return value >= 0 && value <= kMaxBudget; }  // false for NaN

}  // namespace

RetryOptions::RetryOptions() = default;

Result<void> RetryOptions::validate() const {
  if (max_retries > kMostRetries) return invalid_configuration("at most 100 retries");
  if (first.count() <= 0) return invalid_configuration("the first pause between retries must be positive");
  if (longest < first) return invalid_configuration("the longest pause between retries is shorter than the first");
  if (longest > kLongestPause) return invalid_configuration("the longest pause between retries is above an hour");
  if (!is_budget(budget_per_call)) return invalid_configuration("the retry budget per call must be from 0 to 1000000");
  if (!is_budget(budget_burst)) return invalid_configuration("the retry budget's burst must be from 0 to 1000000");
  return {};
}

BackOff::BackOff(const RetryOptions& options, std::uint64_t random) noexcept : options_(options), random_(random) {}

std::chrono::milliseconds BackOff::next(std::chrono::milliseconds retry_after) noexcept {
  std::chrono::milliseconds whole = options_.first;
  for (unsigned i = 0; i < made_ && whole < options_.longest; ++i) {
    whole = whole > options_.longest / 2 ? options_.longest : whole * 2;
  }
  const std::chrono::milliseconds half = whole / 2;
  const auto spread = static_cast<std::uint64_t>((whole - half).count()) + 1;
  const std::chrono::milliseconds drawn = half + std::chrono::milliseconds(split_mix64(random_, made_++) % spread);
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
