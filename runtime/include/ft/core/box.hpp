// SPDX-License-Identifier: Apache-2.0
//
// A value on the heap that behaves like a value: copied deeply, compared by content, owned by one. For a type that
// contains itself.
//
//   struct Node { int x = 0; std::optional<ft::Box<Node>> next; };   // Node is incomplete here, which is fine
//
// Never null, with one exception: a box that was moved from may only be destroyed, assigned to, compared or copied.
// Copying, comparing and destroying recurse: whoever builds chains bounds their depth.
#pragma once

#include <cassert>
#include <utility>

namespace ft {

template <class T>
class Box {
 public:
  Box() : value_(new T()) {}
  Box(const T& value) : value_(new T(value)) {}
  Box(T&& value) : value_(new T(std::move(value))) {}

  Box(const Box& other) : value_(other.value_ ? new T(*other.value_) : nullptr) {}
  Box(Box&& other) noexcept : value_(std::exchange(other.value_, nullptr)) {}
  Box& operator=(const Box& other) { return *this = Box(other); }
  Box& operator=(Box&& other) noexcept {
    T* taken = std::exchange(other.value_, nullptr);
    delete std::exchange(value_, taken);  // last: `other` may live in the old value
    return *this;
  }
  ~Box() { delete value_; }

  T& operator*() noexcept { return *get(); }
  const T& operator*() const noexcept { return *get(); }
  T* operator->() noexcept { return get(); }
  const T* operator->() const noexcept { return get(); }

  T* get() noexcept {
    assert(value_ && "a moved-from Box has no value");
    return value_;
  }
  const T* get() const noexcept {
    assert(value_ && "a moved-from Box has no value");
    return value_;
  }

  friend bool operator==(const Box& a, const Box& b) {
    return a.value_ && b.value_ ? *a.value_ == *b.value_ : a.value_ == b.value_;
  }

 private:
  T* value_;
};

}  // namespace ft
