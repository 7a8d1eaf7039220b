// SPDX-License-Identifier: Apache-2.0
//
// How the answer to a query begins in canonical form: all that stands before its first row.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ft/core/padded.hpp"

namespace ft {

struct QueryHead {
  enum class Form : std::uint8_t {
    missing,    // canonical so far; bytes are missing
    canonical,  // up to `size`, which is behind the opening bracket of the rows
    other,      // another answer, another order of keys, white space, or broken
  };
  Form form = Form::missing;
  std::size_t size = 0;
};

/// Looks at a payload of which `arrived` is there. Of the columns it knows only that they are JSON.
QueryHead find_query_head(PaddedView arrived);

/// What stands behind the rows in canonical form, when there are no extension keys: the bracket of the list first.
inline constexpr char kQueryClose[] = "]}}}}}}";
/// Containers that are open around a row.
inline constexpr unsigned kQueryDepth = 7;

}  // namespace ft
