// SPDX-License-Identifier: Apache-2.0
//
// Text from the wire, made fit for a terminal: nothing that moves a cursor, rings a bell, reverses the order of letters
// or hides itself comes through, whatever the wire holds. What is taken out is shown as an escape (\u001b), never
// dropped.
//
//   std::string line;
//   append_quoted(line, message, 80);       // any bytes -> "..." in JSON's notation, shortened to 80 characters
//   append_safe_json(line, json);           // JSON -> the same JSON on one line, dangerous characters as \uXXXX
//   append_plain(line, file_name);          // any bytes, without quotation marks
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ft::tools {

inline constexpr std::size_t kUnlimited = static_cast<std::size_t>(-1);

/// Controls (C0, DEL, C1), bidirectional controls, and characters that cannot be seen.
bool is_unsafe(char32_t c) noexcept;

/// The character at the start of `text`, and its length in bytes; length 0 if this is not well-formed UTF-8.
struct Character {
  char32_t code;
  std::size_t length;
};
Character first_character(std::string_view text) noexcept;

/// `json` must be JSON, or a single token of it. White space between tokens that would end the line becomes a space.
void append_safe_json(std::string& out, std::string_view json);

/// A JSON string that stands for `text`, except that bytes that are not UTF-8 read \xNN. A text of more than `limit`
/// characters ends in ... and its length.
void append_quoted(std::string& out, std::string_view text, std::size_t limit = kUnlimited);

void append_plain(std::string& out, std::string_view text);

}  // namespace ft::tools
