// SPDX-License-Identifier: Apache-2.0
//
// The part of a ServerSession that deals with the server: what the machine wants of it, and what comes back.
#include <exception>
#include <string>
#include <utility>

#include <boost/asio/post.hpp>

#include "net/server_core.hpp"
#include "net/server_session.hpp"

namespace ft::net {
namespace {

errc reason_of(Executions::Verdict verdict) noexcept {
  switch (verdict) {
    case Executions::Verdict::queue_full:
      return errc::queue_full;
    case Executions::Verdict::wedged:
      return errc::executors_wedged;
    case Executions::Verdict::draining:
      return errc::draining;
    case Executions::Verdict::started:
    case Executions::Verdict::queued:
      break;
  }
  return errc::internal;
}

}  // namespace

// ---- what the machine wants

void ServerSession::perform(ServerConnection::Reserve action) {
  const bool granted = core_->executions()->reserve(action.bytes);
  if (granted) reserved_ += action.bytes;
  machine_->reserved(granted, now_);
}

void ServerSession::perform(ServerConnection::Unreserve action) {
  core_->executions()->unreserve(action.bytes);
  reserved_ -= action.bytes;
}

void ServerSession::perform(ServerConnection::Start& action) {
  current_ = std::make_shared<Execution>(core_->executions(), std::move(action), peer_, now_.steady);
  current_->shown = watch_.submitted(current_->request, now_.steady, current_->deadline);
  const Executions::Verdict verdict =
      core_->executions()->submit(*current_, *this, current_->request.cancel_key, peer_->address);
  if (verdict == Executions::Verdict::queued) return;
  if (verdict == Executions::Verdict::started) return run();
  if (verdict == Executions::Verdict::wedged) watch_.wedged();
  reject(reason_of(verdict));
}

void ServerSession::run() {
  const std::shared_ptr<Execution> execution = current_;  // one that ends at once is no longer the current one
  ExecutionDone done(execution);                          // from here on it ends, whatever happens
  execution->given_away = true;
  machine_->started(execution->id);
  execution->shown.state(ExecutionState::running);
  if (watch_.watching()) watch_.started(now_.steady - execution->submitted);
  ExecutionContext context;
  context.stop = execution->stop.get_token();
  context.deadline = execution->deadline;
  context.peer = peer_;
  if (execution->request.traceparent) context.traceparent = *execution->request.traceparent;
  try {
    core_->fragments().execute(std::move(execution->request), std::move(context), std::move(done));
  } catch (...) {  // ExecutionDone has answered already; here is why
    core_->executions()->log_failure(*execution, std::current_exception());
  }
}

void ServerSession::reject(errc why) {
  const std::shared_ptr<Execution> execution = std::exchange(current_, nullptr);
  machine_->rejected(execution->id, why, now_);
}

void ServerSession::perform(ServerConnection::Stop action) {
  if (action.reason == StopReason::client_left) watch_.client_left();
  stop_current();
}

// The job may go on for as long as it likes, and holds its slot until it ends; nobody here waits for it any more.
void ServerSession::stop_current() {
  const std::shared_ptr<Execution> execution = std::exchange(current_, nullptr);
  if (!execution) return;
  execution->shown.state(ExecutionState::abandoned);
  execution->stop.request_stop();
  core_->executions()->give_up(*execution);
}

void ServerSession::perform(const ServerConnection::Cancel& action) {
  watch_.cancelled(core_->executions()->cancel(action.request_id, action.key, peer_->address));
}

void ServerSession::perform(ServerConnection::Close action) {
  if (action.linger) return linger();
  stream_.shutdown_send();  // without room for a close_notify it goes without
  close();
}

// ---- what happens to executions

bool ServerSession::granted(std::shared_ptr<Execution> execution) {
  auto begin = [session = weak_from_this(), all = core_->executions(), execution = std::move(execution)] {
    if (const auto self = session.lock()) self->event([&] { self->begin(execution); });
    if (!execution->given_away) all->forgo(*execution);  // it has been answered without
  };
  bool told = false;
  const auto tell = [&] {
    asio::post(strand_, std::move(begin));
    told = true;
  };
  guarded(tell, [](const char*) {});  // its deadline will end the wait
  return told;
}

void ServerSession::begin(const std::shared_ptr<Execution>& execution) {
  if (phase_ == Phase::open) machine_->tick(now_);  // its time may have passed in the queue
  pump();
  if (execution != current_) return;
  run();
  pump();
}

void ServerSession::evicted(std::shared_ptr<Execution> execution) {
  notify([execution = std::move(execution)](ServerSession& self) {
    if (execution != self.current_) return;
    self.reject(errc::draining);
    self.pump();
  });
}

void ServerSession::cancelled(std::shared_ptr<Execution> execution) {
  notify([execution = std::move(execution)](ServerSession& self) {
    if (execution != self.current_) return;
    self.machine_->cancel(execution->id, self.now_);
    self.pump();
  });
}

void ServerSession::ended(std::shared_ptr<Execution> execution, ExecutionOutcome outcome) {
  auto tell = [execution = std::move(execution), outcome = std::move(outcome)](ServerSession& self) mutable {
    if (execution == self.current_) self.finish(std::move(outcome));
  };
  if (here()) return event([&] { tell(*this); });
  // It is the executor that is here: what a connection has no memory for is none of its business.
  guarded([&] { notify(std::move(tell)); }, [](const char*) {});
}

bool ServerSession::here() const noexcept { return strand_.running_in_this_thread(); }

void ServerSession::finish(ExecutionOutcome outcome) {
  const std::shared_ptr<Execution> execution = std::exchange(current_, nullptr);
  execution->shown = LiveExecution();  // before the peer can know that it is over
  watch_.answered(now_.steady - execution->submitted);
  machine_->finished(execution->id, std::move(outcome), now_);
  pump();
}

}  // namespace ft::net
