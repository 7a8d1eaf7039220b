// SPDX-License-Identifier: Apache-2.0
//
// From a stream of bytes to records: whole frames, and whatever else the stream holds. Sans-io: bytes go in, records
// come out.
//
//   Scanner scanner;
//   for (;;) {
//     const std::size_t n = read_some(file, scanner.prepare());
//     if (n == 0) scanner.finish(); else scanner.commit(n);
//     while (std::optional<Record> record = scanner.next()) show(*record);
//     if (n == 0) break;
//   }
//
// Records tile the input: each begins where the one before it ended, the last ends with the input, and the same bytes
// make the same records however they are split. After an anomaly the scanner goes on at the next plausible frame:
//
//   a known type, a length within the protocol's cap, and a payload that opens with '{' and, if its end is there,
//   closes with '}'.
//
// No header of a legal length can stand inside valid JSON (the last byte of its length is a raw control character), so
// a frame inside a frame means that the outer one was cut, or its length is wrong.
//
// - No frame starts here (unknown type, length over the cap): all up to the next plausible frame is one record.
// - The input ends inside the frame: if a whole plausible frame lies in what is there, the record ends before it.
// - The frame is whole and does not decode: a record, and the scanner goes on behind it; but if a plausible frame
//   begins inside, its length was wrong, and the record ends there.
//
// Linear time: each byte is looked at a bounded number of times, see work(). Memory: one buffer of the largest frame
// under way, which grows with the bytes that really arrive. Not thread safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ft/protocol.hpp"
#include "ftdump/captured.hpp"

namespace ft::tools {

struct Record {
  enum class Kind : std::uint8_t {
    frame,    // decoded
    refused,  // a whole frame that does not decode
    broken    // no frame, or the start of one
  };

  Kind kind = Kind::frame;
  std::uint64_t offset = 0;  // of its first byte in the input
  std::uint64_t length = 0;
  std::optional<MessageType> type;  // what the header says, if it says something known
  TransportEnvelope envelope;       // of a frame
  std::size_t unknown_keys = 0;     // of a frame, those of a capture left out
  Captured captured;                // of frame and refused
  Error error;                      // of the others; its offset counts from the start of the input
  /// Its bytes: all of a frame, decoded or not; of a broken record those that are at hand, at most kExcerpt where no
  /// frame starts. May hold secrets. Valid until the scanner is called again.
  std::string_view bytes;
  /// Where the scanner goes on after an anomaly: at the next plausible frame, or behind a refused one. Nothing if the
  /// input ends first.
  std::optional<std::uint64_t> next;

  std::string_view payload() const noexcept { return bytes.substr(kFrameHeaderSize); }  // of frame and refused
};

class Scanner {
 public:
  static constexpr std::size_t kExcerpt = 4096;

  /// Where the next bytes of the input go. Never empty.
  std::span<char> prepare();
  void commit(std::size_t bytes) noexcept { end_ += bytes; }
  /// No more bytes will come.
  void finish() noexcept { finished_ = true; }

  /// The next record; nothing when that takes more bytes, or when all is told.
  std::optional<Record> next();

  /// Bytes looked at so far, each as often as it was.
  std::uint64_t work() const noexcept { return work_; }
  /// Bytes of memory that the input under way takes.
  std::size_t capacity() const noexcept { return buffer_.capacity(); }

 private:
  /// What stands somewhere: no frame, the plausible start of one, or too few bytes to tell.
  enum class Sight : std::uint8_t { nothing, start, unknown };

  /// What an unfinished record searches for, and where.
  struct Search {
    enum class Wants : std::uint8_t {
      any,         // behind what is no frame: a whole frame, otherwise one that the input's end cuts
      whole,       // in a frame that the input's end cuts
      any_inside,  // in a frame that does not decode
    };
    Wants wants;
    std::size_t cursor;              // next place to look at
    std::size_t limit;               // for any_inside: where the frame ends by its own account
    std::optional<std::size_t> cut;  // the first frame that the input's end cuts
  };

  std::optional<Record> decode_frame_at_begin(FrameHeader header);
  void open(Record::Kind kind, Error error, std::optional<MessageType> type, Search search);
  /// Goes on with the search of the open record, until that is complete or bytes are missing.
  std::optional<Record> resume();
  std::optional<Record> resume_inside();
  void skip_to_type(std::size_t limit) noexcept;
  Record close(std::size_t end, bool goes_on);
  /// What stands at `at`, as far as the bytes up to `horizon` tell; nothing more will come behind them if they are the
  /// `last`.
  Sight look(std::size_t at, std::size_t horizon, bool last) noexcept;
  /// Whether the payload of the frame that starts at `at`, which is all there, closes plausibly.
  bool closes(std::size_t at) noexcept;
  std::size_t end_of(std::size_t at) const noexcept;
  void let_go(std::size_t upto);

  PaddedBuffer buffer_;
  std::uint64_t base_ = 0;  // offset in the input of the buffer's first byte
  std::size_t begin_ = 0;   // of the record under way, or of what is left of it
  std::size_t end_ = 0;     // of what was read
  bool finished_ = false;
  std::optional<Record> open_;
  Search search_{};
  std::string excerpt_;
  std::uint64_t work_ = 0;
};

}  // namespace ft::tools
