// SPDX-License-Identifier: Apache-2.0
#include "support/allocations.hpp"

#include <malloc.h>

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
#include <sanitizer/allocator_interface.h>
#endif

namespace ft::test {

namespace {

constexpr std::size_t kNever = static_cast<std::size_t>(-1);

thread_local std::size_t count = 0;
thread_local std::size_t fails_at = kNever;

void* allocate(std::size_t size) {
  if (count++ == fails_at) throw std::bad_alloc();
  void* const memory = std::malloc(size != 0 ? size : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

std::size_t allocations() noexcept { return count; }

FailingAllocation::FailingAllocation(std::size_t number) noexcept { fails_at = count + number; }
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
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
