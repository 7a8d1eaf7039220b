// SPDX-License-Identifier: Apache-2.0
//
// A result as text for people: rows as a table, everything else as a line.
#pragma once

#include <ostream>

#include "ft/gen/result.hpp"

namespace ft::tools {

/// Columns are as wide as their widest cell, up to 40 characters; a longer cell ends in an ellipsis. Control characters
/// are shown escaped, so that nothing on the wire can drive a terminal.
void print(std::ostream& out, const ExecutionResult& result);

}  // namespace ft::tools
