// SPDX-License-Identifier: Apache-2.0
//
// Rows whose text arrives in pieces: the list of rows of json/rows_codec.hpp, decoded as far as the bytes go, any
// number of times, with the state of one call handed to the next. The rows end up in one builder, or in one per batch.
//
//   RowsInPieces<Value> rows(place of the first row, length of the whole text, budget);
//   for each piece, at least from rows.cursor on:
//     Reader r(piece, {depth, rows.budget}, rows.cursor);      // and enter() for every container that is open
//     if (!decode(r.begin(), rows, r)) ...                     // bytes are missing, or an error: the caller judges
//     if (rows.at == RowsPlace::end) ...
//     if (rows.full()) use(rows.take());
//
// An attempt that fails leaves everything as it was at the end of the last whole row or comma (`cursor`), so it can be
// repeated with more bytes. Whoever repeats it only when the bytes have doubled pays for each byte a bounded number of
// times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "ft/json/flat_rows.hpp"
#include "ft/json/reader.hpp"

namespace ft::json {

/// Where in the list of rows a cursor stands.
enum class RowsPlace : std::uint8_t {
  first,   // behind the opening bracket
  row,     // behind a comma
  behind,  // behind a row
  end,     // behind the closing bracket
};

template <class Cell>
class RowsInPieces {
 public:
  static constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

  /// `cursor_`: offset in the text of what stands behind the opening bracket. `text_size`: of the whole text, for the
  /// extrapolation of memory.
  RowsInPieces(std::size_t cursor_, std::size_t text_size_, std::size_t budget_)
      : cursor(cursor_), budget(budget_), begin(cursor_), text_size(text_size_) {}

  std::size_t cursor;  // offset in the text of what is read next
  std::size_t budget;  // what is left of the memory
  RowsPlace at = RowsPlace::first;

  // A batch is full when it has so many rows or its text so many bytes. Without limits it is all rows.
  std::size_t max_rows = kUnlimited;
  std::size_t max_bytes = kUnlimited;
  std::size_t max_row_bytes = kUnlimited;  // a longer row is refused with too_long

  std::size_t begin;  // offset of the batch
  std::size_t text_size;

  std::optional<typename FlatRows<Cell>::Builder> builder;  // of the batch, once it has begun
  std::size_t taken = 0;                                    // rows of earlier batches

  std::size_t rows() const noexcept { return builder ? builder->rows() : 0; }
  bool full() const noexcept { return full(rows(), cursor); }
  bool full(std::size_t count, std::size_t behind) const noexcept {
    return count >= max_rows || behind - begin >= max_bytes;
  }
  /// The offset where the batch is expected to end.
  std::size_t end() const noexcept { return max_bytes < text_size - begin ? begin + max_bytes : text_size; }

  /// The rows of the batch. The next one begins here.
  FlatRows<Cell> take() {
    FlatRows<Cell> batch;
    if (builder) batch = std::move(*builder).build();
    builder.reset();
    taken += batch.size();
    begin = cursor;
    return batch;
  }
};

}  // namespace ft::json
