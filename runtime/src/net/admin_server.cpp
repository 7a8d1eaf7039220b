// SPDX-License-Identifier: Apache-2.0
#include "ft/net/admin_server.hpp"

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "net/admin_session.hpp"
#include "net/listener.hpp"
#include "net/loopback.hpp"

namespace ft {

namespace {

constexpr std::chrono::minutes kKeepalive{1};

Error refused(std::string why) { return invalid_configuration("admin: " + std::move(why)); }

/// Port and connections; sessions are watched, not held, so that each ends by itself.
class Core : public std::enable_shared_from_this<Core> {
 public:
  explicit Core(AdminOptions options) : options_(std::make_shared<const AdminOptions>(std::move(options))) {}

  void start(net::Acceptor acceptor) {
    auto accepted = [self = shared_from_this()](net::Socket socket, const net::tcp::endpoint&) {
      self->accept(std::move(socket));
    };
    listener_ = std::make_shared<net::Listener>(std::move(acceptor), std::move(accepted), nullptr);
    listener_->start();
  }

  void stop() {
    std::vector<std::weak_ptr<net::AdminSession>> sessions;
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(stopped_, true)) return;
      sessions.swap(sessions_);
    }
    // Without the mutex: on a thread of the executor this takes, at once, who is connected already.
    listener_->close();
    for (const auto& session : sessions) {
      if (const auto alive = session.lock()) alive->close();
    }
  }

 private:
  void accept(net::Socket socket) {
    const std::lock_guard lock(mutex_);
    std::erase_if(sessions_, [](const auto& session) { return session.expired(); });
    if (stopped_ || sessions_.size() >= options_->max_connections) return;
    auto session = std::make_shared<net::AdminSession>(std::move(socket), options_);
    sessions_.push_back(session);
    session->start();
  }

  std::shared_ptr<const AdminOptions> options_;
  std::shared_ptr<net::Listener> listener_;
  std::mutex mutex_;  // of the below
  std::vector<std::weak_ptr<net::AdminSession>> sessions_;
  bool stopped_ = false;
};

}  // namespace

AdminOptions::AdminOptions() = default;

Result<void> AdminOptions::validate() const {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(listen.host, error);
  if (error) return refused("listen: \"" + listen.host + "\" is no IP address");
  if (!allow_off_loopback && !net::is_loopback(address)) {
    return refused("listen: " + listen.to_string() + " is no loopback address; there it takes allow_off_loopback");
  }
  if (max_connections < 1 || max_connections > 1024) return refused("max_connections must be 1 to 1024");
  if (timeout < std::chrono::milliseconds(1) || timeout > std::chrono::hours(1)) {
    return refused("timeout must be from 1 ms to an hour");
  }
  if (!observer) return refused("observer is missing");
  return {};
}

class AdminServer::Impl {
 public:
  Impl(std::shared_ptr<Core> core_, Endpoint endpoint_) : core(std::move(core_)), endpoint(std::move(endpoint_)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { core->stop(); }

  std::shared_ptr<Core> core;
  Endpoint endpoint;
};

AdminServer::AdminServer(std::shared_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}

Result<AdminServer> AdminServer::start(boost::asio::any_io_executor executor, AdminOptions options) {
  if (const Result<void> valid = options.validate(); !valid) return valid.error();
  const net::tcp::endpoint where(boost::asio::ip::make_address(options.listen.host), options.listen.port);
  Result<net::Acceptor> acceptor = net::listen(executor, where, kKeepalive);
  if (!acceptor) return acceptor.error();
  net::error_code error;
  const net::tcp::endpoint bound = acceptor->local_endpoint(error);
  if (error) return refused(options.listen.to_string() + ": " + error.message());
  Endpoint endpoint(bound.address().to_string(), bound.port());
  options.observer->logger().write(LogEvent::listening, "admin pages on " + endpoint.to_string());
  const auto core = std::make_shared<Core>(std::move(options));
  core->start(std::move(*acceptor));
  return AdminServer(std::make_shared<Impl>(core, std::move(endpoint)));
}

const Endpoint& AdminServer::endpoint() const noexcept { return impl_->endpoint; }

void AdminServer::stop() { impl_->core->stop(); }

}  // namespace ft
