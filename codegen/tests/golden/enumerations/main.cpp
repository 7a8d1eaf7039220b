// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"
#include "ft/gen/codec.hpp"
#include "ft/gen/enumerations.hpp"

int main() {
  round_trip<ft::Both>(R"({"option":"Option","check":"local_and_cascaded","list":["none","v2"]})");
  reads_as<ft::Both>(R"({"option":{"ByNumber":null},"list":[]})",
                     R"({"option":"ByNumber","check":"by_default","list":[]})");
  CHECK(to_name(ft::Check::LocalAndCascaded) == "local_and_cascaded");
  CHECK(to_name(ft::Option::ByNumber) == "ByNumber");
  static_assert(sizeof(ft::Check) == 1);
  refuses<ft::Both>(R"({"option":"by_name"})", ft::errc::unknown_variant, "$.option");
  refuses<ft::Both>(R"({"option":"ByName","check":"ByDefault"})", ft::errc::unknown_variant, "$.check");
  refuses<ft::Both>(R"({"option":1})", ft::errc::wrong_type, "$.option");
  CHECK(ft::Both().option == ft::Option::ByName && ft::Both().check == ft::Check::ByDefault);
  return report();
}
