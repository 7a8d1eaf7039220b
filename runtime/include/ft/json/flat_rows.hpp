// SPDX-License-Identifier: Apache-2.0
//
// FlatRows: the rows of a query result, immutable, in one block of cells and one arena.
//
//   for (std::size_t i = 0; i < rows.size(); ++i)
//     for (const Value& cell : rows[i]) ...
//
//   FlatRows<Value>::Builder builder;
//   builder.add(Value::Int(7)).add(Value::Text(name, builder.arena())).end_row();
//   FlatRows<Value> rows = std::move(builder).build();
//
// A hundred thousand rows cost about a dozen allocations. Rows may differ in width: then their offsets are kept as
// well. Copies share the block, which lives until the last of them; it never changes, so any number of threads may read
// it.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include "ft/core/arena.hpp"
#include "ft/json/cell.hpp"

namespace ft {

template <class Cell>
class FlatRows {
 public:
  class Builder;

  FlatRows() noexcept = default;

  std::size_t size() const noexcept { return block_ ? block_->rows : 0; }
  bool empty() const noexcept { return size() == 0; }
  std::span<const Cell> operator[](std::size_t row) const noexcept {
    const Block& b = *block_;
    if (b.offsets.empty()) return {b.cells + row * b.width, b.width};
    return {b.cells + b.offsets[row], b.offsets[row + 1] - b.offsets[row]};
  }
  /// All cells, row after row.
  std::span<const Cell> cells() const noexcept {
    return block_ ? std::span<const Cell>(block_->cells, block_->count) : std::span<const Cell>();
  }

  friend bool operator==(const FlatRows& a, const FlatRows& b) {
    if (a.block_ == b.block_) return true;
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const std::span<const Cell> left = a[i], right = b[i];
      if (left.size() != right.size()) return false;
      for (std::size_t k = 0; k < left.size(); ++k) {
        if (!(left[k] == right[k])) return false;
      }
    }
    return true;
  }

 private:
  struct Block {
    Block() = default;
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;
    ~Block() {
      if (owning) std::destroy_n(cells, count);
      std::free(static_cast<void*>(cells));
    }

    Cell* cells = nullptr;
    std::size_t count = 0;  // of the cells of whole rows
    std::size_t capacity = 0;
    std::size_t rows = 0;
    std::size_t width = 0;             // of every row, unless there are offsets
    std::vector<std::size_t> offsets;  // of each row, and the end
    bool owning = false;               // some cell owns heap of its own
    Arena arena;
  };

  std::shared_ptr<const Block> block_;
};

/// Collects rows. Cells that borrow must borrow from `arena()`; cells that own are taken over.
template <class Cell>
class FlatRows<Cell>::Builder {
 public:
  Builder() : block_(std::make_shared<Block>()) {}
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;
  ~Builder() {
    if (block_) drop_unfinished_row();
  }

  Arena* arena() noexcept { return &block_->arena; }

  Builder& add(Cell&& cell) {
    Block& b = *block_;
    if (next_ == end()) reserve(next_, b.capacity < 16 ? 32 : b.capacity * 2);
    b.owning |= cell.storage().form == CellStorage::kOwned;
    ::new (static_cast<void*>(next_++)) Cell(std::move(cell));
    return *this;
  }
  Builder& end_row() {
    end_row(next_);
    return *this;
  }

  /// The rows that were ended; cells behind them are dropped.
  FlatRows build() && {
    drop_unfinished_row();
    FlatRows rows;
    rows.block_ = std::move(block_);
    return rows;
  }

  // -- for the codec, which constructs cells in place and keeps count of them ---------------------------------

  /// Ends a row whose cells were constructed up to `next`. They must not own heap.
  void end_row(Cell* next) {
    Block& b = *block_;
    const std::size_t begin = b.count;
    b.count = count_to(next);
    next_ = next;
    const std::size_t width = b.count - begin;
    if (b.rows == 0) b.width = width;
    if (width != b.width && b.offsets.empty()) {
      b.offsets.reserve(b.rows + 2);
      for (std::size_t row = 0; row <= b.rows; ++row) b.offsets.push_back(row * b.width);
    }
    if (!b.offsets.empty()) b.offsets.push_back(b.count);
    ++b.rows;
  }
  std::size_t rows() const noexcept { return block_->rows; }
  bool ragged() const noexcept { return !block_->offsets.empty(); }
  Cell* row_begin() const noexcept { return block_->cells + block_->count; }
  Cell* end() const noexcept { return block_->cells + block_->capacity; }
  std::size_t room() const noexcept { return block_->capacity; }
  std::size_t count_to(const Cell* next) const noexcept {
    return next == nullptr ? 0 : static_cast<std::size_t>(next - block_->cells);
  }

  /// Room for `capacity` cells in all; where `next` is now. Cells are trivially relocatable (they hold no pointer to
  /// themselves), so growing is realloc, which moves pages rather than bytes.
  Cell* reserve(Cell* next, std::size_t capacity) {
    const std::size_t count = count_to(next);
    void* const grown = std::realloc(static_cast<void*>(block_->cells), capacity * sizeof(Cell));
    if (grown == nullptr) throw std::bad_alloc();
    block_->cells = static_cast<Cell*>(grown);
    block_->capacity = capacity;
    return next_ = block_->cells + count;
  }

 private:
  void drop_unfinished_row() noexcept {
    if (block_->owning) std::destroy(row_begin(), next_);
  }

  std::shared_ptr<Block> block_;
  Cell* next_ = nullptr;  // behind the last cell added
};

}  // namespace ft
