// SPDX-License-Identifier: Apache-2.0
//
// What generated validation stands on: wide integers, blank strings, and how a broken rule becomes an Error.
#pragma once

#include <string_view>

#include "ft/core/result.hpp"

namespace ft {

/// Wide enough that no comparison, sum or product of the integers of a schema's rules overflows in practice.
__extension__ typedef __int128 wide;

/// Empty, or nothing but Unicode white space (the property White_Space). `text` is UTF-8.
bool is_blank(std::string_view text) noexcept;

/// errc::rule_violated with what the peer is told.
Result<void> rule_violated(std::string_view message);

/// The error of a struct, told from the one that holds it under `key`.
Result<void> inside(Result<void> inner, std::string_view key);

}  // namespace ft
