// SPDX-License-Identifier: Apache-2.0
#include "ft/observe/log.hpp"

#include <algorithm>
#include <limits>

#include "ft/json/writer.hpp"
#include "observe/text.hpp"

namespace ft {

namespace {

struct EventInfo {
  LogEvent event;
  std::string_view name;
  LogLevel level;
};

constexpr std::size_t kEvents = static_cast<std::size_t>(LogEvent::count_);

constexpr std::array<EventInfo, kEvents> kTable = {{
    {LogEvent::listening, "listening", LogLevel::info},
    {LogEvent::accept_failed, "accept_failed", LogLevel::error},
    {LogEvent::connection_refused, "connection_refused", LogLevel::warning},
    {LogEvent::handshake_failed, "handshake_failed", LogLevel::warning},
    {LogEvent::authentication_failed, "authentication_failed", LogLevel::warning},
    {LogEvent::protocol_error, "protocol_error", LogLevel::warning},
    {LogEvent::peer_timed_out, "peer_timed_out", LogLevel::warning},
    {LogEvent::executor_failed, "executor_failed", LogLevel::error},
    {LogEvent::executors_wedged, "executors_wedged", LogLevel::error},
    {LogEvent::drain_started, "drain_started", LogLevel::info},
    {LogEvent::drain_finished, "drain_finished", LogLevel::info},
    {LogEvent::connect_failed, "connect_failed", LogLevel::warning},
    {LogEvent::call_retried, "call_retried", LogLevel::warning},
    {LogEvent::response_mismatch, "response_mismatch", LogLevel::error},
    {LogEvent::cancel_failed, "cancel_failed", LogLevel::warning},
    {LogEvent::reloaded, "reloaded", LogLevel::info},
    {LogEvent::reload_failed, "reload_failed", LogLevel::error},
    {LogEvent::internal_error, "internal_error", LogLevel::error},
    {LogEvent::capture_rotated, "capture_rotated", LogLevel::info},
    {LogEvent::capture_stopped, "capture_stopped", LogLevel::error},
}};

constexpr bool table_is_in_order() {
  for (std::size_t i = 0; i < kEvents; ++i) {
    if (kTable[i].event != static_cast<LogEvent>(i)) return false;
  }
  return true;
}
static_assert(table_is_in_order());

constexpr std::chrono::nanoseconds kCost = std::chrono::nanoseconds(std::chrono::seconds(1)) / LogSink::kPerSecond;

}  // namespace

std::string_view to_name(LogLevel level) noexcept {
  constexpr std::array<std::string_view, 3> kNames = {"info", "warning", "error"};
  return kNames[static_cast<std::size_t>(level)];
}
std::string_view to_name(LogEvent event) noexcept { return kTable[static_cast<std::size_t>(event)].name; }
LogLevel level_of(LogEvent event) noexcept { return kTable[static_cast<std::size_t>(event)].level; }

LogField::LogField(std::string_view key_, std::string value_) : key(key_), value(std::move(value_)) {}
LogRecord::LogRecord() = default;

std::string json_line(const LogRecord& record) {
  PaddedBuffer buffer;
  json::Writer w(buffer, std::numeric_limits<std::size_t>::max() / 2, json::Writer::Mode::masked);
  w.put("{\"time\":");
  w.text(utc_text(record.time));
  w.put(",\"level\":");
  w.text(to_name(record.level));
  w.put(",\"event\":");
  w.text(to_name(record.event));
  w.put(",\"text\":");
  w.text(record.text);
  for (const LogField& field : record.fields) {
    w.put(',');
    w.text(field.key);
    w.put(':');
    w.text(field.value);
  }
  if (record.suppressed != 0) {
    w.put(",\"suppressed\":");
    w.append(std::to_string(record.suppressed));
  }
  w.put("}\n");
  w.finish();
  return {buffer.data(), buffer.size()};
}

LogSink::LogSink(Counter& suppressed) noexcept : total_suppressed_(suppressed) {}

void LogSink::set(Callback callback) {
  const std::lock_guard lock(mutex_);
  callback_ = std::move(callback);
  enabled_ = static_cast<bool>(callback_);
}

void LogSink::write(LogEvent event, std::string_view text, std::initializer_list<LogField> fields, Now now) noexcept {
  if (!enabled_) return;
  try {
    const std::lock_guard lock(mutex_);
    if (!callback_) return;
    Bucket& bucket = buckets_[static_cast<std::size_t>(event)];
    const Instant full_at = std::max(bucket.full_at, now.steady) + kCost;
    if (full_at - now.steady > kCost * kBurst) {
      ++bucket.suppressed;
      total_suppressed_.add();
      return;
    }
    bucket.full_at = full_at;
    LogRecord record;
    record.event = event;
    record.level = level_of(event);
    record.time = now.wall;
    record.text = plain_text(text, kMaxText);
    record.fields.reserve(fields.size());
    for (const LogField& field : fields) record.fields.emplace_back(field.key, plain_text(field.value, kMaxText));
    record.suppressed = std::exchange(bucket.suppressed, 0);
    callback_(record);
  } catch (...) {  // of the callback, or no memory: a log must not break what it tells of
  }
}

}  // namespace ft
