// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"
#include "ft/gen/codec.hpp"
#include "ft/gen/temporals.hpp"

int main() {
  round_trip<ft::Times>(
      R"({"date":[2024,366],"time":[23,59,59,999999999],"offset":[-1,-30,0],"local":[1999,1,0,0,0,0],)"
      R"("zoned":[2000,60,12,0,0,0,1,0,0],"month":12,"maybe":[1970,1],"pair":[[1,2,3,4],[0,0,0]]})");
  CHECK(read<ft::Times>(write(ft::Times())).has_value());
  refuses<ft::Times>(R"({"date":[2023,366]})", ft::errc::out_of_range, "$.date");
  refuses<ft::Times>(R"({"date":[2023,1],"time":[24,0,0,0]})", ft::errc::out_of_range, "$.time");
  refuses<ft::Times>(R"({"month":13})", ft::errc::out_of_range, "$.month");
  refuses<ft::Times>(R"({"date":[2023]})", ft::errc::wrong_length, "$.date");
  return report();
}
