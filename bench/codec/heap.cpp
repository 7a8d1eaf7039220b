// SPDX-License-Identifier: Apache-2.0
#include "heap.hpp"

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>

extern "C" {
// glibc's own, under the names by which a replacement may call them.
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void* block);
}

namespace {

struct Counter {
  bool on = false;
  std::size_t allocations = 0;
  std::ptrdiff_t in_use = 0;  // may fall below zero: blocks from before may be freed
  std::ptrdiff_t peak = 0;

  void add(void* block) noexcept {
    if (block == nullptr) return;
    ++allocations;
    in_use += static_cast<std::ptrdiff_t>(malloc_usable_size(block));
    peak = std::max(peak, in_use);
  }
  void remove(void* block) noexcept { in_use -= static_cast<std::ptrdiff_t>(malloc_usable_size(block)); }
};
Counter counter;

void* counted(void* block) noexcept {
  if (counter.on) [[unlikely]]
    counter.add(block);
  return block;
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) noexcept { return counted(__libc_malloc(size)); }
void* calloc(std::size_t count, std::size_t size) noexcept { return counted(__libc_calloc(count, size)); }
void* memalign(std::size_t alignment, std::size_t size) noexcept { return counted(__libc_memalign(alignment, size)); }
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return counted(__libc_memalign(alignment, size));
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) noexcept {
  void* const block = counted(__libc_memalign(alignment, size));
  if (block == nullptr) return ENOMEM;
  *out = block;
  return 0;
}
void* realloc(void* block, std::size_t size) noexcept {
  if (!counter.on) return __libc_realloc(block, size);
  const std::ptrdiff_t before = block != nullptr ? static_cast<std::ptrdiff_t>(malloc_usable_size(block)) : 0;
  void* const grown = __libc_realloc(block, size);
  if (grown != nullptr || size == 0) counter.in_use -= before;
  return counted(grown);
}
void free(void* block) noexcept {
  if (counter.on && block != nullptr) [[unlikely]]
    counter.remove(block);
  __libc_free(block);
}

}  // extern "C"

namespace bench {
namespace {

/// A line of /proc/self/status, in bytes.
std::size_t status(const std::string& name) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name + ":")) return std::stoull(line.substr(name.size() + 1)) * 1024;
  }
  throw std::runtime_error("/proc/self/status has no " + name);
}

PeakUse measure(const std::function<void()>& prepare, const std::function<void()>& work) {
  prepare();
  malloc_trim(0);
  // 5 sets the high-water mark back to what is resident now.
  if (!(std::ofstream("/proc/self/clear_refs") << 5 << std::flush)) {
    throw std::runtime_error("cannot reset the peak of memory: /proc/self/clear_refs");
  }
  const std::size_t before = status("VmRSS");
  PeakUse use{};
  use.heap = heap_use(work);
  use.resident = status("VmHWM") - before;
  return use;
}

}  // namespace

HeapUse heap_use(const std::function<void()>& work) {
  counter = Counter{.on = true};
  try {
    work();
  } catch (...) {
    counter.on = false;
    throw;
  }
  counter.on = false;
  return {counter.allocations, static_cast<std::size_t>(counter.peak)};
}

PeakUse peak_use(const std::function<void()>& prepare, const std::function<void()>& work) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error(std::string("pipe: ") + std::strerror(errno));
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
  if (child == 0) {
    try {
      const PeakUse use = measure(prepare, work);
      _exit(write(ends[1], &use, sizeof use) == sizeof use ? 0 : 1);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "codec_bench: %s\n", error.what());
      _exit(1);
    }
  }
  close(ends[1]);
  PeakUse use{};
  const bool complete = read(ends[0], &use, sizeof use) == sizeof use;
  close(ends[0]);
  int ended = 0;
  waitpid(child, &ended, 0);
  if (!complete || ended != 0) throw std::runtime_error("the process that measures memory failed");
  return use;
}

void warm_heap() {
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, INT_MAX);
  mallopt(M_TOP_PAD, 64 << 20);
}

}  // namespace bench
