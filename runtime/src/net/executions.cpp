// SPDX-License-Identifier: Apache-2.0
#include "net/executions.hpp"

#include <utility>

#include "net/guarded.hpp"

namespace ft::net {
namespace {

// An execution is its own ticket: it lives as long as admission or registry may name it.
Ticket ticket_of(const Execution& execution) noexcept { return reinterpret_cast<std::uintptr_t>(&execution); }
std::shared_ptr<Execution> named(Ticket ticket) {
  return reinterpret_cast<Execution*>(static_cast<std::uintptr_t>(ticket))->shared_from_this();
}

std::string text_of(const std::exception_ptr& why) {
  if (!why) return "the executor dropped its request";
  try {
    std::rethrow_exception(why);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "an exception of unknown type";
  }
}

}  // namespace

Execution::Execution(std::shared_ptr<Executions> all, ServerConnection::Start start,
                     std::shared_ptr<const PeerIdentity> peer_, Instant now)
    : all_(std::move(all)),
      id(start.execution),
      request(std::move(start.request)),
      request_id(request.request_id),
      peer(std::move(peer_)),
      submitted(now),
      deadline(start.deadline) {}

void Execution::ended(ExecutionOutcome outcome) { all_->end(*this, std::move(outcome)); }

void Execution::failed(std::exception_ptr why) {
  all_->log_failure(*this, why);
  ended(SqlError(std::string(info(errc::executor_failed).sqlstate), std::string(info(errc::internal).text)));
}

Executions::Executions(const AdmissionLimits& limits, std::shared_ptr<Observer> observer)
    : observer_(std::move(observer)), admission_(limits) {}

Executions::Verdict Executions::submit(Execution& execution, ExecutionOwner& owner, const SecretU64& key,
                                       const std::string& peer_address) {
  const Ticket ticket = ticket_of(execution);
  const std::lock_guard lock(mutex_);
  // Before it has a slot: without memory for the entry no slot would ever be given back.
  cancels_.add(ticket, execution.request_id, key, peer_address);
  execution.owner_ = &owner;
  const Verdict verdict = admission_.submit(ticket, peer_address);
  if (verdict == Verdict::started) {
    execution.place_ = Execution::Place::slot;
  } else if (verdict == Verdict::queued) {
    execution.place_ = Execution::Place::queue;
  } else {
    forget(execution);
  }
  show_usage();
  return verdict;
}

ExecutionOwner* Executions::forget(Execution& execution) noexcept {
  ExecutionOwner* const owner = std::exchange(execution.owner_, nullptr);
  if (owner) cancels_.remove(ticket_of(execution), execution.request_id);
  return owner;
}

void Executions::give_up(Execution& execution) noexcept {
  const std::lock_guard lock(mutex_);
  forget(execution);
  if (execution.place_ == Execution::Place::queue) {
    admission_.withdraw(ticket_of(execution));
    execution.place_ = Execution::Place::none;
  } else if (execution.place_ == Execution::Place::slot) {
    admission_.abandon();
    execution.place_ = Execution::Place::abandoned_slot;
  }
  show_usage();
}

void Executions::free_slot(Execution& execution) {
  const bool abandoned = std::exchange(execution.place_, Execution::Place::none) == Execution::Place::abandoned_slot;
  std::optional<Ticket> ticket = admission_.release(abandoned ? Admission::Slot::abandoned : Admission::Slot::awaited);
  while (ticket) {
    const std::shared_ptr<Execution> next = named(*ticket);
    next->place_ = Execution::Place::slot;
    if (next->owner_->granted(next)) break;
    next->place_ = Execution::Place::none;
    forget(*next);
    ticket = admission_.release(Admission::Slot::awaited);
  }
  show_usage();
}

void Executions::end(Execution& execution, ExecutionOutcome outcome) {
  ExecutionOwner* here = nullptr;  // alive, because we are inside of it
  {
    const std::lock_guard lock(mutex_);
    ExecutionOwner* const owner = forget(execution);
    free_slot(execution);
    if (owner && owner->here()) {
      here = owner;
    } else if (owner) {
      owner->ended(execution.shared_from_this(), std::move(outcome));
    }
  }
  if (here) here->ended(execution.shared_from_this(), std::move(outcome));
}

void Executions::forgo(Execution& execution) {
  const std::lock_guard lock(mutex_);
  forget(execution);
  free_slot(execution);
}

std::size_t Executions::cancel(std::uint64_t request_id, const SecretU64& key, const std::string& peer_address) {
  const std::lock_guard lock(mutex_);
  const std::vector<Ticket> hit = cancels_.match(request_id, key, peer_address);
  for (const Ticket ticket : hit) {
    const std::shared_ptr<Execution> execution = named(ticket);
    execution->owner_->cancelled(execution);
  }
  return hit.size();
}

bool Executions::reserve(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  const bool granted = admission_.reserve(bytes);
  show_usage();
  return granted;
}

void Executions::unreserve(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  admission_.unreserve(bytes);
  show_usage();
}

// An owner that has no memory to take notice awaits its deadline, or the end of the drain; the others are told.
void Executions::drain() noexcept {
  const std::lock_guard lock(mutex_);
  admission_.drain();
  while (const std::optional<Ticket> ticket = admission_.evict()) {
    const std::shared_ptr<Execution> execution = named(*ticket);
    execution->place_ = Execution::Place::none;
    ExecutionOwner* const owner = forget(*execution);
    guarded([&] { owner->evicted(execution); }, [](const char*) {});
  }
  show_usage();
}

// Gauges may be shared by several servers, so they are moved by differences.
void Executions::show_usage() noexcept {
  if (!observer_) return;
  const Admission::Usage now = admission_.usage();
  ServerMetrics& metrics = observer_->metrics().server;
  const auto show = [](Gauge& gauge, std::size_t from, std::size_t to) {
    if (from != to) gauge.add(static_cast<std::int64_t>(to) - static_cast<std::int64_t>(from));
  };
  show(metrics.executions_running, shown_.running, now.running);
  show(metrics.executions_abandoned, shown_.abandoned, now.abandoned);
  show(metrics.executions_queued, shown_.queued, now.queued);
  show(metrics.bytes_reserved, shown_.bytes, now.bytes);
  shown_ = now;
}

Admission::Usage Executions::usage() const {
  const std::lock_guard lock(mutex_);
  return admission_.usage();
}

void Executions::log_failure(const Execution& execution, const std::exception_ptr& why) const noexcept {
  if (!observer_) return;
  const auto log = [&] {
    observer_->logger().write(LogEvent::executor_failed, text_of(why),
                              {{"peer", Endpoint(execution.peer->address, execution.peer->port).to_string()},
                               {"request_id", std::to_string(execution.request_id)}});
  };
  guarded(log, [](const char*) {});
}

}  // namespace ft::net
