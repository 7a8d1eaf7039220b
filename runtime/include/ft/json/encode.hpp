// SPDX-License-Identifier: Apache-2.0
//
// `encode(writer, value)` for what every schema is made of; the counterpart of json/decode.hpp. Output is canonical.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "ft/core/box.hpp"
#include "ft/core/int128.hpp"
#include "ft/core/secret.hpp"
#include "ft/core/temporal.hpp"
#include "ft/json/number.hpp"
#include "ft/json/raw.hpp"
#include "ft/json/writer.hpp"

namespace ft::json {

template <class T>
requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) inline void encode(Writer& w, T value) {
  char* const p = w.room(24);
  if constexpr (std::is_signed_v<T>) {
    w.wrote_to(write_i64(p, value));
  } else {
    w.wrote_to(write_u64(p, value));
  }
}

inline void encode(Writer& w, bool value) {
  if (value) {
    w.put("true");
  } else {
    w.put("false");
  }
}

void encode(Writer& w, double value);
void encode(Writer& w, float value);
void encode(Writer& w, const Int128& value);
void encode(Writer& w, const Date& value);
void encode(Writer& w, const Time& value);
void encode(Writer& w, const UtcOffset& value);
void encode(Writer& w, const PrimitiveDateTime& value);
void encode(Writer& w, const OffsetDateTime& value);
void encode(Writer& w, const Month& value);
void encode(Writer& w, const SecretString& value);
inline void encode(Writer& w, JsonView value) { w.append(value.text()); }
inline void encode(Writer& w, const Json& value) { w.append(value.text()); }
inline void encode(Writer& w, std::string_view value) { w.text(value); }
inline void encode(Writer& w, const std::string& value) { w.text(value); }

/// An array of bytes, the form in which UUIDs and MAC addresses travel.
void encode_bytes(Writer& w, const std::uint8_t* bytes, std::size_t count);

template <std::unsigned_integral T>
void encode(Writer& w, const Secret<T>& value) {
  if (w.masked()) {
    w.put("\"***\"");
  } else {
    encode(w, value.reveal());
  }
}

template <class T>
void encode(Writer& w, const Box<T>& value) {
  encode(w, *value);
}

template <class T>
void encode(Writer& w, const std::optional<T>& value) {
  if (value) {
    encode(w, *value);
  } else {
    w.put("null");
  }
}

/// A range of items, as an array.
template <class Range>
void encode_list(Writer& w, const Range& items) {
  if (!w.enter()) return;
  w.put('[');
  bool first = true;
  for (const auto& item : items) {
    if (!first) w.put(',');
    first = false;
    encode(w, item);
  }
  w.put(']');
  w.leave();
}

template <class T>
void encode(Writer& w, const std::vector<T>& items) {
  encode_list(w, items);
}

template <class T, std::size_t N>
void encode(Writer& w, const std::array<T, N>& items) {
  if constexpr (std::is_same_v<T, std::uint8_t>) {
    encode_bytes(w, items.data(), N);
  } else {
    encode_list(w, items);
  }
}

template <class... Ts>
void encode(Writer& w, const std::tuple<Ts...>& value) {
  if (!w.enter()) return;
  char before = '[';
  std::apply([&](const Ts&... part) { ((w.put(std::exchange(before, ',')), encode(w, part)), ...); }, value);
  w.put(']');
  w.leave();
}

}  // namespace ft::json
