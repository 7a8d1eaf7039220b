// SPDX-License-Identifier: Apache-2.0
//
// A server on loopback with threads of its own, and an executor that the test plays.
//
//   ServerHarness server;                                  // or with changed options
//   RawClient client(server.endpoint());
//   client.send(execute(7, "hold"));
//   server.executor().await_started(7);
//   server.executor().finish(7);                           // Command{hold}
//
// Tags: `hold` waits for finish(), whatever becomes of its stop token; `throw` throws, `drop` forgets to answer,
// `error:STATE` fails, `bytes:N` answers a CopyOut; anything else answers Command{tag}. All but `hold` answer inline.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "ft/server.hpp"
#include "support/net.hpp"

namespace ft::test {

class PlayedExecutor final : public FragmentExecutor {
 public:
  PlayedExecutor();
  ~PlayedExecutor() override;

  void execute(FragmentRequest request, ExecutionContext context, ExecutionDone done) override;

  /// Blocks until this request runs. Its job is named by the id alone: one at a time.
  void await_started(std::uint64_t id);
  /// Blocks until the stop of this request is asked for; how long that took is the caller's to measure.
  void await_stop(std::uint64_t id);
  bool stop_requested(std::uint64_t id);
  ExecutionContext context(std::uint64_t id);
  /// Ends the job with Command{hold}.
  void finish(std::uint64_t id);
  std::size_t executions();

 private:
  struct Held;

  std::mutex mutex_;  // of all below
  std::condition_variable changed_;
  std::map<std::uint64_t, std::unique_ptr<Held>> held_;
  std::size_t executions_ = 0;
};

/// Options for loopback with a free port and the token of the tests; timeouts as in production.
ServerOptions loopback_options();

class ServerHarness {
 public:
  explicit ServerHarness(ServerOptions options = loopback_options(), unsigned threads = 2);
  ServerHarness(ServerOptions options, std::shared_ptr<FragmentExecutor> executor, unsigned threads = 2);
  ~ServerHarness();

  const Endpoint& endpoint(std::size_t place = 0) const { return server_->endpoints().at(place); }
  PlayedExecutor& executor() { return *played_; }
  FragmentServer& server() { return *server_; }
  /// Starts a drain; the report comes when it has ended.
  std::future<FragmentServer::DrainReport> drain();
  /// Blocks until this is true of the server's statistics.
  template <class Condition>
  void await(Condition condition) {
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    while (!condition(server_->stats())) {
      if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("the server never got there");
      std::this_thread::yield();
    }
  }
  void await_connections(std::size_t count) {
    await([count](const FragmentServer::Stats& stats) { return stats.connections == count; });
  }

 private:
  boost::asio::io_context io_;
  std::shared_ptr<PlayedExecutor> played_;
  std::optional<FragmentServer> server_;
  std::vector<std::thread> threads_;
};

}  // namespace ft::test
