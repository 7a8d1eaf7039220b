// SPDX-License-Identifier: Apache-2.0
//
// SplitMix64: numbers that look random, the same for the same seed. For pauses, ages and samples.
//
//   std::uint64_t number = ft::split_mix64(seed, n++);
//
// Every place of a sequence can be had by itself, so whoever draws from several threads shares a counter and nothing
// else. Not for secrets: who sees one number of a sequence, and its place, knows them all.
#pragma once

#include <cstdint>

namespace ft {

/// The number at `place` of the sequence of `seed`; the first one has place 0.
constexpr std::uint64_t split_mix64(std::uint64_t seed, std::uint64_t place) noexcept {
  std::uint64_t x = seed + (place + 1) * 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

}  // namespace ft
