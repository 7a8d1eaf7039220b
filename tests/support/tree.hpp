// SPDX-License-Identifier: Apache-2.0
//
// JSON text as a tree whose scalars and keys stay as they are written, so that a test can change the form of a frame
// and nothing else.
//
//   test::Tree tree = test::Tree::parse(payload);        // text that is known to be valid
//   tree.for_each_struct([](test::Tree& object) { std::reverse(object.members.begin(), object.members.end()); });
//   decode(tree.text());
//
// It knows how this protocol writes sums: an object of one key that begins with a capital letter is a variant, every
// other object a struct. Opaque JSON (Jsonb, the pattern of GinContainment) is one scalar, since it must come through
// byte for byte.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ft::test {

struct Tree {
  enum class Kind { scalar, array, variant, object };

  Kind kind = Kind::scalar;
  std::string scalar;                                 // as written
  std::vector<Tree> items;                            // of an array
  std::vector<std::pair<std::string, Tree>> members;  // of an object or variant; keys as written, with their quotes

  static Tree parse(std::string_view text);
  static Tree of(std::string_view raw);

  /// The text, with `space()` written wherever white space may stand.
  std::string text(const std::function<std::string()>& space = {}) const;

  /// Calls `f` with every struct, the outermost first; `f` may change it.
  void for_each_struct(const std::function<void(Tree&)>& f);
  /// Calls `f` with every string that is a key, the name of a unit or a text, with its quotes.
  void for_each_string(const std::function<void(std::string&)>& f);

  friend bool operator==(const Tree&, const Tree&) = default;
};

}  // namespace ft::test
