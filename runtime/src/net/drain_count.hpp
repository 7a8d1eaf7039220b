// SPDX-License-Identifier: Apache-2.0
//
// How the requests end that a server answers while it drains.
//
//   count.begin();                                          // the drain; what was answered before does not count
//   count.succeeded(); count.failed(RequestFailure::rejected);
//   count.write_to(report);
//
// Thread safe, without a lock.
#pragma once

#include <atomic>
#include <cstddef>

#include "ft/server.hpp"

namespace ft::net {

class DrainCount {
 public:
  void begin() noexcept { counting_.store(true, std::memory_order_release); }

  void succeeded() noexcept { count(finished_); }
  void failed(RequestFailure why) noexcept {
    switch (why) {
      case RequestFailure::error:
      case RequestFailure::unsent:
        return count(finished_);
      case RequestFailure::rejected:
        return count(rejected_);
      case RequestFailure::killed:
        return count(killed_);
      case RequestFailure::cancelled:
      case RequestFailure::timed_out:
        return;  // not of the drain's making, and nothing that ended by itself
    }
  }

  void write_to(FragmentServer::DrainReport& report) const noexcept {
    report.finished = finished_;
    report.rejected = rejected_;
    report.killed = killed_;
  }

 private:
  void count(std::atomic<std::size_t>& of) noexcept {
    if (counting_.load(std::memory_order_acquire)) ++of;
  }

  std::atomic<bool> counting_{false};
  std::atomic<std::size_t> finished_{0}, rejected_{0}, killed_{0};
};

}  // namespace ft::net
