// SPDX-License-Identifier: Apache-2.0
#include "ft/core/endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace ft {
namespace {

bool is_name_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}
bool is_ipv6_character(char c) noexcept { return is_name_character(c) || c == ':' || c == '%'; }

}  // namespace

Endpoint::Endpoint() = default;
Endpoint::Endpoint(std::string host_, std::uint16_t port_) : host(std::move(host_)), port(port_) {}

Result<Endpoint> Endpoint::parse(std::string_view text) {
  constexpr std::size_t longest_host = 253;
  std::string_view host, port;
  const bool bracketed = text.starts_with('[');
  if (bracketed) {
    const std::size_t end = text.find(']');
    if (end == text.npos) return invalid_configuration("an address that opens with [ needs a ] before its port");
    host = text.substr(1, end - 1);
    if (host.find(':') == host.npos) return invalid_configuration("only an IPv6 address stands in brackets");
    port = text.substr(end + 1);
  } else {
    const std::size_t colon = text.find(':');
    if (colon != text.npos && text.find(':', colon + 1) != text.npos) {
      return invalid_configuration("an IPv6 address needs brackets, as in [::1]:9100");
    }
    host = text.substr(0, colon);
    port = colon == text.npos ? std::string_view() : text.substr(colon);
  }
  if (!port.starts_with(':') || port.size() < 2)
    return invalid_configuration("the address needs a port, as in 127.0.0.1:9100");
  port.remove_prefix(1);
  if (host.empty()) return invalid_configuration("the address needs a host, as in 127.0.0.1:9100");
  if (host.size() > longest_host) return invalid_configuration("the host is longer than 253 bytes");
  if (!std::all_of(host.begin(), host.end(), bracketed ? is_ipv6_character : is_name_character)) {
    return invalid_configuration("the host holds a character that no name or address has");
  }
  Endpoint endpoint;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
  if (error != std::errc() || end != port.data() + port.size())
    return invalid_configuration("the port must be 0 to 65535");
  endpoint.host = host;
  return endpoint;
}

std::string Endpoint::to_string() const {
  const bool ipv6 = host.find(':') != host.npos;
  return (ipv6 ? "[" + host + "]:" : host + ":") + std::to_string(port);
}

}  // namespace ft
