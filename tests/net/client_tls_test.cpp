// SPDX-License-Identifier: Apache-2.0
//
// FragmentClient and FragmentServer under TLS: who is believed, who is not, and what a reload changes.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>
#include <utility>

#include "net/raw_worker.hpp"
#include "net/server_harness.hpp"
#include "support/certificates.hpp"
#include "support/temporary_folder.hpp"

namespace ft {
namespace {

using test::failure_of;
using test::ServerHarness;
using test::tag_of;
using test::wait;

class ClientTls : public ::testing::Test {
 protected:
  ClientTls() {
    server_config_.certificate = certificate_.certificate;
    server_config_.key = certificate_.key;
    client_config_.ca = ca_.certificate();
  }

  void serve() {
    ServerOptions options = test::loopback_options();
    server_credentials_ = options.tls = TlsServerCredentials::load(server_config_).value();
    server_.emplace(std::move(options));
    options_.tls = TlsClientCredentials::load(client_config_).value();
    under_test_.emplace(options_);
  }

  /// To a client with a certificate for `name`; only `allowed` may come in.
  void serve_mutually(const std::string& name, const std::string& allowed) {
    const test::Certificate own = ca_.issue("client", {.names = {name}});
    server_config_.client_ca = ca_.certificate();
    server_config_.allowed_peers = {allowed};
    client_config_.certificate = own.certificate;
    client_config_.key = own.key;
    serve();
  }

  std::future<CallResult<Answer>> execute(std::string tag, const std::string& host = "127.0.0.1") {
    FragmentClient client(under_test_->pool, Endpoint(host, server_->endpoint().port));
    return client.execute(test::request_of(std::move(tag)), CallOptions(), asio::use_future);
  }
  ConnectionPool& pool() { return under_test_->pool; }

  void expect_refused(const std::string& host, const std::string& why) {
    auto answer = execute("SELECT", host);
    const Diagnostics failure = failure_of(answer);
    EXPECT_EQ(failure.code, errc::tls_failed) << failure.describe();
    EXPECT_EQ(failure.outcome, Outcome::not_executed);
    EXPECT_EQ(failure.attempts, 1u);
    EXPECT_NE(failure.message.find(why), std::string::npos) << failure.message;
    EXPECT_EQ(server_->executor().executions(), 0u);
    EXPECT_EQ(pool().stats().open, 0u);
  }

  const test::TemporaryFolder folder_;
  const test::CertificateAuthority ca_{folder_.path(), "ca"};
  const test::Certificate certificate_ = ca_.issue("server", {.names = {"DNS:localhost", "IP:127.0.0.1"}});
  TlsServerConfig server_config_;
  TlsClientConfig client_config_;
  PoolOptions options_ = test::quick_options();
  std::shared_ptr<TlsServerCredentials> server_credentials_;
  std::optional<ServerHarness> server_;
  std::optional<test::ClientUnderTest> under_test_;  // its own worker stays unused
};

TEST_F(ClientTls, CallsAServerThatItBelieves) {
  serve();
  for (int i = 0; i < 3; ++i) {
    auto answer = execute("SELECT");
    EXPECT_EQ(tag_of(answer), "SELECT");
  }
  auto by_name = execute("SELECT", "localhost");
  EXPECT_EQ(tag_of(by_name), "SELECT");
  EXPECT_EQ(pool().stats().opened, 2u);
  EXPECT_EQ(pool().stats().reused, 2u);
}

TEST_F(ClientTls, OffersTheProtocol) {
  serve();
  std::string offered;
  const auto note = [](SSL*, const unsigned char**, unsigned char*, const unsigned char* list, unsigned size,
                       void* to) {
    static_cast<std::string*>(to)->assign(reinterpret_cast<const char*>(list), size);
    return SSL_TLSEXT_ERR_NOACK;
  };
  SSL_CTX_set_alpn_select_cb(server_credentials_->snapshot().context->native_handle(), note, &offered);
  auto answer = execute("SELECT");
  EXPECT_EQ(tag_of(answer), "SELECT") << "a protocol is offered and need not be taken";
  EXPECT_EQ(offered, static_cast<char>(ALPN.size()) + std::string(ALPN));
}

TEST_F(ClientTls, MovesLargeMessagesBothWays) {
  serve();
  const std::string large(500'000, 'x');
  auto answer = execute(large);
  EXPECT_EQ(tag_of(answer), large);
}

TEST_F(ClientTls, RefusesAServerOfAnotherName) {
  server_config_.certificate = ca_.issue("other", {.names = {"DNS:elsewhere"}}).certificate;
  server_config_.key = folder_.path() / "other.key";
  serve();
  expect_refused("127.0.0.1", "IP address mismatch");
}

TEST_F(ClientTls, RefusesAServerOfAnotherAuthority) {
  const test::CertificateAuthority stranger(folder_.path(), "stranger");
  client_config_.ca = stranger.certificate();
  serve();
  expect_refused("127.0.0.1", "certificate");
}

TEST_F(ClientTls, ShowsItsCertificate) {
  serve_mutually("URI:spiffe://cluster/coordinator", "spiffe://cluster/coordinator");
  auto answer = execute("SELECT");
  EXPECT_EQ(tag_of(answer), "SELECT");
}

// Under TLS 1.3 a client learns only from its first read that the server wants a certificate.
TEST_F(ClientTls, SaysThatTheServerWantsACertificate) {
  server_config_.client_ca = ca_.certificate();
  serve();
  expect_refused("127.0.0.1", "certificate required");
}

TEST_F(ClientTls, SaysThatTheServerDoesNotAllowIt) {
  serve_mutually("DNS:coordinator-1", "coordinator-9");
  expect_refused("127.0.0.1", "the peer's verdict");
}

TEST_F(ClientTls, EndsIdleConnectionsWhenTheServerDrains) {
  serve();
  auto answer = execute("SELECT");
  EXPECT_EQ(tag_of(answer), "SELECT");
  auto drained = server_->drain();
  EXPECT_EQ(drained.wait_for(test::kPatience), std::future_status::ready);
  EXPECT_TRUE(test::becomes_true([&] { return pool().stats().open == 0; }));
}

TEST_F(ClientTls, UsesNoConnectionOfOlderCredentials) {
  serve();
  auto before = execute("SELECT");
  EXPECT_EQ(tag_of(before), "SELECT");
  ASSERT_TRUE(pool().reload());
  auto after = execute("SELECT");
  EXPECT_EQ(tag_of(after), "SELECT");
  EXPECT_EQ(pool().stats().opened, 2u);
  EXPECT_EQ(pool().stats().open, 1u);
}

TEST_F(ClientTls, SpeaksToNoServerWithoutTls) {
  serve();
  auto answer = under_test_->execute("SELECT");  // of the raw worker
  under_test_->worker.accept().send("no TLS at all, and long enough for a record header");
  const Diagnostics failure = failure_of(answer);
  EXPECT_EQ(failure.code, errc::tls_failed) << failure.describe();
  EXPECT_EQ(failure.outcome, Outcome::not_executed);
}

// As a full server does, and one that goes down: nothing says that the next attempt will end in the same way.
TEST_F(ClientTls, TriesAPeerAgainThatLeavesInTheHandshake) {
  for (const bool politely : {false, true}) {
    SCOPED_TRACE(politely ? "FIN" : "reset");
    serve();
    auto answer = under_test_->execute("SELECT");  // of the raw worker
    for (unsigned i = 0; i < 1 + options_.retry.max_retries; ++i) {
      test::RawConnection connection = under_test_->worker.accept();
      ASSERT_FALSE(connection.ended()) << "here is the beginning of a ClientHello";
      if (politely) connection.drop_input();  // what is left unread would make it a reset
    }
    const Diagnostics failure = failure_of(answer);
    EXPECT_EQ(failure.code, errc::connect_failed) << failure.describe();
    EXPECT_EQ(failure.outcome, Outcome::not_executed);
    EXPECT_EQ(failure.attempts, 1 + options_.retry.max_retries);
    EXPECT_NE(failure.message.find("TLS handshake"), std::string::npos) << failure.message;
  }
}

TEST_F(ClientTls, TriesAPeerAgainThatIsSilentInTheHandshake) {
  options_.connect_timeout = std::chrono::milliseconds(20);
  options_.retry.max_retries = 1;
  serve();
  auto answer = under_test_->execute("SELECT");  // of the raw worker, which accepts nobody
  const Diagnostics failure = failure_of(answer);
  EXPECT_EQ(failure.code, errc::connect_failed) << failure.describe();
  EXPECT_EQ(failure.attempts, 2u);
  EXPECT_NE(failure.message.find("TLS handshake"), std::string::npos) << failure.message;
}

TEST_F(ClientTls, CancelsOverAConnectionOfItsOwn) {
  serve();
  FragmentClient client(pool(), Endpoint("127.0.0.1", server_->endpoint().port));
  CallHandle handle;
  FragmentRequest request = test::request_of("hold");
  request.request_id = 7;
  auto answer = client.execute(request, handle, CallOptions(), asio::use_future);
  server_->executor().await_started(7);
  handle.cancel();
  server_->executor().await_stop(7);
  const Diagnostics failure = failure_of(answer);
  EXPECT_EQ(failure.code, errc::cancelled);
  server_->executor().finish(7);
}

}  // namespace
}  // namespace ft
