// SPDX-License-Identifier: Apache-2.0
#include "security/openssl.hpp"

#include <openssl/err.h>

#include <system_error>

namespace ft::openssl {

std::string reason() {
  const unsigned long code = ERR_peek_error();
  ERR_clear_error();
  if (code == 0) return "unknown reason";
  if (ERR_SYSTEM_ERROR(code)) return std::generic_category().message(ERR_GET_REASON(code));
  const char* text = ERR_reason_error_string(code);
  return text ? text : "OpenSSL error " + std::to_string(code);
}

Address parse_address(const std::string& name) {
  Address address(a2i_IPADDRESS(name.c_str()));
  ERR_clear_error();
  return address;
}

}  // namespace ft::openssl
