// SPDX-License-Identifier: Apache-2.0
//
// All executions of one server, from submission to the end of their jobs: who may run, who waits, whom a cancel hits.
//
//   auto execution = std::make_shared<Execution>(executions, owner, start);
//   switch (executions->submit(*execution, key, peer)) { started: run it; queued: its owner is told; else: reject it }
//   ... the executor calls its ExecutionDone: slot released, next one started, owner told
//   executions->give_up(*execution);        // at any time before: answered without it
//
// Joins ft/session's Admission and CancelRegistry under one mutex. A request takes it twice: to submit, and when its
// job ends. Thread safe; owners are told on their own strands and never while the mutex is held.
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

/// The connection that an execution came from. Called from any thread; acts on its strand, later or at once.
class ExecutionOwner {
 public:
  virtual ~ExecutionOwner() = default;
  /// Its turn has come: run it, or call Executions::end if it has been given up meanwhile.
  virtual void granted(std::shared_ptr<Execution> execution) = 0;
  /// It will never run, because the server drains.
  virtual void evicted(std::shared_ptr<Execution> execution) = 0;
  /// Somebody who may has cancelled it.
  virtual void cancelled(std::shared_ptr<Execution> execution) = 0;
  /// Its job has ended; the slot is free already.
  virtual void ended(std::shared_ptr<Execution> execution, ExecutionOutcome outcome) = 0;
};

/// One request on its way. The executor holds it through ExecutionDone, its owner until it is answered.
class Execution final : public ExecutionDone::Waiter, public std::enable_shared_from_this<Execution> {
 public:
  Execution(std::shared_ptr<Executions> all, std::weak_ptr<ExecutionOwner> owner, ServerConnection::Start start,
            Instant now);

  // The owner's alone, on its strand.
  const ExecutionId id;
  FragmentRequest request;  // until it runs
  const std::uint64_t request_id;
  const Instant submitted;
  const Instant deadline;
  std::stop_source stop;
  bool given_away = false;  // to the executor, which will end it
  LiveExecution shown;

  void ended(ExecutionOutcome outcome) override;
  void failed(std::exception_ptr why) override;

 private:
  friend class Executions;
  enum class Place : std::uint8_t { none, queue, slot };

  const std::shared_ptr<Executions> all_;
  const std::weak_ptr<ExecutionOwner> owner_;
  // Guarded by the mutex of all_.
  Place place_ = Place::none;  // of admission
  bool registered_ = false;    // a cancel may hit it
};

class Executions {
 public:
  using Verdict = Admission::Verdict;

  Executions(const AdmissionLimits& limits, std::shared_ptr<Observer> observer);

  Verdict submit(Execution& execution, const SecretU64& key, const std::string& peer_address);

  /// It has been answered, so no cancel may hit it any more; a queued one leaves the queue, a running one keeps its
  /// slot.
  void give_up(Execution& execution);

  /// Its job has ended, or it was granted and nobody wants it. Whoever gets the slot is told.
  void end(Execution& execution);

  /// Tells the owners of all that this cancel may hit. Returns how many.
  std::size_t cancel(std::uint64_t request_id, const SecretU64& key, const std::string& peer_address);

  bool reserve(std::size_t bytes);
  void unreserve(std::size_t bytes);

  /// No execution starts from now on; the queued ones are evicted.
  void drain();

  Admission::Usage usage() const;
  /// Tells the operator why an executor failed; the peer is told only that it did.
  void log_failure(const Execution& execution, const std::exception_ptr& why) const;

 private:
  void unregister(Execution& execution);
  void show_usage();
  std::shared_ptr<Execution> release(Execution& execution);

  const std::shared_ptr<Observer> observer_;
  mutable std::mutex mutex_;  // of all below
  Admission admission_;
  CancelRegistry cancels_;
  Admission::Usage shown_;  // what the gauges were last told
};

}  // namespace ft::net
