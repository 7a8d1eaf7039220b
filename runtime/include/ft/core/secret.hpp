// SPDX-License-Identifier: Apache-2.0
//
// A value that must not be seen: a token, a password, a cancel key.
//
//   ft::SecretString token("s3cr3t");
//   if (token == expected) ...       // in constant time
//   send(token.reveal());            // the one way to read it, easy to find in a review
//   std::cout << token;              // ***
//
// Its bytes are overwritten when it is destroyed, assigned to or moved from, in the small buffer of a string as well as
// on the heap. Limits: a copy that the caller takes of reveal() is the caller's; the length of a string is not hidden;
// copies in registers, swap space and core dumps are out of reach.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace ft {

// Overwrites memory with zeros in a way that no optimiser removes.
void wipe(void* memory, std::size_t size) noexcept;

// Overwrites all that the string's buffer can hold, and empties it. Keeps the capacity.
void wipe_heap(std::string& text) noexcept;
inline void wipe(std::string& text) noexcept {
  constexpr std::size_t in_place = 15;  // of libstdc++
  if (text.capacity() != in_place) return wipe_heap(text);
  text.clear();
  // The buffer inside the string: all of it is storage of `text`, and zeros are what a cleared string may hold.
  std::memset(text.data(), 0, 16);
  asm volatile("" : : "r"(text.data()) : "memory");
}

// Compares in a time that depends on the two lengths alone.
bool constant_time_equal(std::string_view a, std::string_view b) noexcept;

template <class T>
class Secret;

using SecretString = Secret<std::string>;
using SecretU64 = Secret<std::uint64_t>;

template <>
class Secret<std::string> {
 public:
  Secret() noexcept = default;
  explicit Secret(std::string_view text) : value_(text) {}

  // Takes the string's buffer over and wipes what is left behind in it.
  static Secret adopt(std::string&& text) noexcept {
    Secret secret;
    secret.value_ = std::move(text);
    wipe(text);
    return secret;
  }

  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { wipe(other.value_); }
  Secret& operator=(const Secret& other) { return *this = Secret(other); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe(value_);
      value_ = std::move(other.value_);
      wipe(other.value_);
    }
    return *this;
  }
  ~Secret() { wipe(value_); }

  const std::string& reveal() const noexcept { return value_; }

  // For a decoder: wipes the old value and hands out the empty string to be filled. Reserve the final size first: what
  // a string leaves behind while it grows is not wiped.
  std::string& reveal_mutable() noexcept {
    wipe(value_);
    return value_;
  }

  friend bool operator==(const Secret& a, const Secret& b) noexcept { return constant_time_equal(a.value_, b.value_); }
  friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

 private:
  std::string value_;
};

template <std::unsigned_integral T>
class Secret<T> {
 public:
  Secret() noexcept : value_(0) {}
  explicit Secret(T value) noexcept : value_(value) {}
  Secret(const Secret&) noexcept = default;
  Secret(Secret&& other) noexcept : value_(other.value_) { wipe(&other.value_, sizeof other.value_); }
  Secret& operator=(const Secret&) noexcept = default;
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      value_ = other.value_;
      wipe(&other.value_, sizeof other.value_);
    }
    return *this;
  }
  ~Secret() { wipe(&value_, sizeof value_); }

  T reveal() const noexcept { return value_; }

  // For a decoder: the integer to be overwritten.
  T& reveal_mutable() noexcept { return value_; }

  friend bool operator==(const Secret& a, const Secret& b) noexcept { return (a.value_ ^ b.value_) == 0; }
  friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

 private:
  T value_;
};

static_assert(sizeof(SecretString) == sizeof(std::string) && sizeof(SecretU64) == sizeof(std::uint64_t));

}  // namespace ft
