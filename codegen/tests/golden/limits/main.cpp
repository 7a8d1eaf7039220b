// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"
#include "ft/gen/codec.hpp"
#include "ft/gen/limits.hpp"

int main() {
  round_trip<ft::Bounded>(R"({"list":[1,2],"text":"1234","maybe_list":["long enough"],"maybe_text":"x"})");
  round_trip<ft::Bounded>(R"({"list":[],"text":"","maybe_list":null,"maybe_text":null})");
  reads_as<ft::Bounded>(R"({ "maybe_text" : null , "maybe_list" : [ ] , "text" : "a" , "list" : [ 1 ] })",
                        R"({"list":[1],"text":"a","maybe_list":[],"maybe_text":null})");
  reads_as<ft::Bounded>(R"({"list":[],"text":""})", R"({"list":[],"text":"","maybe_list":null,"maybe_text":null})");

  refuses<ft::Bounded>(R"({"list":[1,2,3]})", ft::errc::too_many_items, "$.list");
  refuses<ft::Bounded>(R"({"list":[],"text":"12345"})", ft::errc::too_long, "$.text");
  refuses<ft::Bounded>(R"({"list":[],"text":"\u00e4\u00e4\u00e4"})", ft::errc::too_long, "$.text");
  refuses<ft::Bounded>(R"({"list":[],"text":"","maybe_list":["a","b"]})", ft::errc::too_many_items, "$.maybe_list");
  refuses<ft::Bounded>(R"({"list":[],"text":"","maybe_list":null,"maybe_text":"xy"})", ft::errc::too_long,
                       "$.maybe_text");
  refuses<ft::Bounded>(R"({"list":[],"text":"","maybe_list":nul})", ft::errc::wrong_type, "$.maybe_list");

  round_trip<ft::Choice>(R"({"Some":{"list":[1]}})");
  refuses<ft::Choice>(R"({"Some":{"list":[1,2]}})", ft::errc::too_many_items, "$.Some.list");
  return report();
}
