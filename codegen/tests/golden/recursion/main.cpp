// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"
#include "ft/gen/codec.hpp"
#include "ft/gen/recursion.hpp"
#include "ft/gen/validate.hpp"
#include "ft/gen/walk.hpp"

namespace {

template <class Node>
int depth(const Node& node) {
  int deepest = 0;
  ft::for_each_child(node, [&](const auto& child) { deepest = std::max(deepest, depth(child)); });
  return deepest + 1;
}

std::string chain(int length) {
  std::string json = "null";
  for (int i = 0; i < length; ++i) json = R"({"value":1,"next":)" + json + "}";
  return json;
}

}  // namespace

int main() {
  round_trip<ft::Owner>(R"({"name":"a","pet":null})");
  round_trip<ft::Owner>(
      R"({"name":"a","pet":{"owner":{"name":"b","pet":null},"former":[{"name":"c","pet":null}],"pair":[{"name":"d","pet":null},1]}})");
  round_trip<ft::Chain>(chain(3));
  round_trip<ft::Tree>(R"({"leaves":[{"tree":{"leaves":[]}},{"tree":{"leaves":[]}}]})");
  round_trip<ft::Plan>(R"({"Both":{"left":"Empty","right":{"Tree":{"leaves":[]}}}})");
  refuses<ft::Chain>(R"({"value":1,"next":{"value":1,"next":{"value":"x"}}})", ft::errc::wrong_type,
                     "$.next.next.value");

  round_trip<ft::Chain>(chain(127));
  CHECK(depth(*read<ft::Chain>(chain(127))) == 127);
  CHECK(read<ft::Chain>(chain(128)).error().code == ft::errc::depth_exceeded);

  ft::Chain one;
  one.next.emplace()->value = 2;
  ft::Chain copy = one;
  (*copy.next)->value = 3;
  CHECK((*one.next)->value == 2 && !(copy == one));

  // Rules hold at every depth.
  auto long_chain = read<ft::Chain>(chain(4));
  CHECK(ft::validate(*long_chain).has_value());
  (*(*(*long_chain->next)->next)->next)->value = 10;
  const auto broken = ft::validate(*long_chain);
  CHECK(!broken && broken.error().path == "$.next.next.next" && broken.error().detail == "a value must be below 10");
  const auto owner = read<ft::Owner>(
      R"({"name":"","pet":{"owner":{"name":"","pet":{"former":[{"name":""},{"name":""}]}},"former":[]}})");
  CHECK(owner && ft::validate(*owner).error().path == "$.pet.owner.pet");
  return report();
}
