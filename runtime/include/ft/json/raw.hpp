// SPDX-License-Identifier: Apache-2.0
//
// `Json`: any JSON value, kept as the text that came, byte for byte. It is always valid: UTF-8, nesting of at most 127,
// numbers that fit a double. Whoever wants a tree asks json/tree.hpp for a boost::json::value.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "ft/core/result.hpp"

namespace ft {

namespace json {
class Reader;
}

/// A view of valid JSON text; lives as long as what it was taken from.
class JsonView {
 public:
  constexpr JsonView() noexcept = default;
  constexpr std::string_view text() const noexcept { return text_; }
  friend constexpr bool operator==(JsonView a, JsonView b) noexcept { return a.text_ == b.text_; }

  /// For decoders, which have checked the text.
  static constexpr JsonView trusted(std::string_view text) noexcept { return JsonView(text); }

 private:
  constexpr explicit JsonView(std::string_view text) noexcept : text_(text) {}
  std::string_view text_ = "null";
};

class Json {
 public:
  /// null
  Json() : text_("null") {}
  explicit Json(JsonView view) : text_(view.text()) {}

  /// Checks `text`; white space around the value is dropped, inside it is kept.
  static Result<Json> parse(std::string_view text);

  const std::string& text() const noexcept { return text_; }
  JsonView view() const noexcept { return JsonView::trusted(text_); }
  operator JsonView() const noexcept { return view(); }
  friend bool operator==(const Json&, const Json&) = default;

 private:
  std::string text_;
};

}  // namespace ft
