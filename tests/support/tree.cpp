// SPDX-License-Identifier: Apache-2.0
#include "support/tree.hpp"

#include <cstddef>
#include <stdexcept>

namespace ft::test {

namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Tree whole() {
    Tree tree = value(false);
    space();
    if (at_ != text_.size()) fail();
    return tree;
  }

 private:
  [[noreturn]] static void fail() { throw std::invalid_argument("Tree::parse takes valid JSON only"); }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void space() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }
  bool take(char c) {
    space();
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  std::string string() {
    space();
    const std::size_t begin = at_;
    if (peek() != '"') fail();
    for (++at_; peek() != '"'; ++at_) {
      if (at_ >= text_.size()) fail();
      if (peek() == '\\') ++at_;
    }
    ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  Tree value(bool gin) {
    space();
    Tree tree;
    const std::size_t begin = at_;
    if (take('[')) {
      tree.kind = Tree::Kind::array;
      while (!take(']')) {
        if (!tree.items.empty() && !take(',')) fail();
        tree.items.push_back(value(false));
      }
    } else if (take('{')) {
      tree.kind = Tree::Kind::object;
      while (!take('}')) {
        if (!tree.members.empty() && !take(',')) fail();
        std::string key = string();
        if (!take(':')) fail();
        const bool opaque = key == "\"Jsonb\"" || (gin && key == "\"pattern\"");
        space();
        const std::size_t from = at_;
        Tree member = value(key == "\"GinContainment\"");
        if (opaque) member = Tree::of(text_.substr(from, at_ - from));
        tree.members.emplace_back(std::move(key), std::move(member));
      }
      if (tree.members.size() == 1 && tree.members[0].first[1] >= 'A' && tree.members[0].first[1] <= 'Z') {
        tree.kind = Tree::Kind::variant;
      }
    } else if (peek() == '"') {
      tree.scalar = string();
    } else {
      while (at_ < text_.size() && std::string_view(",]} \t\r\n").find(peek()) == std::string_view::npos) ++at_;
      tree.scalar = text_.substr(begin, at_ - begin);
    }
    return tree;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

void write(const Tree& tree, std::string& out, const std::function<std::string()>& space) {
  const auto gap = [&] {
    if (space) out += space();
  };
  gap();
  switch (tree.kind) {
    case Tree::Kind::scalar:
      out += tree.scalar;
      break;
    case Tree::Kind::array:
      out += '[';
      for (const Tree& item : tree.items) {
        if (&item != &tree.items.front()) out += ',';
        write(item, out, space);
      }
      gap();
      out += ']';
      break;
    case Tree::Kind::variant:
    case Tree::Kind::object:
      out += '{';
      for (const auto& member : tree.members) {
        if (&member != &tree.members.front()) out += ',';
        gap();
        out += member.first;
        gap();
        out += ':';
        write(member.second, out, space);
      }
      gap();
      out += '}';
      break;
  }
  gap();
}

}  // namespace

Tree Tree::parse(std::string_view text) { return Parser(text).whole(); }

Tree Tree::of(std::string_view raw) {
  Tree tree;
  tree.scalar = raw;
  return tree;
}

std::string Tree::text(const std::function<std::string()>& space) const {
  std::string out;
  write(*this, out, space);
  return out;
}

void Tree::for_each_struct(const std::function<void(Tree&)>& f) {
  if (kind == Kind::object) f(*this);
  for (Tree& item : items) item.for_each_struct(f);
  for (auto& member : members) member.second.for_each_struct(f);
}

void Tree::for_each_string(const std::function<void(std::string&)>& f) {
  if (kind == Kind::scalar && !scalar.empty() && scalar[0] == '"') f(scalar);
  for (Tree& item : items) item.for_each_string(f);
  for (auto& member : members) {
    f(member.first);
    // Opaque JSON is a scalar behind its key, and no string of ours even when it is one.
    const bool opaque = member.first == "\"Jsonb\"" || member.first == "\"pattern\"";
    if (!opaque || member.second.kind != Kind::scalar) member.second.for_each_string(f);
  }
}

}  // namespace ft::test
