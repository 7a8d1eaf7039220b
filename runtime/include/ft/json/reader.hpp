// SPDX-License-Identifier: Apache-2.0
//
// The pull reader: the one JSON tokenizer of the project. Generated decoders and the overloads of json/decode.hpp stand
// on it.
//
// A decode function takes a cursor and returns the cursor behind what it read, or nullptr after an error that the
// Reader keeps. Input is a PaddedView: at least 64 readable zero bytes stand behind it, so that a zero byte ends every
// loop and no load needs an end check. Errors are cold: the code and the place are kept at once, the JSON path grows
// while the calls return (`in_key`, `in_index`). Everything is checked: UTF-8, escapes, number grammar, nesting, the
// memory budget.
//
//   Reader r(payload, limits);
//   FragmentSnapshot value;
//   const char* p = decode(r.begin(), value, r);     // found by argument-dependent look-up
//   if (!p || !r.at_end(p)) return r.take_error();
//
// One Reader serves one decode in one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ft/core/arena.hpp"
#include "ft/core/errc.hpp"
#include "ft/core/error.hpp"
#include "ft/core/padded.hpp"
#include "ft/core/secret.hpp"
#include "ft/json/names.hpp"
#include "ft/json/version.hpp"

namespace ft::json {

/// The deepest nesting that a schema may ask for.
inline constexpr unsigned kMaxDepth = 1024;

/// What one decode may use.
struct Limits {
  unsigned depth;      // open containers, the root included; at most kMaxDepth
  std::size_t budget;  // bytes of heap that the decoded form may take
};

class Reader {
 public:
  /// `before`: how much of the text stood before this input and was read by other Readers. Offsets count from the
  /// text's start.
  Reader(PaddedView input, Limits limits, std::size_t before = 0) noexcept
      : begin_(input.data),
        end_(input.data + input.size),
        before_(before),
        depth_limit_(limits.depth),
        budget_(limits.budget) {}
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  const char* begin() const noexcept { return begin_; }
  const char* end() const noexcept { return end_; }
  std::size_t offset(const char* p) const noexcept { return before_ + static_cast<std::size_t>(p - begin_); }

  /// Whether nothing but white space follows `p`; otherwise the error is trailing_bytes.
  bool at_end(const char* p) noexcept;

  /// Keeps the first error and returns nullptr. `wanted` is what should have stood at `at`. A syntax error at the end
  /// of the input becomes unexpected_end.
  [[gnu::cold, gnu::noinline]] const char* fail(errc code, const char* at, std::string_view wanted = {});
  /// The same for a key of the schema.
  [[gnu::cold, gnu::noinline]] const char* fail_key(errc code, const char* at, std::string_view key);
  /// Keeps an error that somebody else judged (the gate of an envelope).
  [[gnu::cold, gnu::noinline]] const char* refuse(Error error, const char* at);
  /// Adds a step to the path of the kept error, innermost first; returns nullptr.
  [[gnu::cold, gnu::noinline]] const char* in_key(std::string_view key);
  [[gnu::cold, gnu::noinline]] const char* in_index(std::size_t index);
  [[gnu::cold]] Error take_error();

  /// Opens a container: false beyond the depth limit.
  bool enter() noexcept { return ++depth_ <= depth_limit_; }
  void leave() noexcept { --depth_; }
  unsigned depth() const noexcept { return depth_; }
  unsigned depth_limit() const noexcept { return depth_limit_; }

  /// Takes `bytes` from the memory budget: false when it is spent.
  bool charge(std::size_t bytes) noexcept {
    if (bytes > budget_) [[unlikely]]
      return false;
    budget_ -= bytes;
    return true;
  }
  /// What is left of it.
  std::size_t budget() const noexcept { return budget_; }

  /// The version in which the input is read: one of the protocol's window, or above it.
  unsigned version() const noexcept { return version_; }
  void set_version(unsigned version) noexcept { version_ = version; }

  /// Keys that no type knows and that were skipped.
  std::size_t unknown_keys() const noexcept { return unknown_keys_; }
  void count_unknown_key() noexcept { ++unknown_keys_; }

  /// Where cells put what does not fit in place; nullptr: each owns its memory. Set while rows are read.
  Arena* arena = nullptr;
  /// Reused for texts with escapes and for lists whose length is not known before their end.
  std::string scratch;
  void wipe_scratch() noexcept { wipe(scratch); }

 private:
  const char* begin_;
  const char* end_;
  std::size_t before_;
  unsigned depth_ = 0;
  unsigned depth_limit_;
  std::size_t budget_;
  unsigned version_ = kNewestVersion;
  std::size_t unknown_keys_ = 0;
  const char* failed_at_ = nullptr;
  Error error_{};
  std::string steps_;  // of the path, reversed, see in_key
};

// -- cursor primitives ------------------------------------------------------------------------------------------------

inline const char* skip_space(const char* p) noexcept {
  while (static_cast<unsigned char>(*p) <= ' ' && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t')) ++p;
  return p;
}

/// Whether the bytes at `p` are those of the literal; `N - 1` bytes are read.
template <std::size_t N>
inline bool starts_with(const char* p, const char (&literal)[N]) noexcept {
  constexpr std::size_t n = N - 1;
  if constexpr (n >= 8) {
    std::uint64_t difference = 0;
    for (std::size_t i = 0; i + 8 <= n; i += 8) difference |= load64(p + i) ^ load64(literal + i);
    if constexpr (n % 8 != 0) difference |= load64(p + n - 8) ^ load64(literal + n - 8);
    return difference == 0;
  } else if constexpr (n >= 4) {
    return ((load32(p) ^ load32(literal)) | (load32(p + n - 4) ^ load32(literal + n - 4))) == 0;
  } else {
    bool equal = true;
    for (std::size_t i = 0; i < n; ++i) equal &= p[i] == literal[i];
    return equal;
  }
}

/// A string on the wire. `p` is behind the opening quote; the result is behind the closing one.
/// `text` is what it spells: a view of the input, or of `r.scratch` when there are escapes, valid until the next
/// string.
const char* read_text(const char* p, std::string_view& text, Reader& r);

/// Checks a string without looking at what it spells.
const char* skip_text(const char* p, Reader& r);

/// Reads over one value of any kind and checks it. `skip_value` takes numbers by grammar alone; `skip_json` refuses one
/// that overflows a double. Nesting counts from the reader's present depth.
const char* skip_value(const char* p, Reader& r);
const char* skip_json(const char* p, Reader& r);

/// White space, then '{' or '['. The result is behind it and behind white space.
const char* open_object(const char* p, Reader& r);
const char* open_array(const char* p, Reader& r);

/// The error for a value that starts at `p` and is not of the wanted kind.
[[gnu::cold, gnu::noinline]] const char* fail_value(const char* p, Reader& r, std::string_view wanted);

// -- objects --------------------------------------------------------------------------------------------------

/// What the any-order decoder of a struct needs to know.
struct FieldTable {
  NameTable names;         // every spelling of every key; the index is the field's
  std::uint64_t required;  // fields whose key must be there
  /// Decodes the value of field `index` of `*object`.
  const char* (*decode)(unsigned index, const char* p, void* object, Reader& r);
  std::uint64_t known = ~std::uint64_t{0};  // fields that the version has; others are passed over

  std::string_view key(unsigned index) const noexcept;
};

/// The rest of an object whose first fields (`seen`) were read in canonical order: any order, unknown keys, white
/// space. `p` is behind '{' if nothing was seen, otherwise behind a value.
const char* decode_fields(const char* p, void* object, Reader& r, const FieldTable& table, std::uint64_t seen);

// -- externally tagged sums -----------------------------------------------------------------------------------

/// What the decoder of a sum needs to know.
struct VariantTable {
  NameTable names;
  const std::uint64_t* units;            // bit set: the variant has no payload
  const VersionRange* ranges = nullptr;  // of each variant; nullptr: all are there in every version

  bool is_unit(unsigned index) const noexcept { return (units[index / 64] >> (index % 64) & 1U) != 0; }
};

/// How a variant begins: which one it is, and whether nothing of it is left to read.
struct VariantHead {
  unsigned index;
  bool whole;
};

/// Reads up to the payload of a variant: "A" or {"A":null} (then `whole`), or {"B": with the cursor at the payload.
const char* open_variant(const char* p, VariantHead& head, Reader& r, const VariantTable& table);

/// The closing brace of a variant with payload.
[[gnu::noinline]] const char* close_variant_slow(const char* p, Reader& r);
inline const char* close_variant(const char* p, Reader& r) {
  if (*p != '}') [[unlikely]]
    return close_variant_slow(p, r);
  r.leave();
  return p + 1;
}

/// An enumeration: a sum of units alone.
const char* read_unit(const char* p, unsigned& index, Reader& r, const VariantTable& table);

}  // namespace ft::json
