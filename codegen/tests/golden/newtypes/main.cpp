// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"
#include "ft/gen/codec.hpp"
#include "ft/gen/newtypes.hpp"

int main() {
  round_trip<ft::All>(
      R"({"id":1,"flags":[true,false],"wide":-1,"ratio":0.5,"name":"n","day":[2024,1],"address":[1,2,3,4,5,6],"ids":[7],)"
      R"("password":"p","document":{"a" : 1},"zone":[[1,2,3,4],[0,0,0]]})");
  reads_as<ft::All>(
      R"({"flags":[],"day":[2024,1],"document":null,"zone":[[1,2,3,4],[0,0,0]]})",
      R"({"id":18446744073709551615,"flags":[],"wide":1,"ratio":2.0,"name":"nobody","day":[2024,1],"address":null,"ids":[],)"
      R"("password":"swordfish","document":null,"zone":[[1,2,3,4],[0,0,0]]})");
  static_assert(!std::is_convertible_v<std::uint64_t, ft::Id> && !std::is_convertible_v<ft::Id, std::uint64_t>);
  static_assert(ft::Id(1) < ft::Id(2) && ft::Id() == ft::Id(0) && ft::Wide(1) > ft::Wide(-1));
  CHECK(ft::Name("a") < ft::Name("b") && ft::Day() == ft::Day() && ft::Ids({1}) == ft::Ids({1}));
  CHECK(ft::to_text(ft::All()).find("swordfish") == std::string::npos);
  refuses<ft::All>(R"({"id":-1})", ft::errc::out_of_range, "$.id");
  refuses<ft::All>(R"({"flags":[1]})", ft::errc::wrong_type, "$.flags[0]");
  return report();
}
