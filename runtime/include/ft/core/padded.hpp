// SPDX-License-Identifier: Apache-2.0
//
// Bytes with zeros behind them. The JSON reader does not test for the end of its input at every byte: it stops at a
// zero and loads words that may reach past the end, so the bytes behind a payload must be readable, and zero.
//
//   ft::PaddedBuffer buffer;
//   buffer.resize(length);                    // no allocation if it has been as large before
//   read_exactly(socket, buffer.data(), buffer.size());
//   decode(buffer.view());
#pragma once

#include <cstddef>
#include <span>

namespace ft {

// How many readable zero bytes stand behind the payload.
inline constexpr std::size_t kPadding = 64;

// A view of `size` bytes at `data`, with the promise that kPadding readable zero bytes follow them. Only PaddedBuffer
// makes that true by itself; whoever builds a view by hand gives the promise. It does not own and must not outlive.
struct PaddedView {
  const char* data;
  std::size_t size;

  PaddedView() noexcept;  // no bytes
  PaddedView(const char* data_, std::size_t size_) noexcept : data(data_), size(size_) {}
};

// Owns bytes that grow and keeps the padding behind them. Meant to be reused from message to message.
class PaddedBuffer {
 public:
  PaddedBuffer() noexcept = default;
  // For a text that holds secrets: memory is overwritten before it is given back, also by growing, which therefore
  // copies. Belongs to the memory, and moves with it.
  static PaddedBuffer of_secrets() noexcept;
  PaddedBuffer(const PaddedBuffer&) = delete;  // copying megabytes should be visible: copy_of()
  PaddedBuffer(PaddedBuffer&& other) noexcept;
  PaddedBuffer& operator=(const PaddedBuffer&) = delete;
  PaddedBuffer& operator=(PaddedBuffer&& other) noexcept;
  ~PaddedBuffer();

  static PaddedBuffer copy_of(std::span<const std::byte> bytes);

  // Makes the payload `size` bytes long. What was there stays; new bytes are not initialised. Memory grows to exactly
  // what is needed (appending in small steps wants a reserve() first) and is never given back. Throws std::bad_alloc,
  // and then changes nothing.
  void resize(std::size_t size);
  void reserve(std::size_t capacity);

  // May be null while capacity() is 0. Writing behind size() breaks the promise of view().
  char* data() noexcept { return data_; }
  const char* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return capacity_; }

  // Valid until the buffer is resized, reserved, moved or destroyed.
  PaddedView view() const noexcept { return data_ ? PaddedView(data_, size_) : PaddedView(); }

 private:
  void swap(PaddedBuffer& other) noexcept;
  void grow(std::size_t capacity);
  void give_back() noexcept;

  char* data_ = nullptr;  // capacity_ + kPadding bytes; of operator new if they are wiped, otherwise of malloc
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  bool wiped_ = false;
};

}  // namespace ft
