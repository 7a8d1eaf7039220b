// SPDX-License-Identifier: Apache-2.0
//
// A client made of a bare socket: sends any bytes, reads frames, sees how a connection ends.
//
//   test::RawClient client(server.endpoint());
//   client.send(test::encode(test::execute(7, "SELECT")));
//   EXPECT_EQ(client.answer(), test::command(7, "SELECT"));
//   EXPECT_TRUE(client.ended());
//
// Everything blocks, and no longer than kPatience; what takes longer throws.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ft/core/endpoint.hpp"
#include "ft/protocol.hpp"

namespace ft::test {

/// How long a test waits for what has to come: far more than it takes on a busy machine.
inline constexpr std::chrono::seconds kPatience{20};

inline constexpr std::string_view kToken = "a-token-of-the-tests-of-32-bytes-or-more";

/// An ExecuteFragment of an InternalNoOp, within all limits.
FragmentRequest tagged_request(std::uint64_t id, std::string tag);
TransportEnvelope execute(FragmentRequest request, std::string_view token = kToken);
TransportEnvelope execute(std::uint64_t id, std::string tag, std::string_view token = kToken);
TransportEnvelope cancel(std::uint64_t id, std::uint64_t key, std::string_view token = kToken);
TransportEnvelope ping();

/// What a server answers.
FragmentResponse command(std::uint64_t id, std::string tag);
FragmentResponse acknowledged(std::uint64_t id);
/// The id and SQLSTATE of an error, its text left out; empty if the response is none.
struct Failure {
  std::uint64_t id;
  std::string sqlstate;
  friend bool operator==(const Failure&, const Failure&) = default;
};
std::optional<Failure> failure(const FragmentResponse& response);
/// The text of an error.
std::string message(const FragmentResponse& response);

class RawClient {
 public:
  /// Connects. `receive_buffer`: of the socket, in bytes; 0 leaves the system's.
  explicit RawClient(const Endpoint& server, int receive_buffer = 0);
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient();

  int socket() const noexcept { return socket_; }

  void send(std::string_view bytes);
  void send(const TransportEnvelope& envelope);
  /// The next frame; nothing if the stream ended before it.
  std::optional<TransportEnvelope> receive();
  /// The same as the bytes that came.
  std::optional<std::string> receive_bytes();
  /// The response in the next frame; throws if there is none.
  FragmentResponse answer();
  /// Whether the next thing that comes is the end of the stream, and a proper one: no byte, no reset.
  bool ended();
  /// Whether a reset has come, or comes.
  bool was_reset();
  /// Whether nothing at all is there to be read now.
  bool silent() const;

  void half_close();
  /// Closes with an RST.
  void reset();
  void close();

 private:
  std::ptrdiff_t read_some(char* into, std::size_t size);
  std::optional<Frame> next_frame();

  int socket_ = -1;
  FrameReader frames_{Phase::authenticated};
};

}  // namespace ft::test
