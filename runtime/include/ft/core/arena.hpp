// SPDX-License-Identifier: Apache-2.0
//
// A monotonic arena: memory that is handed out in order and given back all at once.
//
// What a large message holds besides its cells (long texts, blobs, nested arrays) comes from one Arena, so that a
// message of a hundred thousand texts costs a dozen allocations. Chunks double in size up to kMaxChunk. Not thread
// safe; moving an Arena keeps every address valid.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace ft {

class Arena {
 public:
  static constexpr std::size_t kMinChunk = std::size_t{16} << 10;
  static constexpr std::size_t kMaxChunk = std::size_t{4} << 20;

  Arena() noexcept = default;
  Arena(Arena&& other) noexcept { swap(other); }
  Arena& operator=(Arena&& other) noexcept {
    swap(other);
    return *this;
  }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() { clear(); }

  /// `size` bytes, aligned for any scalar. Throws std::bad_alloc.
  void* allocate(std::size_t size) {
    const std::size_t rounded = (size + 7) & ~std::size_t{7};
    if (rounded > static_cast<std::size_t>(end_ - cursor_)) [[unlikely]]
      return allocate_slow(rounded);
    char* const p = cursor_;
    cursor_ += rounded;
    return p;
  }

  /// A T that lives as long as the arena; its destructor runs with it.
  template <class T>
  T* make() {
    static_assert(alignof(T) <= 8);
    T* const object = ::new (allocate(sizeof(T))) T();
    if constexpr (!std::is_trivially_destructible_v<T>) {
      auto* const cleanup = ::new (allocate(sizeof(Cleanup))) Cleanup;
      *cleanup = {[](void* p) noexcept { static_cast<T*>(p)->~T(); }, object, cleanups_};
      cleanups_ = cleanup;
    }
    return object;
  }

  void clear() noexcept {
    for (; cleanups_ != nullptr; cleanups_ = cleanups_->next) cleanups_->destroy(cleanups_->object);
    while (chunks_ != nullptr) ::operator delete(std::exchange(chunks_, chunks_->next));
    cursor_ = end_ = nullptr;
    footprint_ = 0;
  }

  void swap(Arena& other) noexcept {
    std::swap(cursor_, other.cursor_);
    std::swap(end_, other.end_);
    std::swap(chunks_, other.chunks_);
    std::swap(cleanups_, other.cleanups_);
    std::swap(footprint_, other.footprint_);
  }

 private:
  struct Chunk {
    Chunk* next;
  };
  struct Cleanup {
    void (*destroy)(void*) noexcept;
    void* object;
    Cleanup* next;
  };

  [[gnu::noinline]] void* allocate_slow(std::size_t size) {
    std::size_t chunk = footprint_ < kMinChunk ? kMinChunk : footprint_ < kMaxChunk ? footprint_ : kMaxChunk;
    // A block that would waste most of a chunk gets one of its own, and the current chunk goes on.
    const bool alone = size > chunk / 4;
    if (alone) chunk = size + sizeof(Chunk);
    auto* const fresh = static_cast<Chunk*>(::operator new(chunk));
    fresh->next = chunks_;
    chunks_ = fresh;
    footprint_ += chunk;
    char* const begin = reinterpret_cast<char*>(fresh + 1);
    if (alone) return begin;
    cursor_ = begin + size;
    end_ = reinterpret_cast<char*>(fresh) + chunk;
    return begin;
  }

  char* cursor_ = nullptr;
  char* end_ = nullptr;
  Chunk* chunks_ = nullptr;
  Cleanup* cleanups_ = nullptr;
  std::size_t footprint_ = 0;  // bytes from the heap so far
};

}  // namespace ft
