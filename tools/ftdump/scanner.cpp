// SPDX-License-Identifier: Apache-2.0
#include "ftdump/scanner.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

namespace ft::tools {

namespace {

constexpr std::size_t kChunk = std::size_t{256} << 10;
constexpr std::size_t kMostSpaces = 64;  // around a plausible payload

bool is_space(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

const std::array<bool, 256> kIsType = [] {
  std::array<bool, 256> known{};
  for (unsigned byte = 0; byte < 256; ++byte) known[byte] = is_message_type(static_cast<std::uint8_t>(byte));
  return known;
}();

std::size_t load_length(const char* header) noexcept {
  std::size_t length = 0;
  for (unsigned i = 0; i < 4; ++i) length |= std::size_t{static_cast<unsigned char>(header[1 + i])} << (8 * i);
  return length;
}

bool is_type(char byte) noexcept { return kIsType[static_cast<unsigned char>(byte)]; }

/// Zeros behind a payload while it is decoded; what stood there comes back afterwards.
class Padding {
 public:
  explicit Padding(char* at) noexcept : at_(at) {
    std::memcpy(covered_, at_, kPadding);
    std::memset(at_, 0, kPadding);
  }
  Padding(const Padding&) = delete;
  Padding& operator=(const Padding&) = delete;
  ~Padding() { std::memcpy(at_, covered_, kPadding); }

 private:
  char* at_;
  char covered_[kPadding];
};

/// What is wrong with a header, told without its bytes: they may come from the middle of a secret.
Error judge_header(errc code, const char* header) {
  switch (code) {
    case errc::unknown_message_type: {
      const auto byte = static_cast<unsigned char>(*header);
      if (byte >= 0x20 && byte < 0x7F) return Error(code, 0, {}, "a letter, digit or sign");
      constexpr char digits[] = "0123456789abcdef";
      return Error(code, 0, {}, std::string("0x") + digits[byte >> 4] + digits[byte & 15]);
    }
    case errc::payload_too_large: {
      const std::size_t mebibytes = std::bit_floor(load_length(header)) >> 20;
      return Error(code, 1, {},
                   "at least " + std::to_string(mebibytes) + " MiB announced, limit " +
                       std::to_string(MAX_PAYLOAD >> 20) + " MiB");
    }
    default:
      return Error(code);
  }
}

}  // namespace

std::span<char> Scanner::prepare() {
  const std::size_t live = end_ - begin_;
  const bool full = buffer_.size() < end_ + kChunk;
  if (live == 0 || (full && begin_ >= live / 2)) {
    // Moves at most twice as many bytes as were let go.
    if (live != 0) std::memmove(buffer_.data(), buffer_.data() + begin_, live);
    base_ += begin_;
    if (open_) {
      search_.cursor -= begin_;
      search_.limit -= std::min(search_.limit, begin_);
    }
    begin_ = 0;
    end_ = live;
  }
  // Doubling, so that appending is linear; never more than what came already, whatever a header promises.
  if (buffer_.size() < end_ + kChunk) buffer_.resize(end_ + std::max(kChunk, end_ / 2));
  return {buffer_.data() + end_, buffer_.size() - end_};
}

std::optional<Record> Scanner::next() {
  if (open_) return resume();
  const std::size_t have = end_ - begin_;
  if (have == 0 || (have < kFrameHeaderSize && !finished_)) return std::nullopt;

  const char* const start = buffer_.data() + begin_;
  const Result<FrameHeader> header = parse_frame_header(std::as_bytes(std::span(start, have)), MAX_PAYLOAD);
  work_ += kFrameHeaderSize;
  if (!header) {
    std::optional<MessageType> type;
    if (is_type(*start)) type = static_cast<MessageType>(*start);
    open(Record::Kind::broken, judge_header(header.error().code, start), type, {Search::Wants::any, begin_ + 1, 0, {}});
    return resume();
  }
  const std::size_t whole = kFrameHeaderSize + header->payload_length;
  if (whole <= have) return decode_frame_at_begin(*header);
  if (!finished_) return std::nullopt;
  open(Record::Kind::broken, Error(errc::incomplete_payload), header->type, {Search::Wants::whole, begin_ + 1, 0, {}});
  return resume();
}

std::optional<Record> Scanner::decode_frame_at_begin(FrameHeader header) {
  const std::size_t whole = kFrameHeaderSize + header.payload_length;
  char* const payload = buffer_.data() + begin_ + kFrameHeaderSize;
  Result<DecodedFrame> decoded;
  {
    const Padding padding(payload + header.payload_length);
    decoded = decode_frame(Frame{header.type, PaddedView(payload, header.payload_length)});
  }
  Captured captured = captured_in({payload, header.payload_length});
  if (!decoded) {
    work_ += std::min(whole, decoded.error().offset);
    open(Record::Kind::refused, decoded.error(), header.type,
         {Search::Wants::any_inside, begin_ + 1, begin_ + whole, {}});
    open_->captured = std::move(captured);
    return resume();
  }
  work_ += whole;
  Record record;
  record.offset = base_ + begin_;
  record.length = whole;
  record.type = header.type;
  record.envelope = std::move(decoded->envelope);
  record.unknown_keys = decoded->unknown_keys - (captured.connection ? 1 : 0);
  record.captured = std::move(captured);
  record.bytes = {buffer_.data() + begin_, whole};
  begin_ += whole;
  return record;
}

void Scanner::open(Record::Kind kind, Error error, std::optional<MessageType> type, Search search) {
  open_.emplace();
  open_->kind = kind;
  open_->offset = base_ + begin_;
  open_->type = type;
  open_->error = std::move(error);
  if (open_->error.offset != Error::no_offset) open_->error.offset += open_->offset;
  search_ = search;
  excerpt_.clear();
}

std::optional<Record> Scanner::resume() {
  if (search_.wants == Search::Wants::any_inside) return resume_inside();
  while (search_.cursor < end_) {
    skip_to_type(end_);
    // Behind what is no frame nothing has to be kept but an excerpt: such a stretch may be of any length.
    if (search_.wants == Search::Wants::any && !search_.cut) let_go(search_.cursor);
    if (search_.cursor == end_) break;

    const Sight sight = look(search_.cursor, end_, finished_);
    if (sight == Sight::unknown) return std::nullopt;
    if (sight == Sight::start) {
      if (end_of(search_.cursor) <= end_) {
        if (closes(search_.cursor)) return close(search_.cursor, true);
      } else if (!finished_) {
        return std::nullopt;
      } else if (!search_.cut) {
        search_.cut = search_.cursor;
      }
    }
    ++search_.cursor;
  }
  if (!finished_) return std::nullopt;
  if (search_.wants == Search::Wants::any && search_.cut) return close(*search_.cut, true);
  return close(end_, false);
}

std::optional<Record> Scanner::resume_inside() {
  const std::size_t limit = search_.limit;
  for (; search_.cursor < limit; ++search_.cursor) {
    skip_to_type(limit);
    if (search_.cursor == limit) break;
    const Sight sight = look(search_.cursor, end_, finished_);
    if (sight == Sight::unknown) return std::nullopt;
    if (sight == Sight::nothing) continue;
    if (end_of(search_.cursor) > limit || closes(search_.cursor)) return close(search_.cursor, true);
  }
  return close(limit, true);
}

void Scanner::skip_to_type(std::size_t limit) noexcept {
  const char* const from = buffer_.data() + search_.cursor;
  const char* const end = buffer_.data() + limit;
  const auto skipped = static_cast<std::size_t>(std::find_if(from, end, [](char c) { return is_type(c); }) - from);
  work_ += skipped;
  search_.cursor += skipped;
}

Record Scanner::close(std::size_t end, bool goes_on) {
  Record record = std::move(*open_);
  open_.reset();
  record.length = base_ + end - record.offset;
  if (goes_on) record.next = base_ + end;
  const std::string got = ", got " + std::to_string(record.length) + (goes_on ? " before the next frame" : "");
  switch (search_.wants) {
    case Search::Wants::any:
      let_go(end);
      record.bytes = excerpt_;
      if (record.error.code == errc::incomplete_header) {
        record.error.offset = record.offset + record.length;
        record.error.detail = "need " + std::to_string(kFrameHeaderSize) + " bytes" + got;
      }
      return record;
    case Search::Wants::whole:
      record.error.offset = record.offset + record.length;
      record.error.detail = "need " + std::to_string(end_of(begin_) - begin_) + " bytes" + got;
      break;
    case Search::Wants::any_inside:
      if (end != search_.limit) record.kind = Record::Kind::broken;  // its length was wrong
      break;
  }
  record.bytes = {buffer_.data() + begin_, end - begin_};
  begin_ = end;
  return record;
}

Scanner::Sight Scanner::look(std::size_t at, std::size_t horizon, bool last) noexcept {
  const Sight short_of_bytes = last ? Sight::nothing : Sight::unknown;
  if (at == horizon) return short_of_bytes;
  const char* const start = buffer_.data() + at;
  ++work_;
  if (!is_type(*start)) return Sight::nothing;
  if (horizon - at < kFrameHeaderSize) return short_of_bytes;
  work_ += kFrameHeaderSize;
  const std::size_t length = load_length(start);
  if (length < 2 || length > MAX_PAYLOAD) return Sight::nothing;

  const std::size_t most = kFrameHeaderSize + std::min(length, kMostSpaces);
  std::size_t i = kFrameHeaderSize;
  for (; i < most; ++i) {
    if (at + i == horizon) return short_of_bytes;
    ++work_;
    if (!is_space(start[i])) return start[i] == '{' ? Sight::start : Sight::nothing;
  }
  return Sight::nothing;
}

bool Scanner::closes(std::size_t at) noexcept {
  const char* const payload = buffer_.data() + at + kFrameHeaderSize;
  const char* end = buffer_.data() + end_of(at);
  const char* const least = end - std::min(end - payload, static_cast<std::ptrdiff_t>(kMostSpaces));
  while (end != least && is_space(end[-1])) --end;
  work_ += static_cast<std::size_t>(buffer_.data() + end_of(at) - end) + 1;
  return end != least && end[-1] == '}';
}

std::size_t Scanner::end_of(std::size_t at) const noexcept {
  return at + kFrameHeaderSize + load_length(buffer_.data() + at);
}

void Scanner::let_go(std::size_t upto) {
  if (excerpt_.size() < kExcerpt) {
    excerpt_.append(buffer_.data() + begin_, std::min(upto - begin_, kExcerpt - excerpt_.size()));
  }
  begin_ = upto;
}

}  // namespace ft::tools
