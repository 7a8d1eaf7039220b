// SPDX-License-Identifier: Apache-2.0
#include "ft/session/admission.hpp"

#include <cassert>
#include <iterator>
#include <list>
#include <unordered_map>
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

  /// All or nothing: what may throw comes first.
  void enqueue(Ticket ticket, const std::string& peer) {
    std::list<Ticket> last(1, ticket);
    Ring newcomer;
    const auto known = peers.find(peer);
    if (known == peers.end()) newcomer.push_back(Peer{peer, {}});
    const Ring::iterator at = newcomer.empty() ? known->second : newcomer.begin();
    const auto place = places.emplace(ticket, Place{at, last.begin()}).first;
    try {
      if (!newcomer.empty()) peers.emplace(peer, at);
    } catch (...) {
      places.erase(place);
      throw;
    }
    ring.splice(ring.end(), newcomer);
    at->waiting.splice(at->waiting.end(), last);
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
  std::size_t running = 0;    // slots in use
  std::size_t abandoned = 0;  // of these
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
  if (s.abandoned == s.running) return Verdict::wedged;
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

void Admission::abandon() noexcept {
  assert(state_->abandoned < state_->running && "each has been abandoned already");
  ++state_->abandoned;
}

std::optional<Ticket> Admission::release(Slot slot) {
  State& s = *state_;
  assert(s.running > 0 && (slot == Slot::awaited || s.abandoned > 0) && "only what has a slot can release one");
  if (slot == Slot::abandoned) --s.abandoned;
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
  return {s.running, s.abandoned, s.places.size(), s.bytes};
}

}  // namespace ft
