// SPDX-License-Identifier: Apache-2.0
//
// A call with a scripted peer under a virtual clock.
//
//   Harness h;                                  // a call that wants a connection
//   h.connect();                                // Acquire is performed
//   EXPECT_EQ(h.read_request().request_id, 7);  // what the peer reads, with all of it reported as written
//   h.send(success(7));                         // what it answers
//   EXPECT_TRUE(h.take<Call::Release>().reusable);
//   EXPECT_TRUE(h.result());
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "ft/session/call.hpp"
#include "support/frames.hpp"

namespace ft::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline const std::string kFirstToken(32, 'a');
inline const std::string kSecondToken(32, 'b');

inline FragmentRequest simple_request(std::uint64_t id = 7) {
  FragmentRequest request;
  request.request_id = id;
  request.isolation = "read committed";
  request.max_result_rows = request.max_result_bytes = request.max_memory_bytes = request.max_temp_bytes = 1000;
  request.cancel_key = SecretU64(99);
  return request;
}

/// A frame above the cap of a connection that has not authenticated.
inline FragmentRequest large_request() {
  FragmentRequest request = simple_request();
  request.snapshot.emplace();
  request.snapshot->active.assign(40'000, 12);
  return request;
}

inline FragmentResponse success(std::uint64_t id = 7, std::string tag = "DONE") {
  FragmentResponse::Success success;
  success.request_id = id;
  success.result.emplace<ExecutionResult::Command>().tag = std::move(tag);
  return success;
}

inline FragmentResponse error(std::uint64_t id, std::string sqlstate, bool not_executed = false,
                              std::optional<std::uint64_t> retry_after_ms = {}) {
  FragmentResponse::Error error;
  error.request_id = id;
  error.message = "the peer's words";
  error.sql_state = std::move(sqlstate);
  if (not_executed) error.not_executed = true;
  error.retry_after_ms = retry_after_ms;
  return error;
}

inline FragmentResponse ack(std::uint64_t id) {
  FragmentResponse::CancelAck ack;
  ack.request_id = id;
  return ack;
}

inline std::string answer_frame(FragmentResponse response, std::uint8_t version = PROTOCOL_VERSION) {
  TransportEnvelope envelope;
  envelope.version = version;
  envelope.payload.emplace<TransportPayload::FragmentResult>().value = std::move(response);
  return encode(envelope);
}

struct HarnessOptions {
  FragmentRequest request = simple_request();
  std::optional<CancelRequest> cancel;  // a call of this instead
  CallOptions call;
  RetryOptions retry;
  Call::Rows rows = Call::Rows::gather;
  std::vector<std::string> tokens{kFirstToken};
  RowStreamOptions stream;
  VersionWindow versions;

  HarnessOptions() { stream.batch_rows = 1; }
};

class Harness {
 public:
  explicit Harness(HarnessOptions options = HarnessOptions()) {
    std::vector<AuthToken> tokens;
    for (const std::string& text : options.tokens) tokens.emplace_back(text);
    rules.tokens = TokenRing::create(std::move(tokens)).value();
    rules.budget = std::make_shared<RetryBudget>(options.retry);
    rules.retry = options.retry;
    rules.rows = options.stream;
    rules.versions = options.versions;
    if (options.cancel) {
      call = std::make_unique<Call>(rules, *options.cancel, options.call, 1, now);
    } else {
      call = std::make_unique<Call>(rules, std::move(options.request), options.call, options.rows, 1, now);
    }
  }

  // ---- actions

  /// The next action, which must be of this type.
  template <class Action>
  Action take() {
    std::optional<Call::Action> action = call->next();
    if (!action) {
      ADD_FAILURE() << "no action";
    } else if (auto* wanted = std::get_if<Action>(&*action)) {
      return std::move(*wanted);
    } else {
      ADD_FAILURE() << "action " << action->index();
      if (auto* done = std::get_if<Call::Done>(&*action); done && !done->result)
        ADD_FAILURE() << done->result.error().describe();
    }
    return none(static_cast<Action*>(nullptr));
  }
  bool quiet() { return !call->next().has_value(); }
  CallResult<Answer> result() {
    CallResult<Answer> result = std::move(take<Call::Done>().result);
    EXPECT_TRUE(quiet()) << "Done is the last action";
    EXPECT_EQ(call->deadline(), kNever);
    return result;
  }
  Diagnostics failure() {
    CallResult<Answer> failed = result();
    if (failed) ADD_FAILURE() << "the call succeeded";
    return failed ? Diagnostics() : failed.error();
  }

  // ---- the pool

  void connect(Call::Connection connection = Call::Connection()) {
    take<Call::Acquire>();
    if (connection.peer.empty()) connection.peer = "worker:9100";
    call->acquired(std::move(connection), now);
  }
  void reuse(bool ping_first = false) {
    Call::Connection connection;
    connection.fresh = false;
    connection.ping_first = ping_first;
    connect(std::move(connection));
  }
  void refuse(errc why = errc::connect_failed) {
    take<Call::Acquire>();
    call->acquire_failed(Error(why), now);
  }

  // ---- the peer

  /// One frame as the peer reads it; all of it is reported as written.
  TransportEnvelope read() {
    const std::string bytes = hand_out();
    call->written(bytes.size(), now);
    return open(bytes);
  }
  std::string hand_out() {
    const std::span<const char> bytes = call->output();
    return {bytes.begin(), bytes.end()};
  }
  static TransportEnvelope open(const std::string& bytes) {
    Result<DecodedFrame> frame = decode(bytes);
    if (!frame) ADD_FAILURE() << frame.error().message();
    EXPECT_TRUE(!frame || frame->consumed == bytes.size());
    return frame ? std::move(frame->envelope) : TransportEnvelope();
  }
  FragmentRequest read_request() {
    TransportEnvelope envelope = read();
    token = envelope.auth_token.reveal();
    spoken = envelope.version;
    auto* execute = envelope.payload.get_if<TransportPayload::ExecuteFragment>();
    if (execute == nullptr) ADD_FAILURE() << "not a request";
    return execute ? std::move(execute->value) : FragmentRequest();
  }
  CancelRequest read_cancel() {
    TransportEnvelope envelope = read();
    token = envelope.auth_token.reveal();
    spoken = envelope.version;
    auto* cancel = envelope.payload.get_if<TransportPayload::CancelFragment>();
    if (cancel == nullptr) ADD_FAILURE() << "not a cancel";
    return cancel ? std::move(cancel->value) : CancelRequest();
  }
  void read_ping() { EXPECT_EQ(read_cancel(), CancelRequest()); }

  void send(FragmentResponse response, std::uint8_t version = PROTOCOL_VERSION) {
    send_bytes(answer_frame(std::move(response), version));
  }
  /// As many bytes as the call wants to read; the rest comes back.
  std::string_view send_bytes(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::span<char> space = call->prepare();
      if (space.empty()) break;
      const std::size_t n = std::min(space.size(), bytes.size());
      std::memcpy(space.data(), bytes.data(), n);
      bytes.remove_prefix(n);
      call->received(n, now);
    }
    return bytes;
  }
  void hang_up() { call->end_of_stream(now); }

  // ---- the clock

  void advance(std::chrono::nanoseconds duration) {
    now.steady += duration;
    now.wall += std::chrono::duration_cast<std::chrono::system_clock::duration>(duration);
  }
  void pass(std::chrono::nanoseconds duration) {
    advance(duration);
    call->tick(now);
  }
  /// To the call's own deadline.
  void wait() {
    ASSERT_NE(call->deadline(), kNever);
    pass(call->deadline() - now.steady);
  }

  CallRules rules;
  Now now{Instant(std::chrono::hours(1)), std::chrono::system_clock::time_point(std::chrono::hours(24 * 365 * 50))};
  std::unique_ptr<Call> call;
  std::string token;   // of the frame read last
  Version spoken = 0;  // in it

 private:
  static Call::Done none(Call::Done*) { return {Diagnostics()}; }
  template <class Action>
  static Action none(Action*) {
    return Action{};
  }
};

}  // namespace ft::test
