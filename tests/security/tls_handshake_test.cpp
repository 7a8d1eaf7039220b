// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "ft/tls.hpp"
#include "security/handshake.hpp"
#include "support/certificates.hpp"
#include "support/temporary_folder.hpp"

namespace ft {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A cluster: a CA, a server of it, and clients of it on demand.
class Tls : public ::testing::Test {
 protected:
  test::TemporaryFolder folder_;
  test::CertificateAuthority ca_{folder_.path(), "ca"};
  test::CertificateAuthority stranger_{folder_.path(), "stranger"};

  test::Subject subject(std::vector<std::string> names) const {
    test::Subject made;
    made.common_name = "worker";
    made.names = std::move(names);
    return made;
  }
  TlsServerConfig server_with(const test::Certificate& own) const {
    TlsServerConfig config;
    config.certificate = own.certificate;
    config.key = own.key;
    return config;
  }
  TlsServerConfig server() const {
    return server_with(ca_.issue(
        "server", subject({"DNS:worker-7.example", "IP:127.0.0.1", "IP:::1", "URI:spiffe://cluster/worker-7"})));
  }
  TlsServerConfig mutual_server() const {
    TlsServerConfig config = server();
    config.client_ca = ca_.certificate();
    return config;
  }
  TlsClientConfig client() const {
    TlsClientConfig config;
    config.ca = ca_.certificate();
    return config;
  }
  TlsClientConfig client_with(const test::Certificate& own) const {
    TlsClientConfig config = client();
    config.certificate = own.certificate;
    config.key = own.key;
    return config;
  }

  static test::Handshake meet(const TlsServerConfig& server, const TlsClientConfig& client,
                              const std::string& host = "worker-7.example") {
    const auto accepting = TlsServerCredentials::load(server).value();
    const auto dialling = TlsClientCredentials::load(client).value();
    return test::shake_hands(accepting->snapshot(), dialling->snapshot(), client, host);
  }
};

TEST_F(Tls, SpeaksTls13AndItsProtocol) {
  const test::Handshake met = meet(server(), client());
  EXPECT_TRUE(met.done) << met.client.error << met.server.error;
  EXPECT_EQ(met.version, "TLSv1.3");
  EXPECT_EQ(met.protocol, test::kProtocol);
  EXPECT_EQ(met.server_name, "worker-7.example");
  EXPECT_EQ(met.client.peer.common_name, "worker");
  EXPECT_THAT(met.client.peer.alternative,
              ElementsAre("worker-7.example", "127.0.0.1", "::1", "spiffe://cluster/worker-7"));
  EXPECT_THAT(met.server.peer.alternative, IsEmpty()) << "the client presented no certificate";
}

TEST_F(Tls, WritesNoSessionTickets) { EXPECT_EQ(meet(server(), client()).unsolicited, 0U); }

TEST_F(Tls, FullVerificationComparesTheHost) {
  for (const char* host : {"worker-7.example", "WORKER-7.example", "worker-7.example.", "127.0.0.1", "::1", "::1%lo"}) {
    EXPECT_TRUE(meet(server(), client(), host).done) << host;
  }
  for (const char* host : {"worker-8.example", "example", "127.0.0.2", "::2", "worker"}) {
    const test::Handshake met = meet(server(), client(), host);
    EXPECT_FALSE(met.done) << host;
    EXPECT_EQ(met.client.error, "certificate verify failed") << host;
    EXPECT_THAT(met.client.problem, HasSubstr("mismatch")) << host;
  }
}

TEST_F(Tls, FullVerificationFailsIfTheHostWasForgotten) {
  const auto accepting = TlsServerCredentials::load(server()).value();
  const auto dialling = TlsClientCredentials::load(client()).value();
  TlsClientConfig other = client();
  other.verify = TlsVerify::ca;  // so that the connection is prepared without the host
  const test::Handshake met = test::shake_hands(accepting->snapshot(), dialling->snapshot(), other, "worker-7.example");
  EXPECT_FALSE(met.done);
  EXPECT_THAT(met.client.problem, HasSubstr("mismatch"));
}

TEST_F(Tls, TheCommonNameIsNobodysHost) {
  test::Subject old_fashioned;
  old_fashioned.common_name = "worker-7.example";
  EXPECT_FALSE(meet(server_with(ca_.issue("old", old_fashioned)), client()).done);
}

TEST_F(Tls, WildcardsStandForOneWholeLabel) {
  const TlsServerConfig wild =
      server_with(ca_.issue("wild", subject({"DNS:*.nodes.example", "DNS:part*.example.org"})));
  EXPECT_TRUE(meet(wild, client(), "worker-7.nodes.example").done);
  EXPECT_FALSE(meet(wild, client(), "a.b.nodes.example").done);
  EXPECT_FALSE(meet(wild, client(), "party.example.org").done);
}

TEST_F(Tls, TheServerNameReplacesTheDialledHost) {
  TlsClientConfig config = client();
  config.server_name = "worker-7.example";
  const test::Handshake met = meet(server(), config, "10.0.0.7");
  EXPECT_TRUE(met.done);
  EXPECT_EQ(met.server_name, "worker-7.example");
  config.server_name = "worker-8.example";
  EXPECT_FALSE(meet(server(), config, "worker-7.example").done);
}

TEST_F(Tls, AnAddressIsNotSentAsName) {
  EXPECT_EQ(meet(server(), client(), "127.0.0.1").server_name, "");
  EXPECT_EQ(meet(server(), client(), "::1").server_name, "");
}

TEST_F(Tls, AStrangersCertificateIsRefusedUnlessNothingIsVerified) {
  const TlsServerConfig strange = server_with(stranger_.issue("strange", subject({"DNS:worker-7.example"})));
  for (const TlsVerify level : {TlsVerify::full, TlsVerify::ca}) {
    TlsClientConfig config = client();
    config.verify = level;
    const test::Handshake met = meet(strange, config);
    EXPECT_FALSE(met.done);
    EXPECT_THAT(met.client.problem, HasSubstr("local issuer"));
    EXPECT_THAT(met.client.peer.common_name, IsEmpty()) << "a name that was not verified is no name";
  }
  TlsClientConfig config = client();
  config.verify = TlsVerify::none;
  const test::Handshake met = meet(strange, config);
  EXPECT_TRUE(met.done);
  EXPECT_THAT(met.client.problem, IsEmpty());
  EXPECT_THAT(met.client.peer.common_name, IsEmpty());
}

TEST_F(Tls, VerifyCaTakesAnyHost) {
  TlsClientConfig config = client();
  config.verify = TlsVerify::ca;
  EXPECT_TRUE(meet(server(), config, "anything.example").done);
}

TEST_F(Tls, TheSystemsCertificatesDoNotCoverATestsCa) { EXPECT_FALSE(meet(server(), TlsClientConfig()).done); }

TEST_F(Tls, AnythingInTheCaFileIsTrusted) {
  const test::Certificate own = stranger_.issue("strange", subject({"DNS:worker-7.example"}));
  TlsClientConfig config = client();
  config.ca = own.certificate;
  EXPECT_TRUE(meet(server_with(own), config).done) << "a certificate that is no root";
}

TEST_F(Tls, MutualTlsNamesTheClient) {
  const test::Handshake met = meet(mutual_server(), client_with(ca_.issue("client", subject({"DNS:coordinator"}))));
  EXPECT_TRUE(met.done) << met.client.error << met.server.error;
  EXPECT_EQ(met.server.peer.common_name, "worker");
  EXPECT_THAT(met.server.peer.alternative, ElementsAre("coordinator"));
}

TEST_F(Tls, MutualTlsRefusesClientsWithoutCertificateOrOfAnotherCa) {
  const test::Handshake without = meet(mutual_server(), client());
  EXPECT_FALSE(without.done);
  EXPECT_EQ(without.server.error, "peer did not return a certificate");
  EXPECT_THAT(without.client.error, HasSubstr("certificate required")) << "the client learns why";

  const test::Handshake strange = meet(mutual_server(), client_with(stranger_.issue("client", subject({"DNS:c"}))));
  EXPECT_FALSE(strange.done);
  EXPECT_THAT(strange.server.problem, HasSubstr("local issuer"));
  EXPECT_THAT(strange.server.peer.alternative, IsEmpty());
}

TEST_F(Tls, AServerWithoutClientCaDoesNotAskForCertificates) {
  const test::Handshake met = meet(server(), client_with(stranger_.issue("client", subject({"DNS:c"}))));
  EXPECT_TRUE(met.done);
  EXPECT_THAT(met.server.peer.alternative, IsEmpty());
}

TEST_F(Tls, TheServersAllowListNamesItsClients) {
  const test::Certificate own =
      ca_.issue("client", subject({"DNS:Coordinator.example", "IP:10.0.0.1", "IP:fd00::1", "URI:spiffe://cluster/c"}));
  const auto allowed = [&](std::vector<std::string> names) {
    TlsServerConfig config = mutual_server();
    config.allowed_peers = std::move(names);
    return meet(config, client_with(own));
  };
  for (const char* name : {"coordinator.example", "10.0.0.1", "fd00:0:0::1", "spiffe://cluster/c"}) {
    EXPECT_TRUE(allowed({"somebody.else", name}).done) << name;
  }
  for (const char* name :
       {"other.example", "example", "10.0.0.2", "spiffe://cluster/d", "spiffe://cluster/c/", "worker", "*.example"}) {
    const test::Handshake met = allowed({name});
    EXPECT_FALSE(met.done) << name;
    EXPECT_THAT(met.server.problem, HasSubstr("allowed_peers")) << name;
    EXPECT_THAT(met.server.peer.alternative, IsEmpty()) << name;
  }
}

TEST_F(Tls, AnAllowListDoesNotReplaceTheCa) {
  TlsServerConfig config = mutual_server();
  config.allowed_peers = {"coordinator"};
  EXPECT_FALSE(meet(config, client_with(stranger_.issue("client", subject({"DNS:coordinator"})))).done);
}

TEST_F(Tls, AnAllowListTakesWildcardsLiterally) {
  TlsServerConfig config = mutual_server();
  const TlsClientConfig wild = client_with(ca_.issue("client", subject({"DNS:*.example"})));
  config.allowed_peers = {"a.example"};
  EXPECT_FALSE(meet(config, wild).done);
  config.allowed_peers = {"*.example"};
  EXPECT_TRUE(meet(config, wild).done);
}

TEST_F(Tls, TheClientsAllowListNamesItsServers) {
  TlsClientConfig config = client();
  config.verify = TlsVerify::ca;
  config.allowed_peers = {"spiffe://cluster/worker-7"};
  EXPECT_TRUE(meet(server(), config, "10.0.0.7").done);
  config.allowed_peers = {"spiffe://cluster/worker-8"};
  EXPECT_FALSE(meet(server(), config, "10.0.0.7").done);
  config.verify = TlsVerify::full;
  EXPECT_FALSE(meet(server(), config).done);
}

TEST_F(Tls, AnExpiredPeerIsRefused) {
  // No expired certificate can be loaded, so the client lives two hours later.
  const auto accepting = TlsServerCredentials::load(server()).value();
  const TlsClientConfig config = client();
  const auto dialling = TlsClientCredentials::load(config).value();
  const test::Handshake met =
      test::shake_hands(accepting->snapshot(), dialling->snapshot(), config, "worker-7.example", [](SSL* connection) {
        X509_VERIFY_PARAM_set_time(SSL_get0_param(connection), std::time(nullptr) + 2 * 60 * 60);
      });
  EXPECT_FALSE(met.done);
  EXPECT_THAT(met.client.problem, HasSubstr("expired"));
}

TEST_F(Tls, RefusesTls12ByDefault) {
  const auto accepting = TlsServerCredentials::load(server()).value();
  TlsClientConfig config = client();
  config.min_version = TlsVersion::tls12;
  const auto dialling = TlsClientCredentials::load(config).value();
  const test::Handshake met =
      test::shake_hands(accepting->snapshot(), dialling->snapshot(), config, "worker-7.example",
                        [](SSL* connection) { SSL_set_max_proto_version(connection, TLS1_2_VERSION); });
  EXPECT_FALSE(met.done);
  EXPECT_EQ(met.server.error, "unsupported protocol");
}

class Tls12 : public Tls {
 protected:
  test::Handshake meet_with(const std::string& ciphers) {
    TlsServerConfig config = server();
    config.min_version = TlsVersion::tls12;
    TlsClientConfig dialler = client();
    dialler.min_version = TlsVersion::tls12;
    const auto accepting = TlsServerCredentials::load(config).value();
    const auto dialling = TlsClientCredentials::load(dialler).value();
    return test::shake_hands(accepting->snapshot(), dialling->snapshot(), dialler, "worker-7.example",
                             [&](SSL* connection) {
                               SSL_set_max_proto_version(connection, TLS1_2_VERSION);
                               if (!ciphers.empty()) {
                                 EXPECT_EQ(SSL_set_cipher_list(connection, ciphers.c_str()), 1);
                               }
                             });
  }
};

TEST_F(Tls12, ByOptionWithAeadAndForwardSecrecy) {
  const test::Handshake met = meet_with("");
  EXPECT_TRUE(met.done) << met.client.error << met.server.error;
  EXPECT_EQ(met.version, "TLSv1.2");
  EXPECT_THAT(met.cipher, ::testing::MatchesRegex("ECDHE-ECDSA-(AES(128|256)-GCM-SHA(256|384)|CHACHA20-POLY1305)"));
  EXPECT_EQ(met.protocol, test::kProtocol);
  EXPECT_EQ(met.unsolicited, 0U);
}

TEST_F(Tls12, NeverWithoutAead) {
  const test::Handshake met = meet_with("ECDHE-ECDSA-AES256-SHA384:ECDHE-ECDSA-AES128-SHA");
  EXPECT_FALSE(met.done);
  EXPECT_EQ(met.server.error, "no shared cipher");
}

TEST_F(Tls, ProtocolNamesAreNotRequired) {
  const TlsServerConfig accepting_config = server();
  const auto accepting = TlsServerCredentials::load(accepting_config).value();
  const TlsClientConfig config = client();
  const auto dialling = TlsClientCredentials::load(config).value();
  const auto with_protocols = [&](const std::string& list) {
    return test::shake_hands(accepting->snapshot(), dialling->snapshot(), config, "worker-7.example",
                             [&](SSL* connection) {
                               SSL_set_alpn_protos(connection, reinterpret_cast<const unsigned char*>(list.data()),
                                                   static_cast<unsigned>(list.size()));
                             });
  };
  const test::Handshake silent = with_protocols("");
  EXPECT_TRUE(silent.done);
  EXPECT_EQ(silent.protocol, "");
  const test::Handshake other = with_protocols("\x02h2");
  EXPECT_TRUE(other.done);
  EXPECT_EQ(other.protocol, "");
  const test::Handshake both = with_protocols("\x02h2\x0f" + std::string(test::kProtocol));
  EXPECT_TRUE(both.done);
  EXPECT_EQ(both.protocol, test::kProtocol);
}

TEST_F(Tls, RefusesRenegotiationCompressionAndResumption) {
  const auto accepting = TlsServerCredentials::load(server()).value();
  const auto dialling = TlsClientCredentials::load(client()).value();
  for (const TlsSnapshot& snapshot : {accepting->snapshot(), dialling->snapshot()}) {
    SSL_CTX* context = snapshot.context->native_handle();
    EXPECT_TRUE(SSL_CTX_get_options(context) & SSL_OP_NO_RENEGOTIATION);
    EXPECT_TRUE(SSL_CTX_get_options(context) & SSL_OP_NO_COMPRESSION);
    EXPECT_TRUE(SSL_CTX_get_options(context) & SSL_OP_NO_TICKET);
    EXPECT_TRUE(SSL_CTX_get_mode(context) & SSL_MODE_RELEASE_BUFFERS);
    EXPECT_EQ(SSL_CTX_get_session_cache_mode(context), SSL_SESS_CACHE_OFF);
  }
}

TEST_F(Tls, AHostThatIsNoneIsRefused) {
  const TlsClientConfig config = client();
  const auto dialling = TlsClientCredentials::load(config).value();
  SSL* connection = SSL_new(dialling->snapshot().context->native_handle());
  for (const std::string& host : {std::string(), std::string("."), std::string(".example"), std::string("a b"),
                                  std::string("a\0b", 3), std::string(300, 'x')}) {
    const Result<void> prepared = prepare_client(connection, config, host, "");
    ASSERT_FALSE(prepared) << host;
    EXPECT_EQ(prepared.error().code, errc::invalid_configuration);
  }
  SSL_free(connection);
}

}  // namespace
}  // namespace ft
