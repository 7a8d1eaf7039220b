// SPDX-License-Identifier: Apache-2.0
#include "ft/core/box.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace ft {
namespace {

struct Node {
  Node() {}
  Node(std::string name_, Node next_) : name(std::move(name_)), next(std::move(next_)) {}
  explicit Node(std::string name_) : name(std::move(name_)) {}

  std::string name;
  std::optional<Box<Node>> next;  // Node is incomplete here
  std::vector<Box<Node>> others;

  friend bool operator==(const Node&, const Node&) = default;
};

TEST(Box, HoldsADefaultValueAtFirst) {
  EXPECT_EQ(*Box<int>(), 0);
  EXPECT_EQ(*Box<std::string>(), "");
  EXPECT_EQ(sizeof(Box<Node>), sizeof(void*));
}

TEST(Box, CopiesDeeply) {
  Box<Node> a(Node("a", Node("b", Node("c"))));
  Box<Node> b = a;
  EXPECT_EQ(a, b);
  (*b->next)->name = "changed";
  EXPECT_EQ((*a->next)->name, "b");
  EXPECT_NE(a, b);
  a = b;
  EXPECT_EQ(a, b);
  EXPECT_NE(a.get(), b.get());
}

TEST(Box, MovesWithoutCopying) {
  Box<Node> a(Node("a"));
  const Node* node = a.get();
  Box<Node> b = std::move(a);
  EXPECT_EQ(b.get(), node);
  a = std::move(b);
  EXPECT_EQ(a.get(), node);
  EXPECT_TRUE(std::is_nothrow_move_constructible_v<Box<Node>>);
  EXPECT_TRUE(std::is_nothrow_move_assignable_v<Box<Node>>);
}

TEST(Box, MovedFromCanBeComparedCopiedAndAssigned) {
  Box<int> a(1);
  const Box<int> b = std::move(a);
  EXPECT_NE(a, b);
  const Box<int> empty = a;
  EXPECT_EQ(a, empty);
  a = 2;
  EXPECT_EQ(*a, 2);
}

TEST(Box, SurvivesAssignmentOfItselfAndOfItsOwnPart) {
  Box<Node> a(Node("a", Node("b", Node("c"))));
  Box<Node>& same = a;
  a = std::move(same);
  EXPECT_EQ(a->name, "a");
  a = same;
  EXPECT_EQ(a->name, "a");
  a = std::move(*a->next);
  EXPECT_EQ(a->name, "b");
  a = *a->next;
  EXPECT_EQ(*a, Node("c"));
}

}  // namespace
}  // namespace ft
