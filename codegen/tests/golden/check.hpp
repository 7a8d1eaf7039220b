// SPDX-License-Identifier: Apache-2.0
//
// What the programs beside the golden schemas have in common: a value from JSON, JSON from a value, and a count of what
// failed.
//
//   int main() {
//     round_trip<Point>(R"({"x":1,"y":2})");                       // and equal after it
//     reads_as<Point>(R"({"y":2, "x":1})", R"({"x":1,"y":2})");    // another spelling of the same
//     refuses<Point>(R"({"x":1})", ft::errc::missing_key, "$");
//     CHECK(Point() == Point());
//     return report();
//   }
#pragma once

#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "ft/core/result.hpp"
#include "ft/json/decode.hpp"
#include "ft/json/print.hpp"
#include "ft/json/reader.hpp"

namespace golden {

inline int failures = 0;
inline int checks = 0;

inline void check(bool good, int line, const std::string& what) {
  ++checks;
  if (good) return;
  ++failures;
  std::printf("line %d: %s\n", line, what.c_str());
}

template <class T>
ft::Result<T> read(std::string_view json, std::size_t budget = 1 << 20) {
  const auto buffer = ft::PaddedBuffer::copy_of(std::as_bytes(std::span(json)));
  ft::json::Reader r(buffer.view(), {127, budget});
  T value;
  const char* const p = decode(r.begin(), value, r);
  if (p == nullptr || !r.at_end(p)) return r.take_error();
  return value;
}

template <class T>
std::string write(const T& value) {
  ft::PaddedBuffer buffer;
  ft::json::Writer w(buffer, 1 << 20);
  encode(w, value);
  if (w.finish()) return "<not encoded>";
  return {buffer.data(), buffer.size()};
}

template <class T>
void reads_as(std::string_view json, std::string_view canonical, int line = __builtin_LINE()) {
  const auto value = read<T>(json);
  if (!value) return check(false, line, std::string(json) + " is refused: " + value.error().message());
  const std::string written = write(*value);
  check(written == canonical, line,
        std::string(json) + "\n  is written " + written + "\n  instead of " + std::string(canonical));
  const auto again = read<T>(written);
  check(again && *again == *value, line, written + " does not read as the same");
  const T copy = *value;
  check(copy == *value, line, "the copy of " + written + " differs");
}

template <class T>
void round_trip(std::string_view json, int line = __builtin_LINE()) {
  reads_as<T>(json, json, line);
}

template <class T>
void refuses(std::string_view json, ft::errc code, std::string_view path, int line = __builtin_LINE()) {
  const auto value = read<T>(json);
  if (value) return check(false, line, std::string(json) + " is accepted");
  check(value.error().code == code && value.error().path == path, line,
        std::string(json) + " is refused for another reason: " + value.error().message());
}

/// The status of the program. No check at all is a failure too.
inline int report() {
  std::printf("%d checks, %d failed\n", checks, failures);
  return failures == 0 && checks > 0 ? 0 : 1;
}

}  // namespace golden

using golden::read;
using golden::reads_as;
using golden::refuses;
using golden::report;
using golden::round_trip;
using golden::write;

#define CHECK(condition) golden::check((condition), __LINE__, #condition)
