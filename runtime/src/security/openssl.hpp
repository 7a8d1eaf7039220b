// SPDX-License-Identifier: Apache-2.0
//
// OpenSSL's objects as unique pointers, and its error queue as a text.
#pragma once

#include <memory>
#include <string>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace ft::openssl {

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const noexcept {
    free(object);
  }
};

using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;
using Address = std::unique_ptr<ASN1_OCTET_STRING, Free<ASN1_OCTET_STRING_free>>;

/// Why the last call failed: the oldest entry of this thread's queue, which is emptied. Static texts of OpenSSL and of
/// the system; never input.
std::string reason();

/// `name` as an IP address; empty if it is none.
Address parse_address(const std::string& name);

}  // namespace ft::openssl
