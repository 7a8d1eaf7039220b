// SPDX-License-Identifier: Apache-2.0
//
// One attempt of a call on one connection: the ping, the request, the answer and what to think of it.
#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "session/call_machine.hpp"
#include "session/remote_failure.hpp"

namespace ft {

namespace {

/// Whether the peer speaks of the connection, or of whatever is asked on it right now.
const FragmentResponse::Error* connection_error(const TransportEnvelope& envelope) noexcept {
  const auto* result = envelope.payload.get_if<TransportPayload::FragmentResult>();
  const auto* error = result == nullptr ? nullptr : result->value.get_if<FragmentResponse::Error>();
  return error != nullptr && error->request_id == 0 ? error : nullptr;
}

}  // namespace

// ---- asking

void Call::Machine::acquired(Connection connection, Now now) {
  if (state_ != State::acquiring) return;
  state_ = State::asking;
  ++attempts_;
  connecting_ += connection.connecting;
  waiting_ += std::max(now.steady - asked_ - connection.connecting, std::chrono::nanoseconds(0));
  connection_ = std::move(connection);
  connected_ = true;
  token_place_ = connection_.token_place;
  if (refused_ == token_place_) token_place_ = (token_place_ + 1) % rules_.tokens->size();
  const std::optional<Version> known = agreed_ ? agreed_ : connection_.version;
  version_ = known.value_or(rules_.versions.max);
  asks_version_ = !known && rules_.versions.min != rules_.versions.max;
  frame_out_ = ever_wrote_ = greeted_ = ended_ = batch_out_ = false;
  answer_.emplace();
  const bool asleep = connection_.ping_first && !connection_.fresh;
  if ((asleep || asks_version_) && !is_cancel_) return ping(now);  // a cancel is as good as a ping
  request(now);
}

/// The frame of `envelope` with a token; ends the call and is false if it cannot be written.
bool Call::Machine::encode(TransportEnvelope& envelope, Now now) {
  wipe_output();
  frame_out_ = false;
  envelope.version = version_;
  envelope.auth_token = rules_.tokens->token(token_place_).secret();
  Result<void> encoded = encode_envelope(envelope, out_);
  envelope.auth_token = SecretString();
  if (encoded) return true;
  Failure failure{Diagnostics(encoded.error(), Outcome::not_executed), false, reusable()};
  fail(std::move(failure), now);
  return false;
}

void Call::Machine::ping(Now now) {
  TransportEnvelope envelope;
  envelope.payload.emplace<TransportPayload::CancelFragment>();  // id 0, key 0
  if (!encode(envelope, now)) return;
  state_ = State::pinging;
  began_ = now.steady;
  timer_ = after(now.steady, rules_.ping_timeout);
}

void Call::Machine::pinged(Now now) {
  greeted_ = true;
  if (asks_version_) push(Learned{version_});
  if (connection_.fresh) connecting_ += now.steady - began_;
  request(now);
}

void Call::Machine::request(Now now) {
  if (now.steady >= deadline_) return give_up(errc::timed_out, now);
  if (relative_timeout_ && deadline_ != kNever) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - now.steady);
    envelope_.payload.get_if<TransportPayload::ExecuteFragment>()->value.timeout_ms =
        static_cast<std::uint64_t>(left.count());
  }
  if (!encode(envelope_, now)) return;
  // Today's peers drop a first frame above this size without a word.
  const std::size_t payload = out_.size() - kFrameHeaderSize;
  if (connection_.fresh && !greeted_ && payload > max_payload(Phase::unauthenticated)) return ping(now);
  RowStreamOptions rows = rules_.rows;
  rows.delivery = rows_ == Rows::deliver ? RowStreamOptions::Delivery::batches : RowStreamOptions::Delivery::whole;
  answer_->start(rows);
  state_ = State::asking;
  timer_ = kNever;
  began_ = now.steady;
}

std::span<const char> Call::Machine::output() noexcept {
  if (!connected_ || written_out()) return {};
  frame_out_ = ever_wrote_ = true;
  return {out_.data() + sent_, out_.size() - sent_};
}

void Call::Machine::written(std::size_t bytes, Now now) {
  if (!connected_) return;
  sent_ += bytes;
  if (sent_ < out_.size()) return;
  wipe_output();
  if (held_) resolve_held(now);
}

/// The token and the cancel key are in there.
void Call::Machine::wipe_output() noexcept {
  sent_ = 0;
  if (written_out()) return;
  wipe(out_.data(), out_.size());
  out_.resize(0);
}

// ---- the answer

bool Call::Machine::reusable() const noexcept { return written_out() && answer_->surplus() == 0 && !ended_; }

std::span<char> Call::Machine::prepare() {
  if (!connected_ || batch_out_ || held_) return {};
  return answer_->prepare();
}

void Call::Machine::received(std::size_t bytes, Now now) {
  if (!connected_) return;
  answer_->commit(bytes);
  pump(now);
}

void Call::Machine::rows_taken(Now now) {
  if (!connected_ || !batch_out_) return;
  batch_out_ = false;
  pump(now);
}

void Call::Machine::end_of_stream(Now now) {
  if (!connected_) return;
  ended_ = true;
  if (batch_out_) return;  // the rest of the answer may be here already
  Diagnostics d(errc::connection_lost, Outcome::unknown);
  if (answer_->received() > 0) d.message.append(": the answer was cut off, ").append(answer_->finish().detail);
  broken(std::move(d), true, now);
}

void Call::Machine::refused(const Error& why, Now now) {
  if (!connected_) return;
  if (!connection_.fresh || greeted_ || answer_->received() > 0) return end_of_stream(now);
  Failure failure{Diagnostics(why, Outcome::not_executed), false, false};
  fail(std::move(failure), now);
}

void Call::Machine::pump(Now now) {
  for (;;) {
    const Result<RowStream::Event> event = answer_->next();
    if (!event) return broken(Diagnostics(event.error(), Outcome::unknown), false, now);
    switch (*event) {
      case RowStream::Event::need_more:
        if (ended_) end_of_stream(now);
        return;
      case RowStream::Event::columns: {
        if (!request_out() || is_cancel_ || answer_->request_id() != request_id_)
          return mismatch("rows of another request", now);
        if (answer_->version() != version_) return mismatch("rows in another version", now);
        const std::span<const ResultField> columns = answer_->columns();
        delivered_ = true;
        push(Columns{{columns.begin(), columns.end()}});
        break;
      }
      case RowStream::Event::rows:
        batch_out_ = true;
        push(Batch{answer_->take_rows()});
        return;
      case RowStream::Event::end:
        return whole_answer(now);
    }
  }
}

void Call::Machine::whole_answer(Now now) {
  TransportEnvelope envelope = answer_->take_envelope();
  // The shell may learn of an answer before it learns that the last bytes of the request went out. A connection is
  // reusable only if they did, so that is waited for.
  if (frame_out_ && !written_out() && connection_error(envelope) == nullptr) {
    held_ = std::move(envelope);
    timer_ = std::min(timer_, after(now.steady, rules_.cancel_timeout));
    return;
  }
  answered(std::move(envelope), now);
}

void Call::Machine::resolve_held(Now now) {
  TransportEnvelope envelope = std::move(*held_);
  held_.reset();
  answered(std::move(envelope), now);
}

void Call::Machine::answered(TransportEnvelope&& envelope, Now now) {
  auto* const result = envelope.payload.get_if<TransportPayload::FragmentResult>();
  if (result == nullptr) return mismatch("a request", now);
  FragmentResponse& response = result->value;
  auto* const error = response.get_if<FragmentResponse::Error>();
  const bool of_connection = error != nullptr && error->request_id == 0;
  // Who does not speak our version says so in one of its own; who cannot take us at all, before it knows ours.
  const bool refuses_version = of_connection && error->sql_state == info(errc::version_unsupported).sqlstate;
  if (refuses_version && agree(envelope.version, error->message, now)) return;
  if (envelope.version != version_ && !of_connection)
    return mismatch("version " + std::to_string(envelope.version), now);
  if (of_connection) return answered_error(std::move(*error), now);
  if (!frame_out_) return mismatch("nothing was asked", now);

  const auto* const ack = std::as_const(response).get_if<FragmentResponse::CancelAck>();
  if (state_ == State::pinging) {
    if (ack == nullptr || ack->request_id != 0 || answer_->surplus() > 0)
      return mismatch("something else than the acknowledgement of a ping", now);
    return pinged(now);
  }
  if (error != nullptr && error->request_id == request_id_) return answered_error(std::move(*error), now);
  if (auto* const success = response.get_if<FragmentResponse::Success>();
      success != nullptr && success->request_id == request_id_ && !is_cancel_) {
    if (success->server_us) server_ = bounded_microseconds(*success->server_us);
    return succeed(std::move(success->result), now);
  }
  if (ack != nullptr && is_cancel_ && ack->request_id == request_id_) return succeed(ExecutionResult(), now);
  mismatch("another request or kind", now);
}

/// Begins anew in a version that both speak, once; false if there is none.
bool Call::Machine::agree(Version answered, std::string_view refusal, Now now) {
  if (agreed_ || given_up_) return false;
  const VersionWindow theirs = window_in(refusal).value_or(VersionWindow{answered, answered});
  const std::optional<Version> common = common_version(rules_.versions, theirs);
  if (!common || *common == version_) return false;
  agreed_ = common;
  push(Learned{*common});
  --attempts_;
  release(false);
  ask_for_connection(now);
  return true;
}

void Call::Machine::answered_error(FragmentResponse::Error&& error, Now now) {
  const errc gave_up = cancel_sent_ ? errc::cancelled : now.steady >= deadline_ ? errc::timed_out : errc::remote_error;
  RemoteFailure remote = judge(std::move(error), gave_up);
  if (remote.diagnostics.code == errc::authentication_failed && !refused_ && !given_up_ && rules_.tokens->size() > 1) {
    // While tokens are rotated some nodes know only the other one.
    refused_ = token_place_;
    release(false);
    return ask_for_connection(now);
  }
  Failure failure{std::move(remote.diagnostics), remote.may_pass, remote.keeps_connection && reusable()};
  fail(std::move(failure), now);
}

// ---- what went wrong with the connection

void Call::Machine::broken(Diagnostics why, bool may_pass, Now now) {
  if (held_ && state_ == State::asking) return resolve_held(now);
  const bool nothing_run = !request_out();
  if ((nothing_run || is_cancel_) && !connection_.fresh && !given_up_) return replace_connection(now);
  why.outcome = nothing_run ? Outcome::not_executed : Outcome::unknown;
  Failure failure{std::move(why), may_pass, false};
  fail(std::move(failure), now);
}

void Call::Machine::mismatch(std::string_view what, Now now) {
  Diagnostics d(errc::response_mismatch, Outcome::unknown);
  d.message.append(": ").append(what);
  broken(std::move(d), request_out(), now);
}

}  // namespace ft
