// SPDX-License-Identifier: Apache-2.0
#include "ft/server.hpp"

#include <utility>

#include <boost/asio/ip/tcp.hpp>

#include "net/listener.hpp"
#include "net/loopback.hpp"
#include "net/server_core.hpp"

namespace ft {

PeerIdentity::PeerIdentity() = default;
ExecutionContext::ExecutionContext() = default;

// What the copies of a FragmentServer share: the last one to go drains the server.
class FragmentServer::Impl {
 public:
  Impl(std::shared_ptr<net::ServerCore> core_, std::vector<Endpoint> endpoints_)
      : core(std::move(core_)), endpoints(std::move(endpoints_)) {}
  ~Impl() { core->drain(nullptr); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  const std::shared_ptr<net::ServerCore> core;
  const std::vector<Endpoint> endpoints;
};

namespace {

// The address to bind; a name is looked up, and its first address taken.
Result<net::tcp::endpoint> resolve(const asio::any_io_executor& executor, const Endpoint& where) {
  net::error_code error;
  const asio::ip::address address = asio::ip::make_address(where.host, error);
  if (!error) return net::tcp::endpoint(address, where.port);
  net::tcp::resolver resolver(executor);
  const auto found = resolver.resolve(where.host, std::to_string(where.port), net::tcp::resolver::passive, error);
  if (error || found.empty())
    return invalid_configuration("listen: cannot find " + where.to_string() + ": " + error.message());
  return found.begin()->endpoint();
}

}  // namespace

Result<FragmentServer> FragmentServer::start(asio::any_io_executor executor, ServerOptions options,
                                             std::shared_ptr<FragmentExecutor> fragments) {
  if (!fragments) return invalid_configuration("a server needs an executor of fragments");
  if (const Result<void> valid = options.validate(); !valid) return valid.error();

  std::vector<net::Acceptor> acceptors;
  std::vector<Endpoint> endpoints;
  for (const Endpoint& where : options.listen) {
    const Result<net::tcp::endpoint> address = resolve(executor, where);
    if (!address) return address.error();
    if (!options.tls && !options.allow_plaintext_off_loopback && !net::is_loopback(address->address())) {
      return invalid_configuration("listen: " + where.to_string() +
                                   " is no loopback address; there it takes tls, or allow_plaintext_off_loopback");
    }
    Result<net::Acceptor> acceptor = net::listen(executor, *address, options.keepalive);
    if (!acceptor) return acceptor.error();
    net::error_code error;
    const net::tcp::endpoint bound = acceptor->local_endpoint(error);
    if (error) return invalid_configuration("listen: " + where.to_string() + ": " + error.message());
    endpoints.emplace_back(bound.address().to_string(), bound.port());
    acceptors.push_back(std::move(*acceptor));
  }

  if (options.observer) {
    for (const Endpoint& bound : endpoints) {
      options.observer->logger().write(LogEvent::listening, "listening on " + bound.to_string());
    }
  }
  auto core = std::make_shared<net::ServerCore>(std::move(executor), std::move(options), std::move(fragments));
  core->start(std::move(acceptors));
  return FragmentServer(std::make_shared<Impl>(std::move(core), std::move(endpoints)));
}

FragmentServer::FragmentServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

const std::vector<Endpoint>& FragmentServer::endpoints() const noexcept { return impl_->endpoints; }
void FragmentServer::start_drain(asio::any_completion_handler<void(DrainReport)> handler) {
  impl_->core->drain(std::move(handler));
}
Result<void> FragmentServer::reload() { return impl_->core->reload(); }
FragmentServer::Stats FragmentServer::stats() const { return impl_->core->stats(); }

}  // namespace ft
