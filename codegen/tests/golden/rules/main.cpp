// SPDX-License-Identifier: Apache-2.0
#include "check.hpp"
#include "ft/gen/codec.hpp"
#include "ft/gen/rules.hpp"
#include "ft/gen/validate.hpp"

namespace {

ft::Outer good() {
  ft::Outer outer;
  outer.name = "n";
  outer.words = {"a", "b"};
  outer.tables = {{"x"}};
  outer.flag = true;
  outer.a = 5;
  outer.b = -1;
  outer.inner.low = 1;
  outer.inner.high = 18446744073709551615U;
  outer.inner.ids = {1, 2};
  return outer;
}

/// What is told when one thing is changed in a value that keeps all rules; "path: message".
template <class Change>
std::string told(Change&& change) {
  ft::Outer outer = good();
  change(outer);
  const auto verdict = ft::validate(outer);
  if (verdict) return "";
  return verdict.error().code == ft::errc::rule_violated ? verdict.error().path + ": " + verdict.error().detail
                                                         : "another code";
}

}  // namespace

int main() {
  CHECK(told([](ft::Outer&) {}).empty());
  CHECK(told([](auto& o) { o.name = " \xC2\xA0"; }) == "$: name must not be blank");
  CHECK(told([](auto& o) { o.name.assign(1024, 'x'); }).empty());
  CHECK(told([](auto& o) { o.name.assign(1025, 'x'); }) == "$: name must be at most 1024 bytes");
  CHECK(told([](auto& o) {
          o.words = {"a", "b", "c"}, o.flag = false, o.a = 0;
        }) == "$: three \"words\" need the flag");
  CHECK(told([](auto& o) { o.words = {"a", " "}; }) == "$: words must be short");
  CHECK(told([](auto& o) { o.words = {"12345678"}; }) == "$: words must be short");
  CHECK(told([](auto& o) { o.tables.emplace_back(); }) == "$: tables must not be empty");
  CHECK(told([](auto& o) { o.a = 1'000'000; }) == "$: a must be small where there are words");
  CHECK(told([](auto& o) { o.a = 1'000'000, o.words.clear(); }).empty());
  CHECK(told([](auto& o) { o.flag = false; }) == "$: flag says whether a is above 0");
  CHECK(told([](auto& o) { o.a = 18446744073709551615U, o.words.clear(), o.b = 9223372036854775807; }).empty());
  CHECK(told([](auto& o) { o.b = 5; }) == "$: b must be below a");
  CHECK(told([](auto& o) { o.big = read<ft::Int128>("99999999999999999999999999998").value(); }).empty());
  CHECK(told([](auto& o) { o.big = read<ft::Int128>("99999999999999999999999999999").value(); }) ==
        "$: big must have 29 digits at most");

  CHECK(told([](auto& o) { o.inner.ids = {0}; }) == "$.inner: ids must lie between low and high");
  CHECK(told([](auto& o) { o.inner.high = 0; }) == "$.inner: low must not be above high");
  CHECK(told([](auto& o) { o.maybe.emplace().low = 1; }) == "$.maybe: low must not be above high");
  CHECK(told([](auto& o) { o.maybe.emplace(); }).empty());
  CHECK(told([](auto& o) { o.inner.high = 0, o.name = ""; }) == "$: name must not be blank");
  CHECK(told([](auto& o) { o.list.emplace_back().low = 1; }).empty());

  ft::Holder holder;
  CHECK(ft::validate(holder).error().path == "$.outer");
  holder.outer = good();
  CHECK(ft::validate(holder).has_value());
  // Decoding applies no rules.
  round_trip<ft::Inner>(R"({"low":2,"high":1,"ids":[7]})");
  return report();
}
