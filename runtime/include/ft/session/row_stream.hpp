// SPDX-License-Identifier: Apache-2.0
//
// RowStream: one answer, decoded while its bytes arrive. Sans-io: bytes go in, events come out.
//
//   RowStream answer;                                           // gathers: rows end up in the envelope
//   for (;;) {
//     Result<RowStream::Event> event = answer.next();
//     if (!event) ...                                           // the frame is malformed: close the connection
//     if (*event == RowStream::Event::end) break;
//     std::span<char> space = answer.prepare();                 // need_more
//     std::size_t n = read_some(socket, space);
//     if (n == 0) ...                                           // answer.finish() says what is missing
//     answer.commit(n);
//   }
//   TransportEnvelope envelope = answer.take_envelope();        // what decode_envelope would give
//
// With `delivery = Delivery::batches` a Query comes as `columns` once, `rows` any number of times (take_rows() hands
// out the batch), then `end`, and the envelope's rows are empty. The user stops reading as long as a batch is with its
// consumer: next() reads nothing by itself. Every other answer is just `end`.
//
// What streams is a Success with a Query in canonical form, of any version and with an empty token: rows are decoded
// straight from the receive buffer, once, and their bytes are dropped. Any other form of an answer is kept until it is
// whole and then decoded by decode_envelope; with batches its rows come as one batch. Both ways accept the same frames
// with the same checks and report the same error, at the same offset of the payload; streaming merely reports it
// earlier.
//
// Memory: gathering, the result and a receive buffer of about kBuffer (more if a row is longer). Batches: the buffer,
// one batch, one row of at most max_row_bytes. An answer in another form: its payload as well, at most max_payload. Not
// thread safe. Events and views are plain values; nothing points into the buffer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "ft/core/result.hpp"
#include "ft/gen/envelope.hpp"
#include "ft/gen/protocol.hpp"
#include "ft/gen/result.hpp"

namespace ft {

struct RowStreamOptions {
  enum class Delivery : std::uint8_t {
    whole,    // rows gather until the end and are part of the envelope
    batches,  // rows are handed out while they arrive
  };
  Delivery delivery = Delivery::whole;

  std::size_t max_payload = MAX_PAYLOAD;  // a longer frame is refused by its header: payload_too_large
  /// Heap bytes that the decoded form may take; unset: default_budget of the payload. With batches it holds for each
  /// batch (and the columns) instead of the whole.
  std::optional<std::size_t> budget;

  // Of batches: a batch is handed out when it has so many rows, or was made of so many bytes, or is the last.
  std::size_t batch_rows = 4096;
  std::size_t batch_bytes = std::size_t{256} << 10;
  /// Of batches: a row of more bytes on the wire is refused with too_long.
  std::size_t max_row_bytes = std::size_t{16} << 20;

  RowStreamOptions();
};

class RowStream {
 public:
  enum class Event : std::uint8_t {
    need_more,  // bytes are missing: prepare(), read, commit()
    columns,    // batches only: columns() are known; once, before any rows
    rows,       // batches only: take_rows() has at least one row
    end,        // the answer is whole and valid: take_envelope()
  };

  explicit RowStream(const RowStreamOptions& options = RowStreamOptions());
  RowStream(const RowStream&) = delete;
  RowStream& operator=(const RowStream&) = delete;
  ~RowStream();

  /// Makes ready for the next answer on the same connection, and keeps the memory of the buffer. Bytes that came behind
  /// the last answer (surplus()) are the first of the next one.
  void start(const RowStreamOptions& options);

  /// Where the next bytes of the connection go. Never empty before `end`; valid until the next call of a non-const
  /// member.
  std::span<char> prepare();
  void commit(std::size_t bytes);
  /// The same for bytes that are in memory already: copies them. To be followed by next() until it says need_more.
  void feed(std::span<const std::byte> bytes);

  /// Decodes what has arrived up to the next event. After `end` it stays `end`; an error stays, too.
  ///
  /// Errors: unknown_message_type, payload_too_large, all of decode_envelope (offsets count from the start of the
  /// payload), too_long (see max_row_bytes). With batches, rows that were handed out before remain valid rows, but the
  /// result is incomplete.
  Result<Event> next();

  /// For the end of the connection before `end`: incomplete_header or incomplete_payload.
  Error finish() const;

  /// The request that is answered: as soon as it is known, in any case before the first row is handed out, and at
  /// `end`. Empty: not known yet, or the frame is no answer at all (see the envelope).
  std::optional<std::uint64_t> request_id() const noexcept;
  /// The version that the answer is in, known as soon as its request is.
  std::optional<Version> version() const noexcept;

  /// Of a Query with batches, from `columns` on until take_envelope().
  std::span<const ResultField> columns() const noexcept;
  /// The batch, after `rows`. Must be taken before next() is called again.
  FlatRows<Value> take_rows();
  /// The decoded frame, after `end`, once. Version and kind are the caller's to check.
  TransportEnvelope take_envelope();

  /// Bytes of this frame that have arrived, its header included; 0 as long as the peer has not begun to answer.
  std::uint64_t received() const noexcept;
  /// After `end`: bytes that came behind the frame. Nobody asked for them, unless requests were pipelined: a
  /// connection with a surplus must not be reused.
  std::size_t surplus() const noexcept;

  /// Size of the receive buffer, which stays in the cache of one core.
  static constexpr std::size_t kBuffer = std::size_t{256} << 10;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ft
