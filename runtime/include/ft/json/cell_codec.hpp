// SPDX-License-Identifier: Apache-2.0
//
// The codec of cell sums. Generated code gives a codec class per sum (what its tags are called); everything else is
// here. A payload is decoded straight into the cell, or into the arena of the rows that the cell belongs to.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <vector>

#include "ft/json/cell.hpp"
#include "ft/json/decode.hpp"
#include "ft/json/encode.hpp"

namespace ft::json {

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

/// Alternative I, whose object begins with the literal `open`; with kOpened its payload alone. Behind the payload, or
/// `p` as it was if something else stands there.
template <class Cell, std::size_t I, bool kOpened, std::size_t N>
[[gnu::always_inline]] inline const char* decode_alternative(const char* p, const char (&open)[N], CellStorage& s,
                                                             Reader& r) {
  if constexpr (!kOpened) {
    if (!starts_with(p, open)) [[unlikely]]
      return p;
    p += N - 1;
  }
  s.tag = I;
  return decode_payload<Cell, I>(p, s, r);
}

/// Room for a cell whose payload is a scalar, and for what stands around it.
inline constexpr std::size_t kCellRoom = kScalarRoom + 128;

/// Copies a literal to the cursor.
template <std::size_t N>
inline char* put(char* p, const char (&literal)[N]) {
  static_assert(N <= kCellRoom - kScalarRoom);
  std::memcpy(p, literal, N - 1);
  return p + N - 1;
}

/// Alternative I, whose object begins with the literal `open`, written to the cursor `p`. There was room for a cell;
/// now there is room for a comma at least.
template <class Cell, std::size_t I, std::size_t N>
[[gnu::always_inline]] inline char* encode_alternative(char* p, const char (&open)[N], Writer& w,
                                                       const CellStorage& s) {
  using T = typename Cell::template Payload<I>;
  const auto& value = Cell::template Traits<I>::get(s);
  p = put(p, open);
  if constexpr (Scalar<T>) {
    if (has_form(w, value)) [[likely]] {
      p = write(p, value);
      *p = '}';
      return p + 1;
    }
  }
  w.wrote_to(p);
  if constexpr (std::is_same_v<T, std::vector<std::uint8_t>>) {
    encode_bytes(w, value.data(), value.size());
  } else if constexpr (std::is_same_v<T, std::vector<Cell>>) {
    encode_list(w, value);
  } else {
    encode(w, value);
  }
  p = w.room(kCellRoom);
  *p = '}';
  return p + 1;
}

}  // namespace detail

/// One cell, wherever it stands.
///
/// Codec: `using Cell`; `kCell`, its name; `kTable` (VariantTable); `kNull` a literal, the first unit with its quotes;
/// `name(tag)`; `decode<kOpened>(tag, p, storage, r)` and `encode(tag, p, w, storage)`, switches over
/// detail::decode_alternative and detail::encode_alternative.
template <class Codec>
const char* decode_cell(const char* p, CellStorage& s, Reader& r) {
  VariantHead head;
  p = open_variant(p, head, r, Codec::kTable);
  if (p == nullptr) return nullptr;
  s.tag = static_cast<std::uint8_t>(head.index);
  if (head.whole) return p;
  p = Codec::template decode<true>(head.index, p, s, r);
  if (p == nullptr) [[unlikely]]
    return r.in_key(Codec::name(head.index));
  return close_variant(p, r);
}

template <class Codec>
void encode_cell(Writer& w, const CellStorage& s) {
  if constexpr (Codec::kTable.ranges != nullptr) {
    if (!in_range(Codec::kTable.ranges[s.tag], w.version())) w.fail_version(Codec::kCell, Codec::name(s.tag));
  }
  const bool payload = !Codec::kTable.is_unit(s.tag);
  if (payload && !w.enter()) return;
  w.wrote_to(Codec::encode(s.tag, w.room(detail::kCellRoom), w, s));
  if (payload) w.leave();
}

}  // namespace ft::json
