// SPDX-License-Identifier: Apache-2.0
//
// Opaque JSON as a tree, for those who want to look inside. Part of ft::json_tree, the one library here that links
// Boost.JSON.
#pragma once

#include <boost/json/value.hpp>

#include "ft/json/raw.hpp"

namespace ft {

/// The value as a tree. Of keys that stand twice the last one counts; numbers become int64, uint64 or double, and a
/// long double may be an ulp or two off: the text is what is exact. Throws std::bad_alloc.
boost::json::value to_tree(JsonView json);

}  // namespace ft
