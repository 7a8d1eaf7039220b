// SPDX-License-Identifier: Apache-2.0
//
// What SQLSTATE and message of an error may be, whether an executor made them or a peer sent them.
#pragma once

#include <string>
#include <string_view>

namespace ft {

/// Five characters of 0-9 A-Z.
bool is_sqlstate(std::string_view text) noexcept;

/// Shortens a message to at most 8 KiB, between characters: an error is to be read by somebody, data goes into results.
/// `text` should be UTF-8.
void shorten_message(std::string& text);

}  // namespace ft
