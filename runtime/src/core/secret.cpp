// SPDX-License-Identifier: Apache-2.0
#include "ft/core/secret.hpp"

#include <cstring>

namespace ft {

void wipe(void* memory, std::size_t size) noexcept {
  std::memset(memory, 0, size);
  // The compiler must assume that the zeros are read, so it cannot drop the store before a free.
  asm volatile("" : : "r"(memory) : "memory");
}

static_assert(sizeof(std::string) == 32, "the buffer inside a string is that of libstdc++");

void wipe_heap(std::string& text) noexcept {
  // Up to the capacity, because shorter contents may have been assigned over longer ones. This never allocates.
  text.resize(text.capacity());
  wipe(text.data(), text.size());
  text.clear();
}

bool constant_time_equal(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
    // Hides the value from the optimiser, which could otherwise leave the loop once a difference is found.
    asm volatile("" : "+r"(difference));
  }
  return difference == 0;
}

}  // namespace ft
