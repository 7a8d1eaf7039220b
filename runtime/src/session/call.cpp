// SPDX-License-Identifier: Apache-2.0
//
// The course of a call: connections, retries, giving up, the one outcome.
#include "ft/session/call.hpp"

#include <algorithm>
#include <utility>

#include "session/call_machine.hpp"

namespace ft {

namespace {

/// So many dead connections of the pool are replaced for nothing; the next ones count as retries.
constexpr unsigned kMaxReplaced = 8;

int gravity(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::not_executed:
      return 0;
    case Outcome::unknown:
      return 1;
    case Outcome::executed:
      break;
  }
  return 2;
}

std::chrono::microseconds micros(std::chrono::nanoseconds duration) noexcept {
  return std::max(std::chrono::duration_cast<std::chrono::microseconds>(duration), std::chrono::microseconds(0));
}

/// The graver of the two: not_executed, unknown, executed.
Outcome worse(Outcome a, Outcome b) noexcept { return gravity(a) < gravity(b) ? b : a; }

}  // namespace

CallRules::CallRules() = default;
Call::Connection::Connection() = default;

Call::Machine::Machine(const CallRules& rules, TransportPayload payload, CallOptions options, Rows rows,
                       std::uint64_t random, Now now)
    : rules_(rules),
      options_(options),
      rows_(rows),
      started_(now.steady),
      back_off_(rules.retry, random),
      max_retries_(options.max_retries.value_or(rules.retry.max_retries)) {
  if (options.timeout) deadline_ = after(now.steady, *options.timeout);
  if (const auto* execute = payload.get_if<TransportPayload::ExecuteFragment>()) {
    request_id_ = execute->value.request_id;
    deadline_ = std::min(deadline_, deadline_of(execute->value, now));
    relative_timeout_ = options.timeout || execute->value.timeout_ms;
  } else if (const auto* cancel = payload.get_if<TransportPayload::CancelFragment>()) {
    request_id_ = cancel->value.request_id;
    is_cancel_ = true;
  }
  envelope_.payload = std::move(payload);
  rules_.budget->call();
  ask_for_connection(now);
}

Call::Machine::~Machine() = default;

// ---- connections

void Call::Machine::ask_for_connection(Now now) {
  if (now.steady >= deadline_) return give_up(errc::timed_out, now);
  state_ = State::acquiring;
  timer_ = kNever;
  asked_ = now.steady;
  push(Acquire{});
}

void Call::Machine::acquire_failed(const Error& why, Now now) {
  if (state_ != State::acquiring) return;
  ++attempts_;
  waiting_ += now.steady - asked_;
  Failure failure{Diagnostics(why, Outcome::not_executed), why.code == errc::connect_failed, false};
  fail(std::move(failure), now);
}

void Call::Machine::release(bool reusable) {
  connected_ = false;
  held_.reset();
  push(Release{reusable, ever_wrote_ ? token_place_ : connection_.token_place});
}

/// A connection of the pool was dead before anything was asked on it: that says nothing about the peer.
void Call::Machine::replace_connection(Now now) {
  if (++replaced_ > kMaxReplaced) {
    Failure failure{Diagnostics(errc::connection_lost, Outcome::not_executed), true, false};
    return fail(std::move(failure), now);
  }
  --attempts_;
  release(false);
  ask_for_connection(now);
}

// ---- retries

bool Call::Machine::tries_again(const Failure& failure, Now now) {
  const Diagnostics& d = failure.diagnostics;
  const bool safe = d.outcome == Outcome::not_executed || options_.idempotent || is_cancel_;
  if (!safe || !failure.may_pass || given_up_ || delivered_ || retries_ >= max_retries_) return false;
  const std::chrono::milliseconds pause = back_off_.next(d.retry_after.value_or(std::chrono::milliseconds(0)));
  const Instant again = after(now.steady, pause);
  if (again >= deadline_ || !rules_.budget->take()) return false;
  ++retries_;
  state_ = State::pausing;
  timer_ = again;
  push(Retry{d.code, pause});
  return true;
}

void Call::Machine::fail(Failure failure, Now now) {
  Diagnostics& d = failure.diagnostics;
  worst_ = worse(worst_, d.outcome);
  if (request_out()) answering_ = now.steady - began_;
  if (connected_) release(failure.keeps_connection);
  if (tries_again(failure, now)) return;
  d.outcome = worst_;
  finish(std::move(d), now);
}

// ---- the end

Timings Call::Machine::timings(Now now) const {
  Timings t;
  t.waiting = micros(waiting_);
  t.connecting = micros(connecting_);
  t.answering = micros(answering_);
  t.total = micros(now.steady - started_);
  t.server = server_;
  return t;
}

void Call::Machine::succeed(ExecutionResult&& result, Now now) {
  answering_ = now.steady - began_;
  Answer answer;
  answer.result = std::move(result);
  answer.request_id = request_id_;
  answer.peer = connection_.peer;
  answer.attempts = attempts_;
  answer.timings = timings(now);
  release(reusable());
  finish(CallResult<Answer>(std::move(answer)));
}

void Call::Machine::finish(Diagnostics d, Now now) {
  if (d.timings.server) server_ = d.timings.server;
  d.timings = timings(now);
  d.peer = connection_.peer;
  d.request_id = request_id_;
  d.attempts = attempts_;
  finish(CallResult<Answer>(std::move(d)));
}

void Call::Machine::finish(CallResult<Answer> result) {
  push(Done{std::move(result)});
  state_ = State::done;
  timer_ = kNever;
}

// ---- giving up

Outcome Call::Machine::outcome() const noexcept { return request_out() ? worse(worst_, Outcome::unknown) : worst_; }

void Call::Machine::send_cancel() {
  const auto* execute = std::as_const(envelope_.payload).get_if<TransportPayload::ExecuteFragment>();
  if (execute == nullptr || cancel_sent_) return;
  cancel_sent_ = true;
  SendCancel action;
  action.request.request_id = request_id_;
  action.request.cancel_key = execute->value.cancel_key;
  action.token_place = token_place_;
  push(std::move(action));
}

void Call::Machine::give_up(errc why, Now now) {
  if (state_ == State::done) return;
  given_up_ = true;
  if (held_ && state_ == State::asking) return resolve_held(now);  // the real answer is here
  const Outcome outcome = this->outcome();
  if (state_ == State::acquiring) push(Withdraw{});
  if (request_out()) {
    answering_ = now.steady - began_;
    send_cancel();
  }
  if (connected_) release(untouched());
  finish(Diagnostics(why, outcome), now);
}

void Call::Machine::cancel(Cancel kind, Now now) {
  if (state_ == State::done) return;
  if (!request_out() || kind == Cancel::terminal) return give_up(errc::cancelled, now);
  given_up_ = true;
  if (kind == Cancel::total || held_ || cancel_sent_) return;
  send_cancel();
  timer_ = after(now.steady, rules_.cancel_timeout);
}

// ---- time

Instant Call::Machine::deadline() const noexcept {
  return state_ == State::done ? kNever : std::min(deadline_, timer_);
}

void Call::Machine::tick(Now now) {
  if (state_ == State::done) return;
  if (now.steady >= deadline_) return give_up(errc::timed_out, now);
  if (now.steady < timer_) return;
  timer_ = kNever;
  switch (state_) {
    case State::pausing:
      return ask_for_connection(now);
    case State::pinging: {
      Diagnostics d(errc::connection_lost, Outcome::not_executed);
      d.message.append(": no answer to a ping");
      return broken(std::move(d), true, now);
    }
    case State::asking:
      return held_ ? resolve_held(now) : give_up(errc::cancelled, now);
    case State::acquiring:
    case State::done:
      break;
  }
}

std::optional<Call::Action> Call::Machine::next() {
  if (taken_ == actions_.size()) {
    actions_.clear();
    taken_ = 0;
    return std::nullopt;
  }
  return std::move(actions_[taken_++]);
}

// ---- the public face

namespace {

template <class Alternative, class Message>
TransportPayload payload_of(Message&& message) {
  TransportPayload payload;
  payload.emplace<Alternative>().value = std::forward<Message>(message);
  return payload;
}

}  // namespace

Call::Call(const CallRules& rules, FragmentRequest request, CallOptions options, Rows rows, std::uint64_t random,
           Now now)
    : machine_(std::make_unique<Machine>(rules, payload_of<TransportPayload::ExecuteFragment>(std::move(request)),
                                         options, rows, random, now)) {}

Call::Call(const CallRules& rules, CancelRequest request, CallOptions options, std::uint64_t random, Now now)
    : machine_(std::make_unique<Machine>(rules, payload_of<TransportPayload::CancelFragment>(std::move(request)),
                                         options, Rows::gather, random, now)) {}

Call::~Call() = default;

void Call::acquired(Connection connection, Now now) { machine_->acquired(std::move(connection), now); }
void Call::acquire_failed(const Error& why, Now now) { machine_->acquire_failed(why, now); }
std::span<char> Call::prepare() { return machine_->prepare(); }
void Call::received(std::size_t bytes, Now now) { machine_->received(bytes, now); }
std::span<const char> Call::output() noexcept { return machine_->output(); }
void Call::written(std::size_t bytes, Now now) { machine_->written(bytes, now); }
void Call::end_of_stream(Now now) { machine_->end_of_stream(now); }
void Call::refused(const Error& why, Now now) { machine_->refused(why, now); }
void Call::rows_taken(Now now) { machine_->rows_taken(now); }
void Call::cancel(Cancel kind, Now now) { machine_->cancel(kind, now); }
Instant Call::deadline() const noexcept { return machine_->deadline(); }
void Call::tick(Now now) { machine_->tick(now); }
std::optional<Call::Action> Call::next() { return machine_->next(); }
std::uint64_t Call::request_id() const noexcept { return machine_->request_id(); }
unsigned Call::attempts() const noexcept { return machine_->attempts(); }
Outcome Call::outcome() const noexcept { return machine_->outcome(); }

}  // namespace ft
