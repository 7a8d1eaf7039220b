// SPDX-License-Identifier: Apache-2.0
//
// The current one of a row of immutable snapshots: readers keep what they loaded, a reload puts a new one in its place.
//
//   ft::Current<Settings> current(std::make_shared<const Settings>(...));
//   std::shared_ptr<const Settings> mine = current.load();  // whole and unchanged for as long as it is held
//   current.store(std::make_shared<const Settings>(...));   // later loads see this one
//
// Thread safe; a mutex is held for the copy of one pointer. Not std::atomic<std::shared_ptr>, whose load() in libstdc++
// 12 spins and releases its lock without ordering, which ThreadSanitizer rightly reports.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace ft {

template <class T>
class Current {
 public:
  explicit Current(std::shared_ptr<const T> first) noexcept : value_(std::move(first)) {}

  std::shared_ptr<const T> load() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

  void store(std::shared_ptr<const T> next) {
    const std::lock_guard lock(mutex_);
    value_.swap(next);  // the old one dies in `next`, after the lock was given back
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace ft
