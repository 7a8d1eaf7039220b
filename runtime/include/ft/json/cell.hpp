// SPDX-License-Identifier: Apache-2.0
//
// CellSum: a tagged union of 24 bytes for the values of a result set, of which a message holds millions.
//
// A tag, then 22 bytes in which small payloads stand in place: integers, floats, dates, UUIDs, short texts. Larger
// payloads (long text, blobs, lists, structs) are owned on the heap, or borrowed from the Arena of the rows that the
// cell belongs to. A copy of a cell always owns what it holds; a reference into rows lives as long as the rows. Cells
// are values: to change one, assign another.
//
// Generated sums with `layout: cell` derive from CellSum and name the alternatives; nothing here knows them. The
// payload types decide the form:
//
//   Unit                                      nothing
//   trivially copyable, at most 16 bytes      in place; read as a T
//   std::tuple of such                        in place; read as the tuple
//   std::string / Json / list of bytes        in place up to 22 bytes; read as string_view / JsonView / span
//   std::vector<Cell>                         an array of cells; read as span
//   any other struct                          an object of its own; read as const T&
//
// Thread safety: as for an int. Errors: reading an alternative that is not there throws WrongAlternative.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "ft/core/arena.hpp"
#include "ft/core/int128.hpp"
#include "ft/core/temporal.hpp"
#include "ft/json/raw.hpp"

namespace ft {

/// The payload of an alternative that has none.
struct Unit {
  friend constexpr bool operator==(Unit, Unit) noexcept { return true; }
};

/// An alternative was read that the sum does not hold.
class WrongAlternative : public std::logic_error {
 public:
  WrongAlternative() : std::logic_error("the sum holds another alternative") {}
};

/// The bytes of a cell. `form` says where the payload is.
struct alignas(8) CellStorage {
  static constexpr std::size_t kInline = 22;
  static constexpr std::uint8_t kOwned = 0xFE;     // pointer and size; the cell frees it
  static constexpr std::uint8_t kBorrowed = 0xFF;  // pointer and size; an arena frees it

  std::uint8_t tag = 0;
  std::uint8_t form = 0;  // up to kInline: the length in place
  char bytes[kInline] = {};

  bool external() const noexcept { return form >= kOwned; }
  char* scalar() noexcept { return bytes + 6; }  // aligned to 8
  const char* scalar() const noexcept { return bytes + 6; }
  void* pointer() const noexcept {
    void* p;
    std::memcpy(&p, scalar(), sizeof p);
    return p;
  }
  std::size_t size() const noexcept {
    std::size_t n;
    std::memcpy(&n, scalar() + sizeof(void*), sizeof n);
    return n;
  }
  void point(void* p, std::size_t n, bool owned) noexcept {
    form = owned ? kOwned : kBorrowed;
    std::memcpy(scalar(), &p, sizeof p);
    std::memcpy(scalar() + sizeof p, &n, sizeof n);
  }
  std::string_view text() const noexcept {
    return external() ? std::string_view(static_cast<const char*>(pointer()), size()) : std::string_view(bytes, form);
  }
  /// Copies text in: in place, into the arena, or onto the heap when there is none.
  void set_text(std::string_view text, Arena* arena) {
    if (text.size() <= kInline) {
      form = static_cast<std::uint8_t>(text.size());
      if (!text.empty()) std::memcpy(bytes, text.data(), text.size());  // an empty view may be null
      return;
    }
    void* const copy = arena != nullptr ? arena->allocate(text.size()) : ::operator new(text.size());
    std::memcpy(copy, text.data(), text.size());
    point(copy, text.size(), arena == nullptr);
  }
};
static_assert(sizeof(CellStorage) == 24);

namespace detail {

template <class T>
inline constexpr bool is_scalar_payload = std::is_trivially_copyable_v<T> && sizeof(T) <= 16;

/// An object of its own.
template <class T, class Cell>
struct CellPayload {
  using View = const T&;
  using Argument = T;
  static View get(const CellStorage& s) noexcept { return *static_cast<const T*>(s.pointer()); }
  static void set(CellStorage& s, T&& value, Arena* arena) {
    T* const object = arena != nullptr ? arena->make<T>() : new T();
    s.point(object, 1, arena == nullptr);
    *object = std::move(value);
  }
  static void copy(CellStorage& s, const CellStorage& from, Arena* arena) { set(s, T(get(from)), arena); }
  static void destroy(CellStorage& s) noexcept { delete static_cast<T*>(s.pointer()); }
  static bool equal(const CellStorage& a, const CellStorage& b) { return get(a) == get(b); }
};

template <class T, class Cell>
requires is_scalar_payload<T>
struct CellPayload<T, Cell> {
  using View = T;
  using Argument = T;
  static T get(const CellStorage& s) noexcept {
    T value;
    std::memcpy(&value, s.scalar(), sizeof value);
    return value;
  }
  static void set(CellStorage& s, const T& value, Arena*) noexcept { std::memcpy(s.scalar(), &value, sizeof value); }
  static void copy(CellStorage&, const CellStorage&, Arena*) noexcept {}
  static void destroy(CellStorage&) noexcept {}
  static bool equal(const CellStorage& a, const CellStorage& b) { return get(a) == get(b); }
};

template <class Cell>
struct CellPayload<Unit, Cell> {
  using View = Unit;
  using Argument = Unit;
  static Unit get(const CellStorage&) noexcept { return {}; }
  static void set(CellStorage&, Unit, Arena*) noexcept {}
  static void copy(CellStorage&, const CellStorage&, Arena*) noexcept {}
  static void destroy(CellStorage&) noexcept {}
  static bool equal(const CellStorage&, const CellStorage&) { return true; }
};

/// std::tuple is not trivially copyable; its elements are.
template <class... Ts, class Cell>
struct CellPayload<std::tuple<Ts...>, Cell> {
  static_assert((std::is_trivially_copyable_v<Ts> && ...) && (sizeof(Ts) + ...) <= 16, "a tuple in a cell is small");
  using View = std::tuple<Ts...>;
  using Argument = std::tuple<Ts...>;
  static View get(const CellStorage& s) noexcept {
    View value;
    const char* p = s.scalar();
    std::apply([&p](Ts&... part) { ((std::memcpy(&part, p, sizeof part), p += sizeof part), ...); }, value);
    return value;
  }
  static void set(CellStorage& s, const View& value, Arena*) noexcept {
    char* p = s.scalar();
    std::apply([&p](const Ts&... part) { ((std::memcpy(p, &part, sizeof part), p += sizeof part), ...); }, value);
  }
  static void copy(CellStorage&, const CellStorage&, Arena*) noexcept {}
  static void destroy(CellStorage&) noexcept {}
  static bool equal(const CellStorage& a, const CellStorage& b) { return get(a) == get(b); }
};

/// What the three kinds of bytes share.
struct CellBytes {
  static void copy(CellStorage& s, const CellStorage& from, Arena* arena) { s.set_text(from.text(), arena); }
  static void destroy(CellStorage& s) noexcept { ::operator delete(s.pointer()); }
  static bool equal(const CellStorage& a, const CellStorage& b) noexcept { return a.text() == b.text(); }
};

template <class Cell>
struct CellPayload<std::string, Cell> : CellBytes {
  using View = std::string_view;
  using Argument = std::string_view;
  static View get(const CellStorage& s) noexcept { return s.text(); }
  static void set(CellStorage& s, std::string_view text, Arena* arena) { s.set_text(text, arena); }
};

template <class Cell>
struct CellPayload<Json, Cell> : CellBytes {
  using View = JsonView;
  using Argument = JsonView;
  static View get(const CellStorage& s) noexcept { return JsonView::trusted(s.text()); }
  static void set(CellStorage& s, JsonView json, Arena* arena) { s.set_text(json.text(), arena); }
};

template <class Cell>
struct CellPayload<std::vector<std::uint8_t>, Cell> : CellBytes {
  using View = std::span<const std::uint8_t>;
  using Argument = std::span<const std::uint8_t>;
  static View get(const CellStorage& s) noexcept {
    const std::string_view text = s.text();
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
  }
  static void set(CellStorage& s, View bytes, Arena* arena) {
    s.set_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, arena);
  }
};

/// A list of cells: one block, its cells constructed in place.
template <class Cell>
struct CellPayload<std::vector<Cell>, Cell> {
  using View = std::span<const Cell>;
  using Argument = std::span<const Cell>;
  static View get(const CellStorage& s) noexcept {
    return s.external() ? View(static_cast<const Cell*>(s.pointer()), s.size()) : View();
  }
  static void set(CellStorage& s, View cells, Arena* arena) {
    if (cells.empty()) return;
    const std::size_t size = cells.size() * sizeof(Cell);
    auto* const block = static_cast<Cell*>(arena != nullptr ? arena->allocate(size) : ::operator new(size));
    std::size_t done = 0;
    try {
      for (; done < cells.size(); ++done) ::new (block + done) Cell(cells[done], arena);
    } catch (...) {
      std::destroy_n(block, done);
      if (arena == nullptr) ::operator delete(block);
      throw;
    }
    s.point(block, cells.size(), arena == nullptr);
  }
  static void copy(CellStorage& s, const CellStorage& from, Arena* arena) { set(s, get(from), arena); }
  static void destroy(CellStorage& s) noexcept {
    std::destroy_n(static_cast<Cell*>(s.pointer()), s.size());
    ::operator delete(s.pointer());
  }
  static bool equal(const CellStorage& a, const CellStorage& b) {
    const View left = get(a), right = get(b);
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (!(left[i] == right[i])) return false;
    }
    return true;
  }
};

}  // namespace detail

/// The base of a generated cell sum. `Payloads` stand in the order of the tags; the first is the default and must be
/// Unit.
template <class Derived, class... Payloads>
class CellSum {
 public:
  template <std::size_t I>
  using Payload = std::tuple_element_t<I, std::tuple<Payloads...>>;
  template <std::size_t I>
  using Traits = detail::CellPayload<Payload<I>, Derived>;

  CellSum() noexcept = default;
  CellSum(const CellSum& other) : CellSum(other, nullptr) {}
  /// A copy that keeps in `arena` (when there is one) what does not fit in place, and must not outlive it.
  CellSum(const CellSum& other, Arena* arena) : storage_(other.storage_) {
    if (!storage_.external()) return;
    storage_.form = 0;  // nothing is owned until the copy is made
    dispatch([&]<std::size_t I>() { Traits<I>::copy(storage_, other.storage_, arena); }, storage_.tag);
  }
  CellSum(CellSum&& other) noexcept : storage_(std::exchange(other.storage_, CellStorage{})) {}
  CellSum& operator=(const CellSum& other) {
    if (this != &other) *this = CellSum(other);
    return *this;
  }
  CellSum& operator=(CellSum&& other) noexcept {
    CellSum taken(std::move(other));
    std::swap(storage_, taken.storage_);
    return *this;
  }
  ~CellSum() { release(); }

  friend bool operator==(const CellSum& a, const CellSum& b) {
    if (a.storage_.tag != b.storage_.tag) return false;
    bool equal = false;
    dispatch([&]<std::size_t I>() { equal = Traits<I>::equal(a.storage_, b.storage_); }, a.storage_.tag);
    return equal;
  }

  /// The alternative at position `index`, unchecked names apart: generated accessors are the readable form.
  unsigned index() const noexcept { return storage_.tag; }
  template <std::size_t I>
  typename Traits<I>::View get() const {
    if (storage_.tag != I) [[unlikely]]
      throw WrongAlternative();
    return Traits<I>::get(storage_);
  }
  template <std::size_t I>
  static Derived make(typename Traits<I>::Argument value, Arena* arena = nullptr) {
    Derived cell;
    Traits<I>::set(cell.storage_, std::move(value), arena);
    cell.storage_.tag = I;
    return cell;
  }

  /// Calls f.template operator()<I>() for the alternative at `index`.
  template <class F>
  static void dispatch(F&& f, unsigned index) {
    using Call = void (*)(F&);
    static constexpr auto calls = []<std::size_t... I>(std::index_sequence<I...>) {
      return std::array<Call, sizeof...(I)>{+[](F& g) { g.template operator()<I>(); }...};
    }
    (std::index_sequence_for<Payloads...>{});
    calls[index](f);
  }

  /// For the codec: fills a default-constructed cell. Set the tag last: until then the cell holds nothing.
  CellStorage& storage() noexcept { return storage_; }
  const CellStorage& storage() const noexcept { return storage_; }

 private:
  void release() noexcept {
    if (storage_.form == CellStorage::kOwned) {
      dispatch([&]<std::size_t I>() { Traits<I>::destroy(storage_); }, storage_.tag);
    }
  }

  CellStorage storage_;
};

}  // namespace ft
