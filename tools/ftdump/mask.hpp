// SPDX-License-Identifier: Apache-2.0
//
// Where the secrets of a payload stand in its bytes, so that everything around them can be shown as it came.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace ft::tools {

struct Span {
  std::size_t begin;
  std::size_t end;
};

/// Finds the secrets in `wire`, the canonical text of an envelope, by comparing it with `masked`, the same text with
/// each secret as
/// "***". Secrets that are empty are left out. Nothing if the two do not match.
std::optional<std::vector<Span>> find_secrets(std::string_view wire, std::string_view masked);

}  // namespace ft::tools
