// SPDX-License-Identifier: Apache-2.0
//
// The inside of a ServerConnection. Frames come in (server_connection_frames.cpp) and become items of one queue; items
// are answered in order, a request by being run (server_connection.cpp).
//
// Every public event changes some members and then calls `advance`, which goes on until nothing can be done: a frame is
// taken, or an item is begun. Between events these hold, and the shell's buffers depend on them:
//   - while prepare() offers room there is no whole frame in the reader, so nothing but `received` touches its memory;
//   - while output() is being written, answers are appended elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "ft/session/server_connection.hpp"
#include "session/fifo.hpp"
#include "session/server_connection_answers.hpp"
#include "session/server_connection_output.hpp"

namespace ft {

struct ServerConnection::State {
  // ---- what waits to be answered
  struct Request {
    TransportPayload payload;  // an ExecuteFragment
    Instant arrived;
    Instant deadline;
    bool own_deadline = true;  // the deadline is the request's, not the server's
    bool cancelled = false;    // while it waited
  };
  struct Acknowledgement {
    std::uint64_t request_id;
  };
  struct Refusal {  // ends the connection
    errc why;
    ErrorAnswer answer;
  };
  struct Item {
    std::variant<Request, Acknowledgement, Refusal> what;
    std::size_t bytes;  // of its frame
    Version version;    // in which it was asked, and is answered
  };

  // ---- what runs
  enum class Stage : std::uint8_t {
    ready,      // Start has not been taken yet
    submitted,  // it has, and may wait for a slot
    started,    // the executor has it
    answered,   // the answer waits for memory to be reserved
  };
  struct Running {
    ExecutionId execution;
    Stage stage = Stage::ready;
    Request request;
    std::uint64_t request_id;
    AnswerLimits limits;
  };

  State(const ServerRules& rules, bool may_execute, Now now);

  // ---- frames
  std::optional<Error> judge_head(const TransportEnvelope& head);
  bool busy() const noexcept;
  bool has_room_for(std::size_t payload) const noexcept;
  bool wants_bytes() const noexcept;
  bool take_frame(Now now);
  void judge(const Frame& frame, Now now);
  void take_request(TransportPayload payload, std::size_t bytes, Now now);
  void take_cancel(const CancelRequest& cancel, std::size_t bytes);
  bool cancels(const CancelRequest& cancel, const Request& request) const noexcept;
  /// The peer is at fault: answered in its turn, then the connection closes. Nothing more is read.
  void refuse(errc why, ErrorAnswer answer, std::size_t bytes = 0);

  // ---- items
  void advance(Now now);
  bool output_full() const noexcept;
  void begin(Item item, Now now);
  void begin(Request request, Now now);
  /// Ends what runs with an error, and its job, if it has one.
  void conclude(RequestFailure why, ErrorAnswer answer, std::optional<StopReason> stop, Now now);
  /// Ends it with the result that has been appended.
  void succeed(Now now);
  void conclude(Now now);
  void time_out(Now now);
  std::optional<std::uint64_t> server_us(const Request& request, Now now) const noexcept;

  // ---- the end
  void finish_drain();
  void begin_close(bool with_linger);
  void abort();
  void unreserve(std::size_t bytes);

  // ---- time
  /// The peer let this wait pass its limit.
  void gave_up(PeerWait wait, std::chrono::nanoseconds limit);
  std::chrono::nanoseconds write_limit() const noexcept;
  Instant write_deadline() const noexcept;
  Instant arrival_deadline() const noexcept;
  Instant idle_deadline() const noexcept;
  Instant drain_deadline() const noexcept;

  const ServerRules& rules;
  const bool may_execute;
  const Instant opened;
  const EnvelopeGate gate;
  ServerConnectionWatcher* watcher = nullptr;

  FrameReader reader;
  bool authenticated = false;
  Version heard;      // the version of the window that the frame under way speaks, or is nearest to
  bool deaf = false;  // no frame is taken any more

  Fifo<Item> items;
  std::size_t items_bytes = 0;
  std::optional<Running> running;
  Version answering;  // the version of the item that was begun last
  ExecutionId last_execution = 0;

  ServerConnectionOutput output;

  Fifo<std::variant<Unreserve, Stop, Cancel>> actions;
  std::size_t to_reserve = 0;  // bytes that have to be asked for
  bool asked = false;          // they have been
  std::size_t reserved = 0;    // for the frame under way, or for the item that it became

  Instant last_activity;      // anything but the passing of time
  Instant last_read;          // since then the frame under way has not grown, though it could have
  Instant last_write;         // since then the peer has not taken a byte, though it could have
  bool awaits_frame = false;  // a frame was begun, and its bytes are wanted
  bool awaits_write = false;

  bool left = false;  // the stream has ended
  bool draining = false;
  bool dismissed = false;  // the peer has been told so
  Instant last_work;       // the drain began, or a request was answered during it
  bool killed = false;
  bool closing = false;
  bool closed = false;  // Close has been handed out
  bool linger = false;
};

}  // namespace ft
