// SPDX-License-Identifier: Apache-2.0
//
// OpenSSL's view of a socket: never blocks, never raises SIGPIPE (which the BIO of OpenSSL itself does on a connection
// that was reset).
#pragma once

#include <cstddef>

#include <openssl/bio.h>

namespace ft::net {

/// Reads and writes `socket`, which must outlive it. Null if out of memory.
BIO* make_socket_bio(int socket) noexcept;

/// As much of `size` bytes as the socket takes at once; -1 and errno.
std::ptrdiff_t send_some(int socket, const char* bytes, std::size_t size) noexcept;

}  // namespace ft::net
