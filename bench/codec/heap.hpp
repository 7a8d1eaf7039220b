// SPDX-License-Identifier: Apache-2.0
//
// What a piece of work takes of the heap and of the machine's memory. For glibc on Linux: heap.cpp replaces malloc and
// its relatives in the whole program by ones that count while asked to and are otherwise glibc's own.
#pragma once

#include <cstddef>
#include <functional>

namespace bench {

struct HeapUse {
  std::size_t allocations;  // calls of malloc, calloc, realloc and the like, `new` included
  std::size_t peak;         // bytes above what was in use before
};

/// Not for more than one thread at a time.
HeapUse heap_use(const std::function<void()>& work);

struct PeakUse {
  std::size_t resident;  // bytes that the process took at most, above what it had before
  HeapUse heap;
};

/// `prepare`, then `work`, in a child process of its own; only `work` is measured. With malloc as it is out of the box:
/// call it before warm_heap(). Throws std::runtime_error when the child fails.
PeakUse peak_use(const std::function<void()>& prepare, const std::function<void()>& work);

/// From here on malloc gives nothing back to the system and maps nothing apart, so that no iteration pays for fresh
/// pages: for this library and its peers alike.
void warm_heap();

}  // namespace bench
