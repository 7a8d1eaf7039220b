// SPDX-License-Identifier: Apache-2.0
//
// Every metric of servers and clients, and the page that Prometheus reads.
//
//   observer->metrics().server.frames_received.add();
//   std::string page = observer->metrics().prometheus();    // text exposition format 0.0.4
//
// Names, units and help texts: runtime/src/observe/prometheus.cpp, the one table. Labels are enumerations of this
// library; nothing that a peer sends becomes a label, so the number of series is fixed. Thread safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ft/observe/counters.hpp"
#include "ft/session/peer_wait.hpp"

namespace ft {

/// Why a server did not keep a connection that it had accepted, or could not accept any.
enum class Refusal : std::uint8_t {
  connection_limit,
  draining,
  descriptor_limit,
  setup_failed,  // no memory, in practice
  count_
};
std::string_view to_name(Refusal refusal) noexcept;

enum class Handshake : std::uint8_t { ok, failed, timed_out, count_ };
std::string_view to_name(Handshake handshake) noexcept;

/// How a request ended at the server.
enum class RequestEnd : std::uint8_t {
  ok,           // a result
  error,        // the executor's SQL error
  failed,       // the executor threw, dropped it or answered XX000, or its result could not be sent
  cancelled,    // by a cancel
  timed_out,    // deadline or request timeout
  client_left,  // nobody to answer
  rejected,     // not run: queue, slots, connections, drain
  killed,       // by a drain that ended
  invalid,      // not run: broke a rule
  count_
};
std::string_view to_name(RequestEnd end) noexcept;

/// How a call ended at the client.
enum class CallEnd : std::uint8_t {
  ok,
  remote_error,  // the worker's error
  cancelled,
  timed_out,
  unreachable,  // no connection, or it was lost
  rejected,     // not sent: too many waiters, pool closed, request that cannot be encoded
  failed,       // anything else
  count_
};
std::string_view to_name(CallEnd end) noexcept;

/// Why a client closed a connection of its pool.
enum class PoolClose : std::uint8_t { idle, aged, surplus, outdated, broken, drained, count_ };
std::string_view to_name(PoolClose reason) noexcept;

/// The first two characters of an SQLSTATE, as far as this library or the usual executors use them.
enum class SqlClass : std::uint8_t {
  connection,              // 08
  feature_not_supported,   // 0A
  data,                    // 22
  integrity,               // 23
  transaction_state,       // 25
  authorization,           // 28
  rollback,                // 40
  syntax_or_access,        // 42
  insufficient_resources,  // 53
  limit_exceeded,          // 54
  object_state,            // 55
  intervention,            // 57
  system,                  // 58
  internal,                // XX
  other,
  count_
};
/// The class itself, such as "08", or "other".
std::string_view to_name(SqlClass sql_class) noexcept;
/// Of any text: what is no known class is `other`.
SqlClass sql_class_of(std::string_view sqlstate) noexcept;

struct ServerMetrics {
  Gauge connections_open;
  Counter connections_accepted;
  CounterBy<Refusal> connections_refused;
  CounterBy<Handshake> handshakes;    // TLS
  CounterBy<PeerWait> peer_timeouts;  // connections that ended because the peer let a wait pass its limit
  Counter frames_received, frames_sent;
  Counter bytes_received, bytes_sent;  // of frames, before TLS
  CounterBy<RequestEnd> requests;
  CounterBy<SqlClass> errors;  // answers with an error, by SQLSTATE class
  Histogram request_seconds;   // from its turn on the connection to its executor's answer, if that was awaited
  Histogram queue_seconds;     // from its turn to its execution slot
  Gauge executions_running;    // abandoned ones among them
  Gauge executions_abandoned;
  Gauge executions_queued;
  Gauge bytes_reserved;  // of the byte budget
  Counter authentication_failures;
  Counter cancels_received;  // pings not among them
  Counter cancels_matched;   // executions that a cancel hit
  Counter pings;
  Counter drains;
};

struct ClientMetrics {
  CounterBy<CallEnd> calls;
  CounterBy<SqlClass> errors;  // errors that workers answered, by SQLSTATE class
  Histogram call_seconds;      // from the call to its end, retries included
  Counter retries;
  Counter cancels_sent;
  Gauge connections_open;
  Gauge connections_idle;
  Gauge calls_waiting;  // for a connection
  Counter connections_opened;
  Counter connections_reused;
  CounterBy<PoolClose> connections_closed;
  Counter connect_failures;
  Counter bytes_received, bytes_sent;  // of frames, before TLS
};

struct CaptureMetrics {
  Counter frames_written;
  Counter frames_undecodable;  // of those, written without their content
  Counter frames_dropped;      // the queue was full, the redacted form too long, or the file could not be written
};

struct TransportMetrics {
  ServerMetrics server;
  ClientMetrics client;
  CaptureMetrics capture;
  Counter log_records_suppressed;

  /// The whole page; all series are always there, so that a rate can be taken from the first scrape on. About 15 KiB.
  std::string prometheus() const;
};

}  // namespace ft
