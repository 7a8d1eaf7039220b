// SPDX-License-Identifier: Apache-2.0
#include "ft/core/padded.hpp"

#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

namespace ft {
namespace {

constexpr char kNothing[kPadding] = {};  // what an empty view points to

}  // namespace

PaddedView::PaddedView() noexcept : PaddedView(kNothing, 0) {}

PaddedBuffer::PaddedBuffer(PaddedBuffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

PaddedBuffer& PaddedBuffer::operator=(PaddedBuffer&& other) noexcept {
  PaddedBuffer taken(std::move(other));
  std::swap(data_, taken.data_);
  std::swap(size_, taken.size_);
  std::swap(capacity_, taken.capacity_);
  return *this;
}

PaddedBuffer::~PaddedBuffer() { std::free(data_); }

PaddedBuffer PaddedBuffer::copy_of(std::span<const std::byte> bytes) {
  PaddedBuffer buffer;
  buffer.resize(bytes.size());
  if (!bytes.empty()) std::memcpy(buffer.data_, bytes.data(), bytes.size());
  return buffer;
}

void PaddedBuffer::resize(std::size_t size) {
  reserve(size);
  size_ = size;
  if (data_) std::memset(data_ + size_, 0, kPadding);
}

void PaddedBuffer::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return;
  if (capacity > std::numeric_limits<std::size_t>::max() - kPadding) throw std::bad_alloc();
  void* memory = std::realloc(data_, capacity + kPadding);
  if (!memory) throw std::bad_alloc();
  data_ = static_cast<char*>(memory);
  capacity_ = capacity;
  std::memset(data_ + size_, 0, kPadding);  // a first allocation has no padding yet
}

}  // namespace ft
