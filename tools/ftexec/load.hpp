// SPDX-License-Identifier: Apache-2.0
//
// The load generator: many calls, so many at once, and what they took.
#pragma once

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "ft/client.hpp"

namespace ft::tools {

struct LoadOptions {
  std::uint64_t calls = 1;      // up to 100 million
  std::size_t concurrency = 1;  // calls under way at any time
  CallOptions call;
  bool progress = false;  // a line a second on standard error

  LoadOptions();
};

struct LoadReport {
  std::uint64_t wanted = 0;            // calls, as LoadOptions said
  std::optional<std::string> gave_up;  // why not all of them were made
  std::chrono::nanoseconds took{0};
  std::vector<std::chrono::nanoseconds> latencies;  // of the calls that succeeded, sorted
  std::map<std::string, std::uint64_t> failures;    // by `code (SQLSTATE)`

  LoadReport();
  std::uint64_t failed() const noexcept;
  /// The latency that `share` of the calls did not exceed; 0 without any.
  std::chrono::nanoseconds percentile(double share) const noexcept;
};

/// Runs `io` until all calls have ended; the pool of the workers, which are asked in turn, must run on it. Gives up
/// when `concurrency` calls, one after another, got no connection: those under way are cancelled and not reported.
LoadReport run_load(asio::io_context& io, std::span<const FragmentClient> workers, const FragmentRequest& request,
                    const LoadOptions& options);

void print(std::ostream& out, const LoadReport& report);

}  // namespace ft::tools
