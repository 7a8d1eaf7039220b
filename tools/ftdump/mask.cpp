// SPDX-License-Identifier: Apache-2.0
#include "ftdump/mask.hpp"

#include <algorithm>

namespace ft::tools {

namespace {

constexpr std::string_view kMask = "\"***\"";

/// The end of the string or number that starts at `begin`; npos if there is none.
std::size_t end_of_scalar(std::string_view text, std::size_t begin) {
  if (begin == text.size()) return std::string_view::npos;
  if (text[begin] != '"') return std::min(text.find_first_not_of("0123456789", begin), text.size());
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::optional<std::vector<Span>> find_secrets(std::string_view wire, std::string_view masked) {
  std::vector<Span> secrets;
  std::size_t i = 0, k = 0;  // in wire, in masked
  for (;;) {
    const auto differ = std::mismatch(wire.begin() + static_cast<std::ptrdiff_t>(i), wire.end(),
                                      masked.begin() + static_cast<std::ptrdiff_t>(k), masked.end());
    const auto same = static_cast<std::size_t>(differ.first - wire.begin()) - i;
    if (i + same == wire.size() && k + same == masked.size()) return secrets;
    // The texts may part anywhere inside the mask, for a secret may begin with the same characters.
    std::size_t back = 0;
    while (back <= same && back < kMask.size() && masked.substr(k + same - back, kMask.size()) != kMask) ++back;
    if (back > same || back == kMask.size()) return std::nullopt;
    const std::size_t begin = i + same - back;
    const std::size_t end = end_of_scalar(wire, begin);
    if (end == std::string_view::npos || end == begin) return std::nullopt;
    if (wire.substr(begin, end - begin) != "\"\"") secrets.push_back({begin, end});
    i = end;
    k += same - back + kMask.size();
  }
}

}  // namespace ft::tools
