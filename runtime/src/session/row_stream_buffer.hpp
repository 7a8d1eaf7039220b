// SPDX-License-Identifier: Apache-2.0
//
// What has arrived and was not yet consumed, with kPadding zero bytes behind it at all times, so that it can be decoded
// where it lies. Consumed bytes make room for new ones: what is left of them is moved to the front, once, and is short.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

#include "ft/core/padded.hpp"

namespace ft {

class RowStreamBuffer {
 public:
  std::size_t size() const noexcept { return end_ - begin_; }
  std::size_t capacity() const noexcept { return memory_.capacity(); }
  /// Valid until space(), consume() or cut().
  PaddedView view() const noexcept { return size() == 0 ? PaddedView() : PaddedView(memory_.data() + begin_, size()); }
  std::string_view text() const noexcept { return {view().data, size()}; }

  /// Where the next `bytes` go.
  std::span<char> space(std::size_t bytes) {
    if (begin_ != 0) {
      std::memmove(memory_.data(), memory_.data() + begin_, size());
      end_ -= begin_;
      begin_ = 0;
    }
    if (memory_.size() < end_ + bytes) memory_.resize(end_ + bytes);
    pad();
    return {memory_.data() + end_, bytes};
  }
  void commit(std::size_t bytes) noexcept {
    end_ += bytes;
    pad();
  }
  void append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(space(bytes.size()).data(), bytes.data(), bytes.size());
    commit(bytes.size());
  }

  void consume(std::size_t bytes) noexcept { begin_ += bytes; }
  /// Keeps the first `bytes`.
  void cut(std::size_t bytes) noexcept {
    end_ = begin_ + bytes;
    pad();
  }
  void clear() noexcept { begin_ = end_ = 0; }
  void free() noexcept { *this = RowStreamBuffer(); }

 private:
  void pad() noexcept {
    if (memory_.data() != nullptr) std::memset(memory_.data() + end_, 0, kPadding);
  }

  PaddedBuffer memory_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace ft
