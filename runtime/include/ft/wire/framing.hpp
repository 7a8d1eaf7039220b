// SPDX-License-Identifier: Apache-2.0
//
// Frames: `msg_type u8 | payload_len u32 little-endian | payload`. Sans-io: bytes go in, frames come out. Which bytes
// are messages, how large a payload may be and what is in it, a protocol says: `P` is the struct `Wire` of its
// generated gen/frames.hpp, which also gives everything here under short names and compiles the bodies once. For a
// protocol in namespace ft:
//
//   ft::FrameReader frames(ft::Phase::unauthenticated);
//   for (;;) {
//     std::span<char> space = frames.prepare();
//     frames.commit(read_some(socket, space));            // however the bytes are split
//     for (;;) {
//       ft::Result<std::optional<ft::Frame>> frame = frames.next();
//       if (!frame) ...                                   // the stream is broken: close it
//       if (!*frame) break;                               // more bytes are needed
//       handle(**frame);                                  // the payload lives until next() or prepare() is called
//       again
//     }
//   }
//   if (ft::Result<void> whole = frames.finish(); !whole) ... // at the end of the stream: was a frame cut off?
//
// The order of checks is: header complete, known type, length within the phase's cap, payload complete.
// Memory: kReadAhead to begin with, and what a frame needs; once a large frame is gone, the next prepare() gives its
// room back. A header alone makes no room for more than its cap. Not thread safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "ft/core/padded.hpp"
#include "ft/core/result.hpp"

namespace ft {

inline constexpr std::size_t kFrameHeaderSize = 5;

namespace wire {

template <class P>
struct FrameHeader {
  typename P::MessageType type;
  std::uint32_t payload_length;
};

template <class P>
struct Frame {
  typename P::MessageType type;
  PaddedView payload;
};

template <class P>
class FrameReader {
 public:
  explicit FrameReader(typename P::Phase phase) noexcept : max_payload_(P::max_payload(phase)) {}

  /// The cap for headers that are yet to come.
  void enter(typename P::Phase phase) noexcept { max_payload_ = P::max_payload(phase); }

  /// Where the next bytes of the stream go: all that the frame under way still lacks, at least kReadAhead otherwise.
  /// Never empty. Valid until the next prepare, commit or feed; next() leaves it alone while it has no frame to give.
  std::span<char> prepare();
  void commit(std::size_t bytes) noexcept { end_ += bytes; }
  /// The same for bytes that are in memory already: copies all of them.
  void feed(std::span<const std::byte> bytes);

  /// The next whole frame, nothing when bytes are missing, or the error of its header, which stays.
  Result<std::optional<Frame<P>>> next();

  /// At the end of the stream: incomplete_header or incomplete_payload when a frame was cut off.
  Result<void> finish() const;

  /// The length of the payload that comes next, once its header is there. Of a header with an unknown type or a length
  /// beyond the cap nothing is told: it is next()'s to refuse.
  std::optional<std::size_t> announced() const noexcept;

  /// Bytes that were taken in and not yet given out as frames.
  std::size_t buffered() const noexcept { return end_ - begin_; }

 private:
  // What an idle connection holds for its next frame, which is small as a rule.
  static constexpr std::size_t kReadAhead = 4096;
  // What a connection with larger frames may keep, and read ahead into.
  static constexpr std::size_t kKept = 16384;

  void restore() noexcept;
  std::size_t missing() const noexcept;
  void give_back(std::size_t needed);

  PaddedBuffer buffer_;
  std::size_t begin_ = 0;  // of the frame under way
  std::size_t end_ = 0;    // of what was read
  std::size_t max_payload_;
  std::optional<Error> error_;
  // The padding behind a payload covers the start of the next frame while the payload is out.
  char covered_[kPadding] = {};
  std::size_t covered_at_ = 0;
  bool covering_ = false;
};

}  // namespace wire
}  // namespace ft
