// SPDX-License-Identifier: Apache-2.0
#include "security/peer_names.hpp"

#include <arpa/inet.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "ft/tls.hpp"
#include "security/secret_file.hpp"

namespace ft {
namespace {

constexpr std::size_t kMaxHostBytes = 253;
constexpr std::size_t kMaxNameBytes = 2048;
constexpr std::size_t kMaxListed = 64;

bool is_printable(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte != 0x7F;
  });
}

bool is_uri(std::string_view name) noexcept { return name.find("://") != name.npos; }

/// As it is compared: what a certificate says in binary is never cut at a zero byte.
std::string_view bytes_of(const ASN1_STRING* text) noexcept {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::optional<std::string> listed(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes || !is_printable(name)) return std::nullopt;
  return std::string(name);
}

openssl::Names alternative_names(const X509* certificate) {
  return openssl::Names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
}

bool has_uri(const GENERAL_NAMES* names, std::string_view uri) noexcept {
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type == GEN_URI && bytes_of(name->d.uniformResourceIdentifier) == uri) return true;
  }
  return false;
}

std::string address_text(std::string_view bytes) {
  if (bytes.size() != 4 && bytes.size() != 16) return {};
  const int family = bytes.size() == 4 ? AF_INET : AF_INET6;
  std::array<char, INET6_ADDRSTRLEN> text{};
  return ::inet_ntop(family, bytes.data(), text.data(), text.size()) ? text.data() : "";
}

std::optional<std::string> listed(const GENERAL_NAME& name) {
  switch (name.type) {
    case GEN_DNS:
      return listed(bytes_of(name.d.dNSName));
    case GEN_URI:
      return listed(bytes_of(name.d.uniformResourceIdentifier));
    case GEN_IPADD:
      return listed(address_text(bytes_of(name.d.iPAddress)));
    default:
      return std::nullopt;
  }
}

std::string common_name(const X509* certificate) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  const int place = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (place < 0) return {};
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, place)));
  if (size < 0) return {};
  std::optional<std::string> name =
      listed(std::string_view(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size)));
  OPENSSL_free(utf8);
  return name ? *std::move(name) : std::string();
}

}  // namespace

bool is_host_name(const std::string& name) {
  if (openssl::parse_address(name)) return true;
  // OpenSSL takes a leading dot for "any name below", which nobody is to allow by accident.
  return !name.empty() && name.size() <= kMaxHostBytes && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' ||
                  c == '_';
         });
}

Result<AllowList> AllowList::create(const std::vector<std::string>& names) {
  if (names.size() > kMaxAllowedPeers) {
    return invalid_configuration("allowed_peers: more than " + std::to_string(kMaxAllowedPeers) + " names");
  }
  AllowList list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& name = names[i];
    if (is_uri(name) && listed(name)) {
      list.uris_.push_back(name);
    } else if (openssl::parse_address(name)) {
      list.addresses_.push_back(name);
    } else if (is_host_name(name.starts_with("*.") ? name.substr(2) : name)) {
      list.hosts_.push_back(name);
    } else {
      return invalid_configuration("allowed_peers: name " + std::to_string(i + 1) +
                                   " is neither a DNS name nor an IP address nor a URI");
    }
  }
  return list;
}

bool AllowList::allows(X509* certificate) const {
  if (hosts_.empty() && addresses_.empty() && uris_.empty()) return true;
  const openssl::Names names = alternative_names(certificate);
  if (!names) return false;
  constexpr unsigned flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_WILDCARDS;
  const auto has = [&](const std::string& host) {
    return X509_check_host(certificate, host.data(), host.size(), flags, nullptr) == 1;
  };
  const auto at = [&](const std::string& address) { return X509_check_ip_asc(certificate, address.c_str(), 0) == 1; };
  const auto is = [&](const std::string& uri) { return has_uri(names.get(), uri); };
  return std::any_of(hosts_.begin(), hosts_.end(), has) || std::any_of(addresses_.begin(), addresses_.end(), at) ||
         std::any_of(uris_.begin(), uris_.end(), is);
}

CertificateNames::CertificateNames() = default;

CertificateNames peer_names(const SSL* connection) {
  CertificateNames found;
  const X509* certificate = SSL_get0_peer_certificate(connection);
  if (!certificate || SSL_get_verify_result(connection) != X509_V_OK) return found;
  found.common_name = common_name(certificate);
  const openssl::Names names = alternative_names(certificate);
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()) && found.alternative.size() < kMaxListed; ++i) {
    std::optional<std::string> name = listed(*sk_GENERAL_NAME_value(names.get(), i));
    if (name) found.alternative.push_back(*std::move(name));
  }
  return found;
}

}  // namespace ft
