// SPDX-License-Identifier: Apache-2.0
//
// The answers of a connection on their way out: one batch that is being written and must not move, one that is being
// made.
//
// An answer that is large may be held back until memory has been reserved for it; a reservation ends when the batch
// that it is in has been written. Room above kKept is given back with each batch. Not thread safe.
#pragma once

#include <cstddef>
#include <span>

#include "ft/core/padded.hpp"

namespace ft {

class ServerConnectionOutput {
 public:
  /// Where the next answer is appended.
  PaddedBuffer& next() noexcept { return next_.bytes; }

  /// The batch to write; empty: nothing, or an answer is held back. The same until `written`.
  std::span<const char> batch() noexcept;
  /// How much of a reservation ends with these bytes.
  std::size_t written(std::size_t bytes) noexcept;
  std::size_t unwritten() const noexcept {
    return dropped_ ? 0 : writing_.bytes.size() - written_ + next_.bytes.size();
  }

  /// Holds the answer back that was appended from `begin` on. Nothing may be appended until `release` or `take_back`.
  void hold(std::size_t begin) noexcept;
  bool held() const noexcept { return held_ != kNothing; }
  std::size_t held_bytes() const noexcept { return next_.bytes.size() - held_; }
  /// What is held back may go: its memory has been reserved.
  void release() noexcept;
  /// What is held back is undone.
  void take_back();

  /// Nothing more is to be written; returns the reservations. The batch under way stays where it is, because somebody
  /// may still be reading from it.
  std::size_t drop() noexcept;

 private:
  static constexpr std::size_t kKept = 16384;
  static constexpr std::size_t kNothing = static_cast<std::size_t>(-1);

  struct Batch {
    PaddedBuffer bytes;
    std::size_t reserved = 0;
  };
  Batch writing_, next_;
  std::size_t written_ = 0;      // of the batch that is being written
  std::size_t held_ = kNothing;  // where the answer that is held back begins
  bool dropped_ = false;
};

}  // namespace ft
