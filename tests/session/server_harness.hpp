// SPDX-License-Identifier: Apache-2.0
//
// A ServerConnection with a peer, a shell and a clock made of test code.
//
//   ServerHarness server;
//   server.send(request_frame(7));
//   const ServerConnection::Start start = server.expect<ServerConnection::Start>();
//   server.connection.finished(start.execution, command("a"), server.now);
//   EXPECT_EQ(server.answers(), std::vector{success(7, "a")});
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ft/session/server_connection.hpp"
#include "support/frames.hpp"

namespace ft::test {

inline constexpr std::string_view kClusterToken = "token-of-the-tests-with-32-bytes";

inline std::shared_ptr<TokenRing> ring() {
  std::vector<AuthToken> tokens;
  tokens.emplace_back(kClusterToken);
  return TokenRing::create(std::move(tokens)).value();
}

inline FragmentRequest a_request(std::uint64_t id, std::string_view tag = "ping") {
  FragmentRequest request;
  request.request_id = id;
  request.plan.emplace<PhysicalPlan::InternalNoOp>().tag = tag;
  request.isolation = "read committed";
  request.max_result_rows = 1000;
  request.max_result_bytes = 1 << 20;
  request.max_memory_bytes = 1 << 20;
  request.max_temp_bytes = 1 << 20;
  request.cancel_key = SecretU64(id * 1000);
  return request;
}

inline std::string message_of(TransportPayload payload, std::string_view token = kClusterToken, Version version = 1) {
  TransportEnvelope envelope;
  envelope.version = version;
  envelope.auth_token = SecretString(token);
  envelope.payload = std::move(payload);
  return encode(envelope);
}
inline std::string request_frame(FragmentRequest request) {
  return message_of(TransportPayload::ExecuteFragment(std::move(request)));
}
inline std::string request_frame(std::uint64_t id) { return request_frame(a_request(id)); }
/// A request whose frame has about this many bytes.
inline std::string large_frame(std::uint64_t id, std::size_t bytes) {
  return request_frame(a_request(id, std::string(bytes, 'x')));
}
inline std::string cancel_frame(std::uint64_t id, std::uint64_t key) {
  CancelRequest cancel;
  cancel.request_id = id;
  cancel.cancel_key = SecretU64(key);
  return message_of(TransportPayload::CancelFragment(std::move(cancel)));
}
inline std::string ping_frame() { return cancel_frame(0, 0); }

inline ExecutionOutcome command(std::string_view tag) {
  ExecutionResult result;
  result.emplace<ExecutionResult::Command>().tag = tag;
  return result;
}
inline ExecutionOutcome copy_out(std::string data) {
  ExecutionResult result;
  result.emplace<ExecutionResult::CopyOut>().data = std::move(data);
  return result;
}
inline ExecutionOutcome query(std::size_t rows) {
  FlatRows<Value>::Builder builder;
  for (std::size_t i = 0; i < rows; ++i) builder.add(Value::Int(static_cast<std::int32_t>(i))).end_row();
  ExecutionResult result;
  result.emplace<ExecutionResult::Query>().rows = std::move(builder).build();
  return result;
}

// ---- answers, as they stand behind the constant part of the envelope

inline std::string success(std::uint64_t id, std::string_view tag) {
  return R"({"Success":{"request_id":)" + std::to_string(id) + R"(,"result":{"Command":{"tag":")" + std::string(tag) +
         R"(","rows_affected":0}}}})";
}
inline std::string error(std::uint64_t id, std::string_view message, std::string_view sqlstate,
                         std::string_view more = "") {
  return R"({"Error":{"request_id":)" + std::to_string(id) + R"(,"message":")" + std::string(message) +
         R"(","sql_state":")" + std::string(sqlstate) + "\"" + std::string(more) + "}}";
}
inline constexpr std::string_view kNotExecuted = R"(,"not_executed":true)";
inline constexpr std::string_view kComeBack = R"(,"not_executed":true,"retry_after_ms":250)";
inline std::string acknowledgement(std::uint64_t id) {
  return R"({"CancelAck":{"request_id":)" + std::to_string(id) + "}}";
}

struct ServerHarness {
  explicit ServerHarness(const ServerRules& rules_ = standard_rules(), bool may_execute = true)
      : rules(rules_), connection(rules, may_execute, now) {}

  static ServerRules standard_rules() {
    ServerRules rules;
    rules.tokens = ring();
    return rules;
  }

  void advance(std::chrono::nanoseconds by) {
    now.steady += by;
    now.wall += std::chrono::duration_cast<std::chrono::system_clock::duration>(by);
  }

  /// Gives the connection as much of `bytes` as it reads, at most `piece` at a time; returns how much that is.
  std::size_t send(std::string_view bytes, std::size_t piece = static_cast<std::size_t>(-1)) {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
      std::span<char> space = connection.prepare();
      if (space.empty() && grant_reservations) {
        grant();
        space = connection.prepare();
      }
      if (space.empty()) break;
      const std::size_t n = std::min({space.size(), piece, bytes.size() - sent});
      std::memcpy(space.data(), bytes.data() + sent, n);
      sent += n;
      connection.received(n, now);
    }
    return sent;
  }

  /// Performs what concerns memory as a shell would; everything else waits for `take`.
  void grant() {
    while (std::optional<ServerConnection::Action> action = connection.next()) {
      if (const auto* reserve = std::get_if<ServerConnection::Reserve>(&*action)) {
        bytes_reserved += reserve->bytes;
        connection.reserved(true, now);
      } else if (const auto* unreserve = std::get_if<ServerConnection::Unreserve>(&*action)) {
        bytes_reserved -= unreserve->bytes;
      } else {
        seen.push_back(std::move(*action));
      }
    }
  }

  std::optional<ServerConnection::Action> take() {
    if (grant_reservations) grant();
    if (seen.empty()) return connection.next();
    ServerConnection::Action action = std::move(seen.front());
    seen.erase(seen.begin());
    return action;
  }
  template <class Kind>
  Kind expect() {
    std::optional<ServerConnection::Action> action = take();
    if (!action || !std::holds_alternative<Kind>(*action)) {
      ADD_FAILURE() << "another action than expected: " << (action ? static_cast<int>(action->index()) : -1);
      throw std::runtime_error("no such action");
    }
    return std::move(std::get<Kind>(*action));
  }
  void expect_nothing() { EXPECT_FALSE(take().has_value()); }
  void expect_close(bool linger) { EXPECT_EQ(expect<ServerConnection::Close>().linger, linger); }

  /// A request that is sent and started.
  ServerConnection::Start start(FragmentRequest request) {
    send(request_frame(std::move(request)));
    ServerConnection::Start start = expect<ServerConnection::Start>();
    connection.started(start.execution);
    return start;
  }
  ServerConnection::Start start(std::uint64_t id) { return start(a_request(id)); }

  /// Takes all output, at most `piece` bytes at a time.
  std::string raw_output(std::size_t piece = static_cast<std::size_t>(-1)) {
    std::string bytes;
    if (grant_reservations) grant();
    for (std::span<const char> out = connection.output(); !out.empty(); out = connection.output()) {
      const std::size_t n = std::min(out.size(), piece);
      bytes.append(out.data(), n);
      connection.written(n, now);
      if (grant_reservations) grant();
    }
    return bytes;
  }
  /// What stands behind the constant part of the envelope, for each frame that is written.
  std::vector<std::string> answers() {
    constexpr std::string_view head = R"({"version":1,"auth_token":"","payload":{"FragmentResult":)";
    const std::string bytes = raw_output();
    std::vector<std::string> answers;
    for (std::string_view rest = bytes; !rest.empty();) {
      const Result<FrameHeader> header = parse_frame_header(bytes_of(rest), MAX_PAYLOAD);
      if (!header || header->type != MSG_FRAGMENT_RESULT) {
        ADD_FAILURE() << "not an answer";
        break;
      }
      const std::string_view payload = rest.substr(kFrameHeaderSize, header->payload_length);
      EXPECT_TRUE(payload.starts_with(head) && payload.ends_with("}}")) << payload;
      answers.emplace_back(payload.substr(head.size(), payload.size() - head.size() - 2));
      rest.remove_prefix(kFrameHeaderSize + header->payload_length);
    }
    return answers;
  }

  ServerRules rules;
  Now now{Instant(std::chrono::hours(1)), std::chrono::system_clock::time_point(std::chrono::hours(500'000))};
  bool grant_reservations = true;
  std::size_t bytes_reserved = 0;
  ServerConnection connection;
  std::vector<ServerConnection::Action> seen;
};

using Answers = std::vector<std::string>;

}  // namespace ft::test
