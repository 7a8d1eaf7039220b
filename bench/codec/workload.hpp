// SPDX-License-Identifier: Apache-2.0
//
// The frames that the benchmark works on: a cancel, a captured request with a join, and a large result of rows.
#pragma once

#include <cstddef>
#include <string>

#include "ft/protocol.hpp"

namespace bench {

struct Frame {
  ft::MessageType type;
  ft::PaddedBuffer payload;
};

/// A cancel request, as a coordinator sends it.
Frame cancel_frame();

/// The first frame of a file. Throws std::runtime_error when there is none.
Frame load_frame(const std::string& path);

/// A result of as many rows as it takes to make the payload `bytes` long, give or take a row; always the same rows.
///
/// About 363 bytes a row in nine columns: a running Int, a BigInt of any size, a Text of three words (one escape in
/// every second, one non-ASCII word in every second) and a number, a Double of 16 or 17 digits, a Boolean, a column of
/// nothing but nulls, a Timestamp in whole microseconds, a Uuid, and a Jsonb object of 90 bytes.
Frame rows_frame(std::size_t bytes);

}  // namespace bench
