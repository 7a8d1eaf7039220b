// SPDX-License-Identifier: Apache-2.0
//
// What an operator sees of a server or a client: metrics, a log callback, live lists, a capture of frames.
//
//   auto observer = std::make_shared<ft::Observer>();
//   observer->log([](const ft::LogRecord& record) { std::cerr << ft::json_line(record); });
//   options.observer = observer;                 // of ServerOptions or PoolOptions
//   std::string page = observer->metrics().prometheus();
//
// One Observer may serve any number of servers and clients. All of it is thread safe. Nothing that is shown holds a
// secret. ft/net/admin_server.hpp shows it over HTTP.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>

#include "ft/core/result.hpp"
#include "ft/observe/capture.hpp"
#include "ft/observe/live.hpp"
#include "ft/observe/log.hpp"
#include "ft/observe/metrics.hpp"

namespace ft {

class Observer {
 public:
  Observer();
  ~Observer();
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;

  TransportMetrics& metrics() noexcept { return metrics_; }
  LiveList& live() noexcept { return live_; }
  LogSink& logger() noexcept { return log_; }
  /// Where records go; replaces the last callback (see LogSink::set).
  void log(LogSink::Callback callback) { log_.set(std::move(callback)); }

  /// Starts to write the frames of all connections made from now on, redacted, to a file that ftdump reads. It ends
  /// with the observer. Errors: invalid_configuration, also when a capture runs already.
  Result<void> capture(const std::filesystem::path& file, CaptureOptions options = {});
  /// Null unless a capture runs; what is returned lives as long as the observer.
  FrameCapture* frames() noexcept { return frames_.load(std::memory_order_acquire); }

 private:
  TransportMetrics metrics_;
  LiveList live_;
  LogSink log_{metrics_.log_records_suppressed};
  std::mutex starting_;
  std::unique_ptr<FrameCapture> capture_;  // set once, under starting_
  std::atomic<FrameCapture*> frames_{nullptr};
};

}  // namespace ft
