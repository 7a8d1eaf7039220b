// SPDX-License-Identifier: Apache-2.0
#include "session/error_text.hpp"

#include <algorithm>
#include <cstddef>

namespace ft {

namespace {

constexpr std::size_t kMaxMessage = 8192;

bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

bool is_sqlstate(std::string_view text) noexcept {
  const auto valid = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
  return text.size() == 5 && std::all_of(text.begin(), text.end(), valid);
}

void shorten_message(std::string& text) {
  if (text.size() <= kMaxMessage) return;
  std::size_t end = kMaxMessage;
  while (end > 0 && is_continuation(text[end])) --end;
  text.resize(end);
}

}  // namespace ft
