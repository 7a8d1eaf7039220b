// SPDX-License-Identifier: Apache-2.0
//
// Large results: how much longer it takes to receive and decode one than to decode it from memory.
#pragma once

#include <cstddef>

#include "transport/setup.hpp"

namespace bench {

/// Medians.
struct BulkFigures {
  double decode_ms = 0;   // decode_envelope from warm memory, destruction not included
  double beside_ms = 0;   // the same while another thread copies memory, as a sender on this machine does
  double read_ms = 0;     // the same bytes read from a socket and dropped: from the first to the last
  double receive_ms = 0;  // RowStream on a socket: from the first byte received to the decoded result
  double ratio = 0;       // of neighbours
  double execute_ms = 0;  // FragmentClient against FragmentServer: from the call to the result, encoding included
};

BulkFigures measure_bulk(const Setup& setup, std::size_t payload_bytes, std::size_t rounds);

}  // namespace bench
