// SPDX-License-Identifier: Apache-2.0
#include "ft/observe.hpp"

namespace ft {

Observer::Observer() = default;
Observer::~Observer() = default;

Result<void> Observer::capture(const std::filesystem::path& file, CaptureOptions options) {
  const std::lock_guard lock(starting_);
  if (capture_) return invalid_configuration("a capture runs already");
  Result<std::unique_ptr<FrameCapture>> started = FrameCapture::open(file, options, metrics_.capture, log_);
  if (!started) return started.error();
  capture_ = std::move(*started);
  frames_.store(capture_.get(), std::memory_order_release);
  return {};
}

}  // namespace ft
