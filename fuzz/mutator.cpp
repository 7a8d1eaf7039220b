// SPDX-License-Identifier: Apache-2.0
#include "mutator.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "../generated/fuzz/shape.hpp"

namespace ft::fuzz {
namespace {

namespace bj = boost::json;

constexpr std::size_t kHeader = 5;
constexpr unsigned kDepth = 128;

/// A JSON value that may be changed into something that is none: a text, or a container. An object may have a key
/// twice.
struct Tree {
  enum class Is { text, array, object } is = Is::text;
  std::string text;
  std::vector<std::string> keys{};  // as they are written, with their quotes
  std::vector<Tree> items{};
};

Tree tree_of(const bj::value& value) {
  Tree tree;
  if (const bj::array* const array = value.if_array()) {
    tree.is = Tree::Is::array;
    for (const bj::value& item : *array) tree.items.push_back(tree_of(item));
  } else if (const bj::object* const object = value.if_object()) {
    tree.is = Tree::Is::object;
    for (const auto& [key, item] : *object) {
      tree.keys.push_back(bj::serialize(key));
      tree.items.push_back(tree_of(item));
    }
  } else {
    tree.text = bj::serialize(value);
  }
  return tree;
}

std::optional<Tree> parse(std::string_view text) {
  bj::parse_options options;
  options.max_depth = kDepth;
  bj::error_code failed;
  const bj::value value = bj::parse(text, failed, {}, options);
  if (failed) return std::nullopt;
  return tree_of(value);
}

void write(const Tree& tree, std::string& out) {
  if (tree.is == Tree::Is::text) {
    out += tree.text;
    return;
  }
  out += tree.is == Tree::Is::object ? '{' : '[';
  for (std::size_t i = 0; i < tree.items.size(); ++i) {
    if (i != 0) out += ',';
    if (tree.is == Tree::Is::object) out.append(tree.keys[i]).append(":");
    write(tree.items[i], out);
  }
  out += tree.is == Tree::Is::object ? '}' : ']';
}

std::string quoted(std::string_view name) { return std::string("\"").append(name).append("\""); }

/// The row of the member with this key, which is in quotes; -1 if there is none.
int row_of(const Row& type, std::string_view key) {
  key = key.substr(1, key.size() - 2);
  const auto found =
      std::find_if(type.members.begin(), type.members.end(), [&](const Member& m) { return m.name == key; });
  return found == type.members.end() ? -1 : found->row;
}

/// A part of a message, and its type.
struct Part {
  Tree* tree;
  int row;
};

/// All parts whose types are known, the whole first.
void collect(Tree& tree, int row, std::vector<Part>& parts) {
  const Row& type = kRows[row];
  if (type.kind == Kind::optional) {
    if (tree.is != Tree::Is::text || tree.text != "null") return collect(tree, type.members[0].row, parts);
  }
  parts.push_back({&tree, row});
  for (std::size_t i = 0; i < tree.items.size(); ++i) {
    int inner = -1;
    if (tree.is == Tree::Is::object && (type.kind == Kind::object || type.kind == Kind::sum)) {
      inner = row_of(type, tree.keys[i]);
    } else if (tree.is == Tree::Is::array && type.kind == Kind::list) {
      inner = type.members[0].row;
    } else if (tree.is == Tree::Is::array && type.kind == Kind::tuple && i < type.members.size()) {
      inner = type.members[i].row;
    }
    if (inner >= 0) collect(tree.items[i], inner, parts);
  }
}

class Changes {
 public:
  explicit Changes(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }

  /// One of the parts, any of them.
  Part any(std::vector<Part>& parts) { return parts[below(parts.size())]; }

  void change(Tree& root) {
    std::vector<Part> parts;
    collect(root, 0, parts);
    const Part part = any(parts);
    switch (below(8)) {
      case 0:
        return exchange(part, parts);
      case 1:
        return set_text(*part.tree, kAnything[below(std::size(kAnything))]);
      default:
        return change_by_type(part);
    }
  }

  /// Puts a part of `other` in the place of one of the same type.
  void take_from(Tree& root, Tree& other) {
    std::vector<Part> mine, theirs;
    collect(root, 0, mine);
    collect(other, 0, theirs);
    for (int tries = 0; tries < 20; ++tries) {
      const Part to = mine[mine.size() == 1 ? 0 : 1 + below(mine.size() - 1)];
      std::vector<Part> same;
      std::copy_if(theirs.begin(), theirs.end(), std::back_inserter(same),
                   [&](const Part& p) { return p.row == to.row; });
      if (same.empty()) continue;
      *to.tree = *any(same).tree;
      return;
    }
  }

 private:
  static constexpr std::string_view kAnything[] = {"null", "{}",   "[]",         "true", "0",
                                                   "-1",   "\"\"", "{\"a\":[]}", "1e999"};

  static void set_text(Tree& tree, std::string_view json) {
    std::optional<Tree> parsed = parse(json);
    tree = parsed ? std::move(*parsed) : Tree{.text = std::string(json)};
  }
  void set_least(Tree& tree, int row) { set_text(tree, kRows[row].least); }

  void exchange(Part part, const std::vector<Part>& parts) {
    for (int tries = 0; tries < 20; ++tries) {
      const Part other = parts[below(parts.size())];
      if (other.row != part.row || other.tree == part.tree) continue;
      Tree copy = *other.tree;  // one may hold the other
      *part.tree = std::move(copy);
      return;
    }
    change_by_type(part);
  }

  void change_by_type(Part part) {
    const Row& row = kRows[part.row];
    if (!row.edges.empty() && below(2) == 0) return set_text(*part.tree, row.edges[below(row.edges.size())]);
    switch (row.kind) {
      case Kind::optional:
        return set_least(*part.tree, row.members[0].row);
      case Kind::sum:
        return other_variant(*part.tree, row);
      case Kind::object:
        return change_keys(*part.tree, row);
      case Kind::list:
      case Kind::tuple:
        return change_items(*part.tree, row);
      case Kind::scalar:
        if (!row.edges.empty()) set_text(*part.tree, row.edges[below(row.edges.size())]);
        return;
    }
  }

  void other_variant(Tree& tree, const Row& row) {
    const Member& variant = row.members[below(row.members.size())];
    if (variant.row < 0 && below(4) != 0) return set_text(tree, quoted(variant.name));
    Tree payload{.text = "null"};
    if (variant.row >= 0) set_least(payload, variant.row);
    tree = Tree{.is = Tree::Is::object, .text = {}, .keys = {quoted(variant.name)}, .items = {}};
    tree.items.push_back(std::move(payload));
  }

  void change_keys(Tree& tree, const Row& row) {
    if (tree.is != Tree::Is::object) return;
    const std::size_t size = tree.items.size();
    const std::size_t at = size == 0 ? 0 : below(size);
    switch (size == 0 ? 3 : below(5)) {
      case 0:
        return drop(tree, at);
      case 1:
        return repeat(tree, at, 1);
      case 2: {  // another order
        const std::size_t other = below(size);
        std::swap(tree.keys[at], tree.keys[other]);
        return std::swap(tree.items[at], tree.items[other]);
      }
      case 3: {  // a key that may be there or not
        if (row.members.empty()) return;
        const Member& field = row.members[below(row.members.size())];
        tree.keys.push_back(quoted(field.name));
        return set_least(tree.items.emplace_back(), field.row);
      }
      default:
        tree.keys.insert(tree.keys.begin() + static_cast<std::ptrdiff_t>(at), "\"nobody knows this key\"");
        tree.items.insert(tree.items.begin() + static_cast<std::ptrdiff_t>(at), Tree(tree.items[below(size)]));
    }
  }

  void change_items(Tree& tree, const Row& row) {
    if (tree.is != Tree::Is::array) return;
    if (tree.items.empty() || below(3) == 0) {
      const int item = row.members.empty() ? -1 : row.members[0].row;
      if (item >= 0) set_least(tree.items.emplace_back(), item);
      return;
    }
    const std::size_t at = below(tree.items.size());
    if (below(2) == 0) return drop(tree, at);
    repeat(tree, at, std::size_t{1} << below(6));
  }

  static void drop(Tree& tree, std::size_t at) {
    tree.items.erase(tree.items.begin() + static_cast<std::ptrdiff_t>(at));
    if (tree.is == Tree::Is::object) tree.keys.erase(tree.keys.begin() + static_cast<std::ptrdiff_t>(at));
  }
  static void repeat(Tree& tree, std::size_t at, std::size_t times) {
    for (; times > 0; --times) {
      tree.items.push_back(Tree(tree.items[at]));
      if (tree.is == Tree::Is::object) tree.keys.push_back(std::string(tree.keys[at]));
    }
  }

  std::minstd_rand random_;
};

std::optional<Tree> payload_of(std::string_view frame) {
  if (frame.size() < kHeader) return std::nullopt;
  std::optional<Tree> tree = parse(frame.substr(kHeader));
  if (tree && tree->is != Tree::Is::object) tree.reset();
  return tree;
}

std::string frame_of(char type, const Tree& payload) {
  std::string frame(kHeader, type);
  write(payload, frame);
  const auto length = static_cast<std::uint32_t>(frame.size() - kHeader);
  for (unsigned i = 0; i < 4; ++i) frame[1 + i] = static_cast<char>(length >> (8 * i) & 0xFFU);
  return frame;
}

}  // namespace

std::string mutate(std::string_view frame, unsigned seed) {
  std::optional<Tree> tree = payload_of(frame);
  if (!tree) return {};
  Changes changes(seed);
  for (std::size_t times = 1 + changes.below(3); times > 0; --times) changes.change(*tree);
  const bool same_byte = changes.below(16) != 0;
  return frame_of(same_byte ? frame[0] : static_cast<char>(kMessages[changes.below(std::size(kMessages))]), *tree);
}

std::string cross_over(std::string_view frame, std::string_view other, unsigned seed) {
  std::optional<Tree> tree = payload_of(frame), from = payload_of(other);
  if (!tree || !from) return {};
  Changes changes(seed);
  changes.take_from(*tree, *from);
  return frame_of(frame[0], *tree);
}

}  // namespace ft::fuzz
