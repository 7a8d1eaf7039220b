// SPDX-License-Identifier: Apache-2.0
#include "ftdump/input.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "ft/wire/frame.hpp"

namespace ft::tools {

namespace {

constexpr std::size_t kChunk = std::size_t{64} << 10;
constexpr std::size_t kMostHead = 4096;  // characters by which hexadecimal text must have shown itself

enum class Guess : std::uint8_t { raw, hex, unknown };

Guess guess(std::string_view head) {
  HexText text;
  std::string bytes;
  const bool good = text.feed(head, bytes);
  if (bytes.size() >= kFrameHeaderSize) {
    return parse_frame_header(std::as_bytes(std::span(bytes)), MAX_PAYLOAD) ? Guess::hex : Guess::raw;
  }
  if (!good || head.size() >= kMostHead) return Guess::raw;
  // The line under way is not read yet: what it starts with tells enough.
  const std::string_view line = head.substr(head.find_last_of('\n') + 1);
  return line.find_first_not_of("0123456789abcdefABCDEFx:\\, \t\r#") == std::string_view::npos ? Guess::unknown
                                                                                               : Guess::raw;
}

}  // namespace

Input::~Input() {
  if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
}

bool Input::open(const std::string& name, Form form) {
  form_ = form;
  descriptor_ = name == "-" ? STDIN_FILENO : ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) {
    error_ = std::strerror(errno);
    return false;
  }
  return true;
}

std::optional<std::size_t> Input::read(std::span<char> space) {
  if (form_ == Form::detect && !read_head()) return std::nullopt;
  if (form_ == Form::hex && given_ == ready_.size() && !fill_from_hex()) return std::nullopt;
  if (given_ != ready_.size()) {
    const std::size_t n = std::min(space.size(), ready_.size() - given_);
    std::memcpy(space.data(), ready_.data() + given_, n);
    given_ += n;
    return n;
  }
  return ended_ ? 0 : read_raw(space);
}

std::optional<std::size_t> Input::read_raw(std::span<char> space) {
  for (;;) {
    const ssize_t n = ::read(descriptor_, space.data(), space.size());
    if (n >= 0) {
      ended_ = n == 0;
      return static_cast<std::size_t>(n);
    }
    if (errno != EINTR) {
      error_ = std::strerror(errno);
      return std::nullopt;
    }
  }
}

/// Reads until the form of the input is clear, and settles it.
bool Input::read_head() {
  Guess form = Guess::unknown;
  while (form == Guess::unknown && !ended_) {
    const std::size_t had = ready_.size();
    ready_.resize(had + kMostHead);
    const std::optional<std::size_t> n = read_raw(std::span(ready_).subspan(had));
    if (!n) return false;
    ready_.resize(had + *n);
    // At the end of the input its last line is complete, with or without a line feed.
    form = guess(ended_ ? ready_ + '\n' : ready_);
  }
  form_ = form == Guess::hex ? Form::hex : Form::raw;
  if (form_ == Form::hex) {
    chunk_ = std::move(ready_);
    ready_.clear();
  }
  return true;
}

/// Makes bytes ready, from what was read ahead or from the next chunk of text. None are ready afterwards only at the
/// end.
bool Input::fill_from_hex() {
  ready_.clear();
  given_ = 0;
  while (ready_.empty() && !failed_) {
    if (chunk_.empty() && !ended_) {
      chunk_.resize(kChunk);
      const std::optional<std::size_t> n = read_raw(chunk_);
      chunk_.resize(n.value_or(0));
      if (!n) return false;
    }
    const bool last = chunk_.empty();
    failed_ = !(last ? hex_.finish(ready_) : hex_.feed(chunk_, ready_));
    chunk_.clear();
    if (last) break;
  }
  // What came before the mistake is given out first.
  if (!failed_ || !ready_.empty()) return true;
  error_ = "line " + std::to_string(hex_.line()) + " is no hexadecimal text: ";
  error_ += hex_.problem();
  return false;
}

}  // namespace ft::tools
