// SPDX-License-Identifier: Apache-2.0
//
// `decode(cursor, value, reader)` for what every schema is made of: integers, floats, text, temporals, secrets, lists,
// optionals, arrays, tuples. Generated types add overloads of their own; all are found by argument-dependent look-up,
// so that std::vector<std::optional<TypedExpr>> needs no code. A value must be freshly constructed when it is decoded
// into.
//
// Each takes white space before the value and leaves what stands behind it.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "ft/core/box.hpp"
#include "ft/core/int128.hpp"
#include "ft/core/secret.hpp"
#include "ft/core/temporal.hpp"
#include "ft/json/raw.hpp"
#include "ft/json/reader.hpp"

namespace ft::json {

inline constexpr std::size_t kUnbounded = std::numeric_limits<std::size_t>::max();

// -- scalars --------------------------------------------------------------------------------------------------

[[gnu::cold, gnu::noinline]] const char* fail_integer(const char* begin, Reader& r);

template <class T>
concept Integer = std::is_integral_v<T> && !std::is_same_v<T, bool>;

/// No fraction, exponent, leading zero or "-0"; exactly in range.
template <Integer T>
inline const char* decode(const char* p, T& out, Reader& r) {
  if (static_cast<unsigned char>(*p) <= ' ') [[unlikely]]
    p = skip_space(p);
  const char* const begin = p;
  const bool negative = std::is_signed_v<T> && *p == '-';
  p += negative;
  std::uint64_t value = static_cast<unsigned char>(*p - '0');
  if (value > 9) [[unlikely]]
    return fail_integer(begin, r);
  ++p;
  if (value == 0) {
    if (negative) [[unlikely]]
      return fail_integer(begin, r);
  } else {
    if constexpr (sizeof(T) == 8) {
      for (int i = 0; i < 2 && all_digits(load64(p)); ++i, p += 8) value = value * 100000000U + eight_digits(load64(p));
    }
    for (;; ++p) {
      const std::uint64_t digit = static_cast<unsigned char>(*p - '0');
      if (digit > 9) break;
      if (p - begin >= 18) [[unlikely]] {
        if (__builtin_mul_overflow(value, 10U, &value) || __builtin_add_overflow(value, digit, &value)) {
          return fail_integer(begin, r);
        }
      } else {
        value = value * 10 + digit;
      }
    }
  }
  if (*p == '.' || (*p | 0x20) == 'e' || static_cast<unsigned char>(*p - '0') <= 9) [[unlikely]] {
    return fail_integer(begin, r);
  }
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<T>::max());
  if (value > kMost + negative) [[unlikely]]
    return fail_integer(begin, r);
  out = static_cast<T>(negative ? 0 - value : value);
  return p;
}

const char* decode(const char* p, bool& out, Reader& r);
const char* decode(const char* p, double& out, Reader& r);
const char* decode(const char* p, float& out, Reader& r);
const char* decode(const char* p, Int128& out, Reader& r);
const char* decode(const char* p, Date& out, Reader& r);
const char* decode(const char* p, Time& out, Reader& r);
const char* decode(const char* p, UtcOffset& out, Reader& r);
const char* decode(const char* p, PrimitiveDateTime& out, Reader& r);
const char* decode(const char* p, OffsetDateTime& out, Reader& r);
const char* decode(const char* p, Month& out, Reader& r);
const char* decode(const char* p, Json& out, Reader& r);

/// A string on the wire as a view, valid until the next one is read.
const char* read_string(const char* p, std::string_view& text, Reader& r, std::size_t max_bytes = kUnbounded);

const char* decode_string(const char* p, std::string& out, Reader& r, std::size_t max_bytes);
inline const char* decode(const char* p, std::string& out, Reader& r) { return decode_string(p, out, r, kUnbounded); }

// -- compositions ---------------------------------------------------------------------------------------------

const char* decode(const char* p, SecretString& out, Reader& r);

template <Integer T>
const char* decode(const char* p, Secret<T>& out, Reader& r) {
  T value{};
  p = decode(p, value, r);
  if (p != nullptr) out = Secret<T>(value);
  return p;
}

/// Reads a T and drops it: the value of a derived key.
template <class T>
const char* decode_and_drop(const char* p, Reader& r) {
  T ignored{};
  return decode(p, ignored, r);
}

template <class T>
const char* decode(const char* p, Box<T>& out, Reader& r) {
  if (!r.charge(sizeof(T) + 16)) return r.fail(errc::memory_budget, p);
  return decode(p, *out, r);
}

template <class T>
const char* decode(const char* p, std::optional<T>& out, Reader& r) {
  if (static_cast<unsigned char>(*p) <= ' ') [[unlikely]]
    p = skip_space(p);
  if (*p == 'n' && starts_with(p, "null")) return p + 4;
  return decode(p, out.emplace(), r);
}

/// Between two items: behind the comma (`more`), or behind the closing bracket.
[[gnu::noinline]] const char* next_item_slow(const char* p, bool& more, Reader& r);
inline const char* next_item(const char* p, bool& more, Reader& r) {
  if (*p == ',') {
    more = true;
    return p + 1;
  }
  if (*p == ']') {
    more = false;
    r.leave();
    return p + 1;
  }
  return next_item_slow(p, more, r);
}

template <class T>
const char* decode_list(const char* p, std::vector<T>& out, Reader& r, std::size_t max_items) {
  p = open_array(p, r);
  if (p == nullptr) return nullptr;
  if (*p == ']') {
    r.leave();
    return p + 1;
  }
  // The first items come in one allocation; after that the vector doubles.
  constexpr std::size_t kFirst = sizeof(T) >= 256 ? 1 : sizeof(T) >= 64 ? 2 : 4;
  out.reserve(kFirst);
  std::size_t room = 0;
  for (bool more = true; more;) {
    const std::size_t index = out.size();
    if (index >= room) {
      room = room == 0 ? kFirst : room * 2;
      if (!r.charge((room - index) * sizeof(T))) return r.fail(errc::memory_budget, p);
    }
    if (index >= max_items) return r.fail(errc::too_many_items, p);
    p = decode(p, out.emplace_back(), r);
    if (p == nullptr) return r.in_index(index);
    p = next_item(p, more, r);
    if (p == nullptr) return nullptr;
  }
  return p;
}

template <class T>
const char* decode(const char* p, std::vector<T>& out, Reader& r) {
  return decode_list(p, out, r, kUnbounded);
}

namespace detail {

/// The items of an array of fixed length, one call each; `count` in all.
template <class Item>
const char* decode_exactly(const char* p, Reader& r, std::size_t count, Item&& item) {
  p = open_array(p, r);
  if (p == nullptr) return nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    const char* const at = skip_space(p);
    if (*at == ']') return r.fail(errc::wrong_length, at);
    p = item(at, i);
    if (p == nullptr) return r.in_index(i);
    bool more = false;
    const char* const behind = p;
    p = next_item(p, more, r);
    if (p == nullptr) return nullptr;
    if (more != (i + 1 < count)) return r.fail(errc::wrong_length, behind);
  }
  return p;
}

}  // namespace detail

template <class T, std::size_t N>
const char* decode(const char* p, std::array<T, N>& out, Reader& r) {
  static_assert(N > 0);
  return detail::decode_exactly(p, r, N, [&](const char* at, std::size_t i) { return decode(at, out[i], r); });
}

template <class... Ts>
const char* decode(const char* p, std::tuple<Ts...>& out, Reader& r) {
  using Step = const char* (*)(const char*, std::tuple<Ts...>&, Reader&);
  constexpr auto steps = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<Step, sizeof...(Ts)>{+[](const char* at, std::tuple<Ts...>& tuple, Reader& reader) {
      return decode(at, std::get<I>(tuple), reader);
    }...};
  }
  (std::index_sequence_for<Ts...>{});
  return detail::decode_exactly(p, r, sizeof...(Ts),
                                [&](const char* at, std::size_t i) { return steps[i](at, out, r); });
}

/// Arrays of bytes, the form in which UUIDs and MAC addresses travel.
const char* decode_bytes(const char* p, std::uint8_t* out, std::size_t count, Reader& r);

template <std::size_t N>
const char* decode(const char* p, std::array<std::uint8_t, N>& out, Reader& r) {
  return decode_bytes(p, out.data(), N, r);
}

}  // namespace ft::json
