// SPDX-License-Identifier: Apache-2.0
//
// TLS credentials from PEM files: checked as a whole, then held as immutable snapshots that a reload replaces.
//
//   ft::TlsServerConfig config;
//   config.certificate = "/etc/aiondb/worker.crt";
//   config.key = "/etc/aiondb/worker.key";
//   config.client_ca = "/etc/aiondb/ca.crt";                  // mutual TLS
//   ft::Result<std::shared_ptr<ft::TlsServerCredentials>> tls = ft::TlsServerCredentials::load(config);
//
// TLS 1.3, or 1.2 with AEAD ciphers by option; no renegotiation, no compression. The protocol's name (ALPN) is offered,
// never required. No session is resumed: connections live long, and each new one is judged by the certificates that are
// valid now.
//
// A configuration that is half mutual (a certificate without its key, an allow-list that nothing is verified for) is an
// error, and so is an expired certificate, or a key file that others can read or that asks for a passphrase.
//
// Limits: PEM files alone; no revocation lists, no OCSP: a certificate is withdrawn by its expiry, by the allow-list or
// by another CA.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/types.h>

#include "ft/core/result.hpp"
#include "ft/security/current.hpp"

// Enough for a shared pointer: whoever opens connections includes boost/asio/ssl.hpp.
namespace boost::asio::ssl {
class context;
}

namespace ft {

/// The most names an allow-list may hold.
inline constexpr std::size_t kMaxAllowedPeers = 1024;

enum class TlsVersion : std::uint8_t { tls12, tls13 };

/// What a client demands of the server's certificate, as libpq's sslmode has it.
enum class TlsVerify : std::uint8_t {
  none,  // encryption alone: anybody may be the peer
  ca,    // signed by the CA
  full,  // and issued for the host that was dialled (SAN; the common name does not count)
};

/// A name of an allow-list is a DNS name, an IP address or a URI (`spiffe://cluster/worker`). It must equal a SAN of
/// the peer; a SAN with a wildcard equals the same text alone.
struct TlsClientConfig {
  std::filesystem::path ca;           // PEM, all in it are trusted; empty: the system's, for TlsVerify::full alone
  std::filesystem::path certificate;  // PEM chain of this client, own first, for mutual TLS; with `key` or not at all
  std::filesystem::path key;          // PEM, without passphrase; owner and mode as of a token file (ft/auth.hpp)
  TlsVerify verify = TlsVerify::full;
  std::string server_name;                 // instead of the dialled host, for SNI and verification
  std::vector<std::string> allowed_peers;  // if not empty, one of the server's SANs must be listed; needs verification
  TlsVersion min_version = TlsVersion::tls13;
  // To debug: whoever has this file can read the connections (NSS key log format). A new file, or one of this user's
  // with mode 600.
  std::filesystem::path key_log;

  TlsClientConfig();
};

struct TlsServerConfig {
  std::filesystem::path certificate;       // PEM chain, own first
  std::filesystem::path key;               // PEM, without passphrase; owner and mode as of a token file (ft/auth.hpp)
  std::filesystem::path client_ca;         // PEM; not empty: clients must present a certificate of one of these CAs
  std::vector<std::string> allowed_peers;  // if not empty, one of the client's SANs must be listed; needs client_ca
  TlsVersion min_version = TlsVersion::tls13;
  std::filesystem::path key_log;  // as in TlsClientConfig

  TlsServerConfig();
};

/// One loaded configuration: what connections are made from. Nobody changes it: the verification stands in the context,
/// so no verify mode or callback may be set on a connection either.
struct TlsSnapshot {
  std::shared_ptr<boost::asio::ssl::context> context;
  std::uint64_t generation = 0;  // from 1; grows by one at every reload that succeeded
};

/// Config, and what was made of it last. Thread safe.
template <class Config>
class TlsCredentials {
 public:
  /// Errors: invalid_configuration, which names the option and the file, with OpenSSL's reason; never key material.
  static Result<std::shared_ptr<TlsCredentials>> load(Config config);

  /// Reads the files again into a whole new context. On an error, as of load(), the last good one stays. Connections
  /// that were made keep the context they were made from.
  Result<void> reload();

  TlsSnapshot snapshot() const { return *current_.load(); }
  const Config& config() const noexcept { return config_; }

 private:
  TlsCredentials(Config config, std::shared_ptr<const TlsSnapshot> first);

  const Config config_;
  std::mutex reloading_;  // one reload at a time, so that generations are counted
  Current<TlsSnapshot> current_;
};

using TlsServerCredentials = TlsCredentials<TlsServerConfig>;
using TlsClientCredentials = TlsCredentials<TlsClientConfig>;

/// What a verified certificate says of its owner. Names that hold a control character or are longer than 2048 bytes are
/// left out; at most 64 SANs are listed.
struct CertificateNames {
  std::string common_name;               // for people: nothing is decided by it
  std::vector<std::string> alternative;  // SANs: DNS names, IP addresses, URIs

  CertificateNames();
};

/// The names of the peer of `connection`, after the handshake; none if it presented no certificate or it was not
/// verified.
CertificateNames peer_names(const SSL* connection);

/// Prepares `connection`, made from a snapshot of `config`, for a server that was dialled as `host` (a name or an
/// address, IPv6 without brackets): SNI, the name that TlsVerify::full compares, and what TLS calls the protocol
/// (ft::ALPN; 1 to 255 bytes, or empty to offer none). Call it before the handshake.
///
/// Errors: invalid_configuration: `host` can be no server's name.
Result<void> prepare_client(SSL* connection, const TlsClientConfig& config, const std::string& host,
                            std::string_view protocol);

/// The server's side of it: `protocol` is taken if the client offers it; without it the handshake goes on as well.
void prepare_server(SSL* connection, std::string_view protocol);

/// Why the handshake on `connection` failed, for a log: the verdict on the peer's certificate, if it was that. Empty if
/// the certificate is not to blame.
std::string certificate_problem(const SSL* connection);

}  // namespace ft
