// SPDX-License-Identifier: Apache-2.0
//
// All executions of one server, from submission to the end of their jobs: who may run, who waits, whom a cancel hits.
//
//   auto execution = std::make_shared<Execution>(executions, start, peer, now);
//   switch (executions->submit(*execution, owner, key, address)) { started: run it; queued: wait; else: reject it }
//   ... the executor calls its ExecutionDone: slot released, next one started, owner told
//   executions->give_up(*execution);        // at any time before: answered without it
//
// Joins ft/session's Admission and CancelRegistry under one mutex. A request takes it twice: to submit, and when its
// job ends. Thread safe. A job may end long after its connection, its server and their execution context: it touches
// nothing of them, because whoever gave it up is no longer its owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "ft/server.hpp"
#include "ft/session/admission.hpp"
#include "ft/session/cancel_registry.hpp"
#include "ft/session/server_connection.hpp"

namespace ft::net {

class Execution;
class Executions;

/// The connection that an execution came from. It is told with the mutex held, so that it cannot go meanwhile, and with
/// it the execution context: it gives up what it still has before it dies. Therefore it only posts to its strand what
/// it has to do, and does not keep itself alive by that: a context that is being destroyed drops what is posted at
/// once, and the last of a connection needs the mutex. But for `ended` when the job ends on that strand itself.
class ExecutionOwner {
 public:
  virtual ~ExecutionOwner() = default;
  /// Its turn has come: run it, or, if it has been given up meanwhile, Executions::forgo. False: the owner has no
  /// memory to take notice.
  virtual bool granted(std::shared_ptr<Execution> execution) = 0;
  /// It will never run, because the server drains.
  virtual void evicted(std::shared_ptr<Execution> execution) = 0;
  /// Somebody who may has cancelled it.
  virtual void cancelled(std::shared_ptr<Execution> execution) = 0;
  /// Its job has ended; the slot is free already.
  virtual void ended(std::shared_ptr<Execution> execution, ExecutionOutcome outcome) = 0;
  /// Whether the calling thread is in the owner's strand.
  virtual bool here() const noexcept = 0;
};

/// One request on its way. The executor holds it through ExecutionDone, its owner until it is answered.
class Execution final : public ExecutionDone::Waiter, public std::enable_shared_from_this<Execution> {
  const std::shared_ptr<Executions> all_;  // first: `shown` needs its observer to the last

 public:
  Execution(std::shared_ptr<Executions> all, ServerConnection::Start start, std::shared_ptr<const PeerIdentity> peer,
            Instant now);

  // The owner's alone, on its strand.
  const ExecutionId id;
  FragmentRequest request;  // until it runs
  const std::uint64_t request_id;
  const std::shared_ptr<const PeerIdentity> peer;
  const Instant submitted;
  const Instant deadline;
  std::stop_source stop;
  bool given_away = false;  // to the executor, which will end it
  LiveExecution shown;

  void ended(ExecutionOutcome outcome) override;
  void failed(std::exception_ptr why) override;

 private:
  friend class Executions;
  enum class Place : std::uint8_t { none, queue, slot, abandoned_slot };

  // Guarded by the mutex of all_.
  Place place_ = Place::none;        // of admission
  ExecutionOwner* owner_ = nullptr;  // while it awaits the end; a cancel may hit it as long
};

class Executions {
 public:
  using Verdict = Admission::Verdict;

  Executions(const AdmissionLimits& limits, std::shared_ptr<Observer> observer);

  Verdict submit(Execution& execution, ExecutionOwner& owner, const SecretU64& key, const std::string& peer_address);

  /// It has been answered: a queued one leaves the queue, a running one keeps its slot until its job ends. Its owner
  /// hears no more of it.
  void give_up(Execution& execution) noexcept;

  /// Its job has ended. Its owner is told, if it has not given it up, and whoever gets the slot.
  void end(Execution& execution, ExecutionOutcome outcome);
  /// It was granted and will not run.
  void forgo(Execution& execution);

  /// Tells the owners of all that this cancel may hit. Returns how many.
  std::size_t cancel(std::uint64_t request_id, const SecretU64& key, const std::string& peer_address);

  bool reserve(std::size_t bytes);
  void unreserve(std::size_t bytes);

  /// No execution starts from now on; the queued ones are evicted.
  void drain() noexcept;

  Admission::Usage usage() const;
  /// Tells the operator why an executor failed; the peer is told only that it did.
  void log_failure(const Execution& execution, const std::exception_ptr& why) const noexcept;

 private:
  // With the mutex held.
  ExecutionOwner* forget(Execution& execution) noexcept;
  void free_slot(Execution& execution);
  void show_usage() noexcept;

  const std::shared_ptr<Observer> observer_;
  mutable std::mutex mutex_;  // of all below
  Admission admission_;
  CancelRegistry cancels_;
  Admission::Usage shown_;  // what the gauges were last told
};

}  // namespace ft::net
