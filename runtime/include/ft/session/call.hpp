// SPDX-License-Identifier: Apache-2.0
//
// One call of a client, from its start to its single outcome, over any number of attempts. No socket, no clock, no
// thread: the shell in net/ feeds it, a test or a simulation can do the same.
//
//   Call call(rules, std::move(request), options, Call::Rows::gather, random, now);
//   loop:
//     while (auto action = call.next()) perform it               // Acquire, ..., Done is the last
//     call.acquired(...) or call.acquire_failed(...)             // the answer to Acquire
//     write call.output(), then call.written(n, now)
//     read into call.prepare() (empty: do not read), then call.received(n, now)
//     at call.deadline(): call.tick(now)
//
// Reading: from `acquired` on, so that a peer which leaves is noticed at once. Writing and reading may overlap, and
// their completions may be reported in either order. Buffers: what prepare() and output() hand out stays where it is
// until the call of received or written that reports it, or until Release or Done comes out of next(): then end the
// operations on that connection before anything else is fed.
//
// What the machine decides, and nobody else:
// - A ping goes before a request on a fresh connection if the request is above 64 KiB, and on a connection that was
//   idle for long. While only a ping was written, nothing was run: a pooled connection that fails then is replaced at
//   once.
// - not_executed is claimed only if no byte of the request was handed out, or the Error has id 0, or it says
//   not_executed. A final answer is `executed`; everything else is `unknown`. Of several attempts the worst one counts.
// - An attempt is repeated if its failure may pass (the connection failed, the peer is overloaded or shuts down) and it
//   was not executed or the call is idempotent; never after columns were given out, after a cancel, beyond max_retries
//   or the budget, or if the pause would outlast the deadline.
// - A peer whose version is not known is asked first, by a ping in the newest version of the window; who refuses it
//   names its own window, and the call goes on in the newest version that both speak (see session/version_window.hpp).
//   So does a call whose version is refused although it was known: that request was not run.
// - An answer of another version, kind or request is a response_mismatch and ends the connection.
//
// Not thread safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "ft/auth.hpp"
#include "ft/core/diagnostics.hpp"
#include "ft/protocol.hpp"
#include "ft/session/answer.hpp"
#include "ft/session/back_off.hpp"
#include "ft/session/row_stream.hpp"
#include "ft/session/time.hpp"
#include "ft/session/version_window.hpp"

namespace ft {

/// What the calls of one pool have in common. Outlives them; `budget` is shared by them.
struct CallRules {
  std::shared_ptr<const TokenRing> tokens;  // required
  std::shared_ptr<RetryBudget> budget;      // required
  RetryOptions retry;
  std::chrono::nanoseconds ping_timeout = std::chrono::seconds(2);    // for the ping before a request
  std::chrono::nanoseconds cancel_timeout = std::chrono::seconds(2);  // for the real answer after a partial cancel
  RowStreamOptions rows;                                              // `delivery` is set by the call
  VersionWindow versions;                                             // that calls are made in

  CallRules();
};

class Call {
 public:
  // ---- actions, in the order in which they have to be performed

  /// A connection is wanted. Ends with acquired or acquire_failed, unless Withdraw comes first.
  struct Acquire {};
  /// It is not wanted any more: give up waiting or connecting; a connection that comes nevertheless is not the call's.
  struct Withdraw {};
  /// The connection is no longer the call's: back to the pool, or closed. Reads and writes on it have to end.
  struct Release {
    bool reusable;
    std::size_t token_place;  // of the token that was sent last and not refused: for PoolCore::release
  };
  /// The call was given up while its request may be running. Send this to the same endpoint over a second connection,
  /// behind the caller's back and bounded in time: a Call made of a CancelRequest does it.
  struct SendCancel {
    CancelRequest request;
    std::size_t token_place;
  };
  /// The peer speaks this version: for PeerVersions.
  struct Learned {
    Version version;
  };
  /// For metrics and logs: the attempt has failed and is made again. The pause is in deadline().
  struct Retry {
    errc why;
    std::chrono::nanoseconds pause;
  };
  /// Rows::deliver only: the columns of a Query; once, before any rows.
  struct Columns {
    std::vector<ResultField> columns;
  };
  /// Rows::deliver only: the next rows. prepare() is empty until rows_taken.
  struct Batch {
    FlatRows<Value> rows;
  };
  /// The last action.
  struct Done {
    CallResult<Answer> result;
  };
  using Action = std::variant<Acquire, Withdraw, Release, SendCancel, Learned, Retry, Columns, Batch, Done>;

  enum class Rows : std::uint8_t {
    gather,   // the answer holds all rows
    deliver,  // rows come as Columns and Batch; the answer holds the columns alone
  };

  /// A request. Its `request_id` must not be 0 and its `cancel_key` should not be. The call's deadline is the earliest
  /// of CallOptions::timeout and the request's own; `timeout_ms` is rewritten with what is left whenever the request is
  /// written, if either of the relative timeouts was given. `random` is uniform.
  Call(const CallRules& rules, FragmentRequest request, CallOptions options, Rows rows, std::uint64_t random, Now now);
  /// A cancel, or with id and key 0 a ping. Idempotent by nature. Its Answer has an empty result; Timings::answering is
  /// the round trip.
  Call(const CallRules& rules, CancelRequest request, CallOptions options, std::uint64_t random, Now now);
  ~Call();

  // ---- connections

  struct Connection {
    bool fresh = true;                       // made for this call: nothing was ever sent on it
    bool ping_first = false;                 // it was idle for so long that it may be dead
    std::size_t token_place = 0;             // of the token in the ring to begin with
    std::optional<Version> version;          // that the peer is known to speak
    std::string peer;                        // HOST:PORT, for diagnostics
    std::chrono::nanoseconds connecting{0};  // what making it took; the rest was waiting

    Connection();
  };
  void acquired(Connection connection, Now now);
  /// None could be had; nothing was sent. connect_failed is tried again, anything else is final: tls_failed,
  /// too_many_waiters, pool_closed, invalid_configuration...
  void acquire_failed(const Error& why, Now now);

  // ---- bytes

  /// Where to read to; empty: do not read.
  std::span<char> prepare();
  void received(std::size_t bytes, Now now);
  /// What to write; empty: nothing. What was handed out counts as written, as far as outcomes go.
  std::span<const char> output() noexcept;
  void written(std::size_t bytes, Now now);
  /// FIN, reset or a failed read. After a failed write read on first: the peer's reason may be there already.
  void end_of_stream(Now now);
  /// The peer has refused this side's certificate, which under TLS 1.3 becomes known only after the handshake. Of a
  /// fresh connection that brought no byte it proves that nothing was run, and it is final; otherwise as end_of_stream.
  void refused(const Error& why, Now now);
  /// The consumer has done with the batch.
  void rows_taken(Now now);

  // ---- giving up

  enum class Cancel : std::uint8_t {
    total,     // only while no byte of the request is out; otherwise no effect but that it is not sent again
    partial,   // send a cancel and wait for the real answer, cancel_timeout at the longest
    terminal,  // send a cancel and be done
  };
  void cancel(Cancel kind, Now now);

  // ---- time

  /// When tick has to be called at the latest.
  Instant deadline() const noexcept;
  void tick(Now now);

  std::optional<Action> next();

  // ---- as it stands: for the list of calls, and for a shell that has to end the call without Done
  std::uint64_t request_id() const noexcept;
  unsigned attempts() const noexcept;
  /// What is known of the request, until Done says it.
  Outcome outcome() const noexcept;

 private:
  class Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace ft
