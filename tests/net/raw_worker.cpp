// SPDX-License-Identifier: Apache-2.0
#include "net/raw_worker.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "support/frames.hpp"

namespace ft::test {
namespace {

bool ready(int socket, short what, std::chrono::milliseconds patience) {
  pollfd waited{socket, what, 0};
  return ::poll(&waited, 1, static_cast<int>(patience.count())) == 1;
}

void expect(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

// ---- RawConnection

RawConnection::RawConnection(int socket) noexcept : socket_(socket) {}
RawConnection::RawConnection(RawConnection&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), frames_(std::move(other.frames_)), token_(std::move(other.token_)) {}
RawConnection::~RawConnection() { close(); }

void RawConnection::close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

std::optional<Frame> RawConnection::next_frame() {
  for (;;) {
    if (std::optional<Frame> frame = frames_.next().value()) return frame;
    const std::span<char> space = frames_.prepare();
    expect(ready(socket_, POLLIN, kPatience), "nothing came");
    const ssize_t got = ::recv(socket_, space.data(), space.size(), 0);
    if (got <= 0) return std::nullopt;
    frames_.commit(static_cast<std::size_t>(got));
  }
}

std::optional<TransportEnvelope> RawConnection::receive() {
  const std::optional<Frame> frame = next_frame();
  if (!frame) return std::nullopt;
  TransportEnvelope envelope = decode_envelope(frame->type, frame->payload).value();
  token_ = envelope.auth_token.reveal();
  return envelope;
}

std::optional<std::string> RawConnection::receive_bytes() {
  const std::optional<Frame> next = next_frame();
  if (!next) return std::nullopt;
  return frame(next->type, {next->payload.data, next->payload.size});
}

FragmentRequest RawConnection::request() {
  std::optional<TransportEnvelope> envelope = receive();
  if (!envelope) throw std::runtime_error("the stream ended instead of a request");
  auto* const got = envelope->payload.get_if<TransportPayload::ExecuteFragment>();
  if (!got) throw std::runtime_error("no ExecuteFragment came");
  return std::move(got->value);
}

CancelRequest RawConnection::cancel() {
  std::optional<TransportEnvelope> envelope = receive();
  if (!envelope) throw std::runtime_error("the stream ended instead of a cancel");
  auto* const got = envelope->payload.get_if<TransportPayload::CancelFragment>();
  if (!got) throw std::runtime_error("no CancelFragment came");
  return std::move(got->value);
}

void RawConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    expect(ready(socket_, POLLOUT, kPatience), "the client does not read");
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EAGAIN) continue;
    expect(sent > 0, "send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void RawConnection::answer(FragmentResponse response) {
  TransportEnvelope envelope;
  envelope.version = PROTOCOL_VERSION;
  envelope.payload = TransportPayload::FragmentResult(std::move(response));
  send(encode(envelope));
}

bool RawConnection::ended() {
  char byte;
  expect(ready(socket_, POLLIN, kPatience), "nothing came");
  return ::recv(socket_, &byte, 1, 0) <= 0;
}

void RawConnection::drop_input() {
  char bytes[4096];
  while (::recv(socket_, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
  }
}

// ---- RawWorker

RawWorker::RawWorker(const std::string& address) {
  const bool ipv6 = address.find(':') != std::string::npos;
  socket_ = ::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  expect(socket_ >= 0, "socket");
  sockaddr_storage storage{};
  socklen_t size = 0;
  if (ipv6) {
    auto* const to = reinterpret_cast<sockaddr_in6*>(&storage);
    to->sin6_family = AF_INET6;
    expect(::inet_pton(AF_INET6, address.c_str(), &to->sin6_addr) == 1, "address");
    size = sizeof *to;
  } else {
    auto* const to = reinterpret_cast<sockaddr_in*>(&storage);
    to->sin_family = AF_INET;
    expect(::inet_pton(AF_INET, address.c_str(), &to->sin_addr) == 1, "address");
    size = sizeof *to;
  }
  expect(::bind(socket_, reinterpret_cast<sockaddr*>(&storage), size) == 0, "bind");
  expect(::listen(socket_, 128) == 0, "listen");
  expect(::getsockname(socket_, reinterpret_cast<sockaddr*>(&storage), &size) == 0, "getsockname");
  const in_port_t port = ipv6 ? reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_port
                              : reinterpret_cast<const sockaddr_in*>(&storage)->sin_port;
  endpoint_ = Endpoint(address, ntohs(port));
}

RawWorker::~RawWorker() { stop_listening(); }

void RawWorker::stop_listening() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

int RawWorker::accept_socket() {
  expect(ready(socket_, POLLIN, kPatience), "nobody connects");
  const int accepted = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
  expect(accepted >= 0, "accept");
  return accepted;
}

RawConnection RawWorker::accept() { return RawConnection(accept_socket()); }

bool RawWorker::lonely() const { return !ready(socket_, POLLIN, std::chrono::milliseconds(0)); }

// ---- the client's side

std::shared_ptr<TokenRing> ring_of(std::vector<std::string> tokens) {
  std::vector<AuthToken> ring;
  for (const std::string& token : tokens) ring.emplace_back(token);
  return TokenRing::create(std::move(ring)).value();
}

PoolOptions quick_options() {
  PoolOptions options;
  options.tokens = ring_of({std::string(kToken)});
  options.retry.first = std::chrono::milliseconds(1);
  options.retry.longest = std::chrono::milliseconds(2);
  return options;
}

FragmentRequest request_of(std::string tag) {
  FragmentRequest request = tagged_request(1, std::move(tag));
  request.request_id = 0;
  request.cancel_key = SecretU64(0);
  return request;
}

FragmentResponse error_of(std::uint64_t id, std::string sqlstate, std::optional<bool> not_executed) {
  FragmentResponse::Error error;
  error.request_id = id;
  error.message = "as the script has it";
  error.sql_state = std::move(sqlstate);
  error.not_executed = not_executed;
  return error;
}

std::string tag_of(std::future<CallResult<Answer>>& answer) {
  const CallResult<Answer> result = wait(answer);
  if (!result) return result.error().describe();
  const auto* const command = result->result.get_if<ExecutionResult::Command>();
  return command ? command->tag : "no command";
}

Diagnostics failure_of(std::future<CallResult<Answer>>& answer) {
  CallResult<Answer> result = wait(answer);
  if (result) throw std::runtime_error("the call succeeded");
  return std::move(result).error();
}

bool becomes_true(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

ClientUnderTest::ClientUnderTest(PoolOptions options, const std::string& address)
    : worker(address),
      work_(io.get_executor()),
      pool(ConnectionPool::create(io.get_executor(), std::move(options)).value()),
      client(pool, worker.endpoint()) {
  for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { io.run(); });
}

ClientUnderTest::~ClientUnderTest() {
  io.stop();
  for (std::thread& thread : threads_) thread.join();
}

std::future<CallResult<Answer>> ClientUnderTest::execute(FragmentRequest request, CallOptions options) {
  return client.execute(std::move(request), std::move(options), boost::asio::use_future);
}

std::future<CallResult<Answer>> ClientUnderTest::execute(std::string tag, CallOptions options) {
  return execute(request_of(std::move(tag)), std::move(options));
}

}  // namespace ft::test
