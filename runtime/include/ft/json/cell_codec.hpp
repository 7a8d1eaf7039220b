// SPDX-License-Identifier: Apache-2.0
//
// The codec of cell sums and of flat rows: where a large result spends its time. Generated code gives a codec class per
// cell sum (what its tags are called) and per row struct (its keys); everything else is here.
//
// A cell is first held against "Null", then against the tag that this column had last, then looked up by name. Its
// payload goes straight into the cell or into the arena of the rows. Memory for cells is reserved by extrapolation from
// the rows read so far.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "ft/json/cell.hpp"
#include "ft/json/decode.hpp"
#include "ft/json/encode.hpp"
#include "ft/json/flat_rows.hpp"

namespace ft::json {

/// How an alternative with payload begins, `{"Int":`, as two masked words. A unit, or a name too long for the words,
/// has a `length` of 0 and matches nothing.
struct CellPrefix {
  std::array<char, 16> text{};
  std::array<std::uint64_t, 2> mask{};
  std::uint8_t length = 0;

  static constexpr CellPrefix of(std::string_view name) {
    CellPrefix prefix{};
    const std::size_t length = name.size() + 4;
    if (length > 16) return prefix;
    std::size_t n = 0;
    prefix.text[n++] = '{';
    prefix.text[n++] = '"';
    for (const char c : name) prefix.text[n++] = c;
    prefix.text[n++] = '"';
    prefix.text[n++] = ':';
    const auto mask = [](std::size_t bytes) {
      return bytes >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * bytes)) - 1;
    };
    prefix.mask[0] = mask(length);
    prefix.mask[1] = length > 8 ? mask(length - 8) : 0;
    prefix.length = static_cast<std::uint8_t>(length);
    return prefix;
  }

  bool matches(const char* p) const noexcept {
    const std::uint64_t low = (load64(p) ^ load64(text.data())) & mask[0];
    const std::uint64_t high = (load64(p + 8) ^ load64(text.data() + 8)) & mask[1];
    return (low | high) == 0 && length != 0;
  }
};

namespace detail {

inline const char* keep_text(const char* p, CellStorage& s, std::string_view text, Reader& r) {
  if (text.size() <= CellStorage::kInline) {
    s.form = static_cast<std::uint8_t>(text.size());
    std::memcpy(s.bytes, text.data(), CellStorage::kInline);  // the padding makes so many readable
    return p;
  }
  if (!r.charge(text.size())) [[unlikely]]
    return r.fail(errc::memory_budget, p);
  s.set_text(text, r.arena);
  return p;
}

/// Decodes the payload of alternative I into a fresh cell whose tag is already set.
template <class Cell, std::size_t I>
[[gnu::always_inline]] inline const char* decode_payload(const char* p, CellStorage& s, Reader& r) {
  using T = typename Cell::template Payload<I>;
  using Traits = typename Cell::template Traits<I>;
  if constexpr (std::is_same_v<T, std::string>) {
    std::string_view text;
    p = *p == '"' ? read_text(p + 1, text, r) : read_string(p, text, r);
    return p == nullptr ? nullptr : keep_text(p, s, text, r);
  } else if constexpr (std::is_same_v<T, Json>) {
    p = skip_space(p);
    const char* const behind = skip_json(p, r);
    return behind == nullptr ? nullptr : keep_text(behind, s, {p, static_cast<std::size_t>(behind - p)}, r);
  } else if constexpr (std::is_same_v<T, std::vector<std::uint8_t>>) {
    std::vector<std::uint8_t> bytes;
    p = decode(p, bytes, r);
    if (p != nullptr) Traits::set(s, bytes, r.arena);
    return p;
  } else if constexpr (std::is_same_v<T, std::vector<Cell>>) {
    std::vector<Cell> cells;
    p = decode(p, cells, r);
    if (p == nullptr || cells.empty()) return p;
    // Cells move into their block byte for byte; what they leave behind must not be released twice.
    const std::size_t size = cells.size() * sizeof(Cell);
    if (!r.charge(size)) return r.fail(errc::memory_budget, p);
    void* const block = r.arena != nullptr ? r.arena->allocate(size) : ::operator new(size);
    std::memcpy(block, static_cast<const void*>(cells.data()), size);
    for (Cell& cell : cells) cell.storage() = CellStorage{};
    s.point(block, cells.size(), r.arena == nullptr);
    return p;
  } else if constexpr (ft::detail::is_scalar_payload<T>) {
    // In place: reading back what was just written piece by piece would wait for the stores.
    return decode(p, *::new (static_cast<void*>(s.scalar())) T(), r);
  } else if constexpr (!std::is_same_v<typename Traits::View, const T&>) {
    T value{};
    p = decode(p, value, r);
    if (p != nullptr) Traits::set(s, value, nullptr);
    return p;
  } else {
    if (!r.charge(sizeof(T) + 32)) return r.fail(errc::memory_budget, p);
    T* const object = r.arena != nullptr ? r.arena->template make<T>() : new T();
    s.point(object, 1, r.arena == nullptr);
    return decode(p, *object, r);
  }
}

}  // namespace detail

/// One cell, wherever it stands.
///
/// Codec: `using Cell`; `kTable` (VariantTable); `kPrefixes[]` by tag; `kNull` a literal, the first unit with its
/// quotes; `name(tag)`; `decode_payload(tag, p, storage, r)`, a switch over detail::decode_payload.
template <class Codec>
const char* decode_cell(const char* p, CellStorage& s, Reader& r) {
  VariantHead head;
  p = open_variant(p, head, r, Codec::kTable);
  if (p == nullptr) return nullptr;
  s.tag = static_cast<std::uint8_t>(head.index);
  if (head.whole) return p;
  p = Codec::decode_payload(s.tag, p, s, r);
  if (p == nullptr) [[unlikely]]
    return r.in_key(Codec::name(s.tag));
  return close_variant(p, r);
}

namespace detail {

/// One cell of a row, while the reader's depth already counts the cell's object. `hint` is the tag that this column had
/// last.
template <class Codec>
[[gnu::always_inline]] inline const char* decode_row_cell(const char* p, CellStorage& s, Reader& r,
                                                          std::uint8_t& hint) {
  if (starts_with(p, Codec::kNull)) return p + sizeof(Codec::kNull) - 1;
  const CellPrefix& prefix = Codec::kPrefixes[hint];
  if (prefix.matches(p)) [[likely]] {
    s.tag = hint;
    p = Codec::decode_payload(s.tag, p + prefix.length, s, r);
    if (p == nullptr) [[unlikely]]
      return r.in_key(Codec::name(s.tag));
    if (*p == '}') [[likely]]
      return p + 1;
    p = close_variant_slow(p, r);
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

  RowsDecoder(const char* begin, Reader& r) : r_(r), begin_(begin), outer_(std::exchange(r.arena, builder_.arena())) {}
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

  std::size_t rows() const noexcept { return builder_.rows(); }
  FlatRows<Cell> build() && { return std::move(builder_).build(); }

 private:
  static constexpr unsigned kRowDepth = 3;  // the row, its list, a cell
  static constexpr std::uint64_t kListSeen = 1;

  const char* cells(const char* p) {
    p = skip_space(p);
    if (*p == ']') return p + 1;
    for (unsigned column = 0;; ++column) {
      if (next_ == end_ && !grow(p)) [[unlikely]]
        return r_.fail(errc::memory_budget, p);
      Cell* const cell = ::new (static_cast<void*>(next_)) Cell;
      p = decode_row_cell<CellCodec>(p, cell->storage(), r_, hints_[column % 256]);
      if (p == nullptr) [[unlikely]]
        return r_.in_index(column);
      ++next_;
      if (*p == ',') {
        ++p;
        continue;
      }
      if (*p == ']') return p + 1;
      p = skip_space(p);
      if (*p != ',' && *p != ']') return r_.fail(errc::syntax, p, "a comma or the closing bracket");
      if (*p++ == ']') return p;
    }
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
    const std::size_t capacity =
        more_cells(count, static_cast<std::size_t>(p - begin_), static_cast<std::size_t>(r_.end() - p));
    if (!r_.charge((capacity - count) * sizeof(Cell))) return false;
    next_ = builder_.reserve(next_, capacity);
    end_ = builder_.end();
    return true;
  }

  Reader& r_;
  const char* begin_;
  typename FlatRows<Cell>::Builder builder_;
  Arena* outer_;
  Cell* next_ = nullptr;
  Cell* end_ = nullptr;
  std::array<std::uint8_t, 256> hints_{};  // by column; wider rows share them
};

}  // namespace detail

/// All rows of a result.
///
/// Codec: `using CellCodec`; `kOpen`, a literal: how a canonical row begins, with the bracket of its list; `kKey`, the
/// key of that list; `kTable` (FieldTable) for rows in any other form, whose object is a std::vector<Cell>.
template <class Codec, class Cell>
const char* decode_rows(const char* p, FlatRows<Cell>& out, Reader& r) {
  p = open_array(p, r);
  if (p == nullptr) return nullptr;
  if (*p == ']') {
    r.leave();
    return p + 1;
  }
  detail::RowsDecoder<Codec, Cell> rows(p, r);
  for (bool more = true; more;) {
    p = rows.row(p);
    if (p == nullptr) return r.in_index(rows.rows());
    p = next_item(p, more, r);
    if (p == nullptr) return nullptr;
    if (more) p = skip_space(p);
  }
  out = std::move(rows).build();
  return p;
}

namespace detail {

template <class Cell, std::size_t I>
inline void encode_payload(Writer& w, const CellStorage& s) {
  using T = typename Cell::template Payload<I>;
  if constexpr (std::is_same_v<T, std::vector<std::uint8_t>>) {
    const auto bytes = Cell::template Traits<I>::get(s);
    encode_bytes(w, bytes.data(), bytes.size());
  } else if constexpr (std::is_same_v<T, std::vector<Cell>>) {
    encode_list(w, Cell::template Traits<I>::get(s));
  } else {
    encode(w, Cell::template Traits<I>::get(s));
  }
}

}  // namespace detail

/// One cell. Codec as for decode_cell, with `encode_payload(tag, w, storage)` and `name(tag)`.
template <class Codec>
inline void encode_cell(Writer& w, const CellStorage& s) {
  const CellPrefix& prefix = Codec::kPrefixes[s.tag];
  if (prefix.length != 0) [[likely]] {
    if (!w.enter()) return;
    char* const p = w.room(16);
    std::memcpy(p, prefix.text.data(), 16);
    w.wrote_to(p + prefix.length);
    Codec::encode_payload(s.tag, w, s);
    w.put('}');
    w.leave();
    return;
  }
  if (Codec::kTable.is_unit(s.tag)) {
    w.put('"');
    w.append(Codec::name(s.tag));
    w.put('"');
    return;
  }
  if (!w.enter()) return;
  w.put("{\"");
  w.append(Codec::name(s.tag));
  w.put("\":");
  Codec::encode_payload(s.tag, w, s);
  w.put('}');
  w.leave();
}

/// All rows of a result. One check for room a cell: the brackets around it and the comma are written together.
template <class Codec, class Cell>
void encode_rows(Writer& w, const FlatRows<Cell>& rows) {
  using CellCodec = typename Codec::CellCodec;
  constexpr std::size_t kBetween = 32;  // "}", ",", and how a cell begins
  if (!w.enter()) return;
  w.put('[');
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i != 0) w.put(',');
    if (!w.enter()) continue;  // too deep: said so in its place, or an error
    if (!w.enter()) {
      w.leave();
      continue;
    }
    w.put(Codec::kOpen);
    // The cells' own level is entered once for all of them, unless only cells without payload could stand there.
    const bool can_enter = w.can_enter();
    if (can_enter) w.enter();
    char* p = w.room(kBetween);
    bool first = true;
    for (const Cell& cell : rows[i]) {
      const CellStorage& s = cell.storage();
      const CellPrefix& prefix = CellCodec::kPrefixes[s.tag];
      if (!first) *p++ = ',';
      first = false;
      if (prefix.length != 0 && can_enter) [[likely]] {
        std::memcpy(p, prefix.text.data(), prefix.text.size());
        w.wrote_to(p + prefix.length);
        CellCodec::encode_payload(s.tag, w, s);
        p = w.room(kBetween);
        *p++ = '}';
      } else {
        w.wrote_to(p);
        if (can_enter) w.leave();
        encode_cell<CellCodec>(w, s);
        if (can_enter) w.enter();
        p = w.room(kBetween);
      }
    }
    std::memcpy(p, "]}", 2);
    w.wrote_to(p + 2);
    if (can_enter) w.leave();
    w.leave();
    w.leave();
  }
  w.put(']');
  w.leave();
}

}  // namespace ft::json
