// SPDX-License-Identifier: Apache-2.0
//
// What all parts of the benchmark have in common: a token, certificates, the small request, our server.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "ft/auth.hpp"
#include "ft/server.hpp"
#include "ft/tls.hpp"
#include "support/certificates.hpp"
#include "support/temporary_folder.hpp"

namespace bench {

class Setup {
 public:
  Setup();

  /// The TLS of both ends of a connection; both null without.
  struct Side {
    std::shared_ptr<boost::asio::ssl::context> server_context, client_context;
  };
  Side side(bool tls) const;

  const std::shared_ptr<ft::TokenRing>& tokens() const noexcept { return tokens_; }
  const std::shared_ptr<ft::TlsServerCredentials>& server_tls() const noexcept { return server_tls_; }

  /// A whole frame that OurServer answers with a Command.
  const std::string& request() const noexcept { return request_; }
  std::size_t answer_bytes() const noexcept { return answer_bytes_; }

 private:
  ft::test::TemporaryFolder folder_;
  std::shared_ptr<ft::TokenRing> tokens_;
  std::shared_ptr<ft::TlsServerCredentials> server_tls_;
  std::shared_ptr<ft::TlsClientCredentials> client_tls_;
  std::string request_;
  std::size_t answer_bytes_ = 0;
};

/// A FragmentServer whose executor answers at once, where it is called.
class OurServer {
 public:
  OurServer(boost::asio::io_context& io, const Setup& setup, bool tls,
            std::shared_ptr<const ft::ExecutionResult> answer = {});

  std::uint16_t port() const { return server_.endpoints().front().port; }

 private:
  ft::FragmentServer server_;
};

}  // namespace bench
