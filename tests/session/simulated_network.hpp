// SPDX-License-Identifier: Apache-2.0
//
// A world for simulations: a clock, things that happen in it, and connections whose bytes arrive late and in pieces.
// All chance comes from one seed, so that a run can be had again.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <utility>

#include "ft/session/time.hpp"

namespace ft::test {

class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {}

  Now now{Instant(std::chrono::hours(1)), std::chrono::system_clock::time_point(std::chrono::hours(500'000))};

  /// 0 to n - 1.
  std::size_t below(std::size_t n) { return random_() % n; }
  bool chance(unsigned percent) { return below(100) < percent; }
  std::uint64_t number() { return random_(); }

  void at(Instant when, std::function<void()> what) { events_.emplace(when, std::move(what)); }
  void in(std::chrono::nanoseconds delay, std::function<void()> what) { at(now.steady + delay, std::move(what)); }
  void soon(std::function<void()> what) { in(std::chrono::microseconds(below(3000)), std::move(what)); }

  /// Lets the next thing happen; false if there is none. Now and then the process is held up, or somebody sets the
  /// clock.
  bool step() {
    if (events_.empty()) return false;
    auto event = events_.extract(events_.begin());
    const Instant due = std::max(event.key(), now.steady);
    const auto passed = due - now.steady + std::chrono::milliseconds(below(2000) == 0 ? below(5000) : 0);
    now.steady += passed;
    now.wall += std::chrono::duration_cast<std::chrono::system_clock::duration>(passed);
    if (below(500) == 0) now.wall += std::chrono::minutes(below(1200)) - std::chrono::minutes(600);
    event.mapped()();
    return true;
  }

 private:
  std::mt19937_64 random_;
  std::multimap<Instant, std::function<void()>> events_;
};

/// One end of a connection. `on_change` is called when there is something new: bytes, the end, or room to write.
class Socket : public std::enable_shared_from_this<Socket> {
 public:
  static std::pair<std::shared_ptr<Socket>, std::shared_ptr<Socket>> connect(World& world) {
    auto a = std::make_shared<Socket>(world), b = std::make_shared<Socket>(world);
    a->peer_ = b;
    b->peer_ = a;
    return {a, b};
  }
  explicit Socket(World& world) : world_(world) {}

  std::function<void()> on_change;

  bool broken() const { return broken_; }
  /// Whether the peer has been told all, and that was all.
  bool ended() const { return broken_ || (fin_ && bytes_.empty()); }
  bool has_bytes() const { return arrived_ != 0; }
  bool has_room() const {
    const auto peer = peer_.lock();
    return !peer || broken_ || peer->bytes_.size() < kWindow;
  }

  std::size_t read(std::span<char> space) {
    const std::size_t n = std::min(arrived_, space.size());
    std::memcpy(space.data(), bytes_.data(), n);
    bytes_.erase(0, n);
    arrived_ -= n;
    if (const auto peer = peer_.lock()) peer->changed();
    return n;
  }
  void write(std::string_view bytes) {
    const auto peer = peer_.lock();
    if (broken_ || !peer) return;
    if (peer->deaf_) return reset();
    if (peer->dropping_) return;
    peer->bytes_.append(bytes);
    peer->deliver();
  }
  void finish() {
    const auto peer = peer_.lock();
    if (broken_ || !peer) return;
    peer->fin_ = true;
    peer->changed();
  }
  /// Reads nothing more, and whoever still writes breaks the connection.
  void close() {
    finish();
    if (!bytes_.empty()) return reset();
    deaf_ = true;
  }
  /// The same, but what comes within a second does no harm.
  void linger() {
    finish();
    bytes_.clear();
    arrived_ = 0;
    dropping_ = true;
    world_.in(std::chrono::seconds(1), [self = shared_from_this()] { self->deaf_ = true; });
  }
  void reset() {
    const auto peer = peer_.lock();
    for (Socket* end : {this, peer.get()}) {
      if (end == nullptr) continue;
      end->broken_ = true;
      if (world_.chance(50)) end->lose();
      end->changed();
    }
  }

 private:
  static constexpr std::size_t kWindow = 40'000;

  void lose() {
    bytes_.clear();
    arrived_ = 0;
  }
  void changed() {
    world_.soon([self = shared_from_this()] { self->tell(); });
  }
  void tell() {
    const std::function<void()> listener = on_change;  // which may be replaced while it listens
    if (listener) listener();
  }
  void deliver() {
    if (delivering_) return;
    delivering_ = true;
    world_.soon([self = shared_from_this()] {
      self->delivering_ = false;
      const std::size_t on_the_way = self->bytes_.size() - self->arrived_;
      if (on_the_way == 0) return;
      self->arrived_ += self->world_.chance(70) ? on_the_way : 1 + self->world_.below(on_the_way);
      if (self->arrived_ < self->bytes_.size()) self->deliver();
      self->tell();
    });
  }

  World& world_;
  std::weak_ptr<Socket> peer_;
  std::string bytes_;        // that the peer has written, and that were not read
  std::size_t arrived_ = 0;  // of them
  bool delivering_ = false;
  bool fin_ = false;  // the peer writes no more
  bool broken_ = false;
  bool deaf_ = false;
  bool dropping_ = false;
};

/// A timer that follows a deadline.
class Alarm {
 public:
  Alarm(World& world, std::function<void()> due) : world_(world), due_(std::make_shared<std::function<void()>>(due)) {}
  void set(Instant deadline) {
    if (deadline == kNever || deadline >= set_for_) return;
    set_for_ = deadline;
    world_.at(deadline, [this, deadline, alive = std::weak_ptr(due_)] {
      const auto due = alive.lock();
      if (!due || deadline != set_for_) return;
      set_for_ = kNever;
      (*due)();
    });
  }

 private:
  World& world_;
  std::shared_ptr<std::function<void()>> due_;
  Instant set_for_ = kNever;
};

}  // namespace ft::test
