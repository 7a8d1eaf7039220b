// SPDX-License-Identifier: Apache-2.0
//
// Text for logs and pages: points in time, and texts that somebody else chose.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace ft {

/// UTC with milliseconds: 2024-05-01T12:00:00.000Z.
std::string utc_text(std::chrono::system_clock::time_point time);

/// On one line, harmless and valid UTF-8: bytes of control characters, of invisible and direction-changing characters,
/// and of what is no UTF-8 as \xNN. What would be longer than `max_bytes` is cut and ends with "...".
std::string plain_text(std::string_view text, std::size_t max_bytes);

}  // namespace ft
