// SPDX-License-Identifier: Apache-2.0
//
// Base64 (RFC 4648, section 4), strict: no white space, padding required.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ft::tools {

std::string encode_base64(std::string_view bytes);

/// Nothing if `text` is not base64.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace ft::tools
