// SPDX-License-Identifier: Apache-2.0
//
// Any generated value of any protocol as text for people: its JSON, with secrets as "***" and never an error. Wants the
// protocol's gen/codec.hpp included too.
//
//   std::cout << ft::to_text(plan) << '\n';
//   std::cout << request << '\n';            // of a type in namespace ft itself
#pragma once

#include <ostream>
#include <string>
#include <type_traits>

#include "ft/json/encode.hpp"
#include "ft/json/writer.hpp"

namespace ft {

/// One line of JSON. What has no form on the wire is named: NaN, Infinity.
template <class T>
std::string to_text(const T& value) {
  PaddedBuffer buffer;
  json::Writer w(buffer, static_cast<std::size_t>(-1), json::Writer::Mode::masked);
  encode(w, value);
  w.finish();
  return {buffer.data(), buffer.size()};
}

/// Types that print by themselves, such as std::string, are left to their own operator.
template <class T>
requires(
    std::is_class_v<T>&& requires(json::Writer& w, const T& value) { encode(w, value); } &&
    !requires(std::ostream & out, const T& value) { std::operator<<(out, value); }) std::ostream&
operator<<(std::ostream& out, const T& value) {
  return out << to_text(value);
}

}  // namespace ft
