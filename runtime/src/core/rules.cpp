// SPDX-License-Identifier: Apache-2.0
#include "ft/core/rules.hpp"

#include <string>
#include <utility>

namespace ft {

namespace {

/// The length of the white space character at the start of `text`, or 0. The set has been stable since Unicode 6.3.
std::size_t white_space(std::string_view text) noexcept {
  const auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned lead = byte(0);
  if (lead == ' ' || (lead >= 0x09 && lead <= 0x0D)) return 1;
  if (lead == 0xC2) return byte(1) == 0x85 || byte(1) == 0xA0 ? 2 : 0;
  const unsigned rest = byte(1) << 8 | byte(2);
  if (lead == 0xE1) return rest == 0x9A80 ? 3 : 0;  // U+1680
  if (lead == 0xE3) return rest == 0x8080 ? 3 : 0;  // U+3000
  if (lead != 0xE2) return 0;
  const bool general = rest >= 0x8080 && rest <= 0x808A;  // U+2000 to U+200A
  return general || rest == 0x80A8 || rest == 0x80A9 || rest == 0x80AF || rest == 0x819F ? 3 : 0;
}

}  // namespace

bool is_blank(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = white_space(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

Result<void> rule_violated(std::string_view message) {
  return Error(errc::rule_violated, Error::no_offset, "$", std::string(message));
}

Result<void> inside(Result<void> inner, std::string_view key) {
  Error error = std::move(inner).error();
  error.path.insert(1, std::string(".").append(key));
  return error;
}

}  // namespace ft
