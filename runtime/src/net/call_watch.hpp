// SPDX-License-Identifier: Apache-2.0
//
// What an operator gets to see of one call: metrics, the log, the live list.
//
//   CallWatch watch(observer, worker);               // observer may be null: then all of it is nothing
//   watch.sent(bytes);
//   watch.ended(result);                             // of a call; cancel_ended of a cancel
//
// Not thread safe: everything on the strand of the call. The worker must outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ft/core/endpoint.hpp"
#include "ft/observe.hpp"
#include "ft/session/answer.hpp"
#include "ft/session/time.hpp"

namespace ft::net {

class CallWatch {
 public:
  /// The call begins now.
  CallWatch(Observer* observer, const Endpoint& worker) noexcept;

  void sent(std::size_t bytes);
  void received(std::size_t bytes);
  LiveConnection dialled(bool tls, Instant now);
  void connect_failed(const Error& why, Now now);
  void retried(errc why, std::uint64_t request_id);
  /// The cancel of a call that was given up does not go out.
  void cancel_failed(std::string_view why);
  void defect(std::string_view why);

  void ended(const CallResult<Answer>& result);
  void cancel_ended(const CallResult<Answer>& result);

 private:
  Observer* const observer_;
  const Endpoint& worker_;
  const Instant started_;
};

}  // namespace ft::net
