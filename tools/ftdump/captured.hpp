// SPDX-License-Identifier: Apache-2.0
//
// What a capture has written into a payload beside what was on the wire (see ft/observe/capture.hpp): the number of the
// connection, and why a frame is not there.
//
//   const Captured captured = captured_in(payload);
//
// Limit: who puts the same keys on the wire is taken at their word.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ft::tools {

struct Captured {
  std::optional<std::uint64_t> connection;
  std::size_t added = 0;  // bytes of the key and its value, which stand before the last brace of the payload
  std::string reason;     // why the frame was not captured; empty if it was
};

Captured captured_in(std::string_view payload);

}  // namespace ft::tools
