// SPDX-License-Identifier: Apache-2.0
#include "ft/observe/live.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <vector>

#include "ft/json/writer.hpp"
#include "observe/text.hpp"

namespace ft {

namespace {

constexpr std::size_t kMaxTraceparent = 64;

/// Copies the first `limit` entries under the lock; they are put into words without it.
template <class List>
std::vector<typename List::value_type> first_of(std::mutex& mutex, const List& entries, std::size_t limit,
                                                std::size_t& left_out) {
  std::vector<typename List::value_type> copies;
  const std::lock_guard lock(mutex);
  const std::size_t count = std::min(entries.size(), limit);
  left_out = entries.size() - count;
  copies.reserve(count);
  for (auto entry = entries.begin(); copies.size() < count; ++entry) copies.push_back(*entry);
  return copies;
}

class Page {
 public:
  explicit Page(Now now)
      : now_(now), w_(buffer_, std::numeric_limits<std::size_t>::max() / 2, json::Writer::Mode::masked) {}

  void show(const detail::LiveConnectionEntry& c) {
    w_.put("{\"peer\":");
    w_.text(c.peer);
    w_.put(",\"direction\":");
    w_.append(c.dialled ? "\"out\"" : "\"in\"");
    w_.put(",\"since\":");
    time(c.since);
    w_.put(",\"phase\":");
    w_.text(to_name(c.phase.load(std::memory_order_relaxed)));
    w_.put(",\"tls\":");
    w_.append(c.tls ? "true" : "false");
    w_.put(",\"requests\":");
    number(c.requests.load(std::memory_order_relaxed));
    w_.put(",\"request_id\":");
    const std::uint64_t request = c.request.load(std::memory_order_relaxed);
    if (request != 0) {
      number(request);
    } else {
      w_.append("null");
    }
    w_.put('}');
  }
  void show(const detail::LiveExecutionEntry& e) {
    w_.put("{\"request_id\":");
    number(e.request_id);
    w_.put(",\"peer\":");
    w_.text(e.peer);
    w_.put(",\"state\":");
    w_.text(to_name(e.state.load(std::memory_order_relaxed)));
    w_.put(",\"since\":");
    time(e.since);
    w_.put(",\"deadline\":");
    time(e.deadline);
    w_.put(",\"traceparent\":");
    if (e.traceparent.empty()) {
      w_.put("null");
    } else {
      w_.text(e.traceparent);
    }
    w_.put('}');
  }
  template <class Entry>
  void list(const std::vector<Entry>& entries) {
    w_.put('[');
    for (const Entry& entry : entries) {
      if (&entry != entries.data()) w_.put(',');
      show(entry);
    }
    w_.put(']');
  }
  void time(Instant instant) {
    if (instant == kNever) return w_.put("null");
    // Far enough for any deadline, and within the range of the wall clock.
    const auto distance = std::min<Instant::duration>(instant - now_.steady, std::chrono::hours(24 * 36500));
    w_.text(utc_text(now_.wall + std::chrono::duration_cast<std::chrono::system_clock::duration>(distance)));
  }
  void number(std::uint64_t value) { w_.append(std::to_string(value)); }
  template <std::size_t N>
  void put(const char (&literal)[N]) {
    w_.put(literal);
  }

  std::string take() {
    w_.finish();
    return {buffer_.data(), buffer_.size()};
  }

 private:
  Now now_;
  PaddedBuffer buffer_;
  json::Writer w_;
};

}  // namespace

std::string_view to_name(ConnectionPhase phase) noexcept {
  constexpr std::array<std::string_view, 5> kNames = {"handshake", "unauthenticated", "ready", "busy", "closing"};
  return kNames[static_cast<std::size_t>(phase)];
}
std::string_view to_name(ExecutionState state) noexcept {
  constexpr std::array<std::string_view, 3> kNames = {"queued", "running", "abandoned"};
  return kNames[static_cast<std::size_t>(state)];
}

namespace detail {

LiveConnectionEntry::LiveConnectionEntry(std::string peer_, bool dialled_, bool tls_, Instant since_)
    : peer(std::move(peer_)), dialled(dialled_), tls(tls_), since(since_) {}
LiveConnectionEntry::LiveConnectionEntry(const LiveConnectionEntry& other)
    : peer(other.peer),
      dialled(other.dialled),
      tls(other.tls),
      since(other.since),
      phase(other.phase.load()),
      requests(other.requests.load()),
      request(other.request.load()) {}

LiveExecutionEntry::LiveExecutionEntry(std::uint64_t request_id_, std::string peer_, Instant since_, Instant deadline_,
                                       std::string traceparent_)
    : request_id(request_id_),
      peer(std::move(peer_)),
      since(since_),
      deadline(deadline_),
      traceparent(std::move(traceparent_)) {}
LiveExecutionEntry::LiveExecutionEntry(const LiveExecutionEntry& other)
    : request_id(other.request_id),
      peer(other.peer),
      since(other.since),
      deadline(other.deadline),
      traceparent(other.traceparent),
      state(other.state.load()) {}

template <class Entry>
LiveHandle<Entry>::~LiveHandle() {
  if (list_ == nullptr) return;
  std::list<Entry> gone;  // freed without the lock
  auto& live = list_->list_of(*entry_);
  const std::lock_guard lock(live.mutex);
  gone.splice(gone.end(), live.entries, entry_);
}
template class LiveHandle<LiveConnectionEntry>;
template class LiveHandle<LiveExecutionEntry>;

}  // namespace detail

void LiveConnection::phase(ConnectionPhase phase) noexcept {
  if (auto* const entry = get()) entry->phase.store(phase, std::memory_order_relaxed);
}
void LiveConnection::count_request() noexcept {
  if (auto* const entry = get()) entry->requests.fetch_add(1, std::memory_order_relaxed);
}
void LiveConnection::request(std::uint64_t id) noexcept {
  if (auto* const entry = get()) entry->request.store(id, std::memory_order_relaxed);
}
void LiveExecution::state(ExecutionState state) noexcept {
  if (auto* const entry = get()) entry->state.store(state, std::memory_order_relaxed);
}

LiveList::LiveList() = default;

LiveConnection LiveList::accepted(std::string peer, bool tls, Instant since) {
  return add(std::move(peer), false, tls, since);
}

LiveConnection LiveList::dialled(std::string peer, bool tls, Instant since) {
  return add(std::move(peer), true, tls, since);
}

LiveConnection LiveList::add(std::string peer, bool dialled, bool tls, Instant since) {
  std::list<detail::LiveConnectionEntry> fresh;
  fresh.emplace_back(std::move(peer), dialled, tls, since);
  const auto entry = fresh.begin();
  const std::lock_guard lock(connections_.mutex);
  connections_.entries.splice(connections_.entries.end(), fresh);
  return LiveConnection(this, entry);
}

LiveExecution LiveList::submitted(std::uint64_t request_id, std::string peer, Instant since, Instant deadline,
                                  std::string traceparent) {
  if (traceparent.size() > kMaxTraceparent) traceparent.resize(kMaxTraceparent);
  std::list<detail::LiveExecutionEntry> fresh;
  fresh.emplace_back(request_id, std::move(peer), since, deadline, std::move(traceparent));
  const auto entry = fresh.begin();
  const std::lock_guard lock(executions_.mutex);
  executions_.entries.splice(executions_.entries.end(), fresh);
  return LiveExecution(this, entry);
}

std::string LiveList::json(Now now, std::size_t limit) const {
  std::size_t connections_left_out = 0, executions_left_out = 0;
  const auto connections = first_of(connections_.mutex, connections_.entries, limit, connections_left_out);
  const auto executions = first_of(executions_.mutex, executions_.entries, limit, executions_left_out);
  Page page(now);
  page.put("{\"now\":");
  page.time(now.steady);
  page.put(",\"connections\":");
  page.list(connections);
  page.put(",\"executions\":");
  page.list(executions);
  page.put(",\"left_out\":{\"connections\":");
  page.number(connections_left_out);
  page.put(",\"executions\":");
  page.number(executions_left_out);
  page.put("}}\n");
  return page.take();
}

}  // namespace ft
