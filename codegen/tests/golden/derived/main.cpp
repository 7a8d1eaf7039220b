// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"
#include "ft/gen/codec.hpp"
#include "ft/gen/derived.hpp"

int main() {
  round_trip<ft::Vector>(R"({"dims":2,"values":[0.5,1.5],"empty":false})");
  reads_as<ft::Vector>(R"({"dims":99,"values":[0.5],"empty":true})", R"({"dims":1,"values":[0.5],"empty":false})");
  CHECK(write(ft::Vector()) == R"({"dims":0,"values":[],"empty":true})");
  refuses<ft::Vector>(R"({"values":[],"empty":true})", ft::errc::missing_key, "$");
  refuses<ft::Vector>(R"({"dims":"2"})", ft::errc::wrong_type, "$.dims");
  refuses<ft::Vector>(R"({"dims":4294967296})", ft::errc::out_of_range, "$.dims");
  static_assert(sizeof(ft::Vector) == sizeof(ft::Vector::values), "a derived key is no member");

  ft::Sums sums;
  sums.a = sums.b = 18446744073709551615U;
  sums.name = "abc";
  CHECK(write(sums) == R"({"a":18446744073709551615,"b":18446744073709551615,"total":36893488147419103230,)"
                       R"("above":false,"flag":false,"name":"abc","size":3})");
  sums.b = 0;
  sums.flag = true;
  CHECK(write(sums).find(R"("above":true)") != std::string::npos);

  round_trip<ft::Nested>(R"({"Text":{"size":4,"text":"abc"}})");
  return report();
}
