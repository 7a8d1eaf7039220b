// SPDX-License-Identifier: Apache-2.0
//
// What a server waits for while it waits for a peer. Each wait has a limit, of the same name in ServerOptions and
// ServerRules, behind which the connection ends.
#pragma once

#include <cstdint>
#include <string_view>

namespace ft {

enum class PeerWait : std::uint8_t {
  first_frame,  // the first whole, accepted frame of a connection
  frame,        // more bytes of a frame that was begun
  idle,         // another request
  write,        // that the peer takes more bytes of an answer
  count_
};
std::string_view to_name(PeerWait wait) noexcept;

}  // namespace ft
