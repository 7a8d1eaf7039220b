// SPDX-License-Identifier: Apache-2.0
//
// Tables of names: the keys of an object, the variants of a sum.
//
// The generator lays each table out (open addressing, linear probing) with the hash below, so that a lookup is one
// multiplication, one or two loads and one comparison. `ftgen.lower.names` computes the same hash; a test holds the two
// against each other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "ft/json/words.hpp"

namespace ft::json {

/// One spelling. `index` is what it stands for: two spellings (an alias) may share one.
struct NameEntry {
  std::string_view name;
  std::uint8_t index;
};

struct NameTable {
  static constexpr unsigned kNone = 255;

  std::span<const NameEntry> entries;   // at most 254
  std::span<const std::uint8_t> slots;  // a power of two of them; 0 is empty, otherwise the entry plus one
  std::uint64_t multiplier;
  unsigned shift;  // 64 minus the logarithm of the number of slots

  /// The index that `name[0, length)` stands for, or kNone. Eight bytes from `name` on must be readable.
  unsigned find(const char* name, std::size_t length) const noexcept {
    std::uint64_t key = load64(name);
    if (length < 8) key &= (std::uint64_t{1} << (8 * length)) - 1;
    if (length > 8) key ^= load64(name + length - 8) * 0x9E3779B97F4A7C15U;
    key += length;
    const std::size_t mask = slots.size() - 1;
    for (std::size_t slot = static_cast<std::size_t>((key * multiplier) >> shift);; slot = (slot + 1) & mask) {
      const std::uint8_t entry = slots[slot];
      if (entry == 0) return kNone;
      const NameEntry& candidate = entries[entry - 1U];
      if (candidate.name.size() == length && std::memcmp(candidate.name.data(), name, length) == 0) {
        return candidate.index;
      }
    }
  }
};

}  // namespace ft::json
