// SPDX-License-Identifier: Apache-2.0
#include "ft/core/padded.hpp"

#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "ft/core/secret.hpp"

namespace ft {
namespace {

constexpr char kNothing[kPadding] = {};  // what an empty view points to

}  // namespace

PaddedView::PaddedView() noexcept : PaddedView(kNothing, 0) {}

PaddedBuffer::PaddedBuffer(PaddedBuffer&& other) noexcept { swap(other); }

PaddedBuffer& PaddedBuffer::operator=(PaddedBuffer&& other) noexcept {
  PaddedBuffer taken(std::move(other));
  swap(taken);
  return *this;
}

PaddedBuffer::~PaddedBuffer() { give_back(); }

void PaddedBuffer::swap(PaddedBuffer& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
  std::swap(wiped_, other.wiped_);
}

PaddedBuffer PaddedBuffer::of_secrets() noexcept {
  PaddedBuffer buffer;
  buffer.wiped_ = true;
  return buffer;
}

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
  grow(capacity);
  capacity_ = capacity;
  std::memset(data_ + size_, 0, kPadding);  // a first allocation has no padding yet
}

void PaddedBuffer::grow(std::size_t capacity) {
  if (wiped_) {
    char* const memory = static_cast<char*>(::operator new(capacity + kPadding));
    if (size_ != 0) std::memcpy(memory, data_, size_);
    give_back();
    data_ = memory;
    return;
  }
  void* const memory = std::realloc(data_, capacity + kPadding);
  if (!memory) throw std::bad_alloc();
  data_ = static_cast<char*>(memory);
}

void PaddedBuffer::give_back() noexcept {
  if (!wiped_) return std::free(data_);
  if (!data_) return;
  wipe(data_, capacity_ + kPadding);  // not size_ alone: longer texts may have stood there
  ::operator delete(data_);
}

}  // namespace ft
