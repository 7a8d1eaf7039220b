// SPDX-License-Identifier: Apache-2.0
#include "ft/observe/counters.hpp"

#include <algorithm>

namespace ft {

void Histogram::observe(std::chrono::nanoseconds took) noexcept {
  took = std::max(took, std::chrono::nanoseconds(0));
  const auto place = std::lower_bound(kBounds.begin(), kBounds.end(), took);
  buckets_[static_cast<std::size_t>(place - kBounds.begin())].add();
  sum_.add(static_cast<std::uint64_t>(took.count()));
}

}  // namespace ft
