// SPDX-License-Identifier: Apache-2.0
//
// Bytes as people read them: offset, sixteen bytes in hexadecimal, the same as characters. Hidden bytes read ** and *.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "ftdump/mask.hpp"
#include "ftdump/output.hpp"

namespace ft::tools {

/// `offset` is that of the first byte; `hidden` is in order, counted from the first byte.
void print_hex(std::string_view bytes, std::uint64_t offset, std::span<const Span> hidden, Output& out);

/// All in a row, without anything in between.
void print_digits(std::string_view bytes, Output& out);

}  // namespace ft::tools
