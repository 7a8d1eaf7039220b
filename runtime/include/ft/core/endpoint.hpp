// SPDX-License-Identifier: Apache-2.0
//
// Where a node listens or is reached: `host:9100`, `10.0.0.7:9100`, `[::1]:9100`.
//
//   ft::Result<ft::Endpoint> worker = ft::Endpoint::parse("[::1]:9100");
//
// A name is not looked up here. Limits: a host of at most 253 bytes without blanks; ports 0 to 65535, where 0 makes
// sense for a listener alone. An IPv6 address must stand in brackets.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "ft/core/result.hpp"

namespace ft {

struct Endpoint {
  std::string host;  // without brackets
  std::uint16_t port = 0;

  Endpoint();
  Endpoint(std::string host_, std::uint16_t port_);

  /// Errors: invalid_configuration, which says what is wrong with the text.
  static Result<Endpoint> parse(std::string_view text);

  /// As parse() reads it; an IPv6 host gets its brackets back.
  std::string to_string() const;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

}  // namespace ft
