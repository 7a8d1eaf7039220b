// SPDX-License-Identifier: Apache-2.0
//
// What goes into and comes out of the coding of whole frames. `P` is the struct `Wire` of a protocol's generated
// gen/frames.hpp, where the functions are, and the short names of these.
#pragma once

#include <cstddef>
#include <optional>

namespace ft::wire {

struct DecodeOptions {
  /// Heap bytes that the decoded form may take; unset: default_budget of the payload.
  std::optional<std::size_t> budget;
};

template <class P>
struct EncodeOptions {
  std::size_t max_payload = P::kMaxPayload;
};

template <class P>
struct DecodedFrame {
  typename P::MessageType type{};
  typename P::Envelope envelope;
  std::size_t consumed = 0;      // bytes of the frame; what follows belongs to the next one
  std::size_t unknown_keys = 0;  // keys that this version does not know and that were passed over
};

}  // namespace ft::wire
