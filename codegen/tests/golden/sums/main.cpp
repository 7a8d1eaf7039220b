// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"
#include "ft/core/overloaded.hpp"
#include "ft/gen/codec.hpp"
#include "ft/gen/sums.hpp"
#include "ft/gen/walk.hpp"

namespace {

template <class Node>
int count(const Node& node) {
  int n = 1;
  ft::for_each_child(node, [&n](const auto& child) { n += count(child); });
  return n;
}

}  // namespace

int main() {
  round_trip<ft::Shape>(R"("Everything")");
  reads_as<ft::Shape>(R"( { "Everything" : null } )", R"("Everything")");
  round_trip<ft::Shape>(R"({"Circle":{"centre":{"x":1,"y":-2},"radius":3}})");
  reads_as<ft::Shape>(R"({"Circle":{"centre":{"y":0,"x":0}}})", R"({"Circle":{"centre":{"x":0,"y":0},"radius":1}})");
  round_trip<ft::Shape>(R"({"Spot":{"x":1,"y":2}})");
  round_trip<ft::Shape>(R"({"Segment":[{"x":1,"y":2},{"x":3,"y":4},null]})");
  round_trip<ft::Shape>(R"({"Several":["Nothing",{"Name":"x"},{"Several":[]}]})");
  round_trip<ft::Shape>(R"({"Blank":{}})");
  round_trip<ft::Shape>(R"({"Maybe":null})");
  reads_as<ft::Shape>(R"({"Label":"a"})", R"({"Name":"a"})");
  reads_as<ft::Shape>(R"({"title":"a"})", R"({"Name":"a"})");
  refuses<ft::Shape>(R"({"name":"a"})", ft::errc::unknown_variant, "$");
  refuses<ft::Shape>(R"({"Spot":{"x":1,"y":true}})", ft::errc::wrong_type, "$.Spot.y");
  refuses<ft::Shape>(R"({"Segment":[{"x":1,"y":2}]})", ft::errc::wrong_length, "$.Segment");
  refuses<ft::Shape>(R"({"Several":[{"Name":1}]})", ft::errc::wrong_type, "$.Several[0].Name");

  CHECK(write(ft::Shape()) == R"("Nothing")");
  CHECK(write(ft::Outcome()) == R"({"count":{"rows_affected":3}})");
  round_trip<ft::Outcome>(R"({"failed":"x"})");
  refuses<ft::Outcome>(R"({"Failed":"x"})", ft::errc::unknown_variant, "$");
  CHECK(ft::Outcome() == ft::Outcome(ft::Outcome::Count{}));
  CHECK(ft::Outcome().get_if<ft::Outcome::Count>()->rows_affected == 3);
  static_assert(sizeof(ft::Outcome) == 16);

  ft::Shape shape = ft::Shape::Name("n");
  const ft::Shape copy = shape;
  ft::Shape moved = std::move(shape);
  CHECK(moved == copy && copy.get_if<ft::Shape::Name>()->value == "n" && copy.get_if<ft::Shape::Spot>() == nullptr);
  moved.emplace<ft::Shape::Spot>().value.x = 5;
  CHECK(write(moved) == R"({"Spot":{"x":5,"y":0}})" && !(moved == copy));
  const int which = copy.visit(ft::overloaded{[](ft::Shape::Tag) { return 0; },
                                              [](const ft::Shape::Name&) { return 1; }, [](const auto&) { return 2; }});
  CHECK(which == 1);
  CHECK(count(*read<ft::Shape>(R"({"Several":["Nothing",{"Circle":{"centre":{"x":0,"y":0}}}]})")) == 4);

  round_trip<ft::Awkward>(R"({"F":{"value":1}})");
  round_trip<ft::Awkward>(R"({"Tag":2})");
  round_trip<ft::Awkward>(R"({"Awkward":{"Name":"x"}})");
  CHECK(ft::Awkward().get_if<ft::Awkward::F_>()->value == 0 && ft::Awkward::Tag_(7).value == 7);
  return report();
}
