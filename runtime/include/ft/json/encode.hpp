// SPDX-License-Identifier: Apache-2.0
//
// `encode(writer, value)` for what every schema is made of; the counterpart of json/decode.hpp. Output is canonical.
//
// Scalars, whose texts have a bounded length, also have `write(cursor, value)`: rows write one after the other without
// asking the Writer for room each time.
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstring>
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

// -- scalars --------------------------------------------------------------------------------------------------

/// Writable bytes that `write` needs at its cursor: stores are made in whole words.
inline constexpr std::size_t kScalarRoom = 128;

/// Writes a value that has a form (see has_form) and returns the end of its text.
template <class T>
requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) inline char* write(char* p, T value) {
  if constexpr (std::is_signed_v<T>) {
    return write_i64(p, value);
  } else {
    return write_u64(p, value);
  }
}
template <std::same_as<bool> T>
inline char* write(char* p, T value) {
  std::memcpy(p, value ? "true " : "false", 5);
  return p + 5 - value;
}
inline char* write(char* p, double value) { return write_f64(p, value); }
inline char* write(char* p, float value) { return write_f32(p, value); }
inline char* write(char* p, const Month& value) { return write(p, value.number); }
char* write(char* p, const Date& value);
char* write(char* p, const Time& value);
char* write(char* p, const UtcOffset& value);
char* write(char* p, const PrimitiveDateTime& value);
char* write(char* p, const OffsetDateTime& value);
char* write(char* p, const std::array<std::uint8_t, 6>& value);
char* write(char* p, const std::array<std::uint8_t, 8>& value);
char* write(char* p, const std::array<std::uint8_t, 16>& value);

template <class T>
concept Scalar = requires(char* p, const T& value) {
  { write(p, value) } -> std::same_as<char*>;
};

/// Whether the value can be written here: floats must be finite, and arrays (dates, UUIDs) not too deep.
template <Scalar T>
inline bool has_form(const Writer& w, const T& value) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::isfinite(value);
  } else if constexpr (std::is_class_v<T> && !std::is_same_v<T, Int128> && !std::is_same_v<T, Month>) {
    return w.can_enter();
  } else {
    return true;
  }
}

/// An error on the wire, a name for people.
[[gnu::cold, gnu::noinline]] void encode_not_finite(Writer& w, double value);

template <Scalar T>
inline void encode(Writer& w, const T& value) {
  if (has_form(w, value)) [[likely]]
    return w.wrote_to(write(w.room(kScalarRoom), value));
  if constexpr (std::is_floating_point_v<T>) {
    encode_not_finite(w, value);
  } else {
    w.enter();  // in vain, but it says so
  }
}

// -- text -----------------------------------------------------------------------------------------------------

void encode(Writer& w, const SecretString& value);
inline void encode(Writer& w, JsonView value) { w.append(value.text()); }
inline void encode(Writer& w, const Json& value) { w.append(value.text()); }
inline void encode(Writer& w, std::string_view value) { w.text(value); }
inline void encode(Writer& w, const std::string& value) { w.text(value); }

/// Any number of bytes, as an array.
void encode_bytes(Writer& w, const std::uint8_t* bytes, std::size_t count);

// -- compositions ---------------------------------------------------------------------------------------------

template <std::unsigned_integral T>
void encode(Writer& w, const Secret<T>& value) {
  if (w.masked()) {
    w.put("\"***\"");
  } else {
    encode(w, w.hides_secrets() ? T{0} : value.reveal());
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
