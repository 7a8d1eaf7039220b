// SPDX-License-Identifier: Apache-2.0
//
// The frames of all connections, redacted, in a file that ftdump reads.
//
//   if (auto started = observer->capture("worker.cap"); !started) die(started.error().message());
//   ft::ConnectionTap tap(observer->frames());       // of one connection
//   tap.received.feed(bytes_received);
//   tap.sent.feed(bytes_sent);
//
// Each frame is decoded and written anew: tokens and passwords as "***", cancel keys as 0, keys that this version does
// not know left out, so nothing stands in the file that might be a secret. One that does not decode leaves a frame of
// the same type whose payload is {"not_captured":REASON}; ftdump shows it as an anomaly. Frames of several connections
// stand in the order in which they ended; the byte of the type tells the direction. Each payload ends with a key of the
// capture's own, "connection":N, which every reader of frames passes over: connections are counted from 1, and anew
// when a capture is continued.
//
// A connection only copies bytes: decoding and writing happen on one thread, which lives as long as the capture. What
// the bounded queue has no room for is dropped and counted (CaptureMetrics). An error of the file ends the capture, is
// logged, and concerns no connection.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <span>
#include <thread>

#include "ft/core/padded.hpp"
#include "ft/core/result.hpp"
#include "ft/observe/log.hpp"
#include "ft/observe/metrics.hpp"
#include "ft/wire/frame.hpp"

namespace ft {

struct CaptureOptions {
  /// A file that would grow beyond it is renamed to FILE.1, in place of an older one, and begun anew: about twice as
  /// much on disk at most. From 4 KiB.
  std::uint64_t max_file_bytes = std::uint64_t{256} << 20;
  /// Bytes of frames that are collected and not yet written. From 4 KiB; a frame that is larger is not captured.
  std::size_t max_queued_bytes = std::size_t{128} << 20;

  CaptureOptions() noexcept = default;
};

class CaptureFile;

class FrameCapture {
 public:
  /// Opens the file with mode 0600; a capture that stands in it is continued. `log` and `metrics` outlive the capture.
  ///
  /// Errors: invalid_configuration: a limit; a file that cannot be opened, is none (a link, a device), is not of this
  /// user or is open to others.
  static Result<std::unique_ptr<FrameCapture>> open(const std::filesystem::path& file, CaptureOptions options,
                                                    CaptureMetrics& metrics, LogSink& log);
  /// Writes what is queued.
  ~FrameCapture();
  FrameCapture(const FrameCapture&) = delete;
  FrameCapture& operator=(const FrameCapture&) = delete;

  /// Waits until all that was fed before is in the file, or dropped.
  void flush();

 private:
  friend class FrameTap;
  friend class ConnectionTap;
  struct Item {
    MessageType type;
    std::uint64_t connection;
    PaddedBuffer payload;
    std::size_t charged;

    Item(MessageType type_, std::uint64_t connection_, PaddedBuffer payload_, std::size_t charged_) noexcept;
  };

  FrameCapture(std::unique_ptr<CaptureFile> file, CaptureOptions options, CaptureMetrics& metrics, LogSink& log);
  bool charge(std::size_t bytes) noexcept;
  void discharge(std::size_t bytes) noexcept;
  void push(Item item);
  void run();
  void write(const Item& item);

  CaptureOptions options_;
  CaptureMetrics& metrics_;
  LogSink& log_;
  std::unique_ptr<CaptureFile> file_;
  std::atomic<bool> stopped_{false};  // the file could not be written
  std::atomic<std::uint64_t> connections_{0};
  std::atomic<std::size_t> charged_{0};  // bytes that taps have collected and the queue holds
  std::mutex mutex_;                     // of all below
  std::condition_variable changed_;
  std::deque<Item> queue_;
  bool writing_ = false;
  bool ending_ = false;
  std::thread thread_;  // last: it uses all the others
};

/// Cuts one direction of one connection into frames. Not thread safe; must not outlive the capture.
class FrameTap {
 public:
  /// Without a capture nothing is done.
  explicit FrameTap(FrameCapture* capture = nullptr, std::uint64_t connection = 0) noexcept;
  FrameTap(const FrameTap&) = delete;
  FrameTap& operator=(const FrameTap&) = delete;
  ~FrameTap();

  /// The next bytes of the stream, however they are split. Bytes that cannot be a frame end the tap.
  void feed(std::span<const char> bytes) noexcept;

 private:
  void collect(std::span<const char> bytes) noexcept;
  void end_frame() noexcept;
  void drop() noexcept;

  FrameCapture* capture_;
  std::uint64_t connection_;
  std::array<std::byte, kFrameHeaderSize> header_{};
  std::size_t header_bytes_ = 0;
  std::size_t missing_ = 0;  // of the payload under way
  bool dropping_ = false;
  PaddedBuffer payload_;
  std::size_t charged_ = 0;
};

/// Both directions of one connection, which gets the next number. Otherwise as its taps.
class ConnectionTap {
 public:
  explicit ConnectionTap(FrameCapture* capture) noexcept;

  FrameTap received, sent;

 private:
  ConnectionTap(FrameCapture* capture, std::uint64_t connection) noexcept;
};

}  // namespace ft
