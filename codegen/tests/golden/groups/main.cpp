// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"
#include "ft/gen/codec.hpp"
#include "ft/gen/groups.hpp"

int main() {
  round_trip<ft::Select>(R"({"table":"t","order_by":["a"],"limit":1,"offset":2,"distinct":true})");
  reads_as<ft::Select>(R"({"distinct":false,"order_by":[],"table":"t"})",
                       R"({"table":"t","order_by":[],"limit":null,"offset":0,"distinct":false})");
  refuses<ft::Select>(R"({"table":"t","limit":null,"offset":0,"distinct":true})", ft::errc::missing_key, "$");
  reads_as<ft::Page>("{}", R"({"limit":null,"offset":0})");
  round_trip<ft::Plan>(R"({"Scan":{"order_by":[],"limit":3,"offset":0}})");
  round_trip<ft::Plan>(R"({"Fetch":{"id":1,"limit":null,"offset":9}})");
  refuses<ft::Plan>(R"({"Fetch":{"id":1,"offset":-1}})", ft::errc::out_of_range, "$.Fetch.offset");
  return report();
}
