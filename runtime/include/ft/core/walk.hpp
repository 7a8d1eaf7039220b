// SPDX-License-Identifier: Apache-2.0
//
// How a tree walk passes through what holds a child: optionals, lists, boxes, tuples. Generated `for_each_child`
// functions use it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "ft/core/box.hpp"

namespace ft {

/// Calls `f` with `value`, if that is a struct or a sum.
template <class T, class F>
void walk(const T& value, F& f) {
  if constexpr (std::is_class_v<T>) f(value);
}
template <class T, class F>
void walk(const std::optional<T>& value, F& f);
template <class T, class F>
void walk(const std::vector<T>& items, F& f);
template <class T, std::size_t N, class F>
void walk(const std::array<T, N>& items, F& f);
template <class... Ts, class F>
void walk(const std::tuple<Ts...>& parts, F& f);

/// A text is no child.
template <class F>
void walk(const std::string&, F&) {}

template <class T, class F>
void walk(const Box<T>& box, F& f) {
  walk(*box, f);
}
template <class T, class F>
void walk(const std::optional<T>& value, F& f) {
  if (value) walk(*value, f);
}
template <class T, class F>
void walk(const std::vector<T>& items, F& f) {
  for (const T& item : items) walk(item, f);
}
template <class T, std::size_t N, class F>
void walk(const std::array<T, N>& items, F& f) {
  for (const T& item : items) walk(item, f);
}
template <class... Ts, class F>
void walk(const std::tuple<Ts...>& parts, F& f) {
  std::apply([&f](const Ts&... part) { (walk(part, f), ...); }, parts);
}

}  // namespace ft
