// SPDX-License-Identifier: Apache-2.0
//
// A TLS connection between two contexts in memory: handshake, then one byte each way.
//
//   const Handshake met = shake_hands(server_snapshot, client_snapshot, client_config, "localhost");
//   EXPECT_TRUE(met.done) << met.server.error << met.client.error;
#pragma once

#include <openssl/types.h>

#include <functional>
#include <string>
#include <string_view>

#include "ft/tls.hpp"

namespace ft::test {

/// What TLS calls the protocol of both sides.
inline constexpr std::string_view kProtocol = "test-protocol/1";

struct Side {
  std::string error;    // OpenSSL's reason; empty if this side saw nothing wrong
  std::string problem;  // certificate_problem()
  CertificateNames peer;
};

struct Handshake {
  bool done = false;  // both sides finished, and the bytes arrived
  Side server, client;
  std::string version, cipher;  // as OpenSSL calls them
  std::string protocol;         // ALPN, as the client knows it
  std::string server_name;      // SNI, as the server got it
  std::size_t unsolicited = 0;  // bytes that the server wrote by itself after the handshake, beyond its one
};

/// `adjust` sees the client's connection before the handshake.
Handshake shake_hands(const TlsSnapshot& server, const TlsSnapshot& client, const TlsClientConfig& config,
                      const std::string& host, const std::function<void(SSL*)>& adjust = {});

}  // namespace ft::test
