// SPDX-License-Identifier: Apache-2.0
//
// JSON as an indented tree for people.
//
//   version: 1
//   auth_token: "***"
//   payload.FragmentResult.Success:
//     request_id: 1
//     result.Query:
//       columns:
//         - {name: "id", data_type: "Int", text_type_modifier: null, nullable: false}
//       rows:
//         - {values: [{Int: 1}, {Text: "row 1"}]}
//         ... 990 more of 1000
//
// What fits on a line stays on one. The name of a sum's alternative (it begins with a capital letter) joins the key
// before it. Long lists and strings are shortened, unless `full`. Linear time; nothing but the line under way is kept.
#pragma once

#include <cstddef>
#include <string_view>

#include "ftdump/output.hpp"

namespace ft::tools {

struct TreeStyle {
  bool full = false;
  std::size_t indent = 0;
  std::string_view key_on = {}, key_off = {};  // colours
};

/// `json` must be valid, nested as deep as the codec allows. Its characters may be dangerous ones: see text.hpp.
void print_tree(std::string_view json, const TreeStyle& style, Output& out);

}  // namespace ft::tools
