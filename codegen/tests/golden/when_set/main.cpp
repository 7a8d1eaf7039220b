// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"
#include "ft/gen/codec.hpp"
#include "ft/gen/when_set.hpp"

int main() {
  round_trip<ft::Message>(R"({"id":1,"last":0})");
  round_trip<ft::Message>(
      R"({"id":1,"note":"","flag":false,"count":0,"ratio":2.0,"text":"x","list":[0],"kind":"Plain","shape":{"Box":1},"next":2,)"
      R"("key":5,"last":1,"tail":3})");
  round_trip<ft::Message>(R"({"id":1,"count":8,"shape":"Point","last":0,"tail":0})");
  reads_as<ft::Message>(
      R"({"id":1,"note":null,"flag":true,"count":7,"ratio":1.0,"text":"","list":[],"kind":"Fancy","shape":"Line","next":1,"key":0})",
      R"({"id":1,"last":0})");
  reads_as<ft::Message>(R"({"tail":4,"last":2,"id":1,"flag":false})", R"({"id":1,"flag":false,"last":2,"tail":4})");
  CHECK(write(ft::Message()) == R"({"id":0,"last":0})");
  refuses<ft::Message>(R"({"id":1,"count":7,"last":0,"count":7})", ft::errc::duplicate_key, "$");
  refuses<ft::Message>(R"({"note":"x"})", ft::errc::missing_key, "$");

  round_trip<ft::Little>(R"({"first":null})");
  round_trip<ft::Little>(R"({"first":1,"second":2})");
  reads_as<ft::Little>(R"({"zweites":2})", R"({"first":null,"second":2})");
  reads_as<ft::Little>("{}", R"({"first":null})");
  round_trip<ft::Event>(R"({"Started":{"at":1}})");
  round_trip<ft::Event>(R"({"Started":{"at":1,"by":"x"}})");
  return report();
}
