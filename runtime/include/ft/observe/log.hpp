// SPDX-License-Identifier: Apache-2.0
//
// What a server or client has to say to its operator: a callback that gets records.
//
//   observer->log([](const ft::LogRecord& record) { std::cerr << ft::json_line(record); });
//   logger.write(ft::LogEvent::handshake_failed, error.message(), {{"peer", peer}});
//
// Every event is one line of the table in runtime/src/observe/log.cpp: its stable name and its level. Each has a token
// bucket of its own, so that no peer can flood a log: kBurst records at once, then kPerSecond; the next record that
// passes says how many did not.
//
// Texts and values reach the callback without control characters and as valid UTF-8 of at most kMaxText bytes, whatever
// a peer put into them. Never pass the text of a secret; secrets have types that do not print.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ft/observe/counters.hpp"
#include "ft/session/time.hpp"

namespace ft {

enum class LogLevel : std::uint8_t { info, warning, error };
std::string_view to_name(LogLevel level) noexcept;

enum class LogEvent : std::uint8_t {
  // server
  listening,
  accept_failed,
  connection_refused,
  handshake_failed,
  authentication_failed,
  protocol_error,    // a peer broke the protocol; its connection is closed
  peer_timed_out,    // in the TLS handshake or in a PeerWait, named with its limit; its connection is closed
  executor_failed,   // it threw, or dropped its request
  executors_wedged,  // every slot is held by a job that does not stop
  drain_started,
  drain_finished,
  // client
  connect_failed,
  call_retried,
  response_mismatch,
  cancel_failed,
  // both
  reloaded,
  reload_failed,
  internal_error,  // a defect of this library
  // observation itself
  capture_rotated,
  capture_stopped,
  count_
};
std::string_view to_name(LogEvent event) noexcept;
LogLevel level_of(LogEvent event) noexcept;

struct LogField {
  std::string_view key;  // a literal, snake_case
  std::string value;

  LogField(std::string_view key_, std::string value_);
};

struct LogRecord {
  LogEvent event{};
  LogLevel level{};
  std::chrono::system_clock::time_point time;
  std::string text;  // a sentence for people
  std::vector<LogField> fields;
  std::uint64_t suppressed = 0;  // records of this event that were left out since the last one

  LogRecord();
};

/// One line of JSON with its line feed:
/// {"time":"2024-05-01T12:00:00.000Z","level":"warning","event":"handshake_failed", "text":"...","peer":"..."}; fields
/// stand flat behind the text, "suppressed" only when it is not 0.
std::string json_line(const LogRecord& record);

/// Thread safe.
class LogSink {
 public:
  using Callback = std::function<void(const LogRecord&)>;

  static constexpr unsigned kBurst = 20;
  static constexpr unsigned kPerSecond = 1;
  static constexpr std::size_t kMaxText = 1024;

  /// `suppressed` counts what the buckets hold back; it outlives the sink.
  explicit LogSink(Counter& suppressed) noexcept;
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;

  /// Replaces the callback; an empty one ends logging. When it returns, the last one is not running any more. The
  /// callback is called on the thread that has something to say, one call at a time: it should be quick, and must not
  /// call the sink. What it throws is dropped.
  void set(Callback callback);

  /// Without a callback this does nothing. Takes `now` so that tests decide on time.
  void write(LogEvent event, std::string_view text, std::initializer_list<LogField> fields = {},
             Now now = Now::read()) noexcept;

 private:
  struct Bucket {
    Instant full_at{};  // when all its tokens are back
    std::uint64_t suppressed = 0;
  };

  Counter& total_suppressed_;
  std::atomic<bool> enabled_{false};
  std::mutex mutex_;  // of all below; held while the callback runs
  Callback callback_;
  std::array<Bucket, static_cast<std::size_t>(LogEvent::count_)> buckets_;
};

}  // namespace ft
