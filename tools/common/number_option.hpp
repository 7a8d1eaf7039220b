// SPDX-License-Identifier: Apache-2.0
//
// An option that is a whole number within a range. CLI11 by itself takes -1 for the largest number there is.
//
//   add_number(app, "--threads", options.threads, 1, 256, "Threads for the network");
#pragma once

#include <CLI/CLI.hpp>

#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>

namespace ft::tools {

/// Anything else than digits, and a number out of the range, is refused. The range is a part of the help, unless it is
/// that of 64 bits; so is the value, unless it stands for "not given", as that of an optional or a duration does.
template <class T>
CLI::Option* add_number(CLI::App& app, const std::string& name, T& value, std::uint64_t least, std::uint64_t most,
                        const std::string& help) {
  const std::string range = std::to_string(least) + " to " + std::to_string(most);
  const bool bounded = least != 0 || most != std::numeric_limits<std::uint64_t>::max();
  const auto take = [name, range, least, most, &value](const std::string& text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole || number < least || number > most) {
      throw CLI::ValidationError(name, text + " is no whole number from " + range);
    }
    value = T(number);
  };
  CLI::Option* const option =
      app.add_option_function<std::string>(name, take, bounded ? help + " (" + range + ")" : help)->type_name("N");
  if constexpr (std::is_integral_v<T>) option->default_str(std::to_string(value));
  return option;
}

}  // namespace ft::tools
