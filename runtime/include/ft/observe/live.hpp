// SPDX-License-Identifier: Apache-2.0
//
// What is going on right now: the connections of servers and clients, and what servers execute, for /inflight and for a
// debugger's eye.
//
//   ft::LiveConnection shown = observer->live().accepted(peer, tls, now.steady);      // leaves the list when it dies
//   shown.phase(ft::ConnectionPhase::ready);
//   ft::LiveConnection dialled = observer->live().dialled(worker, tls, now.steady);   // of a client
//   dialled.request(id);                                                              // what it waits for
//   ft::LiveExecution running = observer->live().submitted(id, peer, now.steady, deadline, traceparent);
//   running.state(ft::ExecutionState::running);
//   std::string page = observer->live().json(ft::Now::read());
//
// Cost: one allocation and one short lock when something comes, the lock again when it goes; changes are atomic stores.
// The list is as long as what it describes, which the server bounds; the page is bounded by itself. No cancel keys, no
// tokens. All of it is thread safe, but one handle must not be moved while another thread uses it. Handles must not
// outlive the list.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "ft/session/time.hpp"

namespace ft {

/// A client's connections are in handshake (name, TCP, TLS), ready (idle in the pool) or busy.
enum class ConnectionPhase : std::uint8_t { handshake, unauthenticated, ready, busy, closing };
std::string_view to_name(ConnectionPhase phase) noexcept;

enum class ExecutionState : std::uint8_t { queued, running, abandoned };
std::string_view to_name(ExecutionState state) noexcept;

class LiveList;

namespace detail {

struct LiveConnectionEntry {
  std::string peer;
  bool dialled;  // by a client; otherwise accepted by a server
  bool tls;
  Instant since;
  std::atomic<ConnectionPhase> phase{ConnectionPhase::handshake};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> request{0};

  LiveConnectionEntry(std::string peer_, bool dialled_, bool tls_, Instant since_);
  LiveConnectionEntry(const LiveConnectionEntry& other);
};

struct LiveExecutionEntry {
  std::uint64_t request_id;
  std::string peer;
  Instant since, deadline;
  std::string traceparent;
  std::atomic<ExecutionState> state{ExecutionState::queued};

  LiveExecutionEntry(std::uint64_t request_id_, std::string peer_, Instant since_, Instant deadline_,
                     std::string traceparent_);
  LiveExecutionEntry(const LiveExecutionEntry& other);
};

/// Keeps an entry in its list. Without one, all is a no-op.
template <class Entry>
class LiveHandle {
 public:
  LiveHandle() noexcept = default;
  LiveHandle(LiveHandle&& other) noexcept : list_(std::exchange(other.list_, nullptr)), entry_(other.entry_) {}
  LiveHandle& operator=(LiveHandle&& other) noexcept {
    std::swap(list_, other.list_);
    std::swap(entry_, other.entry_);
    return *this;
  }
  ~LiveHandle();

 protected:
  friend class ft::LiveList;
  LiveHandle(LiveList* list, typename std::list<Entry>::iterator entry) noexcept : list_(list), entry_(entry) {}
  Entry* get() const noexcept { return list_ == nullptr ? nullptr : &*entry_; }

 private:
  LiveList* list_ = nullptr;
  typename std::list<Entry>::iterator entry_{};
};

}  // namespace detail

class LiveConnection : public detail::LiveHandle<detail::LiveConnectionEntry> {
 public:
  using LiveHandle::LiveHandle;
  void phase(ConnectionPhase phase) noexcept;
  void count_request() noexcept;
  /// Of a client: the id of the request whose answer is awaited; 0 if there is none.
  void request(std::uint64_t id) noexcept;
};

class LiveExecution : public detail::LiveHandle<detail::LiveExecutionEntry> {
 public:
  using LiveHandle::LiveHandle;
  void state(ExecutionState state) noexcept;
};

class LiveList {
 public:
  /// Connections, and executions, that one page shows at most.
  static constexpr std::size_t kMaxShown = 1000;

  LiveList();
  LiveList(const LiveList&) = delete;
  LiveList& operator=(const LiveList&) = delete;

  /// `peer`: HOST:PORT.
  LiveConnection accepted(std::string peer, bool tls, Instant since);
  LiveConnection dialled(std::string peer, bool tls, Instant since);
  /// `traceparent` is shortened to 64 bytes.
  LiveExecution submitted(std::uint64_t request_id, std::string peer, Instant since, Instant deadline,
                          std::string traceparent);

  /// The oldest `limit` of each, as one JSON object with a line feed:
  /// {"now":TIME,"connections":[{"peer","direction":"in" or "out","since":TIME,"phase","tls":BOOL,"requests":N,
  ///   "request_id":N or null}],
  ///  "executions":[{"request_id":N,"peer","state","since":TIME,"deadline":TIME or null,"traceparent":TEXT or null}],
  ///  "left_out":{"connections":N,"executions":N}}. TIME is UTC, as 2024-05-01T12:00:00.000Z.
  std::string json(Now now, std::size_t limit = kMaxShown) const;

 private:
  template <class Entry>
  friend class detail::LiveHandle;
  LiveConnection add(std::string peer, bool dialled, bool tls, Instant since);

  template <class Entry>
  struct Guarded {
    mutable std::mutex mutex;
    std::list<Entry> entries;
  };
  Guarded<detail::LiveConnectionEntry>& list_of(const detail::LiveConnectionEntry&) noexcept { return connections_; }
  Guarded<detail::LiveExecutionEntry>& list_of(const detail::LiveExecutionEntry&) noexcept { return executions_; }

  Guarded<detail::LiveConnectionEntry> connections_;
  Guarded<detail::LiveExecutionEntry> executions_;
};

}  // namespace ft
