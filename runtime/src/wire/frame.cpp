// SPDX-License-Identifier: Apache-2.0
#include "ft/wire/frame.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace ft {

namespace {

std::uint32_t load_length(const std::byte* p) noexcept {
  std::uint32_t length = 0;
  for (unsigned i = 0; i < 4; ++i) length |= static_cast<std::uint32_t>(p[i]) << (8 * i);
  return length;
}

Error cut_off(errc code, std::size_t need, std::size_t have) {
  return Error(code, have, {}, "need " + std::to_string(need) + " bytes, got " + std::to_string(have));
}

}  // namespace

Result<FrameHeader> parse_frame_header(std::span<const std::byte> bytes, std::size_t max_payload) {
  if (bytes.size() < kFrameHeaderSize) return cut_off(errc::incomplete_header, kFrameHeaderSize, bytes.size());
  const auto type = static_cast<std::uint8_t>(bytes[0]);
  if (!is_message_type(type)) return Error(errc::unknown_message_type, 0, {}, "byte " + std::to_string(type));
  const std::uint32_t length = load_length(bytes.data() + 1);
  if (length > max_payload) {
    return Error(errc::payload_too_large, 1, {},
                 std::to_string(length) + " bytes, limit " + std::to_string(max_payload));
  }
  return FrameHeader{static_cast<MessageType>(type), length};
}

void write_frame_header(char* out, FrameHeader header) noexcept {
  out[0] = static_cast<char>(header.type);
  for (unsigned i = 0; i < 4; ++i) out[1 + i] = static_cast<char>(header.payload_length >> (8 * i) & 0xFFU);
}

void FrameReader::restore() noexcept {
  if (covering_) std::memcpy(buffer_.data() + covered_at_, covered_, kPadding);
  covering_ = false;
}

std::optional<std::size_t> FrameReader::announced() const noexcept {
  if (end_ - begin_ < kFrameHeaderSize) return std::nullopt;
  const char* const start = covering_ ? covered_ : buffer_.data() + begin_;
  const auto header = std::as_bytes(std::span(start, kFrameHeaderSize));
  const std::size_t length = load_length(header.data() + 1);
  if (length > max_payload_ || !is_message_type(static_cast<std::uint8_t>(header[0]))) return std::nullopt;
  return length;
}

std::size_t FrameReader::missing() const noexcept {
  const std::optional<std::size_t> payload = announced();
  if (!payload) return 0;
  const std::size_t whole = kFrameHeaderSize + *payload;
  return whole > end_ - begin_ ? whole - (end_ - begin_) : 0;
}

void FrameReader::give_back(std::size_t needed) {
  if (buffer_.capacity() <= kKept || needed > kKept) return;
  PaddedBuffer smaller;
  smaller.resize(needed);
  if (end_ != 0) std::memcpy(smaller.data(), buffer_.data(), end_);
  buffer_ = std::move(smaller);
}

std::span<char> FrameReader::prepare() {
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

void FrameReader::feed(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const std::span<char> space = prepare();
    const std::size_t n = std::min(space.size(), bytes.size());
    std::memcpy(space.data(), bytes.data(), n);
    commit(n);
    bytes = bytes.subspan(n);
  }
}

Result<std::optional<Frame>> FrameReader::next() {
  restore();
  if (error_) return *error_;
  const std::size_t have = end_ - begin_;
  if (have < kFrameHeaderSize) return std::optional<Frame>();
  const char* const start = buffer_.data() + begin_;
  const Result<FrameHeader> header = parse_frame_header(std::as_bytes(std::span(start, have)), max_payload_);
  if (!header) {
    error_ = header.error();
    return *error_;
  }
  const std::size_t whole = kFrameHeaderSize + header->payload_length;
  if (have < whole) return std::optional<Frame>();
  begin_ += whole;
  covered_at_ = begin_;
  std::memcpy(covered_, buffer_.data() + covered_at_, kPadding);
  std::memset(buffer_.data() + covered_at_, 0, kPadding);
  covering_ = true;
  return std::optional<Frame>(Frame{header->type, PaddedView(start + kFrameHeaderSize, header->payload_length)});
}

Result<void> FrameReader::finish() const {
  if (error_) return *error_;
  const std::size_t have = end_ - begin_;
  if (have == 0) return {};
  if (have < kFrameHeaderSize) return cut_off(errc::incomplete_header, kFrameHeaderSize, have);
  const std::size_t lacking = missing();
  if (lacking == 0) return {};
  return cut_off(errc::incomplete_payload, have + lacking, have);
}

}  // namespace ft
