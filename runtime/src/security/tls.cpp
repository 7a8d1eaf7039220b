// SPDX-License-Identifier: Apache-2.0
#include "ft/tls.hpp"

#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <utility>

#include "security/openssl.hpp"
#include "security/peer_names.hpp"
#include "security/secret_file.hpp"
#include "security/tls_context.hpp"

namespace ft {
namespace {

using boost::asio::ssl::context;

/// `name` as SNI and certificates have it: an address without its zone, a name without the dot of the root.
std::string bare(std::string name) {
  if (const std::size_t zone = name.find('%'); zone != name.npos) name.resize(zone);
  if (name.ends_with('.')) name.pop_back();
  return name;
}

Result<void> check(const TlsServerConfig& config) {
  if (config.certificate.empty()) return invalid_configuration("certificate: a TLS server needs one");
  if (config.key.empty()) return invalid_configuration("key: the certificate needs its key");
  if (!config.allowed_peers.empty() && config.client_ca.empty()) {
    return invalid_configuration("allowed_peers: needs client_ca, by which clients are verified");
  }
  return {};
}

Result<void> check(const TlsClientConfig& config) {
  if (!config.certificate.empty() && config.key.empty()) {
    return invalid_configuration("key: the certificate needs its key");
  }
  if (config.certificate.empty() && !config.key.empty()) {
    return invalid_configuration("certificate: the key needs its certificate");
  }
  if (config.verify == TlsVerify::ca && config.ca.empty()) {
    return invalid_configuration("ca: needed by verify ca, for anybody can have a certificate of the system's CAs");
  }
  if (config.verify == TlsVerify::none && !config.allowed_peers.empty()) {
    return invalid_configuration("allowed_peers: needs verify ca or full");
  }
  if (!config.server_name.empty() && !is_host_name(bare(config.server_name))) {
    return invalid_configuration("server_name: neither a DNS name nor an IP address");
  }
  return {};
}

Result<void> set_up(SSL_CTX* native, const TlsServerConfig& config) {
  ask_for_protocol(native);
  if (Result<void> done = use_certificate(native, config.certificate, config.key); !done) return done;
  if (config.client_ca.empty()) return {};
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return trust(native, "client_ca", config.client_ca);
}

Result<void> set_up(SSL_CTX* native, const TlsClientConfig& config) {
  if (config.verify == TlsVerify::full) {
    // Nobody's name, until prepare_client() sets the real one: a connection it was forgotten for must not come to be.
    X509_VERIFY_PARAM_set1_host(SSL_CTX_get0_param(native), "unprepared.invalid", 0);
  }
  SSL_CTX_set_verify(native, config.verify == TlsVerify::none ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  if (!config.certificate.empty()) {
    if (Result<void> done = use_certificate(native, config.certificate, config.key); !done) return done;
  }
  if (!config.ca.empty()) return trust(native, "ca", config.ca);
  SSL_CTX_set_default_verify_paths(native);
  return {};
}

context::method side(const TlsServerConfig&) { return context::tls_server; }
context::method side(const TlsClientConfig&) { return context::tls_client; }

template <class Config>
Result<std::shared_ptr<const TlsSnapshot>> make_snapshot(const Config& config, std::uint64_t generation) {
  if (const Result<void> sound = check(config); !sound) return sound.error();
  auto made = std::make_shared<context>(side(config));
  SSL_CTX* native = made->native_handle();
  set_policy(native, config.min_version);
  if (const Result<void> done = set_up(native, config); !done) return done.error();
  if (const Result<void> done = use_rules(native, config.allowed_peers, config.key_log); !done) return done.error();
  return std::make_shared<const TlsSnapshot>(TlsSnapshot{std::move(made), generation});
}

}  // namespace

TlsClientConfig::TlsClientConfig() = default;
TlsServerConfig::TlsServerConfig() = default;

template <class Config>
TlsCredentials<Config>::TlsCredentials(Config config, std::shared_ptr<const TlsSnapshot> first)
    : config_(std::move(config)), current_(std::move(first)) {}

template <class Config>
Result<std::shared_ptr<TlsCredentials<Config>>> TlsCredentials<Config>::load(Config config) {
  Result<std::shared_ptr<const TlsSnapshot>> first = make_snapshot(config, 1);
  if (!first) return first.error();
  return std::shared_ptr<TlsCredentials>(new TlsCredentials(std::move(config), std::move(*first)));
}

template <class Config>
Result<void> TlsCredentials<Config>::reload() {
  const std::lock_guard lock(reloading_);
  Result<std::shared_ptr<const TlsSnapshot>> next = make_snapshot(config_, current_.load()->generation + 1);
  if (!next) return next.error();
  current_.store(std::move(*next));
  return {};
}

template class TlsCredentials<TlsServerConfig>;
template class TlsCredentials<TlsClientConfig>;

Result<void> prepare_client(SSL* connection, const TlsClientConfig& config, const std::string& host,
                            std::string_view protocol) {
  offer_protocol(connection, protocol);
  const std::string name = bare(config.server_name.empty() ? host : config.server_name);
  if (!is_host_name(name)) return invalid_configuration("the host is neither a DNS name nor an IP address");
  const bool address = openssl::parse_address(name) != nullptr;
  if (!address) SSL_set_tlsext_host_name(connection, name.c_str());
  if (config.verify != TlsVerify::full) return {};
  X509_VERIFY_PARAM* expected = SSL_get0_param(connection);
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const bool set = X509_VERIFY_PARAM_set1_host(expected, address ? nullptr : name.c_str(), 0) == 1 &&
                   (!address || X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str()) == 1);
  if (!set) return invalid_configuration("the host cannot be verified");
  return {};
}

void prepare_server(SSL* connection, std::string_view protocol) { take_protocol(connection, protocol); }

std::string certificate_problem(const SSL* connection) {
  const long verdict = SSL_get_verify_result(connection);
  if (verdict == X509_V_OK || SSL_get_verify_mode(connection) == SSL_VERIFY_NONE) return {};
  if (verdict == X509_V_ERR_APPLICATION_VERIFICATION) return "the peer's certificate names nobody of allowed_peers";
  return std::string("the peer's certificate: ") + X509_verify_cert_error_string(verdict);
}

}  // namespace ft
