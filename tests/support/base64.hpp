// SPDX-License-Identifier: Apache-2.0
//
// The frames in tests/data stand in base64.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ft::test {

/// Canonical base64 with padding; nothing if the text is something else.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace ft::test
