// SPDX-License-Identifier: Apache-2.0
#include "ft/session/admission.hpp"

#include <cassert>
#include <iterator>
#include <list>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace ft {

AdmissionLimits::AdmissionLimits() = default;

struct Admission::State {
  /// One peer's queue. Peers stand in a ring, the next to be served in front; one without tickets is not in it.
  struct Peer {
    std::string address;
    std::list<Ticket> waiting;
  };
  using Ring = std::list<Peer>;
  struct Place {
    Ring::iterator peer;
    std::list<Ticket>::iterator ticket;
  };

  explicit State(const AdmissionLimits& limits_) : limits(limits_) {}

  void enqueue(Ticket ticket, const std::string& peer) {
    auto [known, added] = peers.try_emplace(peer);
    if (added) known->second = ring.insert(ring.end(), Peer{peer, {}});
    const Ring::iterator at = known->second;
    places.emplace(ticket, Place{at, at->waiting.insert(at->waiting.end(), ticket)});
  }

  void dequeue(std::unordered_map<Ticket, Place>::iterator place) {
    const Ring::iterator peer = place->second.peer;
    peer->waiting.erase(place->second.ticket);
    places.erase(place);
    if (!peer->waiting.empty()) return;
    peers.erase(peer->address);
    ring.erase(peer);
  }

  std::optional<Ticket> take_next() {
    if (ring.empty()) return std::nullopt;
    const Ticket ticket = ring.front().waiting.front();
    ring.splice(ring.end(), ring, ring.begin());
    dequeue(places.find(ticket));
    return ticket;
  }

  std::size_t queued_of(const std::string& peer) const {
    const auto known = peers.find(peer);
    return known == peers.end() ? 0 : known->second->waiting.size();
  }

  AdmissionLimits limits;
  std::size_t running = 0;  // slots in use
  std::unordered_set<Ticket> abandoned;
  Ring ring;
  std::unordered_map<std::string, Ring::iterator> peers;
  std::unordered_map<Ticket, Place> places;  // of the queued ones
  std::size_t bytes = 0;
  bool draining = false;
};

Admission::Admission(const AdmissionLimits& limits) : state_(std::make_unique<State>(limits)) {}
Admission::~Admission() = default;

Admission::Verdict Admission::submit(Ticket ticket, const std::string& peer) {
  State& s = *state_;
  if (s.draining) return Verdict::draining;
  if (s.running < s.limits.max_executions) {
    ++s.running;
    return Verdict::started;
  }
  if (s.abandoned.size() == s.running) return Verdict::wedged;
  if (s.places.size() >= s.limits.max_queued || s.queued_of(peer) >= s.limits.max_queued_per_peer) {
    return Verdict::queue_full;
  }
  s.enqueue(ticket, peer);
  return Verdict::queued;
}

bool Admission::withdraw(Ticket ticket) {
  const auto place = state_->places.find(ticket);
  if (place == state_->places.end()) return false;
  state_->dequeue(place);
  return true;
}

void Admission::abandon(Ticket ticket) {
  assert(!state_->places.contains(ticket) && "a queued execution is withdrawn");
  state_->abandoned.insert(ticket);
}

std::optional<Ticket> Admission::release(Ticket ticket) {
  State& s = *state_;
  assert(s.running > 0 && !s.places.contains(ticket) && "only what has a slot can release one");
  s.abandoned.erase(ticket);
  --s.running;
  if (s.draining) return std::nullopt;
  const std::optional<Ticket> next = s.take_next();
  if (next) ++s.running;
  return next;
}

bool Admission::reserve(std::size_t bytes) noexcept {
  if (bytes > state_->limits.max_bytes - state_->bytes) return false;
  state_->bytes += bytes;
  return true;
}

void Admission::unreserve(std::size_t bytes) noexcept {
  assert(bytes <= state_->bytes);
  state_->bytes -= bytes;
}

void Admission::drain() noexcept { state_->draining = true; }

std::optional<Ticket> Admission::evict() { return state_->draining ? state_->take_next() : std::nullopt; }

Admission::Usage Admission::usage() const noexcept {
  const State& s = *state_;
  return {s.running, s.abandoned.size(), s.places.size(), s.bytes};
}

}  // namespace ft
