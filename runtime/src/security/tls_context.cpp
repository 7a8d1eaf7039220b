// SPDX-License-Identifier: Apache-2.0
#include "security/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "security/key_log.hpp"
#include "security/openssl.hpp"
#include "security/peer_names.hpp"
#include "security/secret_file.hpp"

namespace ft {
namespace {

/// In the form of ALPN: each name behind its length.
std::string protocol_list(std::string_view name) {
  return name.empty() ? std::string() : static_cast<char>(name.size()) + std::string(name);
}

const unsigned char* bytes_of(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }

void free_protocol(void*, void* list, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<std::string*>(list); }

int protocol_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, &free_protocol);
  return index;
}

int select_protocol(SSL* connection, const unsigned char** selected, unsigned char* selected_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  const auto* own = static_cast<const std::string*>(SSL_get_ex_data(connection, protocol_index()));
  if (!own) return SSL_TLSEXT_ERR_NOACK;
  // Selects out of the first list, which lives as long as the connection; `selected` is not const only by history.
  unsigned char* found = nullptr;
  const int outcome = SSL_select_next_proto(&found, selected_size, bytes_of(*own), static_cast<unsigned>(own->size()),
                                            offered, offered_size);
  if (outcome != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *selected = found;
  return SSL_TLSEXT_ERR_OK;
}

/// Hangs on the SSL_CTX, which outlives its snapshot while connections use it.
struct Rules {
  AllowList allowed;
  std::unique_ptr<KeyLog> key_log;
};

void free_rules(void*, void* rules, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<Rules*>(rules); }

int rules_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, &free_rules);
  return index;
}

const Rules& rules_of(const SSL* connection) {
  return *static_cast<const Rules*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), rules_index()));
}

int verify(X509_STORE_CTX* verification, void*) {
  if (X509_verify_cert(verification) != 1) return 0;
  const auto* connection =
      static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  if (rules_of(connection).allowed.allows(X509_STORE_CTX_get0_cert(verification))) return 1;
  X509_STORE_CTX_set_error(verification, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

void log_key(const SSL* connection, const char* line) { rules_of(connection).key_log->write(line); }

int refuse_passphrase(char*, int, int, void*) { return -1; }

std::string day_of(const ASN1_TIME* time) {
  const openssl::Bio text(BIO_new(BIO_s_mem()));
  char* start = nullptr;
  if (!text || ASN1_TIME_print(text.get(), time) != 1) return "an unreadable date";
  const long size = BIO_get_mem_data(text.get(), &start);
  return {start, static_cast<std::size_t>(size)};
}

}  // namespace

void set_policy(SSL_CTX* context, TlsVersion minimum) {
  SSL_CTX_set_min_proto_version(context, minimum == TlsVersion::tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
  SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");  // of TLS 1.2; all of 1.3 are AEAD
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
  // A resumed session is not verified again, so it would outlive a reload; and connections here are kept, not reopened.
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);  // an idle connection holds no record buffers
}

void ask_for_protocol(SSL_CTX* context) { SSL_CTX_set_alpn_select_cb(context, &select_protocol, nullptr); }

void take_protocol(SSL* connection, std::string_view name) {
  auto list = std::make_unique<std::string>(protocol_list(name));
  if (SSL_set_ex_data(connection, protocol_index(), list.get()) != 1) throw std::bad_alloc();
  list.release();
}

void offer_protocol(SSL* connection, std::string_view name) {
  const std::string list = protocol_list(name);
  if (SSL_set_alpn_protos(connection, bytes_of(list), static_cast<unsigned>(list.size())) != 0) throw std::bad_alloc();
}

Result<void> use_certificate(SSL_CTX* context, const std::filesystem::path& certificate,
                             const std::filesystem::path& key) {
  ERR_clear_error();
  const std::string certificate_name = naming("certificate", certificate), key_name = naming("key", key);
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    return invalid_configuration(certificate_name + ": " + openssl::reason());
  }
  const X509* own = SSL_CTX_get0_certificate(context);
  if (X509_cmp_current_time(X509_get0_notAfter(own)) <= 0) {
    return invalid_configuration(certificate_name + ": expired on " + day_of(X509_get0_notAfter(own)));
  }
  if (X509_cmp_current_time(X509_get0_notBefore(own)) > 0) {
    return invalid_configuration(certificate_name + ": not valid before " + day_of(X509_get0_notBefore(own)));
  }

  const Result<SecretString> text = read_secret_file("key", key);
  if (!text) return text.error();
  const std::string& pem = text->reveal();
  const openssl::Bio source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!source) throw std::bad_alloc();
  const openssl::Key parsed(PEM_read_bio_PrivateKey(source.get(), nullptr, &refuse_passphrase, nullptr));
  if (!parsed) {
    const bool encrypted = pem.find("ENCRYPTED") != pem.npos;
    return invalid_configuration(key_name + ": " + (encrypted ? "is encrypted; decrypt it" : openssl::reason()));
  }
  if (SSL_CTX_use_PrivateKey(context, parsed.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return invalid_configuration(key_name + ": does not belong to " + certificate_name + ": " + openssl::reason());
  }
  return {};
}

Result<void> trust(SSL_CTX* context, std::string_view option, const std::filesystem::path& file) {
  ERR_clear_error();
  if (SSL_CTX_load_verify_file(context, file.c_str()) != 1) {
    return invalid_configuration(naming(option, file) + ": " + openssl::reason());
  }
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  return {};
}

Result<void> use_rules(SSL_CTX* context, const std::vector<std::string>& allowed_peers,
                       const std::filesystem::path& key_log) {
  auto rules = std::make_unique<Rules>();
  Result<AllowList> allowed = AllowList::create(allowed_peers);
  if (!allowed) return allowed.error();
  rules->allowed = std::move(*allowed);
  if (!key_log.empty()) {
    Result<std::unique_ptr<KeyLog>> log = KeyLog::open(key_log);
    if (!log) return log.error();
    rules->key_log = std::move(*log);
    SSL_CTX_set_keylog_callback(context, &log_key);
  }
  if (SSL_CTX_set_ex_data(context, rules_index(), rules.get()) != 1) throw std::bad_alloc();
  rules.release();
  SSL_CTX_set_cert_verify_callback(context, &verify, nullptr);
  return {};
}

}  // namespace ft
