// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"
#include "ft/atlas/gen/codec.hpp"
#include "ft/atlas/gen/families.hpp"
#include "ft/atlas/gen/validate.hpp"
#include "ft/atlas/gen/walk.hpp"
#include "ft/json/flat_rows.hpp"

int main() {
  using ft::atlas::Journey;
  constexpr std::string_view place =
      R"({"id":1,"near":{"At":{"To":{"id":2,"near":"Empty","tags":[],"last":"Null"}}},"tags":[4],"last":{"Id":3}})";
  const std::string json = R"({"from":)" + std::string(place) + R"(,"via":[)" + std::string(place) +
                           R"(],"kind":"Long","rows":[{"cells":["Null",{"Text":"x"}]}]})";
  round_trip<Journey>(json);
  auto journey = read<Journey>(json);
  CHECK(journey->from.id == ft::atlas::Id(1) && journey->rows[0][1].as_text() == "x");
  CHECK(ft::to_text(*journey) == json);
  CHECK(validate(*journey).has_value());
  journey->via.resize(3);
  CHECK(validate(*journey).error().detail == "at most two places on the way");
  round_trip<ft::atlas::Error>(R"({"text":"x"})");
  return report();
}
