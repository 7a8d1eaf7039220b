// SPDX-License-Identifier: Apache-2.0
//
// From a host and a port to a stream that is ready for its first frame: name, TCP, TLS, within one timeout.
//
//   Connector::Target target;
//   target.endpoint = worker;
//   auto dialling = Connector::start(strand, std::move(target), [](Result<std::shared_ptr<Stream>> stream) { ... });
//   if (auto connector = dialling.lock()) connector->abort();      // on the strand
//
// Each address of the name is tried in turn, IPv4 and IPv6 as the system orders them; each gets its share of the time
// that is left, so that one which swallows packets does not eat it all. A failure of the TLS handshake ends the
// attempt: no other address is tried with weaker luck. Without TLS every address must be loopback unless the target
// says otherwise.
//
// Addresses in digits need no look-up; a name is looked up on Asio's own thread, which an abort or the timeout does not
// wait for. The handler runs once on the strand, never inside of start() or abort(), and not at all after abort().
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "ft/core/endpoint.hpp"
#include "ft/core/result.hpp"
#include "ft/tls.hpp"
#include "net/lazy_timer.hpp"
#include "net/stream.hpp"

namespace ft::net {

class Connector : public std::enable_shared_from_this<Connector> {
 public:
  struct Target {
    Endpoint endpoint;
    std::shared_ptr<const TlsClientCredentials> credentials;  // empty: plaintext
    std::shared_ptr<asio::ssl::context> context;              // of the snapshot that is to be used; with credentials
    bool allow_plaintext_off_loopback = false;
    std::chrono::milliseconds timeout{10'000};
    std::chrono::milliseconds keepalive{60'000};

    Target();
  };

  /// Errors: connect_failed (the name, the last address and why; may pass), tls_failed (what one side has against the
  /// other: OpenSSL's reason), invalid_configuration (plaintext off loopback), internal (no memory).
  using Handler = std::function<void(Result<std::shared_ptr<Stream>>)>;

  /// The connector lives until its handler was called or it was aborted.
  static std::weak_ptr<Connector> start(const Strand& strand, Target target, Handler handler);

  /// On the strand: drops the handler and closes what was begun.
  void abort();

  Connector(const Strand& strand, Target target, Handler handler);

 private:
  /// At most so many addresses of a name are tried.
  static constexpr std::size_t kMaxAddresses = 16;

  template <class F>
  void event(F&& f);
  void resolve();
  void resolved(error_code error, const tcp::resolver::results_type& found);
  void dial();
  void connected(error_code error);
  void handshake();
  void shook_hands(error_code error);
  bool took_too_long(error_code error) const;
  void expired();
  void give_up();
  void fail_with(errc code, std::string detail);
  void finish(Result<std::shared_ptr<Stream>> result);
  void arm(Instant deadline);

  Strand strand_;
  Target target_;
  Handler handler_;  // empty once it was called or dropped
  std::optional<Result<std::shared_ptr<Stream>>> result_;
  Instant deadline_ = kNever;
  asio::ip::basic_resolver<tcp, Strand> resolver_;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Strand> timer_;
  std::shared_ptr<Stream> stream_;
  std::vector<tcp::endpoint> addresses_;
  std::size_t next_ = 0;  // of addresses_
  error_code last_error_;
};

}  // namespace ft::net
