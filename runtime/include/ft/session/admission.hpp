// SPDX-License-Identifier: Apache-2.0
//
// Who may execute now, who waits, who is turned away. One object per server; the shell guards it with a mutex.
//
//   switch (admission.submit(ticket, peer)) { case started: run; case queued: wait for release(); default: reject; }
//   if (auto next = admission.release(slot)) start it            // when its job has really ended
//
// Slots: at most `max_executions` jobs exist at once. A job that was given up (cancelled, timed out, client gone) keeps
// its slot until it ends: `abandon` only counts it, and the caller remembers which it was. When every slot is held by
// abandoned jobs, submit says executors_wedged. Queue: bounded in total and per peer address; served round-robin over
// the peers, first come first served within one, so that one coordinator cannot starve the rest. Bytes: one budget for
// the large frames and answers of all connections. Cancels and pings need none of this. All operations are O(1) on
// average. Only a submit that queues allocates; what it throws then changes nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "ft/core/errc.hpp"

namespace ft {

struct AdmissionLimits {
  std::size_t max_executions = 64;
  std::size_t max_queued = 1024;
  std::size_t max_queued_per_peer = 256;
  std::size_t max_bytes = std::size_t{1} << 30;

  AdmissionLimits();
};

/// Names a submitted execution; chosen by the caller, unique while it lives.
using Ticket = std::uint64_t;

class Admission {
 public:
  enum class Verdict : std::uint8_t { started, queued, queue_full, wedged, draining };
  /// Whether the end of the job in it is awaited.
  enum class Slot : std::uint8_t { awaited, abandoned };

  explicit Admission(const AdmissionLimits& limits);
  ~Admission();

  Verdict submit(Ticket ticket, const std::string& peer);
  /// A queued one is taken out of the queue; false if it was not queued (it runs, or is unknown).
  bool withdraw(Ticket ticket);
  /// One that has a slot is no longer awaited; it keeps the slot. Once a job.
  void abandon() noexcept;
  /// The job in a slot has ended. Returns the queued execution that has the slot now, if any: it is to be
  /// started, or, should nobody await it any more, to be released in turn. None once a drain has begun.
  std::optional<Ticket> release(Slot slot);

  /// All or nothing.
  bool reserve(std::size_t bytes) noexcept;
  void unreserve(std::size_t bytes) noexcept;

  /// From now on submit says draining, and `evict` takes one queued execution after the other out of the queue, to be
  /// rejected, then none.
  void drain() noexcept;
  std::optional<Ticket> evict();

  struct Usage {
    std::size_t running = 0;    // slots in use, those of abandoned jobs included
    std::size_t abandoned = 0;  // of these
    std::size_t queued = 0;
    std::size_t bytes = 0;
    friend bool operator==(const Usage&, const Usage&) = default;
  };
  Usage usage() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ft
