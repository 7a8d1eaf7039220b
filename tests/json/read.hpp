// SPDX-License-Identifier: Apache-2.0
//
// For the tests of reading: a whole text as a value of some type, or the error.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "ft/json/decode.hpp"

namespace ft::json {

inline constexpr Limits kLimits = {.depth = 127, .budget = 1 << 24};

/// A whole text as a T: the value, or the code of the error.
template <class T>
struct Outcome {
  std::optional<T> value;
  errc code{};
  std::size_t offset{};
  std::string path{};
};

template <class T>
Outcome<T> read(std::string_view text, Limits limits = kLimits) {
  const PaddedBuffer input = PaddedBuffer::copy_of(std::as_bytes(std::span(text)));
  Reader r(input.view(), limits);
  T value{};
  const char* const p = decode(r.begin(), value, r);
  if (p != nullptr && r.at_end(p)) return {std::move(value), {}, {}, {}};
  const Error error = r.take_error();
  return {std::nullopt, error.code, error.offset, error.path};
}

template <class T>
void expect_value(std::string_view text, const T& value) {
  const Outcome<T> outcome = read<T>(text);
  ASSERT_TRUE(outcome.value) << text << ": " << to_name(outcome.code);
  EXPECT_TRUE(*outcome.value == value) << text;
}

template <class T>
void expect_code(std::string_view text, errc code) {
  const Outcome<T> outcome = read<T>(text);
  ASSERT_FALSE(outcome.value) << text;
  EXPECT_EQ(outcome.code, code) << text << ": " << to_name(outcome.code);
  EXPECT_LE(outcome.offset, text.size());
}

}  // namespace ft::json
