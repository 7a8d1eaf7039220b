// SPDX-License-Identifier: Apache-2.0
//
// Certificates for tests: a CA and what it issues, as PEM files in a folder. Keys are P-256, made anew in each run.
//
//   const test::TemporaryFolder folder;
//   const test::CertificateAuthority ca(folder.path(), "ca");
//   const test::Certificate server = ca.issue("server", {.names = {"DNS:localhost", "IP:127.0.0.1"}});
//   config.certificate = server.certificate;
//   config.key = server.key;
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace ft::test {

struct Certificate {
  std::filesystem::path certificate;
  std::filesystem::path key;  // mode 600
};

struct Subject {
  std::string common_name = "test";
  std::vector<std::string> names = {};  // SANs as OpenSSL writes them: DNS:host, IP:address, URI:uri
  std::chrono::seconds valid_from = -std::chrono::hours(1);  // from now
  std::chrono::seconds valid_until = std::chrono::hours(1);
};

class CertificateAuthority {
 public:
  /// Writes `name`.crt into `folder`.
  CertificateAuthority(const std::filesystem::path& folder, const std::string& name);
  CertificateAuthority(const CertificateAuthority&) = delete;
  CertificateAuthority& operator=(const CertificateAuthority&) = delete;
  ~CertificateAuthority();

  const std::filesystem::path& certificate() const noexcept;

  /// Writes `name`.crt and `name`.key beside the CA's, over older ones. Ends the test program if it cannot.
  Certificate issue(const std::string& name, const Subject& subject) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ft::test
