// SPDX-License-Identifier: Apache-2.0
//
// A timer for a deadline that moves: arming it for later than it is armed already costs a comparison and no more.
//
//   void Session::arm() {
//     timer_.arm(machine_.deadline(), [self = shared_from_this()] { self->on_timer(); });
//   }
//   void Session::on_timer() { machine_.tick(Now::read()); pump(); }     // pump() ends with arm()
//
// So the timer may fire before the deadline as it stands by then: whoever is woken looks at the clock and arms again.
// Not thread safe: everything on the executor, which must be a strand or have one thread. The handler must keep the
// timer's owner alive; cancel() lets go of it.
#pragma once

#include <utility>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/wait_traits.hpp>

#include "ft/session/time.hpp"

namespace ft::net {

template <class Executor>
class LazyTimer {
 public:
  explicit LazyTimer(const Executor& executor) : timer_(executor) {}

  /// Calls `handler()` on the executor at `deadline` or before. Nothing happens for kNever, or if the timer is armed
  /// for an earlier time; then the handler of that arming is the one that is called.
  template <class Handler>
  void arm(Instant deadline, Handler handler) {
    if (deadline >= armed_) return;
    armed_ = deadline;
    timer_.expires_at(deadline);
    timer_.async_wait([this, handler = std::move(handler)](const boost::system::error_code& error) mutable {
      if (error) return;
      armed_ = kNever;
      handler();
    });
  }

  void cancel() {
    armed_ = kNever;
    timer_.cancel();
  }

 private:
  boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                    Executor>
      timer_;
  Instant armed_ = kNever;
};

}  // namespace ft::net
