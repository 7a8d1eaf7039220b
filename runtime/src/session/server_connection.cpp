// SPDX-License-Identifier: Apache-2.0
//
// From items to answers: what runs, what is asked of the shell, how time and the end of the server act.
#include "ft/session/server_connection.hpp"

#include <algorithm>
#include <utility>

#include "session/server_connection_state.hpp"

namespace ft {

namespace {

/// How long a connection that a drain has given up may take to fetch its last answer.
constexpr std::chrono::seconds kLastWords{1};

/// How long a connection that has nothing to do is kept at a drain. Its peer may send a request before it sees the end,
/// and could not tell whether that was run. More than a request takes through a network, and nobody waits for it.
constexpr std::chrono::milliseconds kLastRequests{100};

}  // namespace

ServerRules::ServerRules() = default;
SqlError::SqlError() = default;
SqlError::SqlError(std::string sqlstate_, std::string message_)
    : sqlstate(std::move(sqlstate_)), message(std::move(message_)) {}

ServerConnection::State::State(const ServerRules& rules_, bool may_execute_, Now now)
    : rules(rules_),
      may_execute(may_execute_),
      opened(now.steady),
      gate([this](const TransportEnvelope& head) { return judge_head(head); }),
      reader(Phase::unauthenticated),
      heard(rules_.versions.min),  // everybody reads it
      answering(heard),
      last_activity(now.steady),
      last_read(now.steady),
      last_write(now.steady) {}

// ---- items

void ServerConnection::State::advance(Now now) {
  last_activity = now.steady;
  do {
    if (running && running->stage == Stage::ready && running->request.cancelled) {
      conclude(RequestFailure::cancelled, error_answer(running->request_id, errc::cancelled), std::nullopt, now);
    }
    while (!closing && !running && !items.empty() && !output_full()) begin(items.pop(), now);
  } while (!closing && take_frame(now));
  if (draining) finish_drain();

  const bool frame_wanted = !closing && reader.buffered() != 0 && wants_bytes();
  if (frame_wanted && !awaits_frame) last_read = now.steady;
  awaits_frame = frame_wanted;
  const bool write_wanted = output.unwritten() != 0;
  if (write_wanted && !awaits_write) last_write = now.steady;
  awaits_write = write_wanted;
}

/// The peer has to take some answers before it may have more.
bool ServerConnection::State::output_full() const noexcept { return output.unwritten() > rules.max_pipelined_bytes; }

void ServerConnection::State::begin(Item item, Now now) {
  items_bytes -= item.bytes;
  answering = item.version;
  if (Request* const request = std::get_if<Request>(&item.what)) {
    begin(std::move(*request), now);
  } else if (const Acknowledgement* const ack = std::get_if<Acknowledgement>(&item.what)) {
    append_cancel_ack(answering, ack->request_id, output.next());
    if (watcher) watcher->acknowledged();
  } else {
    Refusal& refusal = std::get<Refusal>(item.what);
    if (watcher) watcher->refused(refusal.answer, refusal.why);
    append_error(answering, std::move(refusal.answer), output.next());
    begin_close(true);
  }
  // A frame that was reserved for came alone.
  if (!running) unreserve(std::exchange(reserved, 0));
}

void ServerConnection::State::begin(Request request, Now now) {
  const FragmentRequest& r = request.payload.get_if<TransportPayload::ExecuteFragment>()->value;
  const AnswerLimits limits{r.max_result_rows, r.max_result_bytes};
  running.emplace(Running{++last_execution, Stage::ready, std::move(request), r.request_id, limits});
  const std::uint64_t id = running->request_id;
  // The server's own limit is for the work, so it begins with the turn: a slow request must not take the time of those
  // that were sent behind it.
  if (const Instant servers = after(now.steady, rules.request_timeout); servers < running->request.deadline) {
    running->request.deadline = servers;
    running->request.own_deadline = false;
  }
  if (draining) return conclude(RequestFailure::rejected, error_answer(id, errc::draining), std::nullopt, now);
  if (!may_execute) {
    conclude(RequestFailure::rejected, error_answer(id, errc::too_many_connections), std::nullopt, now);
    return begin_close(true);
  }
  if (running->request.cancelled) {
    return conclude(RequestFailure::cancelled, error_answer(id, errc::cancelled), std::nullopt, now);
  }
  if (running->request.deadline <= now.steady) time_out(now);
}

void ServerConnection::State::conclude(RequestFailure why, ErrorAnswer answer, std::optional<StopReason> stop,
                                       Now now) {
  dismissed = dismissed || (draining && why == RequestFailure::rejected);
  // An execution that was never handed to an executor has had no effect, whatever it is that ends it.
  if (running->stage != Stage::started && running->stage != Stage::answered) answer.not_executed = true;
  if (stop && running->stage != Stage::ready) actions.push(Stop{running->execution, *stop});
  answer.server_us = server_us(running->request, now);
  if (watcher) watcher->failed(answer, why);
  append_error(answering, std::move(answer), output.next());
  conclude(now);
}

void ServerConnection::State::succeed(Now now) {
  if (watcher) watcher->succeeded();
  conclude(now);
}

void ServerConnection::State::conclude(Now now) {
  last_work = now.steady;
  running.reset();
  unreserve(std::exchange(reserved, 0));
}

void ServerConnection::State::time_out(Now now) {
  const bool own = running->request.own_deadline;
  ErrorAnswer answer = error_answer_saying(running->request_id, errc::timed_out,
                                           own ? "deadline passed" : "fragment execution timed out");
  conclude(RequestFailure::timed_out, std::move(answer), StopReason::timed_out, now);
}

std::optional<std::uint64_t> ServerConnection::State::server_us(const Request& request, Now now) const noexcept {
  if (!rules.report_server_time) return std::nullopt;
  using std::chrono::microseconds;
  const auto spent = std::chrono::duration_cast<microseconds>(now.steady - request.arrived);
  return static_cast<std::uint64_t>(std::max(spent, microseconds(0)).count());
}

// ---- the end

/// Nothing new is run. What is under way is answered first; then a peer that does not know yet may have sent its next
/// request already, and gets a moment to be told that it was not run (drain_deadline).
void ServerConnection::State::finish_drain() {
  if (closing || running || !items.empty()) return;
  if (reader.buffered() != 0) {
    // A frame that was begun: its sender learns that it was not run.
    append_error(heard, error_answer(0, errc::draining), output.next());
    return begin_close(true);
  }
  if (dismissed || killed) begin_close(output.unwritten() != 0);
}

/// What has been answered is still written, nothing else is done.
void ServerConnection::State::begin_close(bool with_linger) {
  closing = deaf = true;
  linger = with_linger;
  to_reserve = 0;
  items.clear();
  items_bytes = 0;
  unreserve(std::exchange(reserved, 0));
}

/// Nobody is there to read any more.
void ServerConnection::State::abort() {
  if (running && (running->stage == Stage::submitted || running->stage == Stage::started)) {
    actions.push(Stop{running->execution, StopReason::client_left});
  }
  running.reset();
  begin_close(false);
  unreserve(output.drop());
}

void ServerConnection::State::unreserve(std::size_t bytes) {
  if (bytes != 0) actions.push(Unreserve{bytes});
}

// ---- time

void ServerConnection::State::gave_up(PeerWait wait, std::chrono::nanoseconds limit) {
  if (watcher) watcher->timed_out(wait, limit);
}

std::chrono::nanoseconds ServerConnection::State::write_limit() const noexcept {
  return killed ? std::min<std::chrono::nanoseconds>(rules.write_timeout, kLastWords) : rules.write_timeout;
}

Instant ServerConnection::State::write_deadline() const noexcept {
  return awaits_write ? after(last_write, write_limit()) : kNever;
}

/// Of the frame under way. A stranger's first one has a fixed time, however it trickles in.
Instant ServerConnection::State::arrival_deadline() const noexcept {
  if (deaf) return kNever;
  if (!authenticated) return after(opened, rules.first_frame_timeout);
  return awaits_frame ? after(last_read, rules.frame_timeout) : kNever;
}

Instant ServerConnection::State::idle_deadline() const noexcept {
  const bool idle = authenticated && !closing && !busy() && !awaits_frame && output.unwritten() == 0;
  return idle ? after(last_activity, rules.idle_timeout) : kNever;
}

Instant ServerConnection::State::drain_deadline() const noexcept {
  const bool quiet = draining && !closing && !busy() && output.unwritten() == 0;
  return quiet ? after(last_work, kLastRequests) : kNever;
}

// ---- the public face

ServerConnection::ServerConnection(const ServerRules& rules, bool may_execute, Now now)
    : state_(std::make_unique<State>(rules, may_execute, now)) {}
ServerConnection::~ServerConnection() = default;

void ServerConnection::watch(ServerConnectionWatcher& watcher) noexcept { state_->watcher = &watcher; }

std::span<char> ServerConnection::prepare() {
  if (!state_->wants_bytes()) return {};
  return state_->reader.prepare();
}

void ServerConnection::received(std::size_t bytes, Now now) {
  state_->reader.commit(bytes);
  if (state_->deaf) return;
  state_->last_read = now.steady;
  state_->advance(now);
}

void ServerConnection::end_of_stream(Now now) {
  State& s = *state_;
  if (s.closed) return;
  const bool awaited = s.running || !s.items.empty();
  if (std::exchange(s.left, true) || awaited) {
    s.abort();
  } else if (!s.closing) {
    s.begin_close(false);
  }
  s.advance(now);
}

void ServerConnection::reserved(bool granted, Now now) {
  State& s = *state_;
  const std::size_t bytes = std::exchange(s.to_reserve, 0);
  s.asked = false;
  if (s.output.held()) {
    if (granted) {
      s.output.release();
      s.succeed(now);
    } else {
      // It ran: the answer does not claim otherwise.
      s.output.take_back();
      s.conclude(RequestFailure::unsent,
                 error_answer_saying(s.running->request_id, errc::byte_budget, info(errc::byte_budget).text),
                 std::nullopt, now);
    }
  } else if (granted) {
    s.reserved = bytes;
  } else {
    s.refuse(errc::byte_budget, error_answer(0, errc::byte_budget));
  }
  s.advance(now);
}

std::span<const char> ServerConnection::output() noexcept { return state_->output.batch(); }

void ServerConnection::written(std::size_t bytes, Now now) {
  State& s = *state_;
  s.last_write = now.steady;
  s.unreserve(s.output.written(bytes));
  s.advance(now);
}

void ServerConnection::finished(ExecutionId execution, ExecutionOutcome outcome, Now now) {
  State& s = *state_;
  if (!s.running || s.running->execution != execution || s.running->stage == State::Stage::answered) return;
  State::Running& running = *s.running;
  running.stage = State::Stage::answered;
  PaddedBuffer& out = s.output.next();
  const std::size_t begin = out.size();
  const RequestFailure why = outcome ? RequestFailure::unsent : RequestFailure::error;
  std::optional<ErrorAnswer> instead;
  if (outcome) {
    instead = append_success(s.answering, running.request_id, std::move(*outcome), running.limits,
                             s.server_us(running.request, now), out);
  } else {
    instead = error_answer(running.request_id, std::move(outcome).error());
  }
  if (instead) {
    s.conclude(why, std::move(*instead), std::nullopt, now);
  } else if (const std::size_t size = out.size() - begin; size > s.rules.max_pipelined_bytes) {
    s.output.hold(begin);
    s.to_reserve = size;
  } else {
    s.succeed(now);
  }
  s.advance(now);
}

void ServerConnection::rejected(ExecutionId execution, errc why, Now now) {
  State& s = *state_;
  if (!s.running || s.running->execution != execution || s.running->stage == State::Stage::answered) return;
  s.conclude(RequestFailure::rejected, error_answer(s.running->request_id, why), std::nullopt, now);
  s.advance(now);
}

void ServerConnection::started(ExecutionId execution) noexcept {
  State& s = *state_;
  if (s.running && s.running->execution == execution && s.running->stage == State::Stage::submitted) {
    s.running->stage = State::Stage::started;
  }
}

void ServerConnection::cancel(ExecutionId execution, Now now) {
  State& s = *state_;
  if (!s.running || s.running->execution != execution || s.running->stage == State::Stage::answered) return;
  s.conclude(RequestFailure::cancelled, error_answer(s.running->request_id, errc::cancelled), StopReason::cancelled,
             now);
  s.advance(now);
}

Instant ServerConnection::deadline() const noexcept {
  const State& s = *state_;
  Instant earliest = s.write_deadline();
  if (s.closing) return earliest;
  if (s.running && s.running->stage != State::Stage::answered) {
    earliest = std::min(earliest, s.running->request.deadline);
  }
  return std::min({earliest, s.arrival_deadline(), s.idle_deadline(), s.drain_deadline()});
}

void ServerConnection::tick(Now now) {
  State& s = *state_;
  if (s.closed || deadline() > now.steady) return;
  if (s.write_deadline() <= now.steady) {
    s.gave_up(PeerWait::write, s.write_limit());
    s.abort();
  } else if (s.running && s.running->stage != State::Stage::answered && s.running->request.deadline <= now.steady) {
    s.time_out(now);
  } else if (s.drain_deadline() <= now.steady) {
    s.begin_close(false);
  } else if (s.arrival_deadline() <= now.steady) {
    if (s.authenticated) {
      s.gave_up(PeerWait::frame, s.rules.frame_timeout);
    } else {
      s.gave_up(PeerWait::first_frame, s.rules.first_frame_timeout);
    }
    if (s.reader.buffered() != 0) {
      s.refuse(errc::timed_out, error_answer(0, errc::timed_out, "the rest of the frame did not arrive"));
    } else {
      s.begin_close(false);
    }
  } else {
    s.gave_up(PeerWait::idle, s.rules.idle_timeout);
    s.begin_close(false);
  }
  s.advance(now);
}

void ServerConnection::drain(Now now) {
  State& s = *state_;
  s.draining = true;
  s.last_work = now.steady;
  if (s.running && s.running->stage == State::Stage::ready) {
    s.conclude(RequestFailure::rejected, error_answer(s.running->request_id, errc::draining), std::nullopt, now);
  }
  s.advance(now);
}

void ServerConnection::kill(Now now) {
  State& s = *state_;
  s.draining = s.killed = true;
  if (s.running && s.running->stage != State::Stage::answered) {
    const bool ran = s.running->stage == State::Stage::started;
    s.conclude(ran ? RequestFailure::killed : RequestFailure::rejected,
               error_answer(s.running->request_id, ran ? errc::killed_by_drain : errc::draining), StopReason::drained,
               now);
  }
  s.last_write = now.steady;
  s.advance(now);
}

std::optional<ServerConnection::Action> ServerConnection::next() {
  State& s = *state_;
  if (!s.actions.empty()) {
    return std::visit([](auto&& action) { return Action(std::move(action)); }, s.actions.pop());
  }
  if (s.to_reserve != 0 && !s.asked) {
    s.asked = true;
    return Reserve{s.to_reserve};
  }
  if (s.running && s.running->stage == State::Stage::ready) {
    s.running->stage = State::Stage::submitted;
    auto* const fragment = s.running->request.payload.get_if<TransportPayload::ExecuteFragment>();
    Start start{s.running->execution, std::move(fragment->value), s.running->request.deadline};
    s.running->request.payload = TransportPayload();
    return start;
  }
  if (s.closing && !s.closed && s.output.unwritten() == 0) {
    s.closed = true;
    return Close{s.linger};
  }
  return std::nullopt;
}

bool ServerConnection::authenticated() const noexcept { return state_->authenticated; }
bool ServerConnection::idle() const noexcept {
  return !state_->running && state_->items.empty() && state_->output.unwritten() == 0;
}
bool ServerConnection::closing() const noexcept { return state_->closing; }

}  // namespace ft
