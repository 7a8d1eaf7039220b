// SPDX-License-Identifier: Apache-2.0
#include "transport/setup.hpp"

#include <utility>

#include "ft/protocol.hpp"

namespace bench {
namespace {

constexpr std::string_view kToken = "a token of forty bytes, for measurements";

std::string encoded(const ft::TransportEnvelope& envelope) {
  ft::PaddedBuffer out;
  ft::encode_envelope(envelope, out).value();
  return {out.data(), out.size()};
}

std::string small_request() {
  ft::PhysicalPlan::InternalNoOp plan;
  plan.tag = "ping";
  ft::FragmentRequest request;
  request.request_id = 1;
  request.plan = std::move(plan);
  request.txn_id = 10;
  request.isolation = "read committed";
  request.max_result_rows = 2'000'000;
  request.max_result_bytes = ft::MAX_PAYLOAD;
  request.max_memory_bytes = std::uint64_t{512} << 20;
  request.max_temp_bytes = std::uint64_t{1} << 30;
  request.cancel_key = ft::SecretU64(718817169636535481);
  ft::TransportEnvelope envelope;
  envelope.version = ft::PROTOCOL_VERSION;
  envelope.auth_token = ft::SecretString(kToken);
  envelope.payload = ft::TransportPayload::ExecuteFragment(std::move(request));
  return encoded(envelope);
}

ft::ExecutionResult small_result() {
  ft::ExecutionResult::Command done;
  done.tag = "ping";
  return ft::ExecutionResult(std::move(done));
}

std::size_t small_answer_bytes() {
  ft::FragmentResponse::Success success;
  success.request_id = 1;
  success.result = small_result();
  ft::TransportEnvelope envelope;
  envelope.version = ft::PROTOCOL_VERSION;
  envelope.payload = ft::TransportPayload::FragmentResult(std::move(success));
  return encoded(envelope).size();
}

/// Answers where it is called: with `answer`, or with a Command of the plan's tag.
class Immediate final : public ft::FragmentExecutor {
 public:
  explicit Immediate(std::shared_ptr<const ft::ExecutionResult> answer) : answer_(std::move(answer)) {}

  void execute(ft::FragmentRequest, ft::ExecutionContext, ft::ExecutionDone done) override {
    done(answer_ ? *answer_ : small_result());
  }

 private:
  std::shared_ptr<const ft::ExecutionResult> answer_;
};

ft::FragmentServer start(boost::asio::io_context& io, const Setup& setup, bool tls,
                         std::shared_ptr<const ft::ExecutionResult> answer) {
  ft::ServerOptions options;
  options.listen = {ft::Endpoint("127.0.0.1", 0)};
  options.tokens = setup.tokens();
  if (tls) options.tls = setup.server_tls();
  options.max_connections = 10'000;
  return ft::FragmentServer::start(io.get_executor(), std::move(options),
                                   std::make_shared<Immediate>(std::move(answer)))
      .value();
}

}  // namespace

Setup::Setup() : request_(small_request()), answer_bytes_(small_answer_bytes()) {
  std::vector<ft::AuthToken> tokens;
  tokens.emplace_back(kToken);
  tokens_ = ft::TokenRing::create(std::move(tokens)).value();

  const ft::test::CertificateAuthority ca(folder_.path(), "ca");
  const ft::test::Certificate certificate =
      ca.issue("server", {.common_name = "localhost", .names = {"IP:127.0.0.1", "DNS:localhost"}});
  ft::TlsServerConfig server;
  server.certificate = certificate.certificate;
  server.key = certificate.key;
  server_tls_ = ft::TlsServerCredentials::load(server).value();
  ft::TlsClientConfig client;
  client.ca = ca.certificate();
  client.verify = ft::TlsVerify::ca;  // the load does not name the host that it dials
  client_tls_ = ft::TlsClientCredentials::load(client).value();
}

Setup::Side Setup::side(bool tls) const {
  if (!tls) return {};
  return {server_tls_->snapshot().context, client_tls_->snapshot().context};
}

OurServer::OurServer(boost::asio::io_context& io, const Setup& setup, bool tls,
                     std::shared_ptr<const ft::ExecutionResult> answer)
    : server_(start(io, setup, tls, std::move(answer))) {}

}  // namespace bench
