// SPDX-License-Identifier: Apache-2.0
//
// What bytes that are no frame may be instead: the usual mix-ups of whoever captures a connection.
#pragma once

#include <string_view>

#include "ftdump/scanner.hpp"

namespace ft::tools {

/// A hint for people, or nothing. It looks only at the bytes that begin other well-known formats.
std::string_view foreign_format(const Record& record) noexcept;

}  // namespace ft::tools
