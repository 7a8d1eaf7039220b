// SPDX-License-Identifier: Apache-2.0
//
// The writer: canonical JSON, appended to one reusable buffer. Generated encoders and the overloads of json/encode.hpp
// stand on it.
//
//   PaddedBuffer out;                       // keeps its memory from message to message
//   Writer w(out, limit);
//   encode(w, value);                       // found by argument-dependent look-up
//   if (const auto code = w.finish()) ...   // errc, or nothing; on an error `out` is as before
//
// Errors are sticky: the first one stands, what is written after it is lost, and `finish` takes all back. Writer::print
// makes the same text for people: secrets masked, never an error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "ft/core/errc.hpp"
#include "ft/core/padded.hpp"
#include "ft/json/version.hpp"

namespace ft::json {

class Writer {
 public:
  enum class Mode : std::uint8_t {
    wire,      // canonical; whatever has no form on the wire is an error
    redacted,  // the same with secrets as "***" and 0, so that it can be read again
    masked     // for people: secrets as "***", NaN and infinities by name, malformed UTF-8 replaced, depth cut off
  };

  /// Appends to `out` at most `limit` bytes.
  Writer(PaddedBuffer& out, std::size_t limit, Mode mode = Mode::wire, unsigned depth_limit = 127);
  Writer(const Writer&) = delete;
  /// Without `finish` nothing was written.
  ~Writer() {
    if (!finished_) out_.resize(base_);
  }
  Writer& operator=(const Writer&) = delete;

  /// Ends the text. An error leaves `out` as it was before.
  std::optional<errc> finish();

  bool masked() const noexcept { return mode_ == Mode::masked; }
  bool hides_secrets() const noexcept { return mode_ != Mode::wire; }

  /// The version in which the text is written: one of the protocol's window, or above it.
  unsigned version() const noexcept { return version_; }
  void set_version(unsigned version) noexcept { version_ = version; }

  /// Keeps the first error.
  [[gnu::cold, gnu::noinline]] void fail(errc code) noexcept;
  /// not_in_version, for a field or a variant of a sum that the version does not have and may not do without. Both
  /// texts live for ever.
  [[gnu::cold, gnu::noinline]] void fail_version(std::string_view what, std::string_view variant = {}) noexcept;
  /// What that was, of an error that `finish` told: "FragmentRequest.priority", or "PhysicalPlan::Shuffle".
  std::string refused() const;

  bool failed() const noexcept { return failed_; }

  /// Opens a container. When false nothing of it may be written: it is too deep, or an error stands.
  bool enter() {
    if (++depth_ <= depth_limit_) [[likely]]
      return true;
    return enter_slow();
  }
  void leave() noexcept { --depth_; }

  /// Whether so many containers, one inside the other, can be opened; and all of them at once, if so.
  bool can_enter(unsigned levels = 1) const noexcept { return depth_ + levels <= depth_limit_; }
  void enter_all(unsigned levels) noexcept { depth_ += levels; }
  void leave_all(unsigned levels) noexcept { depth_ -= levels; }

  /// Room for `n` more bytes, at most kBlock, at the cursor.
  static constexpr std::size_t kBlock = 8192;
  char* room(std::size_t n) {
    if (static_cast<std::size_t>(end_ - cursor_) < n) [[unlikely]]
      grow(n);
    return cursor_;
  }
  /// The same at a cursor that the caller keeps while it writes several pieces.
  char* room(char* cursor, std::size_t n) {
    if (static_cast<std::size_t>(end_ - cursor) < n) [[unlikely]] {
      cursor_ = cursor;
      grow(n);
      return cursor_;
    }
    return cursor;
  }
  /// Ends what was written into the room.
  void wrote_to(char* cursor) noexcept { cursor_ = cursor; }

  /// A piece of text that the generator made: keys and brackets.
  template <std::size_t N>
  void put(const char (&literal)[N]) {
    char* const p = room(N - 1);
    std::memcpy(p, literal, N - 1);
    cursor_ = p + N - 1;
  }
  void put(char c) {
    *room(1) = c;
    ++cursor_;
  }
  /// Text as it is, of any length.
  void append(std::string_view text) {
    if (text.size() > kBlock) [[unlikely]]
      return append_long(text);
    char* const p = room(text.size());
    std::memcpy(p, text.data(), text.size());
    cursor_ = p + text.size();
  }
  /// A string: quotes, escapes, UTF-8 checked.
  void text(std::string_view text);

 private:
  bool enter_slow();
  void append_long(std::string_view text);
  [[gnu::noinline]] void grow(std::size_t n);
  std::size_t written() const noexcept { return static_cast<std::size_t>(cursor_ - out_.data()) - base_; }

  PaddedBuffer& out_;
  std::size_t base_;  // of `out_` when this text began
  std::size_t limit_;
  char* cursor_;
  char* end_;
  unsigned depth_ = 0;
  unsigned depth_limit_;  // 0 once an error stands, so that nothing more is entered
  bool failed_ = false;
  bool finished_ = false;
  Mode mode_;
  unsigned version_ = kNewestVersion;
  errc error_{};
  std::string_view refused_;
  std::string_view refused_variant_;
};

}  // namespace ft::json
