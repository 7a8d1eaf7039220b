// SPDX-License-Identifier: Apache-2.0
#include "support/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace ft::test {
namespace {

using KeyPointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using CertificatePointer = std::unique_ptr<X509, decltype(&X509_free)>;
using FilePointer = std::unique_ptr<BIO, decltype(&BIO_free)>;

void require(bool done) {
  if (!done) throw std::runtime_error("OpenSSL could not make a certificate");
}

KeyPointer make_key() {
  KeyPointer key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  require(key != nullptr);
  return key;
}

void extend(X509* certificate, X509* issuer, int extension, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* made = X509V3_EXT_conf_nid(nullptr, &context, extension, value.c_str());
  require(made && X509_add_ext(certificate, made, -1) == 1);
  X509_EXTENSION_free(made);
}

/// Not signed yet. Without an issuer it issues itself.
CertificatePointer make_certificate(EVP_PKEY* key, const Subject& subject, X509* issuer) {
  CertificatePointer made(X509_new(), &X509_free);
  require(made != nullptr);
  X509* const certificate = made.get();
  std::uint64_t serial = 0;
  require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1);
  require(X509_set_version(certificate, X509_VERSION_3) == 1 && X509_set_pubkey(certificate, key) == 1 &&
          ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1 &&
          X509_gmtime_adj(X509_getm_notBefore(certificate), subject.valid_from.count()) &&
          X509_gmtime_adj(X509_getm_notAfter(certificate), subject.valid_until.count()));
  X509_NAME* name = X509_get_subject_name(certificate);
  require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(subject.common_name.c_str()), -1, -1,
                                     0) == 1);
  require(X509_set_issuer_name(certificate, issuer ? X509_get_subject_name(issuer) : name) == 1);
  std::string names;
  for (const std::string& alternative : subject.names) names += (names.empty() ? "" : ",") + alternative;
  if (!names.empty()) extend(certificate, issuer ? issuer : certificate, NID_subject_alt_name, names);
  return made;
}

FilePointer create(const std::filesystem::path& file) {
  std::filesystem::remove(file);
  FilePointer out(BIO_new_file(file.c_str(), "w"), &BIO_free);
  require(out != nullptr);
  return out;
}

void write(const std::filesystem::path& file, X509* certificate) {
  require(PEM_write_bio_X509(create(file).get(), certificate) == 1);
}

}  // namespace

struct CertificateAuthority::Impl {
  std::filesystem::path folder, file;
  KeyPointer key{make_key()};
  CertificatePointer certificate{nullptr, &X509_free};
};

CertificateAuthority::CertificateAuthority(const std::filesystem::path& folder, const std::string& name)
    : impl_(std::make_unique<Impl>()) {
  impl_->folder = folder;
  impl_->file = folder / (name + ".crt");
  Subject subject;
  subject.common_name = name;
  impl_->certificate = make_certificate(impl_->key.get(), subject, nullptr);
  X509* const certificate = impl_->certificate.get();
  extend(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  extend(certificate, certificate, NID_key_usage, "critical,keyCertSign");
  require(X509_sign(certificate, impl_->key.get(), EVP_sha256()) > 0);
  write(impl_->file, certificate);
}

CertificateAuthority::~CertificateAuthority() = default;

const std::filesystem::path& CertificateAuthority::certificate() const noexcept { return impl_->file; }

Certificate CertificateAuthority::issue(const std::string& name, const Subject& subject) const {
  const KeyPointer key = make_key();
  const CertificatePointer certificate = make_certificate(key.get(), subject, impl_->certificate.get());
  require(X509_sign(certificate.get(), impl_->key.get(), EVP_sha256()) > 0);
  const Certificate files{impl_->folder / (name + ".crt"), impl_->folder / (name + ".key")};
  write(files.certificate, certificate.get());
  {
    const FilePointer out = create(files.key);
    require(PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  }
  std::filesystem::permissions(files.key, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  return files;
}

}  // namespace ft::test
