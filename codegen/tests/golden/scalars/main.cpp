// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"
#include "ft/gen/codec.hpp"
#include "ft/gen/scalars.hpp"

int main() {
  round_trip<ft::Numbers>(
      R"({"yes":true,"u8":255,"u16":65535,"u32":4294967295,"u64":18446744073709551615,"i32":-2147483648,)"
      R"("i64":-9223372036854775808,"i128":-170141183460469231731687303715884105728,"f32":0.1,"f64":0.1})");
  const ft::Numbers zero;
  CHECK(!zero.yes && zero.u64 == 0 && zero.i128 == 0 && zero.f64 == 0);
  CHECK(write(zero) == R"({"yes":false,"u8":0,"u16":0,"u32":0,"u64":0,"i32":0,"i64":0,"i128":0,"f32":0.0,"f64":0.0})");
  refuses<ft::Numbers>(R"({"yes":true,"u8":256})", ft::errc::out_of_range, "$.u8");
  refuses<ft::Numbers>(R"({"yes":1})", ft::errc::wrong_type, "$.yes");

  round_trip<ft::Texts>(R"({"text":"\"\\\n","any":{"b":1e2,"a":[1, 2]}})");
  refuses<ft::Texts>(R"({"text":null,"any":null})", ft::errc::wrong_type, "$.text");
  CHECK(read<ft::Texts>(R"({"text":"","any": [1,  2] })")->any.text() == "[1,  2]");

  round_trip<ft::Made>(
      R"({"list":[1,2],"nested":[["a"],[]],"bytes":[1,2,3,4],"floats":[0.5,-1.0],"pair":["x",null],"maybe":[7,8],"numbers":[]})");
  refuses<ft::Made>(R"({"list":[],"nested":[],"bytes":[1,2,3]})", ft::errc::wrong_length, "$.bytes");
  refuses<ft::Made>(R"({"list":[],"nested":[[],["a",1]]})", ft::errc::wrong_type, "$.nested[1][1]");

  round_trip<ft::Nothing>("{}");
  reads_as<ft::Nothing>(R"({"":1,"other":[{}]})", "{}");
  CHECK(ft::Nothing() == ft::Nothing());

  ft::Reserved reserved;
  reserved.union_ = 1;
  reserved.default_ = true;
  reserved.in = 2;
  CHECK(write(reserved) == R"({"union":1,"default":true,"in":2,"value":0})");
  reads_as<ft::Reserved>(R"( { "value" : 4 , "in" : 3 , "union" : 1 , "default" : false } )",
                         R"({"union":1,"default":false,"in":3,"value":4})");
  return report();
}
