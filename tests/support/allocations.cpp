// SPDX-License-Identifier: Apache-2.0
#include "support/allocations.hpp"

#include <malloc.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#define FT_TEST_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FT_TEST_ASAN 1
#endif
#endif
#if defined(FT_TEST_ASAN)
// As <sanitizer/allocator_interface.h> has it, which not every compiler brings along.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace ft::test {

namespace {

constexpr std::size_t kNever = static_cast<std::size_t>(-1);

thread_local std::size_t count = 0;
thread_local std::size_t last_size = 0;
thread_local std::size_t fails_at = kNever;
thread_local std::size_t spared = 0;

void* allocate(std::size_t size) {
  last_size = size;
  if (count++ == fails_at && size != spared) throw std::bad_alloc();
  void* const memory = std::malloc(size != 0 ? size : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

thread_local const void* watched = nullptr;
thread_local std::size_t watched_size = 0;
thread_local bool clean = false;

void release(void* memory) noexcept {
  if (memory != nullptr && memory == watched) {
    const auto* const bytes = static_cast<const unsigned char*>(memory);
    clean = std::all_of(bytes, bytes + watched_size, [](unsigned char b) { return b == 0; });
    watched = nullptr;
  }
  std::free(memory);
}

}  // namespace

void watch_release(const void* block, std::size_t size) noexcept {
  watched = block;
  watched_size = size;
  clean = false;
}
bool released_clean() noexcept { return clean; }

std::size_t allocations() noexcept { return count; }
std::size_t last_allocation_size() noexcept { return last_size; }
bool sees_allocations() {
  // By address, which the linker gives: the compiler would call what stands in this file.
  void* (*volatile const allocate_one)(std::size_t) = &::operator new;
  void (*volatile const release_one)(void*) = &::operator delete;
  const std::size_t before = allocations();
  release_one(allocate_one(1));
  return allocations() != before;
}

FailingAllocation::FailingAllocation(std::size_t number, std::size_t spared_size) noexcept {
  fails_at = count + number;
  spared = spared_size;
}
FailingAllocation::~FailingAllocation() { fails_at = kNever; }

std::size_t heap_in_use() noexcept {
#if defined(FT_TEST_ASAN)
  return __sanitizer_get_current_allocated_bytes();
#else
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
#endif
}

}  // namespace ft::test

void* operator new(std::size_t size) { return ft::test::allocate(size); }
void* operator new[](std::size_t size) { return ft::test::allocate(size); }
// AddressSanitizer brings its own of these, whose memory is not for free().
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return ft::test::allocate(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void* operator new[](std::size_t size, const std::nothrow_t& tag) noexcept { return operator new(size, tag); }
void operator delete(void* memory) noexcept { ft::test::release(memory); }
void operator delete[](void* memory) noexcept { ft::test::release(memory); }
void operator delete(void* memory, std::size_t) noexcept { ft::test::release(memory); }
void operator delete[](void* memory, std::size_t) noexcept { ft::test::release(memory); }
