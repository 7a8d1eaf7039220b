// SPDX-License-Identifier: Apache-2.0
#include "ft/observe/capture.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <system_error>
#include <utility>

#include "ft/gen/codec.hpp"
#include "ft/json/writer.hpp"
#include "ft/protocol.hpp"
#include "observe/capture_file.hpp"

namespace ft {

namespace {

constexpr std::size_t kLeast = 4096;
constexpr std::size_t kPerFrame = 128;  // what a frame in the queue costs beside its payload

/// A frame of this type with the object that `write` puts into its payload; false if that has no form.
template <class Write>
bool make_frame(PaddedBuffer& out, MessageType type, std::uint64_t connection, Write write) {
  const std::string added = ",\"connection\":" + std::to_string(connection) + "}";
  json::Writer w(out, kFrameHeaderSize + MAX_PAYLOAD - added.size(), json::Writer::Mode::redacted, MAX_DEPTH);
  w.put("     ");
  static_assert(kFrameHeaderSize == 5);
  write(w);
  if (w.finish()) return false;
  const std::size_t brace = out.size() - 1;
  out.resize(brace + added.size());
  added.copy(out.data() + brace, added.size());
  write_frame_header(out.data(), {type, static_cast<std::uint32_t>(out.size() - kFrameHeaderSize)});
  return true;
}

}  // namespace

FrameCapture::Item::Item(MessageType type_, std::uint64_t connection_, PaddedBuffer payload_,
                         std::size_t charged_) noexcept
    : type(type_), connection(connection_), payload(std::move(payload_)), charged(charged_) {}

FrameCapture::FrameCapture(std::unique_ptr<CaptureFile> file, CaptureOptions options, CaptureMetrics& metrics,
                           LogSink& log)
    : options_(options), metrics_(metrics), log_(log), file_(std::move(file)) {}

Result<std::unique_ptr<FrameCapture>> FrameCapture::open(const std::filesystem::path& file, CaptureOptions options,
                                                         CaptureMetrics& metrics, LogSink& log) {
  if (options.max_file_bytes < kLeast) return invalid_configuration("max_file_bytes is below 4096");
  if (options.max_queued_bytes < kLeast) return invalid_configuration("max_queued_bytes is below 4096");
  Result<std::unique_ptr<CaptureFile>> opened = CaptureFile::open(file, options.max_file_bytes);
  if (!opened) return opened.error();
  std::unique_ptr<FrameCapture> capture(new FrameCapture(std::move(*opened), options, metrics, log));
  try {
    capture->thread_ = std::thread([self = capture.get()] { self->run(); });
  } catch (const std::system_error& error) {
    return invalid_configuration(std::string("capture: no thread: ") + error.what());
  }
  return capture;
}

FrameCapture::~FrameCapture() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void FrameCapture::flush() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return queue_.empty() && !writing_; });
}

bool FrameCapture::charge(std::size_t bytes) noexcept {
  if (stopped_.load(std::memory_order_relaxed)) return false;
  if (charged_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= options_.max_queued_bytes) return true;
  discharge(bytes);
  return false;
}

void FrameCapture::discharge(std::size_t bytes) noexcept { charged_.fetch_sub(bytes, std::memory_order_relaxed); }

void FrameCapture::push(Item item) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(item));
  }
  changed_.notify_all();
}

void FrameCapture::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (queue_.empty()) return;
    {
      const Item item = std::move(queue_.front());
      queue_.pop_front();
      writing_ = true;
      lock.unlock();
      try {
        write(item);
      } catch (const std::exception&) {  // no memory for this one
        metrics_.frames_dropped.add();
      }
      discharge(item.charged);
    }
    lock.lock();
    writing_ = false;
    if (queue_.empty()) changed_.notify_all();
  }
}

void FrameCapture::write(const Item& item) {
  PaddedBuffer frame;
  const Result<TransportEnvelope> envelope = decode_envelope(item.type, item.payload.view());
  const bool made = make_frame(frame, item.type, item.connection, [&](json::Writer& w) {
    if (envelope) return encode(w, *envelope);
    w.put("{\"not_captured\":");
    w.text(std::to_string(item.payload.size()) + " bytes: " + envelope.error().message());
    w.put('}');
  });
  if (!made || stopped_) return metrics_.frames_dropped.add();
  switch (file_->append({frame.data(), frame.size()})) {
    case CaptureFile::Written::too_large:
      return metrics_.frames_dropped.add();
    case CaptureFile::Written::failed:
      stopped_ = true;
      log_.write(LogEvent::capture_stopped, "the capture cannot be written: " + file_->error(),
                 {{"file", file_->path().string()}});
      return metrics_.frames_dropped.add();
    case CaptureFile::Written::rotated:
      log_.write(LogEvent::capture_rotated, "the capture was full and begun anew", {{"file", file_->path().string()}});
      break;
    case CaptureFile::Written::yes:
      break;
  }
  metrics_.frames_written.add();
  if (!envelope) metrics_.frames_undecodable.add();
}

FrameTap::FrameTap(FrameCapture* capture, std::uint64_t connection) noexcept
    : capture_(capture), connection_(connection) {}

FrameTap::~FrameTap() {
  if (capture_ != nullptr) capture_->discharge(charged_);
}

void FrameTap::feed(std::span<const char> bytes) noexcept {
  while (capture_ != nullptr && !bytes.empty()) {
    if (header_bytes_ < kFrameHeaderSize) {
      header_[header_bytes_++] = static_cast<std::byte>(bytes.front());
      bytes = bytes.subspan(1);
      if (header_bytes_ < kFrameHeaderSize) continue;
      const Result<FrameHeader> header = parse_frame_header(header_, MAX_PAYLOAD);
      if (!header) {
        capture_->metrics_.frames_dropped.add();
        capture_ = nullptr;  // nothing is charged between frames
        return;
      }
      missing_ = header->payload_length;
      dropping_ = !capture_->charge(kPerFrame);
      if (!dropping_) charged_ = kPerFrame;
    } else {
      const std::span<const char> part = bytes.first(std::min(missing_, bytes.size()));
      if (!dropping_) collect(part);
      missing_ -= part.size();
      bytes = bytes.subspan(part.size());
    }
    if (missing_ == 0) end_frame();
  }
}

void FrameTap::collect(std::span<const char> bytes) noexcept {
  if (!capture_->charge(bytes.size())) return drop();
  charged_ += bytes.size();
  try {
    // Doubling, but never beyond the frame, and never for bytes that did not come.
    const std::size_t had = payload_.size(), need = had + bytes.size();
    if (payload_.capacity() < need) payload_.reserve(std::min(had + missing_, std::max(need, 2 * had)));
    payload_.resize(need);
    std::copy(bytes.begin(), bytes.end(), payload_.data() + had);
  } catch (const std::bad_alloc&) {
    drop();
  }
}

void FrameTap::end_frame() noexcept {
  header_bytes_ = 0;
  if (!dropping_) {
    try {
      const auto type = static_cast<MessageType>(header_[0]);
      capture_->push(FrameCapture::Item(type, connection_, std::move(payload_), charged_));
      charged_ = 0;  // the queue's now
    } catch (const std::bad_alloc&) {
      drop();
    }
  }
  if (dropping_) capture_->metrics_.frames_dropped.add();
  dropping_ = false;
}

void FrameTap::drop() noexcept {
  dropping_ = true;
  capture_->discharge(std::exchange(charged_, 0));
  payload_ = PaddedBuffer();
}

ConnectionTap::ConnectionTap(FrameCapture* capture) noexcept
    : ConnectionTap(capture, capture ? capture->connections_.fetch_add(1, std::memory_order_relaxed) + 1 : 0) {}
ConnectionTap::ConnectionTap(FrameCapture* capture, std::uint64_t connection) noexcept
    : received(capture, connection), sent(capture, connection) {}

}  // namespace ft
