// SPDX-License-Identifier: Apache-2.0
#include "ft/session/peer_wait.hpp"

#include <array>
#include <cstddef>

namespace ft {

std::string_view to_name(PeerWait wait) noexcept {
  constexpr std::array<std::string_view, static_cast<std::size_t>(PeerWait::count_)> kNames = {"first_frame", "frame",
                                                                                               "idle", "write"};
  return kNames[static_cast<std::size_t>(wait)];
}

}  // namespace ft
