// SPDX-License-Identifier: Apache-2.0
#include "support/vectors.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <utility>

#include "support/base64.hpp"

namespace ft::test {

namespace {

namespace bj = boost::json;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "test data: %s\n", why.c_str());
  std::abort();
}

std::string text_of(const bj::object& line, std::string_view key) {
  const bj::value* const value = line.if_contains(key);
  return value != nullptr ? std::string(value->as_string()) : std::string();
}

Vector parse_line(const std::string& line) {
  const bj::object object = bj::parse(line).as_object();
  Vector v;
  const std::string id = text_of(object, "id");
  v.name =
      id.empty() ? text_of(object, "name") : id + " " + text_of(object, "section") + ": " + text_of(object, "name");
  std::optional<std::string> frame = from_base64(text_of(object, "frame"));
  if (!frame) give_up("not base64");
  v.frame = std::move(*frame);
  v.note = text_of(object, "note");
  const std::string expect = text_of(object, "expect");
  v.expect = expect == "identical" ? Expect::identical : expect == "accept" ? Expect::accept : Expect::reject;
  if (v.expect == Expect::reject && expect != "reject") give_up("unknown expectation " + expect);
  if (const bj::value* const n = object.if_contains("consumed")) v.consumed = n->to_number<std::size_t>();
  if (object.contains("canonical")) v.canonical = text_of(object, "canonical");
  return v;
}

std::vector<Vector> load(const std::string& name) {
  const std::string path = std::string(FT_TEST_DATA_DIR) + "/" + name;
  std::ifstream file(path);
  std::vector<Vector> vectors;
  for (std::string line; std::getline(file, line);) vectors.push_back(parse_line(line));
  if (vectors.empty()) give_up("cannot read " + path);
  return vectors;
}

}  // namespace

std::string Vector::payload() const { return frame.size() < 5 ? std::string() : frame.substr(5); }

const std::vector<Vector>& golden() {
  static const std::vector<Vector> vectors = load("golden.jsonl");
  return vectors;
}

const std::vector<Vector>& decode_vectors() {
  static const std::vector<Vector> vectors = load("decode.jsonl");
  return vectors;
}

const Vector& golden(const std::string& name) {
  const auto found = std::find_if(golden().begin(), golden().end(), [&](const Vector& v) { return v.name == name; });
  if (found == golden().end()) give_up("no golden frame " + name);
  return *found;
}

}  // namespace ft::test
