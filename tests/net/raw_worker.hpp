// SPDX-License-Identifier: Apache-2.0
//
// A worker made of bare sockets, played by the test line by line; and a client under test that runs beside it.
//
//   ClientUnderTest client;                                       // pool and io_context on two threads
//   auto answer = client.execute("SELECT");                       // a future
//   RawConnection connection = client.worker.accept();
//   const FragmentRequest request = connection.request();
//   connection.answer(test::command(request.request_id, "SELECT"));
//   EXPECT_EQ(tag_of(answer), "SELECT");
//
// Everything of the worker blocks, no longer than kPatience; what takes longer throws.
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <openssl/types.h>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "ft/client.hpp"
#include "support/net.hpp"

namespace ft::test {

/// One accepted connection.
class RawConnection {
 public:
  explicit RawConnection(int socket) noexcept;
  RawConnection(RawConnection&& other) noexcept;
  RawConnection& operator=(RawConnection&&) = delete;
  ~RawConnection();

  /// The next frame; nothing if the stream ended before it.
  std::optional<TransportEnvelope> receive();
  /// The same as the bytes that came.
  std::optional<std::string> receive_bytes();
  /// What the next frame carries; throws if it is something else.
  FragmentRequest request();
  CancelRequest cancel();
  /// The token in the frame that was received last.
  const std::string& token() const noexcept { return token_; }

  void send(std::string_view bytes);
  void answer(FragmentResponse response);
  /// Whether the next thing that comes is the end of the stream: a FIN or a reset.
  bool ended();
  /// Reads and drops what is there.
  void drop_input();
  void close();

 private:
  std::optional<Frame> next_frame();

  int socket_;
  FrameReader frames_{Phase::authenticated};
  std::string token_;
};

/// Listens on a free port of a loopback address.
class RawWorker {
 public:
  explicit RawWorker(const std::string& address = "127.0.0.1");
  RawWorker(const RawWorker&) = delete;
  RawWorker& operator=(const RawWorker&) = delete;
  ~RawWorker();

  const Endpoint& endpoint() const noexcept { return endpoint_; }
  RawConnection accept();
  /// The next connection, as a bare descriptor that is the caller's.
  int accept_socket();
  /// Whether no connection is waiting to be accepted now.
  bool lonely() const;
  void stop_listening();

 private:
  int socket_ = -1;
  Endpoint endpoint_;
};

/// Options with the tests' token and short pauses.
PoolOptions quick_options();
std::shared_ptr<TokenRing> ring_of(std::vector<std::string> tokens);

/// A request without id and key, as a caller makes it.
FragmentRequest request_of(std::string tag);
/// An error with an SQLSTATE.
FragmentResponse error_of(std::uint64_t id, std::string sqlstate, std::optional<bool> not_executed = {});

/// Waits for what must come; throws if it does not.
template <class T>
T wait(std::future<T>& future) {
  if (future.wait_for(kPatience) != std::future_status::ready) throw std::runtime_error("the call does not end");
  return future.get();
}
/// Of the Command that a call brought, or what went wrong.
std::string tag_of(std::future<CallResult<Answer>>& answer);
/// The error that a call must end with.
Diagnostics failure_of(std::future<CallResult<Answer>>& answer);
/// Asks until it is true; false if it does not come true.
bool becomes_true(const std::function<bool()>& condition);

/// io_context on two threads, a worker, a pool and a client of it.
class ClientUnderTest {
 public:
  explicit ClientUnderTest(PoolOptions options = quick_options(), const std::string& address = "127.0.0.1");
  ~ClientUnderTest();

  boost::asio::io_context io;
  RawWorker worker;

 private:
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;

 public:
  ConnectionPool pool;
  FragmentClient client;

  std::future<CallResult<Answer>> execute(std::string tag, CallOptions options = {});
  std::future<CallResult<Answer>> execute(FragmentRequest request, CallOptions options = {});

 private:
  std::vector<std::thread> threads_;
};

}  // namespace ft::test
