// SPDX-License-Identifier: Apache-2.0
//
// One connection as the server sees it: bytes in, answers out, and what the server has to do in between. No socket, no
// clock, no thread: the shell in net/ feeds it, a test or a simulation can do the same.
//
//   ServerConnection connection(rules, peer, now);
//   after every event, until nothing is left to do:
//     while (auto action = connection.next()) perform it
//     if no write is under way: write connection.output(), then connection.written(n, now)
//     if no read is under way: read into connection.prepare() (empty: do not read), then connection.received(n, now)
//     at connection.deadline(): connection.tick(now)
//
// The order of judgement is the protocol's: frame, version, token, JSON, kind, rules. Requests of one connection are
// run one after another and answered in order. While one runs, the frames behind it are read ahead, up to
// ServerRules::max_pipelined_bytes, so that a cancel or the end of the stream takes effect at once.
//
// Every error of the peer's making gets an answer with an SQLSTATE, then the connection closes with a linger. Nothing
// is ever written to a connection that asked nothing.
//
// Memory: about 5 KiB of buffers before the first request, at most some 36 KiB while idle; what a large frame or answer
// took is given back when it was dealt with. Answers above max_pipelined_bytes are reserved from the byte budget once
// they are encoded, until they are written; no request is started while more than max_pipelined_bytes wait to be
// written. Limits: a request that waits behind another of its own connection is known to that connection alone, so
// until its turn only a cancel from the same connection finds it. Not thread safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "ft/auth.hpp"
#include "ft/core/padded.hpp"
#include "ft/protocol.hpp"
#include "ft/session/peer_wait.hpp"
#include "ft/session/time.hpp"
#include "ft/session/version_window.hpp"

namespace ft {

/// What the connections of one server have in common. Outlives them.
struct ServerRules {
  std::shared_ptr<const TokenRing> tokens;
  std::chrono::nanoseconds first_frame_timeout = std::chrono::seconds(10);  // until the first whole, accepted frame
  std::chrono::nanoseconds idle_timeout = std::chrono::minutes(5);          // nothing asked, nothing running
  std::chrono::nanoseconds frame_timeout = std::chrono::seconds(60);        // a frame that was begun must progress
  std::chrono::nanoseconds write_timeout = std::chrono::seconds(60);        // an answer that was begun must progress
  std::chrono::nanoseconds request_timeout = std::chrono::hours(24);        // from its turn to its answer
  std::size_t max_pipelined_bytes = 65536;
  bool report_server_time = false;  // answers carry server_us
  VersionWindow versions;           // taken; an answer has the version of what it answers

  ServerRules();
};

/// Names an execution within its connection; never reused.
using ExecutionId = std::uint64_t;

/// What an executor hands back when it fails: goes to the peer as it is.
struct SqlError {
  std::string sqlstate;  // five characters of 0-9 A-Z; anything else becomes XX000
  std::string message;

  SqlError();
  SqlError(std::string sqlstate_, std::string message_);
};
using ExecutionOutcome = boost::system::result<ExecutionResult, SqlError>;

/// Why the answer of an execution is no longer awaited; its job should stop.
enum class StopReason : std::uint8_t { cancelled, timed_out, client_left, drained };

/// Why a request was answered with an error.
enum class RequestFailure : std::uint8_t {
  error,      // the executor's own
  unsent,     // it ran, but its result is too large or cannot be encoded
  cancelled,  // by a cancel
  timed_out,  // its deadline, or the server's
  rejected,   // it was not run: no room, or a drain
  killed,     // by the end of a drain
};

/// What a connection tells whoever counts: called in the middle of an event, so nothing may be fed back from here.
class ServerConnectionWatcher {
 public:
  virtual ~ServerConnectionWatcher() = default;
  /// A whole frame was taken, good or not. A ping is a cancel of nothing.
  virtual void frame_taken(bool ping) = 0;
  /// These were answered: a request with a result, with an error, a cancel or ping, a frame that was not acceptable.
  virtual void succeeded() = 0;
  virtual void failed(const FragmentResponse::Error& answer, RequestFailure why) = 0;
  virtual void acknowledged() = 0;
  virtual void refused(const FragmentResponse::Error& answer, errc why) = 0;
  /// The peer let a wait pass its limit. The connection ends; for a frame that stays unfinished there is an answer as
  /// well.
  virtual void timed_out(PeerWait wait, std::chrono::nanoseconds limit) = 0;
};

class ServerConnection {
 public:
  // ---- actions, in the order in which they have to be performed
  /// Reserve this many bytes for a frame that was announced or for an answer, then call `reserved`, before anything
  /// else. What is no larger than max_pipelined_bytes comes out of the connection's own allowance and does not ask.
  struct Reserve {
    std::size_t bytes;
  };
  /// Give back what was reserved.
  struct Unreserve {
    std::size_t bytes;
  };
  /// Submit a request. Ends with a call of `finished` or `rejected`, unless Stop comes first.
  struct Start {
    ExecutionId execution;
    FragmentRequest request;
    Instant deadline;  // of timeout_ms, deadline_epoch_ms and the server's own, the earliest
  };
  /// The answer of this execution has been given without it: ask its job to stop. A later `finished` is ignored.
  struct Stop {
    ExecutionId execution;
    StopReason reason;
  };
  /// Somebody asks to cancel a request of any connection, this one included. Acknowledged already.
  struct Cancel {
    std::uint64_t request_id;
    SecretU64 key;
  };
  /// The last action. output() has been written to its end, or will never be: a write that is still under way must be
  /// given up, not awaited. `linger`: send the FIN, then read and drop what the peer still sends for a moment, so that
  /// a reset does not eat the answer; otherwise close with close_notify and a bare FIN.
  struct Close {
    bool linger;
  };
  using Action = std::variant<Reserve, Unreserve, Start, Stop, Cancel, Close>;

  /// `may_execute` false: a connection beyond the server's limit, kept for cancels and pings: a request on it is
  /// answered with too_many_connections, then the connection closes, so that the peer's next one may find room.
  ServerConnection(const ServerRules& rules, bool may_execute, Now now);
  /// `watcher` outlives the connection.
  void watch(ServerConnectionWatcher& watcher) noexcept;
  ~ServerConnection();

  // ---- bytes in
  /// Where to read to; empty: reading has to wait. Valid until the next call of prepare or received, so a read may stay
  /// under way across all other events.
  std::span<char> prepare();
  void received(std::size_t bytes, Now now);
  /// FIN, reset, a failed read or write: the client has left. What runs for it is stopped and nothing more is written;
  /// if nothing runs, answers that are ready are still written, unless this is the second call.
  void end_of_stream(Now now);
  /// The answer to Reserve.
  void reserved(bool granted, Now now);

  // ---- bytes out
  /// What to write next; empty: nothing. Stays valid and the same until `written`; answers that are made meanwhile
  /// become the next batch.
  std::span<const char> output() noexcept;
  void written(std::size_t bytes, Now now);

  // ---- executions
  /// The executor is done. Encodes the answer; more rows or bytes than the request allows become an error.
  void finished(ExecutionId execution, ExecutionOutcome outcome, Now now);
  /// It was never run: queue_full, executors_wedged, draining, too_many_connections...
  void rejected(ExecutionId execution, errc why, Now now);
  /// The job has been given to the executor: from now on a failure cannot claim that nothing ran.
  void started(ExecutionId execution) noexcept;
  /// A cancel with the right key arrived for it, on whatever connection.
  void cancel(ExecutionId execution, Now now);

  // ---- time
  /// When tick has to be called at the latest.
  Instant deadline() const noexcept;
  void tick(Now now);

  // ---- shutting down
  /// Take no new request; close as soon as what runs is answered, at once when nothing runs.
  void drain(Now now);
  /// The drain's time is up: what runs gets killed_by_drain.
  void kill(Now now);

  std::optional<Action> next();

  // ---- for the list of connections
  bool authenticated() const noexcept;
  bool idle() const noexcept;  // nothing running, nothing pending, nothing to write
  bool closing() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ft
