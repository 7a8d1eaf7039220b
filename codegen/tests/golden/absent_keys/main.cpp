// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"
#include "ft/gen/absent_keys.hpp"
#include "ft/gen/codec.hpp"

int main() {
  constexpr std::string_view defaults =
      R"({"id":1,"note":null,"flag":true,"count":7,"biggest":18446744073709551615,"lowest":-9223372036854775808,)"
      R"("wide":-170141183460469231731687303715884105728,"ratio":2.0,"text":"a \"b\"","list":[],"kind":"Fancy","shape":"Line","old":0})";
  round_trip<ft::Settings>(defaults);
  reads_as<ft::Settings>(R"({"id":1})", defaults);
  ft::Settings fresh;
  fresh.id = 1;
  CHECK(fresh == *read<ft::Settings>(R"({"id":1})"));
  CHECK(fresh.kind == ft::Kind::Fancy && fresh.shape.tag() == ft::Shape::Tag::Line && !fresh.note);

  refuses<ft::Settings>("{}", ft::errc::missing_key, "$");
  refuses<ft::Settings>(R"({"id":1,"count":null})", ft::errc::wrong_type, "$.count");
  CHECK(read<ft::Settings>(R"({"id":1,"note":"x"})")->note == "x");

  CHECK(read<ft::Settings>(R"({"id":1,"older":3})")->old == 3);
  CHECK(read<ft::Settings>(R"({"oldest":4,"id":1})")->old == 4);
  refuses<ft::Settings>(R"({"id":1,"old":3,"older":3})", ft::errc::duplicate_key, "$");
  refuses<ft::Settings>(R"({"id":1,"older":3,"oldest":3})", ft::errc::duplicate_key, "$");
  refuses<ft::Settings>(R"({"id":1,"id":1})", ft::errc::duplicate_key, "$");
  return report();
}
