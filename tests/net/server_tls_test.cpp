// SPDX-License-Identifier: Apache-2.0
//
// The server under TLS: plain and mutual, who the executor is told the peer is, reload, and peers that misbehave.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "net/server_harness.hpp"
#include "support/certificates.hpp"
#include "support/frames.hpp"
#include "support/net.hpp"
#include "support/temporary_folder.hpp"

namespace ft::test {
namespace {

using testing::Contains;

// A TLS client on a blocking socket, as plain as OpenSSL allows.
class TlsClient {
 public:
  TlsClient(const Endpoint& server, const std::filesystem::path& ca, const Certificate* own = nullptr,
            int receive_buffer = 0)
      : raw_(server, receive_buffer),
        context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
        tls_(SSL_new(context_.get()), SSL_free) {
    SSL_CTX_load_verify_file(context_.get(), ca.c_str());
    SSL_set_verify(tls_.get(), SSL_VERIFY_PEER, nullptr);
    SSL_set1_verify_cert_store(tls_.get(), SSL_CTX_get_cert_store(context_.get()));
    if (own) {
      SSL_use_certificate_file(tls_.get(), own->certificate.c_str(), SSL_FILETYPE_PEM);
      SSL_use_PrivateKey_file(tls_.get(), own->key.c_str(), SSL_FILETYPE_PEM);
    }
    const std::string protocols = "\x02h2" + std::string(1, static_cast<char>(ALPN.size())) + std::string(ALPN);
    SSL_set_alpn_protos(tls_.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                        static_cast<unsigned>(protocols.size()));
    const timeval patience{kPatience.count(), 0};
    ::setsockopt(raw_.socket(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    SSL_set_fd(tls_.get(), raw_.socket());
    connected_ = SSL_connect(tls_.get()) == 1;
  }

  bool connected() const { return connected_; }
  RawClient& raw() { return raw_; }

  void send(const TransportEnvelope& envelope) {
    const std::string bytes = encode(envelope);
    ASSERT_EQ(SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())), static_cast<int>(bytes.size()));
  }

  FragmentResponse answer() {
    for (;;) {
      const Result<std::optional<Frame>> frame = frames_.next();
      if (*frame) {
        TransportEnvelope envelope = decode_envelope((**frame).type, (**frame).payload).value();
        return envelope.payload.get_if<TransportPayload::FragmentResult>()->value;
      }
      const std::span<char> space = frames_.prepare();
      const int got = SSL_read(tls_.get(), space.data(), static_cast<int>(space.size()));
      if (got <= 0) throw std::runtime_error("the stream ended instead of an answer");
      frames_.commit(static_cast<std::size_t>(got));
    }
  }

  // A close_notify, and then the FIN.
  bool ended() {
    char byte = 0;
    const int got = SSL_read(tls_.get(), &byte, 1);
    return SSL_get_error(tls_.get(), got) == SSL_ERROR_ZERO_RETURN && raw_.ended();
  }

  /// Which of the protocols that it was offered the server took.
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(tls_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }

  /// What the server's certificate says its common name is.
  std::string server_name() const {
    std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(tls_.get()), X509_free);
    char name[256] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name, sizeof name);
    return name;
  }

 private:
  RawClient raw_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_;
  FrameReader frames_{Phase::authenticated};
  bool connected_ = false;
};

// One that has done its part of the handshake and keeps the end of it back, to send it with its first request, as
// clients of TLS 1.3 do.
class StragglingClient {
 public:
  explicit StragglingClient(const Endpoint& server)
      : raw_(server),
        context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
        tls_(SSL_new(context_.get()), SSL_free) {
    const timeval patience{kPatience.count(), 0};
    ::setsockopt(raw_.socket(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    SSL_set_bio(tls_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    while (SSL_connect(tls_.get()) != 1) {
      flush();
      fetch();
    }
  }

  void send(const TransportEnvelope& envelope) {
    const std::string bytes = encode(envelope);
    ASSERT_EQ(SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())), static_cast<int>(bytes.size()));
    flush();
  }

  FragmentResponse answer() {
    for (;;) {
      const Result<std::optional<Frame>> frame = frames_.next();
      if (*frame) {
        TransportEnvelope envelope = decode_envelope((**frame).type, (**frame).payload).value();
        return envelope.payload.get_if<TransportPayload::FragmentResult>()->value;
      }
      const std::span<char> space = frames_.prepare();
      const int got = SSL_read(tls_.get(), space.data(), static_cast<int>(space.size()));
      got > 0 ? frames_.commit(static_cast<std::size_t>(got)) : fetch();
    }
  }

 private:
  void flush() {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(SSL_get_wbio(tls_.get()), &bytes);
    raw_.send(std::string(bytes, static_cast<std::size_t>(size)));
    BIO_reset(SSL_get_wbio(tls_.get()));
  }
  void fetch() {
    char bytes[4096];
    const ssize_t got = ::recv(raw_.socket(), bytes, sizeof bytes, 0);
    if (got <= 0) throw std::runtime_error("the stream ended");
    BIO_write(SSL_get_rbio(tls_.get()), bytes, static_cast<int>(got));
  }

  RawClient raw_;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_;
  FrameReader frames_{Phase::authenticated};
};

class ServerTls : public testing::Test {
 protected:
  TlsServerConfig config() const {
    TlsServerConfig made;
    made.certificate = server_.certificate;
    made.key = server_.key;
    return made;
  }
  TlsServerConfig mutual() const {
    TlsServerConfig made = config();
    made.client_ca = ca_.certificate();
    return made;
  }
  static ServerOptions options(TlsServerConfig config) {
    ServerOptions made = loopback_options();
    made.tls = TlsServerCredentials::load(std::move(config)).value();
    return made;
  }

  const TemporaryFolder folder_;
  const CertificateAuthority ca_{folder_.path(), "ca"};
  const Certificate server_ = ca_.issue("server", {.common_name = "first", .names = {"IP:127.0.0.1"}});
  const Certificate client_ = ca_.issue("client", {.common_name = "coordinator", .names = {"DNS:coordinator-1"}});
};

TEST_F(ServerTls, AnswersAndEndsWithCloseNotify) {
  ServerHarness server(options(config()));
  TlsClient client(server.endpoint(), ca_.certificate());
  ASSERT_TRUE(client.connected());
  client.send(execute(7, "SELECT"));
  EXPECT_EQ(client.answer(), command(7, "SELECT"));
  server.drain().get();
  EXPECT_TRUE(client.ended());
}

TEST_F(ServerTls, TakesTheProtocolThatIsOffered) {
  ServerHarness server(options(config()));
  const TlsClient client(server.endpoint(), ca_.certificate());
  ASSERT_TRUE(client.connected());
  EXPECT_EQ(client.protocol(), ALPN);
}

TEST_F(ServerTls, CarriesLargeFramesBothWaysToASlowReader) {
  ServerHarness server(options(config()));
  TlsClient client(server.endpoint(), ca_.certificate(), nullptr, 4096);
  client.send(ping());
  EXPECT_EQ(client.answer(), acknowledged(0));
  const std::string tag(5 << 20, 'x');
  FragmentRequest request = tagged_request(7, tag);
  request.max_result_bytes = request.max_memory_bytes = request.max_temp_bytes = 64 << 20;
  client.send(execute(request));
  EXPECT_EQ(client.answer(), command(7, tag));
}

TEST_F(ServerTls, KnowsNoNameOfAClientWithoutCertificate) {
  ServerHarness server(options(config()));
  TlsClient client(server.endpoint(), ca_.certificate(), &client_);
  client.send(execute(7, "hold"));
  server.executor().await_started(7);
  EXPECT_EQ(server.executor().context(7).peer->common_name, "");
  server.executor().finish(7);
  EXPECT_EQ(client.answer(), command(7, "hold"));
}

TEST_F(ServerTls, MutualTellsTheExecutorTheNamesOfTheClient) {
  ServerHarness server(options(mutual()));
  TlsClient client(server.endpoint(), ca_.certificate(), &client_);
  ASSERT_TRUE(client.connected());
  client.send(execute(7, "hold"));
  server.executor().await_started(7);
  const ExecutionContext context = server.executor().context(7);
  EXPECT_EQ(context.peer->common_name, "coordinator");
  EXPECT_THAT(context.peer->names, Contains(testing::HasSubstr("coordinator-1")));
  server.executor().finish(7);
  EXPECT_EQ(client.answer(), command(7, "hold"));
}

TEST_F(ServerTls, MutualRefusesWhoeverHasNoCertificate) {
  ServerHarness server(options(mutual()));
  TlsClient client(server.endpoint(), ca_.certificate());
  client.send(execute(7, "SELECT"));
  EXPECT_THROW(client.answer(), std::runtime_error);
  server.await_connections(0);
  EXPECT_EQ(server.executor().executions(), 0u);
}

TEST_F(ServerTls, RefusesAPeerThatIsNotOnTheList) {
  TlsServerConfig listed = mutual();
  listed.allowed_peers = {"coordinator-2"};
  ServerHarness server(options(std::move(listed)));
  TlsClient client(server.endpoint(), ca_.certificate(), &client_);
  client.send(execute(7, "SELECT"));
  EXPECT_THROW(client.answer(), std::runtime_error);
  EXPECT_EQ(server.executor().executions(), 0u);
}

TEST_F(ServerTls, DropsAPeerThatSpeaksPlaintext) {
  ServerHarness server(options(config()));
  RawClient client(server.endpoint());
  client.send(execute(7, "SELECT"));
  server.await_connections(0);
  EXPECT_EQ(server.executor().executions(), 0u);
}

TEST_F(ServerTls, GivesUpOnAHandshakeThatDoesNotEnd) {
  ServerOptions made = options(config());
  made.handshake_timeout = std::chrono::milliseconds(20);
  ServerHarness server(std::move(made));
  RawClient client(server.endpoint());
  EXPECT_TRUE(client.ended());
}

TEST_F(ServerTls, ADrainTellsWhoeverComesOutOfTheHandshakeThatNothingWasRun) {
  ServerOptions made = options(config());
  made.linger = kPatience;
  ServerHarness server(std::move(made));
  StragglingClient client(server.endpoint());
  server.await_connections(1);
  auto report = server.drain();
  client.send(execute(7, "SELECT"));
  EXPECT_EQ(failure(client.answer()), (Failure{7, "57P03"}));
  EXPECT_EQ(server.executor().executions(), 0u);
}

TEST_F(ServerTls, ADrainDoesNotAwaitAHandshakeForLong) {
  ServerOptions made = options(config());
  made.linger = std::chrono::milliseconds(20);
  ServerHarness server(std::move(made));
  RawClient silent(server.endpoint());
  server.await_connections(1);
  EXPECT_LT(server.drain().get().took, std::chrono::seconds(5));  // far below the limit of a handshake
  EXPECT_TRUE(silent.ended());
}

TEST_F(ServerTls, ACutConnectionHasLeft) {
  ServerHarness server(options(config()));
  TlsClient client(server.endpoint(), ca_.certificate());
  client.send(execute(7, "hold"));
  server.executor().await_started(7);
  client.raw().half_close();  // a FIN without close_notify
  server.executor().await_stop(7);
  server.executor().finish(7);
  server.await_connections(0);
}

TEST_F(ServerTls, ReloadServesNewConnectionsWithTheNewCertificate) {
  ServerHarness server(options(config()));
  TlsClient before(server.endpoint(), ca_.certificate());
  EXPECT_EQ(before.server_name(), "first");
  ca_.issue("server", {.common_name = "second", .names = {"IP:127.0.0.1"}});
  ASSERT_TRUE(server.server().reload());
  TlsClient after(server.endpoint(), ca_.certificate());
  EXPECT_EQ(after.server_name(), "second");
  before.send(execute(7, "SELECT"));  // those that are there go on
  EXPECT_EQ(before.answer(), command(7, "SELECT"));
}

TEST_F(ServerTls, AReloadThatFailsKeepsTheLastGoodCertificate) {
  ServerHarness server(options(config()));
  std::filesystem::remove(server_.key);
  const Result<void> reloaded = server.server().reload();
  ASSERT_FALSE(reloaded);
  EXPECT_EQ(reloaded.error().code, errc::invalid_configuration);
  TlsClient client(server.endpoint(), ca_.certificate());
  client.send(execute(7, "SELECT"));
  EXPECT_EQ(client.answer(), command(7, "SELECT"));
}

TEST_F(ServerTls, MayListenOffLoopback) {
  ServerOptions made = options(config());
  made.listen[0].host = "0.0.0.0";
  ServerHarness server(std::move(made));
  TlsClient client(Endpoint("127.0.0.1", server.endpoint().port), ca_.certificate());
  EXPECT_TRUE(client.connected());
}

}  // namespace
}  // namespace ft::test
