// SPDX-License-Identifier: Apache-2.0
//
// What a piece of code asks of operator new, and what it does when it does not get it.
//
//   const std::size_t before = test::allocations();
//   ...
//   EXPECT_EQ(test::allocations(), before);
//
//   for (std::size_t n = 0;; ++n) {          // the n-th allocation fails
//     const test::FailingAllocation failing(n);
//     try { ...; break; } catch (const std::bad_alloc&) {}
//   }
//
// A program that uses this has its operator new replaced. Limits: of the calling thread alone; malloc and realloc, on
// which buffers and blocks of rows stand, are not seen.
#pragma once

#include <cstddef>

namespace ft::test {

/// Calls of operator new by this thread.
std::size_t allocations() noexcept;
/// Of the last one.
std::size_t last_allocation_size() noexcept;
/// Whether they are seen: a sanitizer may bring an operator new that comes before this one.
bool sees_allocations();

/// Lets the allocation with this number (0 is the next one) throw std::bad_alloc, and none after it; not even that one
/// if it is of the size that is spared, because other people's code does not survive it.
class FailingAllocation {
 public:
  explicit FailingAllocation(std::size_t number, std::size_t spared_size = 0) noexcept;
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;
};

/// Looks at one block of memory just before it is released, the only moment at which a wiped block can be told from one
/// that is not. Watches the block that was named last.
void watch_release(const void* block, std::size_t size) noexcept;
/// Whether the watched block has been released, with nothing but zeros in its first `size` bytes.
bool released_clean() noexcept;

/// Bytes that the program holds from malloc at this moment.
std::size_t heap_in_use() noexcept;

}  // namespace ft::test
