// SPDX-License-Identifier: Apache-2.0
//
// The codec of flat rows: where a large result spends its time. Generated code gives a codec class per row struct (its
// keys) and per cell sum (json/cell_codec.hpp); everything else is here.
//
// A cell of a row is first held against "Null", then against the tag that this column had last, and only then looked up
// by name. Memory for cells is reserved by extrapolation from the rows read so far.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "ft/json/cell_codec.hpp"
#include "ft/json/flat_rows.hpp"
#include "ft/json/rows_in_pieces.hpp"

namespace ft::json {

namespace detail {

inline constexpr unsigned kRowDepth = 3;  // the row, its list, a cell

/// One cell of a row, while the reader's depth already counts the cell's object. `hint` is the tag that this column had
/// last.
template <class Codec>
[[gnu::always_inline]] inline const char* decode_row_cell(const char* p, CellStorage& s, Reader& r,
                                                          std::uint8_t& hint) {
  if (*p == '"' && starts_with(p, Codec::kNull)) return p + sizeof(Codec::kNull) - 1;
  const char* const behind = Codec::template decode<false>(hint, p, s, r);
  if (behind != p) [[likely]] {
    if (behind == nullptr) [[unlikely]]
      return r.in_key(Codec::name(hint));
    if (*behind == '}') [[likely]]
      return behind + 1;
    p = close_variant_slow(behind, r);
  } else {
    r.leave();
    p = decode_cell<Codec>(p, s, r);
    if (!Codec::kTable.is_unit(s.tag)) hint = s.tag;
  }
  r.enter();
  return p;
}

/// How many cells to make room for: twice as many at first, then extrapolated from the input that is left.
inline std::size_t more_cells(std::size_t count, std::size_t read, std::size_t left) {
  if (count < 4096) return count < 16 ? 32 : count * 2;
  const double per_byte = static_cast<double>(count) / static_cast<double>(read);
  return count + static_cast<std::size_t>(per_byte * static_cast<double>(left) * 1.01) + 256;
}

/// The state of one decode of rows. The next cell and the end of the room are kept here, not in the builder: they are
/// used for every cell.
template <class Codec, class Cell>
class RowsDecoder {
 public:
  using CellCodec = typename Codec::CellCodec;
  using Builder = typename FlatRows<Cell>::Builder;

  /// `begin` and `end`: the offsets in the text between which the rows of `builder` stand, for extrapolation.
  RowsDecoder(Builder& builder, std::size_t begin, std::size_t end, Reader& r)
      : r_(r),
        begin_(begin),
        text_end_(end),
        builder_(builder),
        outer_(std::exchange(r.arena, builder.arena())),
        next_(builder.row_begin()),
        end_(builder.end()) {}
  RowsDecoder(const RowsDecoder&) = delete;
  RowsDecoder& operator=(const RowsDecoder&) = delete;
  ~RowsDecoder() { r_.arena = outer_; }

  const char* row(const char* p) {
    if (starts_with(p, Codec::kOpen) && r_.depth() + kRowDepth <= r_.depth_limit()) [[likely]] {
      for (unsigned i = 0; i < kRowDepth; ++i) r_.enter();
      const char* const behind = cells(p + sizeof(Codec::kOpen) - 1);
      if (behind == nullptr) [[unlikely]]
        return r_.in_key(Codec::kKey);
      r_.leave();
      r_.leave();
      if (*behind == '}') [[likely]] {
        r_.leave();
        return end_row(behind + 1);
      }
      p = decode_fields(behind, nullptr, r_, Codec::kTable, kListSeen);  // white space, or keys that nobody knows
      return p == nullptr ? nullptr : end_row(p);
    }
    return row_in_any_form(p);
  }

  /// Bytes that the builder has grown by.
  std::size_t grown() const noexcept { return grown_; }

 private:
  static constexpr std::uint64_t kListSeen = 1;

  const char* cells(const char* p) {
    p = skip_space(p);
    if (*p == ']') return p + 1;
    Cell* next = next_;  // a local copy, which calls cannot change
    for (unsigned column = 0;; ++column) {
      if (next == end_) [[unlikely]] {
        next_ = next;
        if (!grow(p)) return r_.fail(errc::memory_budget, p);
        next = next_;
      }
      Cell* const cell = ::new (static_cast<void*>(next)) Cell;
      p = decode_row_cell<CellCodec>(p, cell->storage(), r_, hints_[column % hints_.size()]);
      if (p == nullptr) [[unlikely]]
        return r_.in_index(column);
      ++next;
      if (*p != ',') {
        p = skip_space(p);
        if (*p != ',') break;
      }
      ++p;
    }
    next_ = next;
    return *p == ']' ? p + 1 : r_.fail(errc::syntax, p, "a comma or the closing bracket");
  }

  const char* row_in_any_form(const char* p) {
    p = open_object(p, r_);
    if (p == nullptr) return nullptr;
    std::vector<Cell> cells;
    p = decode_fields(p, &cells, r_, Codec::kTable, 0);
    if (p == nullptr) return nullptr;
    for (Cell& cell : cells) {
      if (next_ == end_ && !grow(p)) return r_.fail(errc::memory_budget, p);
      ::new (static_cast<void*>(next_++)) Cell(std::move(cell));
    }
    return end_row(p);
  }

  const char* end_row(const char* p) {
    builder_.end_row(next_);
    // Rows of different widths keep their offsets, in a vector that doubles.
    if (builder_.ragged() && !r_.charge(2 * sizeof(std::size_t))) return r_.fail(errc::memory_budget, p);
    return p;
  }

  [[gnu::noinline]] bool grow(const char* p) {
    const std::size_t count = builder_.count_to(next_);
    const std::size_t at = r_.offset(p);
    const std::size_t capacity = more_cells(count, at - begin_, text_end_ > at ? text_end_ - at : 0);
    if (!r_.charge((capacity - count) * sizeof(Cell))) return false;
    grown_ += (capacity - count) * sizeof(Cell);
    next_ = builder_.reserve(next_, capacity);
    end_ = builder_.end();
    return true;
  }

  Reader& r_;
  std::size_t begin_;
  std::size_t text_end_;
  Builder& builder_;
  Arena* outer_;
  Cell* next_;
  Cell* end_;
  std::size_t grown_ = 0;
  std::array<std::uint8_t, 256> hints_{};  // by column; wider rows share them
};

}  // namespace detail

/// Rows of a result as far as they go, see json/rows_in_pieces.hpp. `p` is at `rows.cursor`, the reader inside of the
/// list. Reads on until the list ends, the batch is full or something fails.
///
/// Codec: `using CellCodec`; `kOpen`, a literal: how a canonical row begins, with the bracket of its list; `kKey`, the
/// key of that list; `kTable` (FieldTable) for rows in any other form, whose object is a std::vector<Cell>.
template <class Codec, class Cell>
const char* decode_rows(const char* p, RowsInPieces<Cell>& rows, Reader& r) {
  const auto stop = [&](RowsPlace at, const char* cursor, std::size_t budget) {
    rows.at = at;
    rows.cursor = r.offset(cursor);
    rows.budget = budget;
  };
  if (rows.at == RowsPlace::first) {
    p = skip_space(p);
    if (*p == ']') {
      r.leave();
      stop(RowsPlace::end, p + 1, r.budget());
      return p + 1;
    }
    rows.begin = r.offset(p);
  }
  if (!rows.builder) rows.builder.emplace();
  auto& builder = *rows.builder;
  detail::RowsDecoder<Codec, Cell> decoder(builder, rows.begin, rows.end(), r);
  RowsPlace at = rows.at;
  for (;; at = RowsPlace::behind) {
    if (at == RowsPlace::behind) {
      const char* const behind = p;
      if (rows.full(builder.rows(), r.offset(p))) [[unlikely]] {
        stop(at, p, r.budget());
        return p;
      }
      bool more = false;
      p = next_item(p, more, r);
      if (p == nullptr || !more) [[unlikely]] {
        if (p == nullptr) stop(at, behind, r.budget());
        if (p != nullptr) stop(RowsPlace::end, p, r.budget());
        return p;
      }
      at = RowsPlace::row;
      p = skip_space(p);
    }
    const char* const begin = p;
    const std::size_t index = builder.rows(), budget = r.budget(), grown = decoder.grown();
    p = decoder.row(p);
    if (p != nullptr && static_cast<std::size_t>(p - begin) > rows.max_row_bytes) [[unlikely]]
      p = r.fail(errc::too_long, begin);
    if (p == nullptr) [[unlikely]] {
      stop(at, begin, budget - (decoder.grown() - grown));  // the room that was made stays, and stays paid for
      return r.in_index(rows.taken + index);
    }
  }
}

/// All rows of a result.
template <class Codec, class Cell>
const char* decode_rows(const char* p, FlatRows<Cell>& out, Reader& r) {
  p = open_array(p, r);
  if (p == nullptr) return nullptr;
  RowsInPieces<Cell> rows(r.offset(p), r.offset(r.end()), r.budget());
  p = decode(p, rows, r);
  if (p != nullptr) out = rows.take();
  return p;
}

namespace detail {

/// Rows where they may nest as deep as they do. One check for room a cell.
template <class Codec, class Cell>
void encode_rows_in_depth(Writer& w, const FlatRows<Cell>& rows) {
  char* p = w.room(kCellRoom);
  for (std::size_t i = 0; i < rows.size() && !w.failed(); ++i) {
    p = put(p, Codec::kOpen);
    for (const Cell& cell : rows[i]) {
      p = Codec::CellCodec::encode(cell.storage().tag, p, w, cell.storage());
      *p++ = ',';
      p = w.room(p, kCellRoom);
    }
    p -= !rows[i].empty();  // the last comma
    p = put(p, "]},");
  }
  w.wrote_to(p - 1);
}

/// One row where that is not certain: whatever is too deep is said so in its place, or an error.
template <class Codec, class Row>
void encode_row(Writer& w, const Row& row) {
  if (!w.enter()) return;
  if (w.enter()) {
    w.put(Codec::kOpen);
    bool first = true;
    for (const auto& cell : row) {
      if (!first) w.put(',');
      first = false;
      encode_cell<typename Codec::CellCodec>(w, cell.storage());
    }
    w.put("]}");
    w.leave();
  }
  w.leave();
}

}  // namespace detail

/// All rows of a result.
template <class Codec, class Cell>
void encode_rows(Writer& w, const FlatRows<Cell>& rows) {
  if (!w.enter()) return;
  w.put('[');
  if (!rows.empty() && w.can_enter(detail::kRowDepth)) {
    w.enter_all(detail::kRowDepth);
    detail::encode_rows_in_depth<Codec>(w, rows);
    w.leave_all(detail::kRowDepth);
  } else {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i != 0) w.put(',');
      detail::encode_row<Codec>(w, rows[i]);
    }
  }
  w.put(']');
  w.leave();
}

}  // namespace ft::json
