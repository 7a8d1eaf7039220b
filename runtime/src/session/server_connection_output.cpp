// SPDX-License-Identifier: Apache-2.0
#include "session/server_connection_output.hpp"

#include <utility>

namespace ft {

std::span<const char> ServerConnectionOutput::batch() noexcept {
  if (dropped_) return {};
  if (writing_.bytes.size() == 0 && next_.bytes.size() != 0 && !held()) std::swap(writing_, next_);
  return {writing_.bytes.data() + written_, writing_.bytes.size() - written_};
}

std::size_t ServerConnectionOutput::written(std::size_t bytes) noexcept {
  if (dropped_) return 0;
  written_ += bytes;
  if (written_ < writing_.bytes.size()) return 0;
  written_ = 0;
  writing_.bytes.resize(0);
  if (writing_.bytes.capacity() > kKept) writing_.bytes = PaddedBuffer();
  // One buffer is enough for a connection that has one answer under way at a time.
  if (next_.bytes.capacity() == 0) {
    std::swap(writing_.bytes, next_.bytes);
  } else if (next_.bytes.size() == 0) {
    writing_.bytes = PaddedBuffer();
  }
  return std::exchange(writing_.reserved, 0);
}

void ServerConnectionOutput::hold(std::size_t begin) noexcept { held_ = begin; }

void ServerConnectionOutput::release() noexcept {
  next_.reserved += held_bytes();
  held_ = kNothing;
}

void ServerConnectionOutput::take_back() {
  next_.bytes.resize(held_);
  if (held_ == 0) next_.bytes = PaddedBuffer();
  held_ = kNothing;
}

std::size_t ServerConnectionOutput::drop() noexcept {
  dropped_ = true;
  held_ = kNothing;
  next_.bytes = PaddedBuffer();
  return std::exchange(writing_.reserved, 0) + std::exchange(next_.reserved, 0);
}

}  // namespace ft
