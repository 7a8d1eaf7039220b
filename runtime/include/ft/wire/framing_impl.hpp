// SPDX-License-Identifier: Apache-2.0
//
// The bodies of ft/wire/framing.hpp. Only the generated src/frames.cpp of a protocol includes this, and instantiates
// them.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "ft/wire/framing.hpp"

namespace ft::wire {

inline std::uint32_t load_length(const std::byte* p) noexcept {
  std::uint32_t length = 0;
  for (unsigned i = 0; i < 4; ++i) length |= static_cast<std::uint32_t>(p[i]) << (8 * i);
  return length;
}

/// `need` bytes make a whole; `have` are there.
inline Error cut_off(errc code, std::size_t need, std::size_t have) {
  return Error(code, have, {}, "need " + std::to_string(need) + " bytes, got " + std::to_string(have));
}

template <class P>
Result<FrameHeader<P>> parse_frame_header(std::span<const std::byte> bytes, std::size_t max_payload) {
  if (bytes.size() < kFrameHeaderSize) return cut_off(errc::incomplete_header, kFrameHeaderSize, bytes.size());
  const auto type = static_cast<std::uint8_t>(bytes[0]);
  if (!P::is_message_type(type)) return Error(errc::unknown_message_type, 0, {}, "byte " + std::to_string(type));
  const std::uint32_t length = load_length(bytes.data() + 1);
  if (length > max_payload) {
    return Error(errc::payload_too_large, 1, {},
                 std::to_string(length) + " bytes, limit " + std::to_string(max_payload));
  }
  return FrameHeader<P>{static_cast<typename P::MessageType>(type), length};
}

template <class P>
void write_frame_header(char* out, FrameHeader<P> header) noexcept {
  out[0] = static_cast<char>(header.type);
  for (unsigned i = 0; i < 4; ++i) out[1 + i] = static_cast<char>(header.payload_length >> (8 * i) & 0xFFU);
}

template <class P>
void FrameReader<P>::restore() noexcept {
  if (covering_) std::memcpy(buffer_.data() + covered_at_, covered_, kPadding);
  covering_ = false;
}

template <class P>
std::optional<std::size_t> FrameReader<P>::announced() const noexcept {
  if (end_ - begin_ < kFrameHeaderSize) return std::nullopt;
  const char* const start = covering_ ? covered_ : buffer_.data() + begin_;
  const auto header = std::as_bytes(std::span(start, kFrameHeaderSize));
  const std::size_t length = load_length(header.data() + 1);
  if (length > max_payload_ || !P::is_message_type(static_cast<std::uint8_t>(header[0]))) return std::nullopt;
  return length;
}

template <class P>
std::size_t FrameReader<P>::missing() const noexcept {
  const std::optional<std::size_t> payload = announced();
  if (!payload) return 0;
  const std::size_t whole = kFrameHeaderSize + *payload;
  return whole > end_ - begin_ ? whole - (end_ - begin_) : 0;
}

template <class P>
void FrameReader<P>::give_back(std::size_t needed) {
  if (buffer_.capacity() <= kKept || needed > kKept) return;
  PaddedBuffer smaller;
  smaller.resize(needed);
  if (end_ != 0) std::memcpy(smaller.data(), buffer_.data(), end_);
  buffer_ = std::move(smaller);
}

template <class P>
std::span<char> FrameReader<P>::prepare() {
  restore();
  if (begin_ != 0) {
    // What is left is short: less than a frame, or a few pipelined ones.
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  std::size_t space = missing();
  if (space == 0) {
    const std::size_t kept = std::min(buffer_.capacity(), kKept);
    space = std::max(kReadAhead, kept > end_ ? kept - end_ : 0);
  }
  give_back(end_ + space);
  if (buffer_.size() < end_ + space) buffer_.resize(end_ + space);
  return {buffer_.data() + end_, space};
}

template <class P>
void FrameReader<P>::feed(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const std::span<char> space = prepare();
    const std::size_t n = std::min(space.size(), bytes.size());
    std::memcpy(space.data(), bytes.data(), n);
    commit(n);
    bytes = bytes.subspan(n);
  }
}

template <class P>
Result<std::optional<Frame<P>>> FrameReader<P>::next() {
  restore();
  if (error_) return *error_;
  const std::size_t have = end_ - begin_;
  if (have < kFrameHeaderSize) return std::optional<Frame<P>>();
  const char* const start = buffer_.data() + begin_;
  const Result<FrameHeader<P>> header = parse_frame_header<P>(std::as_bytes(std::span(start, have)), max_payload_);
  if (!header) {
    error_ = header.error();
    return *error_;
  }
  const std::size_t whole = kFrameHeaderSize + header->payload_length;
  if (have < whole) return std::optional<Frame<P>>();
  begin_ += whole;
  covered_at_ = begin_;
  std::memcpy(covered_, buffer_.data() + covered_at_, kPadding);
  std::memset(buffer_.data() + covered_at_, 0, kPadding);
  covering_ = true;
  return std::optional<Frame<P>>(Frame<P>{header->type, PaddedView(start + kFrameHeaderSize, header->payload_length)});
}

template <class P>
Result<void> FrameReader<P>::finish() const {
  if (error_) return *error_;
  const std::size_t have = end_ - begin_;
  if (have == 0) return {};
  if (have < kFrameHeaderSize) return cut_off(errc::incomplete_header, kFrameHeaderSize, have);
  const std::size_t lacking = missing();
  if (lacking == 0) return {};
  return cut_off(errc::incomplete_payload, have + lacking, have);
}

}  // namespace ft::wire
