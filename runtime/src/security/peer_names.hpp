// SPDX-License-Identifier: Apache-2.0
//
// Names in certificates, and the allow-list that is held against them. See ft/tls.hpp for its rules.
#pragma once

#include <string>
#include <vector>

#include "ft/core/result.hpp"
#include "security/openssl.hpp"

namespace ft {

class AllowList {
 public:
  /// Errors: invalid_configuration: too many names, or one that no certificate can hold.
  static Result<AllowList> create(const std::vector<std::string>& names);

  AllowList() = default;

  /// Whether one of the certificate's SANs is listed; an empty list allows everybody.
  bool allows(X509* certificate) const;

 private:
  std::vector<std::string> hosts_, addresses_, uris_;
};

/// Whether a certificate could be issued for `name`, a DNS name or an IP address.
bool is_host_name(const std::string& name);

}  // namespace ft
