// SPDX-License-Identifier: Apache-2.0
#include "ft/json/tree.hpp"

#include <boost/json/parse.hpp>

namespace ft {

boost::json::value to_tree(JsonView json) {
  // Nesting is bounded by what a JsonView may hold, not by the parser's own, lower, limit.
  boost::json::parse_options options;
  options.max_depth = 128;
  return boost::json::parse({json.text().data(), json.text().size()}, {}, options);
}

}  // namespace ft
