// SPDX-License-Identifier: Apache-2.0
//
// What metrics are made of: counters, gauges, histograms, and counters split by one label of an enumeration.
//
//   metrics.server.requests[RequestEnd::ok].add();
//   metrics.server.request_seconds.observe(now - arrived);
//
// All of it is lock-free and thread safe: one relaxed atomic addition, two for a histogram. A reader sees each number
// whole, but several numbers not at one instant. Nothing here can fail or allocate.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace ft {

/// Only grows; wraps after 2^64.
class Counter {
 public:
  void add(std::uint64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// How many there are now. Several servers may share one, so it is moved by differences and never set.
class Gauge {
 public:
  void add(std::int64_t n = 1) noexcept { value_.fetch_add(n, std::memory_order_relaxed); }
  void sub(std::int64_t n = 1) noexcept { value_.fetch_sub(n, std::memory_order_relaxed); }
  std::int64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

/// How long things took, in buckets from 100 microseconds to 100 seconds. Durations below zero count as zero.
class Histogram {
 public:
  /// Upper ends, inclusive; a last bucket takes the rest.
  static constexpr std::array<std::chrono::microseconds, 13> kBounds = {
      std::chrono::microseconds(100),        std::chrono::microseconds(250),
      std::chrono::microseconds(500),        std::chrono::microseconds(1'000),
      std::chrono::microseconds(2'500),      std::chrono::microseconds(5'000),
      std::chrono::microseconds(10'000),     std::chrono::microseconds(50'000),
      std::chrono::microseconds(100'000),    std::chrono::microseconds(500'000),
      std::chrono::microseconds(1'000'000),  std::chrono::microseconds(10'000'000),
      std::chrono::microseconds(100'000'000)};
  static constexpr std::size_t kBuckets = kBounds.size() + 1;

  void observe(std::chrono::nanoseconds took) noexcept;

  /// Observations in this bucket alone.
  std::uint64_t bucket(std::size_t place) const noexcept { return buckets_[place].value(); }
  std::chrono::nanoseconds sum() const noexcept { return std::chrono::nanoseconds(sum_.value()); }

 private:
  std::array<Counter, kBuckets> buckets_;
  Counter sum_;  // nanoseconds
};

/// A counter for each value of an enumeration whose last enumerator is `count_`. Its `to_name` gives the label's
/// values.
template <class Label>
class CounterBy {
 public:
  static constexpr std::size_t kSize = static_cast<std::size_t>(Label::count_);

  Counter& operator[](Label label) noexcept { return counters_[static_cast<std::size_t>(label)]; }
  const Counter& operator[](Label label) const noexcept { return counters_[static_cast<std::size_t>(label)]; }

 private:
  std::array<Counter, kSize> counters_;
};

}  // namespace ft
