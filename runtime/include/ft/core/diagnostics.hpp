// SPDX-License-Identifier: Apache-2.0
//
// What a call that failed hands back: which error, whose words, and whether the request may have been run.
//
//   ft::CallResult<Answer> answer = co_await client.execute(request);
//   if (!answer) {
//     log(answer.error().describe());
//     if (answer.error().outcome == ft::Outcome::not_executed) try_another_worker();
//   }
//
// `message` of a remote_error is the peer's text: control characters in it were replaced, nothing else was. Everything
// else is made of texts of this library, of names and of numbers, never of input and never of a secret.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include "ft/core/errc.hpp"
#include "ft/core/error.hpp"

namespace ft {

/// Whether a request had effects. `not_executed` is proof; `unknown` is the honest rest.
enum class Outcome : std::uint8_t { not_executed, executed, unknown };
std::string_view to_name(Outcome outcome) noexcept;

/// Where the time of a call went. `server` is what the peer reports, if it does.
struct Timings {
  std::chrono::microseconds waiting{0};     // for a connection of the pool
  std::chrono::microseconds connecting{0};  // TCP, TLS and the first ping; 0 on a connection that was reused
  std::chrono::microseconds answering{0};   // from the first byte written to the last byte read
  std::chrono::microseconds total{0};       // from the call to its end, retries and pauses included
  std::optional<std::chrono::microseconds> server;
};

struct Diagnostics {
  errc code = errc::internal;
  std::string sqlstate;  // of the peer if it gave one, else of the code; five characters
  std::string message;
  Outcome outcome = Outcome::unknown;
  std::string peer;  // HOST:PORT; empty if none was reached
  std::uint64_t request_id = 0;
  unsigned attempts = 0;                                 // how often the request was sent or a connection tried
  std::optional<std::chrono::milliseconds> retry_after;  // when the peer would like to be asked again
  Timings timings;

  /// errc::internal, outcome unknown.
  Diagnostics();
  /// With the code's text and SQLSTATE.
  explicit Diagnostics(errc code_, Outcome outcome_);
  /// What the codec or a configuration check says, as the end of a call.
  explicit Diagnostics(const Error& error, Outcome outcome_);

  /// One line for a log: code, SQLSTATE, message, peer, request, outcome, what to do next; nothing of it twice.
  std::string describe() const;
};

template <class T>
using CallResult = boost::system::result<T, Diagnostics>;

/// Thrown by CallResult<T>::value() when there is no value; what() is describe().
class CallException : public std::runtime_error {
 public:
  explicit CallException(Diagnostics diagnostics);
  const Diagnostics& diagnostics() const noexcept { return *diagnostics_; }

 private:
  std::shared_ptr<const Diagnostics> diagnostics_;  // shared, because copying an exception must not throw
};

// Found by boost::system::result through argument-dependent lookup.
[[noreturn]] void throw_exception_from_error(const Diagnostics& diagnostics, const boost::source_location& where);

}  // namespace ft
