// SPDX-License-Identifier: Apache-2.0
//
// Frames for the tests of the tools.
#pragma once

#include <cstdint>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "ft/protocol.hpp"

namespace ft::tools {

inline std::string frame_of(const TransportEnvelope& envelope) {
  PaddedBuffer out;
  encode_envelope(envelope, out).value();
  return {out.data(), out.size()};
}

/// Any bytes as a frame, whether or not they decode.
inline std::string frame_of(std::uint8_t type, std::string_view payload) {
  std::string frame(kFrameHeaderSize, '\0');
  write_frame_header(frame.data(), {static_cast<MessageType>(type), static_cast<std::uint32_t>(payload.size())});
  return frame.append(payload);
}

inline TransportEnvelope request(std::string_view token, std::uint64_t key, std::uint64_t id = 7) {
  FragmentRequest body;
  body.request_id = id;
  body.plan.emplace<PhysicalPlan::InternalNoOp>().tag = "ping";
  body.txn_id = 10;
  body.isolation = "read committed";
  body.max_result_rows = 1000;
  body.max_result_bytes = body.max_memory_bytes = body.max_temp_bytes = 1U << 20;
  body.cancel_key = SecretU64(key);
  TransportEnvelope envelope;
  envelope.version = 1;
  envelope.auth_token = SecretString(token);
  envelope.payload = TransportPayload::ExecuteFragment(std::move(body));
  return envelope;
}

inline TransportEnvelope answer(FragmentResponse response) {
  TransportEnvelope envelope;
  envelope.version = 1;
  envelope.payload = TransportPayload::FragmentResult(std::move(response));
  return envelope;
}

inline std::string ack_frame(std::uint64_t id) {
  FragmentResponse::CancelAck ack;
  ack.request_id = id;
  return frame_of(answer(ack));
}

inline std::string demo_file(const std::string& name) { return FT_TEST_DATA_DIR "/demo/" + name; }

inline std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace ft::tools
