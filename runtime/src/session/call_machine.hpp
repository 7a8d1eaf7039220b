// SPDX-License-Identifier: Apache-2.0
//
// The machine behind ft/session/call.hpp. Two files implement it: call.cpp the course of the call (attempts, retries,
// giving up), call_attempt.cpp one attempt on one connection (ping, request, answer).
#pragma once

#include "ft/session/call.hpp"

namespace ft {

class Call::Machine {
 public:
  Machine(const CallRules& rules, TransportPayload payload, CallOptions options, Rows rows, std::uint64_t random,
          Now now);
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;
  ~Machine();

  void acquired(Connection connection, Now now);
  void acquire_failed(const Error& why, Now now);
  std::span<char> prepare();
  void received(std::size_t bytes, Now now);
  std::span<const char> output() noexcept;
  void written(std::size_t bytes, Now now);
  void end_of_stream(Now now);
  void refused(const Error& why, Now now);
  void rows_taken(Now now);
  void cancel(Cancel kind, Now now);
  void give_up(errc why, Now now);
  Instant deadline() const noexcept;
  void tick(Now now);
  std::optional<Action> next();

  std::uint64_t request_id() const noexcept { return request_id_; }
  unsigned attempts() const noexcept { return attempts_; }
  Outcome outcome() const noexcept;

 private:
  enum class State : std::uint8_t {
    acquiring,  // Acquire is out
    pinging,    // the ping before the request
    asking,     // the request is being written, or its answer is awaited
    pausing,    // before the next attempt
    done,
  };
  /// How an attempt went wrong.
  struct Failure {
    Diagnostics diagnostics;
    bool may_pass = false;  // a failure of the connection, or overload
    bool keeps_connection = false;
  };

  // ---- the course of the call (call.cpp)
  void ask_for_connection(Now now);
  void replace_connection(Now now);
  void fail(Failure failure, Now now);
  bool tries_again(const Failure& failure, Now now);
  void succeed(ExecutionResult&& result, Now now);
  void finish(Diagnostics failure, Now now);
  void finish(CallResult<Answer> result);
  void release(bool reusable);
  void send_cancel();
  Timings timings(Now now) const;

  // ---- one attempt (call_attempt.cpp)
  void ping(Now now);
  void request(Now now);
  bool encode(TransportEnvelope& envelope, Now now);
  void pump(Now now);
  void whole_answer(Now now);
  void answered(TransportEnvelope&& envelope, Now now);
  void answered_error(FragmentResponse::Error&& error, Now now);
  void resolve_held(Now now);
  void pinged(Now now);
  bool agree(Version answered, std::string_view refusal, Now now);
  void broken(Diagnostics why, bool may_pass, Now now);
  void mismatch(std::string_view what, Now now);
  bool request_out() const noexcept { return state_ == State::asking && frame_out_; }
  bool written_out() const noexcept { return out_.size() == 0; }
  bool untouched() const noexcept { return !ever_wrote_ && answer_->received() == 0; }
  bool reusable() const noexcept;
  void wipe_output() noexcept;

  void push(Action action) { actions_.push_back(std::move(action)); }

  const CallRules& rules_;
  const CallOptions options_;
  const Rows rows_;
  TransportEnvelope envelope_;  // payload; version and token are those of the attempt
  std::uint64_t request_id_ = 0;
  bool is_cancel_ = false;         // the payload is a CancelFragment
  bool relative_timeout_ = false;  // timeout_ms is written
  Instant started_;
  Instant deadline_ = kNever;  // of the whole call
  BackOff back_off_;
  unsigned max_retries_;

  State state_ = State::pausing;
  Instant timer_ = kNever;  // of what is waited for right now
  std::vector<Action> actions_;
  std::size_t taken_ = 0;  // of them

  unsigned attempts_ = 0;
  unsigned retries_ = 0;
  unsigned replaced_ = 0;                  // pooled connections that were found dead
  Outcome worst_ = Outcome::not_executed;  // of the attempts before this one
  std::optional<std::size_t> refused_;     // place of the token that got 28000
  std::optional<Version> agreed_;          // the version that was found after the peer had refused another
  bool given_up_ = false;                  // a cancel: there is no other attempt
  bool cancel_sent_ = false;

  // ---- of the attempt
  bool connected_ = false;
  Connection connection_;
  std::size_t token_place_ = 0;
  Version version_ = PROTOCOL_VERSION;
  bool asks_version_ = false;  // whether the peer speaks it is not known yet
  std::optional<RowStream> answer_;
  PaddedBuffer out_ = PaddedBuffer::of_secrets();  // the frame that is written; empty once it is
  std::size_t sent_ = 0;
  bool frame_out_ = false;   // some byte of it was handed out
  bool ever_wrote_ = false;  // some byte of any frame, on this connection
  bool greeted_ = false;     // the peer has acknowledged a ping on this connection
  bool batch_out_ = false;
  bool delivered_ = false;                 // columns, and perhaps rows, have been given out
  bool ended_ = false;                     // the stream, while a batch was out
  std::optional<TransportEnvelope> held_;  // an answer that overtook the report of its write
  Instant asked_{};                        // Acquire
  Instant began_{};                        // this ping or request
  std::chrono::nanoseconds waiting_{0}, connecting_{0}, answering_{0};
  std::optional<std::chrono::microseconds> server_;
};

}  // namespace ft
