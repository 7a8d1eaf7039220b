// SPDX-License-Identifier: Apache-2.0
//
// A queue that allocates nothing once it has been as long before, and nothing at all while it is unused (a std::deque
// holds half a KiB from the start). Amortised O(1). Not thread safe; whoever uses it sets the bound.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace ft {

template <class T>
class Fifo {
 public:
  bool empty() const noexcept { return head_ == items_.size(); }

  void push(T item) {
    if (head_ != 0 && items_.size() == items_.capacity()) {
      items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
    items_.push_back(std::move(item));
  }
  /// Not of an empty queue.
  T pop() {
    T item = std::move(items_[head_++]);
    if (empty()) clear();
    return item;
  }
  void clear() noexcept {
    items_.clear();
    head_ = 0;
  }

  auto begin() noexcept { return items_.begin() + static_cast<std::ptrdiff_t>(head_); }
  auto end() noexcept { return items_.end(); }

 private:
  std::vector<T> items_;
  std::size_t head_ = 0;  // what stands before it was popped
};

}  // namespace ft
