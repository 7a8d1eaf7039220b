// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <string>

#include "ft/tls.hpp"
#include "security/handshake.hpp"
#include "support/certificates.hpp"
#include "support/temporary_folder.hpp"

namespace ft {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class TlsConfig : public ::testing::Test {
 protected:
  test::TemporaryFolder folder_;
  test::CertificateAuthority ca_{folder_.path(), "ca"};
  test::Certificate own_ = issue("own");

  test::Certificate issue(const std::string& name) const {
    test::Subject subject;
    subject.names = {"DNS:localhost"};
    return ca_.issue(name, subject);
  }
  TlsServerConfig server() const {
    TlsServerConfig config;
    config.certificate = own_.certificate;
    config.key = own_.key;
    return config;
  }
  TlsClientConfig client() const {
    TlsClientConfig config;
    config.ca = ca_.certificate();
    return config;
  }

  template <class Config>
  static std::string refused(const Config& config) {
    const auto loaded = TlsCredentials<Config>::load(config);
    if (loaded) {
      ADD_FAILURE() << "was taken";
      return {};
    }
    EXPECT_EQ(loaded.error().code, errc::invalid_configuration);
    return loaded.error().message();
  }
};

TEST_F(TlsConfig, AServerNeedsACertificateAndItsKey) {
  EXPECT_THAT(refused(TlsServerConfig()), HasSubstr("certificate: a TLS server needs one"));
  TlsServerConfig config = server();
  config.key.clear();
  EXPECT_THAT(refused(config), HasSubstr("key: the certificate needs its key"));
}

TEST_F(TlsConfig, HalfMutualIsAnError) {
  TlsClientConfig config = client();
  config.certificate = own_.certificate;
  EXPECT_THAT(refused(config), HasSubstr("key: the certificate needs its key"));
  config.certificate.clear();
  config.key = own_.key;
  EXPECT_THAT(refused(config), HasSubstr("certificate: the key needs its certificate"));

  TlsServerConfig listing = server();
  listing.allowed_peers = {"coordinator"};
  EXPECT_THAT(refused(listing), HasSubstr("allowed_peers: needs client_ca"));
}

TEST_F(TlsConfig, VerificationThatVerifiesNothingIsAnError) {
  TlsClientConfig config = client();
  config.verify = TlsVerify::none;
  config.allowed_peers = {"worker"};
  EXPECT_THAT(refused(config), HasSubstr("allowed_peers: needs verify"));
  TlsClientConfig anybody;
  anybody.verify = TlsVerify::ca;
  EXPECT_THAT(refused(anybody), HasSubstr("ca: needed by verify ca"));
}

TEST_F(TlsConfig, MissingFilesAreNamedWithTheirOption) {
  const std::filesystem::path absent = folder_.path() / "absent.pem";
  TlsServerConfig config = server();
  config.certificate = absent;
  EXPECT_THAT(refused(config), HasSubstr("certificate " + absent.string() + ": No such file"));
  config = server();
  config.key = absent;
  EXPECT_THAT(refused(config), HasSubstr("key " + absent.string() + ": No such file"));
  config = server();
  config.client_ca = absent;
  EXPECT_THAT(refused(config), HasSubstr("client_ca " + absent.string() + ": No such file"));
  TlsClientConfig dialler = client();
  dialler.ca = absent;
  EXPECT_THAT(refused(dialler), HasSubstr("ca " + absent.string() + ": No such file"));
}

TEST_F(TlsConfig, FilesThatHoldSomethingElseAreNamed) {
  const std::filesystem::path text = folder_.write("text.pem", "not PEM at all\n");
  TlsServerConfig config = server();
  config.certificate = text;
  EXPECT_THAT(refused(config), HasSubstr("certificate " + text.string() + ": no start line"));
  config = server();
  config.key = text;
  EXPECT_THAT(refused(config), HasSubstr("key " + text.string() + ": "));
  config = server();
  config.client_ca = text;
  EXPECT_THAT(refused(config), HasSubstr("client_ca " + text.string() + ": "));
  config = server();
  config.certificate = folder_.path();
  EXPECT_THAT(refused(config), HasSubstr("certificate " + folder_.path().string() + ": "));
}

TEST_F(TlsConfig, TheKeyMustBelongToTheCertificate) {
  TlsServerConfig config = server();
  config.key = issue("other").key;
  EXPECT_THAT(refused(config), AllOf(HasSubstr("key " + config.key.string() + ": does not belong to certificate"),
                                     HasSubstr("key values mismatch")));
}

TEST_F(TlsConfig, AnEncryptedKeyIsRefusedWithoutAsking) {
  const std::string pem = content(own_.key);
  BIO* in = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
  BIO* out = BIO_new_file(own_.key.c_str(), "w");
  char passphrase[] = "passphrase";
  ASSERT_EQ(PEM_write_bio_PKCS8PrivateKey(out, key, EVP_aes_256_cbc(), passphrase, 10, nullptr, nullptr), 1);
  BIO_free(out);
  EVP_PKEY_free(key);
  BIO_free(in);
  EXPECT_THAT(refused(server()), HasSubstr("key " + own_.key.string() + ": is encrypted"));
}

TEST_F(TlsConfig, AKeyThatOthersCanReadIsRefused) {
  for (const unsigned mode : {0644U, 0620U, 0604U}) {
    ::chmod(own_.key.c_str(), mode);
    EXPECT_THAT(refused(server()), HasSubstr("chmod 600 " + own_.key.string())) << std::oct << mode;
  }
  ::chmod(own_.key.c_str(), 0400);
  EXPECT_TRUE(TlsServerCredentials::load(server()));
}

TEST_F(TlsConfig, TheOwnCertificateMustBeValidNow) {
  test::Subject subject;
  subject.valid_from = -std::chrono::hours(2);
  subject.valid_until = -std::chrono::hours(1);
  ca_.issue("own", subject);
  EXPECT_THAT(refused(server()), HasSubstr("certificate " + own_.certificate.string() + ": expired on "));
  subject.valid_from = std::chrono::hours(1);
  subject.valid_until = std::chrono::hours(2);
  ca_.issue("own", subject);
  EXPECT_THAT(refused(server()), HasSubstr("certificate " + own_.certificate.string() + ": not valid before "));
}

TEST_F(TlsConfig, AllowedPeersAreNames) {
  TlsServerConfig config = server();
  config.client_ca = ca_.certificate();
  config.allowed_peers = {"a.example", "*.example", "10.0.0.1", "fd00::1", "spiffe://cluster/a"};
  EXPECT_TRUE(TlsServerCredentials::load(config));
  for (const std::string& bad : {std::string(), std::string(".example"), std::string("a b"), std::string("a\nb"),
                                 std::string("spiffe://a\nb"), std::string("*"), std::string(300, 'x')}) {
    config.allowed_peers = {"good.example", bad};
    EXPECT_THAT(refused(config), HasSubstr("allowed_peers: name 2")) << bad;
  }
  config.allowed_peers.assign(kMaxAllowedPeers + 1, "a.example");
  EXPECT_THAT(refused(config), HasSubstr("more than 1024 names"));
}

TEST_F(TlsConfig, TheServerNameIsAName) {
  TlsClientConfig config = client();
  for (const char* bad : {".example", "a b", "."}) {
    config.server_name = bad;
    EXPECT_THAT(refused(config), HasSubstr("server_name")) << bad;
  }
}

TEST_F(TlsConfig, NoErrorQuotesTheKey) {
  std::string pem = content(own_.key);
  const std::string secret = pem.substr(pem.find('\n') + 1, 40);
  pem[pem.find('\n') + 3] = '!';
  folder_.write("own.key", pem);
  EXPECT_THAT(refused(server()), Not(HasSubstr(secret.substr(10))));
}

TEST_F(TlsConfig, AReloadBringsANewGeneration) {
  const auto credentials = TlsServerCredentials::load(server()).value();
  const auto dialling = TlsClientCredentials::load(client()).value();
  const TlsSnapshot before = credentials->snapshot();
  EXPECT_EQ(before.generation, 1U);
  test::Subject renewed;
  renewed.common_name = "renewed";
  renewed.names = {"DNS:localhost"};
  ca_.issue("own", renewed);
  ASSERT_TRUE(credentials->reload());
  const TlsSnapshot after = credentials->snapshot();
  EXPECT_EQ(after.generation, 2U);
  EXPECT_NE(before.context, after.context);
  const auto name = [&](const TlsSnapshot& server) {
    return test::shake_hands(server, dialling->snapshot(), client(), "localhost").client.peer.common_name;
  };
  EXPECT_EQ(name(before), "test") << "an old snapshot goes on working";
  EXPECT_EQ(name(after), "renewed");
}

TEST_F(TlsConfig, ABadReloadKeepsTheLastGoodOne) {
  const auto credentials = TlsServerCredentials::load(server()).value();
  const auto dialling = TlsClientCredentials::load(client()).value();
  const TlsSnapshot before = credentials->snapshot();
  const auto still_good = [&] {
    const TlsSnapshot now = credentials->snapshot();
    return now.generation == 1 && now.context == before.context &&
           test::shake_hands(now, dialling->snapshot(), client(), "localhost").done;
  };

  folder_.write("own.crt", "half a certificate");
  EXPECT_FALSE(credentials->reload());
  EXPECT_TRUE(still_good());
  issue("own");  // new pair; its key arrives first
  const std::string key = content(own_.key);
  issue("own");
  folder_.write("own.key", key);
  const Result<void> torn = credentials->reload();
  ASSERT_FALSE(torn);
  EXPECT_THAT(torn.error().message(), HasSubstr("does not belong"));
  EXPECT_TRUE(still_good());
  std::filesystem::remove(own_.key);
  EXPECT_FALSE(credentials->reload());
  EXPECT_TRUE(still_good());

  issue("own");
  EXPECT_TRUE(credentials->reload());
  EXPECT_EQ(credentials->snapshot().generation, 2U);
}

TEST_F(TlsConfig, ANewCaShutsOldClientsOut) {
  TlsServerConfig config = server();
  config.client_ca = folder_.write("clients.crt", content(ca_.certificate()));
  TlsClientConfig dialler = client();
  const test::Certificate badge = issue("client");
  dialler.certificate = badge.certificate;
  dialler.key = badge.key;
  const auto credentials = TlsServerCredentials::load(config).value();
  const auto dialling = TlsClientCredentials::load(dialler).value();
  const auto welcome = [&] {
    return test::shake_hands(credentials->snapshot(), dialling->snapshot(), dialler, "localhost").done;
  };
  EXPECT_TRUE(welcome());
  const test::CertificateAuthority next(folder_.path(), "next");
  folder_.write("clients.crt", content(next.certificate()));
  ASSERT_TRUE(credentials->reload());
  EXPECT_FALSE(welcome());
}

TEST_F(TlsConfig, ConnectionsOutliveTheirSnapshot) {
  auto credentials = TlsServerCredentials::load(server()).value();
  TlsClientConfig config = client();
  config.allowed_peers = {"localhost"};
  auto dialling = TlsClientCredentials::load(config).value();
  TlsSnapshot last = dialling->snapshot();
  const TlsSnapshot accepting = credentials->snapshot();
  dialling.reset();
  const test::Handshake met = test::shake_hands(accepting, last, config, "localhost",
                                                [&](SSL*) { last = TlsSnapshot(); });  // the handshake is still to come
  EXPECT_TRUE(met.done) << met.client.error;
}

TEST_F(TlsConfig, TheKeyLogIsWrittenWhereItIsAskedFor) {
  TlsServerConfig config = server();
  config.key_log = folder_.path() / "keys.log";
  const auto credentials = TlsServerCredentials::load(config).value();
  const auto dialling = TlsClientCredentials::load(client()).value();
  ASSERT_TRUE(test::shake_hands(credentials->snapshot(), dialling->snapshot(), client(), "localhost").done);
  EXPECT_THAT(content(config.key_log), AllOf(HasSubstr("CLIENT_TRAFFIC_SECRET_0 "), HasSubstr("EXPORTER_SECRET ")));
  struct stat status = {};
  ASSERT_EQ(::stat(config.key_log.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);

  config.key_log = folder_.path() / "absent" / "keys.log";
  EXPECT_THAT(refused(config), HasSubstr("key_log " + config.key_log.string() + ": No such file"));
}

TEST_F(TlsConfig, TheKeyLogIsNoFileThatSomebodyElseMayReadOrHasPutThere) {
  TlsServerConfig config = server();
  config.key_log = folder_.write("open.log", "", 0644);
  EXPECT_THAT(refused(config), HasSubstr("open to others"));
  config.key_log = folder_.path() / "link.log";
  std::filesystem::create_symlink(folder_.write("aim.log", "", 0600), config.key_log);
  EXPECT_THAT(refused(config), HasSubstr("key_log " + config.key_log.string()));
  config.key_log = folder_.path() / "pipe.log";
  ASSERT_EQ(::mkfifo(config.key_log.c_str(), 0600), 0);
  EXPECT_THAT(refused(config), HasSubstr("key_log " + config.key_log.string()));  // and does not wait for a reader
  config.key_log = "/dev/null";
  EXPECT_THAT(refused(config), HasSubstr("no regular file"));
}

}  // namespace
}  // namespace ft
