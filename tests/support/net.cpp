// SPDX-License-Identifier: Apache-2.0
#include "support/net.hpp"

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/frames.hpp"

namespace ft::test {
namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

void await(int socket, short events) {
  pollfd waited{socket, events, 0};
  const int ready = ::poll(&waited, 1, static_cast<int>(std::chrono::milliseconds(kPatience).count()));
  if (ready < 0) fail("poll");
  if (ready == 0) throw std::runtime_error("the peer let the test wait for too long");
}

}  // namespace

FragmentRequest tagged_request(std::uint64_t id, std::string tag) {
  FragmentRequest made;
  made.request_id = id;
  PhysicalPlan::InternalNoOp plan;
  plan.tag = std::move(tag);
  made.plan = PhysicalPlan(std::move(plan));
  made.txn_id = 1;
  made.isolation = "read committed";
  made.max_result_rows = 1000;
  made.max_result_bytes = 1 << 20;
  made.max_memory_bytes = 1 << 20;
  made.max_temp_bytes = 1 << 20;
  return made;
}

TransportEnvelope execute(FragmentRequest request, std::string_view token) {
  TransportEnvelope envelope;
  envelope.version = PROTOCOL_VERSION;
  envelope.auth_token = SecretString(token);
  envelope.payload = TransportPayload(TransportPayload::ExecuteFragment(std::move(request)));
  return envelope;
}

TransportEnvelope execute(std::uint64_t id, std::string tag, std::string_view token) {
  return execute(tagged_request(id, std::move(tag)), token);
}

TransportEnvelope cancel(std::uint64_t id, std::uint64_t key, std::string_view token) {
  CancelRequest request;
  request.request_id = id;
  request.cancel_key = SecretU64(key);
  TransportEnvelope envelope;
  envelope.version = PROTOCOL_VERSION;
  envelope.auth_token = SecretString(token);
  envelope.payload = TransportPayload(TransportPayload::CancelFragment(std::move(request)));
  return envelope;
}

TransportEnvelope ping() { return cancel(0, 0); }

FragmentResponse command(std::uint64_t id, std::string tag) {
  ExecutionResult::Command done;
  done.tag = std::move(tag);
  FragmentResponse::Success success;
  success.request_id = id;
  success.result = ExecutionResult(std::move(done));
  return FragmentResponse(std::move(success));
}

FragmentResponse acknowledged(std::uint64_t id) {
  FragmentResponse::CancelAck ack;
  ack.request_id = id;
  return FragmentResponse(ack);
}

std::optional<Failure> failure(const FragmentResponse& response) {
  const auto* const error = response.get_if<FragmentResponse::Error>();
  if (!error) return std::nullopt;
  return Failure{error->request_id, error->sql_state.value_or("")};
}

std::string message(const FragmentResponse& response) {
  const auto* const error = response.get_if<FragmentResponse::Error>();
  return error ? error->message : "";
}

RawClient::RawClient(const Endpoint& server, int receive_buffer) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST;
  addrinfo* found = nullptr;
  if (::getaddrinfo(server.host.c_str(), std::to_string(server.port).c_str(), &hints, &found) != 0) {
    throw std::runtime_error("no address: " + server.to_string());
  }
  socket_ = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const int connected = ::connect(socket_, found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  if (connected != 0) {
    const int error = errno;
    close();
    errno = error;
    fail("connect");
  }
}

RawClient::~RawClient() { close(); }

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno != EAGAIN) fail("send");
      await(socket_, POLLOUT);
      continue;
    }
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void RawClient::send(const TransportEnvelope& envelope) { send(std::string_view(encode(envelope))); }

std::ptrdiff_t RawClient::read_some(char* into, std::size_t size) {
  await(socket_, POLLIN);
  return ::recv(socket_, into, size, 0);
}

std::optional<Frame> RawClient::next_frame() {
  for (;;) {
    if (std::optional<Frame> frame = frames_.next().value()) return frame;
    const std::span<char> space = frames_.prepare();
    const std::ptrdiff_t got = read_some(space.data(), space.size());
    if (got < 0) fail("recv");
    if (got == 0) {
      frames_.finish().value();
      return std::nullopt;
    }
    frames_.commit(static_cast<std::size_t>(got));
  }
}

std::optional<TransportEnvelope> RawClient::receive() {
  const std::optional<Frame> frame = next_frame();
  if (!frame) return std::nullopt;
  return decode_envelope(frame->type, frame->payload).value();
}

std::optional<std::string> RawClient::receive_bytes() {
  const std::optional<Frame> next = next_frame();
  if (!next) return std::nullopt;
  return frame(next->type, {next->payload.data, next->payload.size});
}

FragmentResponse RawClient::answer() {
  std::optional<TransportEnvelope> envelope = receive();
  if (!envelope) throw std::runtime_error("the stream ended instead of an answer");
  auto* const result = envelope->payload.get_if<TransportPayload::FragmentResult>();
  if (!result) throw std::runtime_error("the peer sent a " + std::string(envelope->payload.name()));
  return std::move(result->value);
}

bool RawClient::ended() {
  char byte = 0;
  return frames_.buffered() == 0 && read_some(&byte, 1) == 0;
}

bool RawClient::was_reset() {
  char byte = 0;
  return read_some(&byte, 1) < 0 && errno == ECONNRESET;
}

bool RawClient::silent() const {
  char byte = 0;
  return frames_.buffered() == 0 && ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

void RawClient::half_close() { ::shutdown(socket_, SHUT_WR); }

void RawClient::reset() {
  const linger now{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

void RawClient::close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

}  // namespace ft::test
