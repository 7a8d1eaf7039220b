// SPDX-License-Identifier: Apache-2.0
#include "net/executions.hpp"

#include <utility>

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

Execution::Execution(std::shared_ptr<Executions> all, std::weak_ptr<ExecutionOwner> owner,
                     ServerConnection::Start start, Instant now)
    : id(start.execution),
      request(std::move(start.request)),
      request_id(request.request_id),
      submitted(now),
      deadline(start.deadline),
      all_(std::move(all)),
      owner_(std::move(owner)) {}

void Execution::ended(ExecutionOutcome outcome) {
  all_->end(*this);
  if (auto owner = owner_.lock()) owner->ended(shared_from_this(), std::move(outcome));
}

void Execution::failed(std::exception_ptr why) {
  all_->log_failure(*this, why);
  ended(SqlError(std::string(info(errc::executor_failed).sqlstate), std::string(info(errc::internal).text)));
}

Executions::Executions(const AdmissionLimits& limits, std::shared_ptr<Observer> observer)
    : observer_(std::move(observer)), admission_(limits) {}

Executions::Verdict Executions::submit(Execution& execution, const SecretU64& key, const std::string& peer_address) {
  const Ticket ticket = ticket_of(execution);
  const std::lock_guard lock(mutex_);
  const Verdict verdict = admission_.submit(ticket, peer_address);
  if (verdict == Verdict::started || verdict == Verdict::queued) {
    cancels_.add(ticket, execution.request_id, key, peer_address);
    execution.registered_ = true;
    execution.place_ = verdict == Verdict::started ? Execution::Place::slot : Execution::Place::queue;
  }
  show_usage();
  return verdict;
}

void Executions::unregister(Execution& execution) {
  if (std::exchange(execution.registered_, false)) cancels_.remove(ticket_of(execution), execution.request_id);
}

void Executions::give_up(Execution& execution) {
  const std::lock_guard lock(mutex_);
  unregister(execution);
  if (execution.place_ == Execution::Place::queue) {
    admission_.withdraw(ticket_of(execution));
    execution.place_ = Execution::Place::none;
  } else if (execution.place_ == Execution::Place::slot) {
    admission_.abandon(ticket_of(execution));
  }
  show_usage();
}

std::shared_ptr<Execution> Executions::release(Execution& execution) {
  const std::lock_guard lock(mutex_);
  unregister(execution);
  execution.place_ = Execution::Place::none;
  const std::optional<Ticket> ticket = admission_.release(ticket_of(execution));
  show_usage();
  if (!ticket) return nullptr;
  std::shared_ptr<Execution> next = named(*ticket);
  next->place_ = Execution::Place::slot;
  return next;
}

void Executions::end(Execution& execution) {
  std::shared_ptr<Execution> next = release(execution);
  while (next) {
    if (auto owner = next->owner_.lock()) return owner->granted(std::move(next));
    next = release(*next);
  }
}

std::size_t Executions::cancel(std::uint64_t request_id, const SecretU64& key, const std::string& peer_address) {
  std::vector<std::shared_ptr<Execution>> hit;
  {
    const std::lock_guard lock(mutex_);
    for (const Ticket ticket : cancels_.match(request_id, key, peer_address)) hit.push_back(named(ticket));
  }
  for (auto& execution : hit) {
    if (auto owner = execution->owner_.lock()) owner->cancelled(std::move(execution));
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

void Executions::drain() {
  std::vector<std::shared_ptr<Execution>> queued;
  {
    const std::lock_guard lock(mutex_);
    admission_.drain();
    while (const std::optional<Ticket> ticket = admission_.evict()) {
      queued.push_back(named(*ticket));
      unregister(*queued.back());
      queued.back()->place_ = Execution::Place::none;
    }
    show_usage();
  }
  for (auto& execution : queued) {
    if (auto owner = execution->owner_.lock()) owner->evicted(std::move(execution));
  }
}

// Gauges may be shared by several servers, so they are moved by differences.
void Executions::show_usage() {
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

void Executions::log_failure(const Execution& execution, const std::exception_ptr& why) const {
  if (!observer_) return;
  observer_->logger().write(LogEvent::executor_failed, text_of(why),
                            {{"request_id", std::to_string(execution.request_id)}});
}

}  // namespace ft::net
