// SPDX-License-Identifier: Apache-2.0
//
// What every TCP socket of this library is set to: no Nagle (answers are written whole), keepalive, and a user timeout,
// so that a peer that vanished without a word is noticed while nothing is sent and while something is.
#pragma once

#include <chrono>

#include <boost/system/error_code.hpp>

namespace ft::net {

/// What `keepalive` may be, on either side: Linux counts in seconds, 32767 at most.
inline constexpr std::chrono::milliseconds kShortestKeepalive = std::chrono::seconds(1);
inline constexpr std::chrono::milliseconds kLongestKeepalive = std::chrono::hours(9);

/// Sets a connected or listening socket; accepted sockets inherit it from their listener. `keepalive`: after how much
/// silence the peer is probed, and how long written bytes may go unacknowledged.
///
/// Errors: of setsockopt; options set before the one that failed stay.
boost::system::error_code tune(int socket, std::chrono::milliseconds keepalive) noexcept;

}  // namespace ft::net
