// SPDX-License-Identifier: Apache-2.0
//
// Versions of a protocol, as readers and writers ask for them.
#pragma once

#include <cstdint>

namespace ft::json {

/// The versions in which a thing is there: from `added` on, up to `removed`, which does not have it any more.
struct VersionRange {
  std::uint8_t added;
  std::uint8_t removed;  // 0: never
};
constexpr bool in_range(VersionRange range, unsigned version) noexcept {
  return range.added <= version && (range.removed == 0 || version < range.removed);
}
/// Stands for the newest version, where none was said.
inline constexpr unsigned kNewestVersion = 255;

}  // namespace ft::json
