// SPDX-License-Identifier: Apache-2.0
//
// Hands the mutator for frames to libFuzzer: `#include` it in the target's file. Bytes that are no frame with JSON in
// it, and every fourth input, are libFuzzer's own to change.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "mutator.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace ft::fuzz {

/// Copies what fits; 0 if it does not.
inline std::size_t hand_out(const std::string& frame, std::uint8_t* out, std::size_t max_size) {
  if (frame.size() > max_size) return 0;
  std::copy(frame.begin(), frame.end(), out);
  return frame.size();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace ft::fuzz

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  const bool ours = seed % 4 != 0;
  const std::size_t changed =
      ours ? ft::fuzz::hand_out(ft::fuzz::mutate(ft::fuzz::text_of(data, size), seed / 4), data, max_size) : 0;
  return changed != 0 ? changed : LLVMFuzzerMutate(data, size, max_size);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* a, std::size_t a_size, const std::uint8_t* b,
                                                 std::size_t b_size, std::uint8_t* out, std::size_t max_size,
                                                 unsigned seed) {
  return ft::fuzz::hand_out(ft::fuzz::cross_over(ft::fuzz::text_of(a, a_size), ft::fuzz::text_of(b, b_size), seed), out,
                            max_size);
}
