// SPDX-License-Identifier: Apache-2.0
//
// FrameReader: a stream cut into pieces in every way gives the same frames and the same errors.
#include "ft/wire/frame.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/allocations.hpp"
#include "support/frames.hpp"

namespace ft {
namespace {

constexpr std::size_t kSmallCap = 65536;

/// What comes out of a reader until it needs more: types and payloads, with the padding checked.
using Frames = std::vector<std::pair<MessageType, std::string>>;

void take_all(FrameReader& reader, Frames& frames, std::optional<errc>& error) {
  for (;;) {
    const Result<std::optional<Frame>> next = reader.next();
    if (!next) {
      error = next.error().code;
      return;
    }
    if (!*next) return;
    const PaddedView payload = (*next)->payload;
    EXPECT_EQ(std::string(payload.data + payload.size, kPadding), std::string(kPadding, '\0'))
        << "zeros behind the payload";
    frames.emplace_back((*next)->type, std::string(payload.data, payload.size));
  }
}

/// By prepare and commit, as from a socket that gives at most `piece` bytes at a time.
void receive(FrameReader& reader, std::string_view bytes, std::size_t piece, Frames& frames,
             std::optional<errc>& error) {
  while (!bytes.empty() && !error) {
    const std::span<char> space = reader.prepare();
    ASSERT_FALSE(space.empty());
    const std::size_t n = std::min({space.size(), piece, bytes.size()});
    std::memcpy(space.data(), bytes.data(), n);
    reader.commit(n);
    bytes.remove_prefix(n);
    take_all(reader, frames, error);
  }
}

const Frames& two_frames() {
  static const Frames frames = {{MSG_CANCEL_FRAGMENT, std::string("{\"first\":1}") + std::string(100, ' ')},
                                {MSG_CANCEL_ACK, "{\"second\":2}"}};
  return frames;
}

std::string stream_of(const Frames& frames) {
  std::string stream;
  for (const auto& [type, payload] : frames) stream += test::frame(type, payload);
  return stream;
}

TEST(FrameHeader, IsFiveBytesLittleEndian) {
  char bytes[kFrameHeaderSize];
  write_frame_header(bytes, {MSG_FRAGMENT_RESULT, 0x01020304});
  EXPECT_EQ(std::string_view(bytes, 5), std::string_view("\x81\x04\x03\x02\x01", 5));
  const Result<FrameHeader> header = parse_frame_header(test::bytes_of({bytes, 5}), 0x01020304);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->type, MSG_FRAGMENT_RESULT);
  EXPECT_EQ(header->payload_length, 0x01020304U);
}

TEST(FrameHeader, IsJudgedInTheOrderOfTheProtocol) {
  const auto code = [](std::string_view bytes, std::size_t cap) {
    const Result<FrameHeader> header = parse_frame_header(test::bytes_of(bytes), cap);
    return header ? std::optional<errc>() : std::optional<errc>(header.error().code);
  };
  EXPECT_EQ(code({"\x03\xFF\xFF\xFF", 4}, 10), errc::incomplete_header);
  EXPECT_EQ(code({"\x03\xFF\xFF\xFF\xFF", 5}, 10), errc::unknown_message_type);
  EXPECT_EQ(code({"\x01\x0B\x00\x00\x00", 5}, 10), errc::payload_too_large);
  EXPECT_EQ(code({"\x01\x0A\x00\x00\x00", 5}, 10), std::nullopt);
  EXPECT_EQ(code({"\x01\x00\x00\x00\x00", 5}, 0), std::nullopt);
}

TEST(FrameReader, TakesEverySplitOfTwoFramesByFeed) {
  const std::string stream = stream_of(two_frames());
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      FrameReader reader(Phase::authenticated);
      Frames frames;
      std::optional<errc> error;
      for (const auto& [begin, end] :
           {std::pair(std::size_t{0}, first), std::pair(first, second), std::pair(second, stream.size())}) {
        reader.feed(test::bytes_of(std::string_view(stream).substr(begin, end - begin)));
        take_all(reader, frames, error);
      }
      ASSERT_EQ(error, std::nullopt);
      ASSERT_EQ(frames, two_frames()) << first << ", " << second;
      EXPECT_EQ(reader.buffered(), 0U);
      EXPECT_TRUE(reader.finish());
    }
  }
}

TEST(FrameReader, TakesEverySplitByPrepareAndCommit) {
  const std::string stream = stream_of(two_frames());
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    FrameReader reader(Phase::authenticated);
    Frames frames;
    std::optional<errc> error;
    receive(reader, stream, piece, frames, error);
    ASSERT_EQ(error, std::nullopt);
    ASSERT_EQ(frames, two_frames()) << piece;
    EXPECT_TRUE(reader.finish());
  }
}

TEST(FrameReader, PipelinedFramesKeepTheirBytes) {
  // Empty and tiny frames: the zeros behind one payload cover several frames that follow, and must not be what those
  // consist of.
  Frames expected;
  for (int i = 0; i < 200; ++i)
    expected.emplace_back(MSG_CANCEL_FRAGMENT,
                          std::string(static_cast<std::size_t>(i % 5), static_cast<char>('a' + i % 26)));
  const std::string stream = stream_of(expected);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{64}, std::size_t{333}, stream.size()}) {
    FrameReader fed(Phase::authenticated), received(Phase::authenticated);
    Frames by_feed, by_commit;
    std::optional<errc> error;
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      fed.feed(test::bytes_of(std::string_view(stream).substr(at, piece)));
      take_all(fed, by_feed, error);
    }
    receive(received, stream, piece, by_commit, error);
    EXPECT_EQ(error, std::nullopt);
    EXPECT_EQ(by_feed, expected) << piece;
    EXPECT_EQ(by_commit, expected) << piece;
  }
}

TEST(FrameReader, APayloadLivesUntilTheNextCall) {
  FrameReader reader(Phase::authenticated);
  reader.feed(test::bytes_of(stream_of(two_frames())));
  const Result<std::optional<Frame>> first = reader.next();
  ASSERT_TRUE(first && *first);
  EXPECT_EQ(std::string((*first)->payload.data, (*first)->payload.size), two_frames()[0].second);
  EXPECT_EQ(reader.buffered(), kFrameHeaderSize + two_frames()[1].second.size());
  reader.feed(test::bytes_of(test::frame(MSG_CANCEL_ACK, "third")));
  const Result<std::optional<Frame>> second = reader.next();
  ASSERT_TRUE(second && *second);
  EXPECT_EQ(std::string((*second)->payload.data, (*second)->payload.size), two_frames()[1].second);
  const Result<std::optional<Frame>> third = reader.next();
  ASSERT_TRUE(third && *third);
  EXPECT_EQ(std::string((*third)->payload.data, (*third)->payload.size), "third");
}

TEST(FrameReader, HasACapPerPhase) {
  EXPECT_EQ(max_payload(Phase::unauthenticated), kSmallCap);
  EXPECT_EQ(max_payload(Phase::authenticated), std::size_t{64} << 20);
  const std::string largest = test::frame(MSG_EXECUTE_FRAGMENT, std::string(kSmallCap, 'x'));
  const std::string larger = test::frame(MSG_EXECUTE_FRAGMENT, std::string(kSmallCap + 1, 'x'));
  {
    FrameReader reader(Phase::unauthenticated);
    reader.feed(test::bytes_of(largest));
    const Result<std::optional<Frame>> next = reader.next();
    ASSERT_TRUE(next && *next);
    EXPECT_EQ((*next)->payload.size, kSmallCap);
  }
  {
    FrameReader reader(Phase::unauthenticated);
    reader.feed(test::bytes_of(larger));
    const Result<std::optional<Frame>> next = reader.next();
    ASSERT_FALSE(next);
    EXPECT_EQ(next.error().code, errc::payload_too_large);
    EXPECT_EQ(next.error().detail, "65537 bytes, limit 65536");
  }
  {
    FrameReader reader(Phase::unauthenticated);
    reader.feed(test::bytes_of(largest + larger));
    ASSERT_TRUE(reader.next());
    reader.enter(Phase::authenticated);
    const Result<std::optional<Frame>> next = reader.next();
    ASSERT_TRUE(next && *next) << "the cap is that of the phase in which the header is read";
    EXPECT_EQ((*next)->payload.size, kSmallCap + 1);
  }
  {
    FrameReader reader(Phase::authenticated);
    reader.feed(test::bytes_of(std::string_view("\x81\x00\x00\x00\x04", 5)));
    EXPECT_TRUE(reader.next()) << "64 MiB exactly is legal";
    FrameReader over(Phase::authenticated);
    over.feed(test::bytes_of(std::string_view("\x81\x01\x00\x00\x04", 5)));
    EXPECT_FALSE(over.next());
  }
}

TEST(FrameReader, AHeaderBeyondTheCapMakesNoRoom) {
  FrameReader reader(Phase::unauthenticated);
  reader.feed(test::bytes_of(std::string_view("\x01\xFF\xFF\xFF\xFF", 5)));
  EXPECT_LE(reader.prepare().size(), kSmallCap);
  FrameReader legal(Phase::unauthenticated);
  legal.feed(test::bytes_of(std::string_view("\x01\x00\x80\x00\x00", 5)));
  EXPECT_GE(legal.prepare().size(), 0x8000U) << "a legal one makes room for all of its payload";
}

TEST(FrameReader, AnnouncesTheFrameUnderWay) {
  FrameReader reader(Phase::unauthenticated);
  EXPECT_EQ(reader.announced(), std::nullopt);
  reader.feed(test::bytes_of(std::string_view("\x01\x02\x00\x00", 4)));
  EXPECT_EQ(reader.announced(), std::nullopt) << "the header is not whole";
  reader.feed(test::bytes_of(std::string_view("\x00{}\x02\x07\x00\x00\x00", 8)));
  EXPECT_EQ(reader.announced(), 2U);
  ASSERT_TRUE(*reader.next());
  EXPECT_EQ(reader.announced(), 7U) << "though the padding of the frame that is out covers the header";
  for (const auto& bad : {std::string("\x7F\x01\x00\x00\x00", 5), std::string("\x01\x01\x00\x01\x00", 5)}) {
    FrameReader refusing(Phase::unauthenticated);
    refusing.feed(test::bytes_of(bad));
    EXPECT_EQ(refusing.announced(), std::nullopt);
    EXPECT_FALSE(refusing.next());
  }
}

TEST(FrameReader, GivesTheRoomOfALargeFrameBack) {
  const std::size_t before = test::heap_in_use();
  FrameReader reader(Phase::authenticated);
  reader.prepare();
  EXPECT_LE(test::heap_in_use() - before, 4400U) << "waiting for a first frame";
  reader.feed(test::bytes_of(test::frame(MSG_EXECUTE_FRAGMENT, std::string(1 << 20, 'x')) + "\x02\x09"));
  ASSERT_TRUE(*reader.next());
  EXPECT_GT(test::heap_in_use() - before, 1U << 20);
  const std::span<char> space = reader.prepare();
  EXPECT_LE(test::heap_in_use() - before, 17'000U);
  std::memcpy(space.data(), "\x00\x00\x00[1,2,3,4]", 12);
  reader.commit(12);
  const Result<std::optional<Frame>> next = reader.next();
  ASSERT_TRUE(next && *next) << "what had been read ahead moved along";
  EXPECT_EQ((*next)->type, MSG_CANCEL_FRAGMENT);
  EXPECT_EQ(std::string((*next)->payload.data, (*next)->payload.size), "[1,2,3,4]");
}

TEST(FrameReader, FindsErrorsWhereTheyAreAndKeepsThem) {
  const std::string good = stream_of(two_frames());
  for (const auto& [bad, code] : {std::pair(std::string("\x7F\x01\x00\x00\x00", 5), errc::unknown_message_type),
                                  std::pair(std::string("\x01\x00\x00\x00\xFF", 5), errc::payload_too_large)}) {
    for (std::size_t piece = 1; piece < good.size() + bad.size(); piece += 3) {
      FrameReader reader(Phase::authenticated);
      Frames frames;
      std::optional<errc> error;
      receive(reader, good + bad + good, piece, frames, error);
      EXPECT_EQ(frames, two_frames()) << "what came before the error is whole";
      ASSERT_EQ(error, code);
      reader.feed(test::bytes_of(good));
      const Result<std::optional<Frame>> next = reader.next();
      ASSERT_FALSE(next) << "a broken stream stays broken";
      EXPECT_EQ(next.error().code, code);
      const Result<void> finished = reader.finish();
      ASSERT_FALSE(finished);
      EXPECT_EQ(finished.error().code, code);
    }
  }
}

TEST(FrameReader, SaysAtTheEndWhatIsMissing) {
  const std::string stream = stream_of(two_frames());
  const std::size_t first = kFrameHeaderSize + two_frames()[0].second.size();
  for (std::size_t length = 0; length <= stream.size(); ++length) {
    FrameReader reader(Phase::authenticated);
    reader.feed(test::bytes_of(std::string_view(stream).substr(0, length)));
    Frames frames;
    std::optional<errc> error;
    take_all(reader, frames, error);
    ASSERT_EQ(error, std::nullopt) << "a cut is no error before the end";
    const std::size_t rest = length >= first ? length - first : length;
    EXPECT_EQ(reader.buffered(), length == stream.size() ? 0 : rest);
    const Result<void> finished = reader.finish();
    if (rest == 0 || length == stream.size()) {
      EXPECT_TRUE(finished) << length;
      continue;
    }
    ASSERT_FALSE(finished) << length;
    EXPECT_EQ(finished.error().code, rest < kFrameHeaderSize ? errc::incomplete_header : errc::incomplete_payload)
        << length;
    EXPECT_EQ(finished.error().offset, rest);
  }
}

TEST(FrameReader, ReusesItsMemory) {
  FrameReader reader(Phase::authenticated);
  const std::string frame = test::frame(MSG_CANCEL_FRAGMENT, std::string(12000, 'x'));  // what a connection keeps
  const char* where = nullptr;
  for (int i = 0; i < 50; ++i) {
    reader.feed(test::bytes_of(frame));
    const Result<std::optional<Frame>> next = reader.next();
    ASSERT_TRUE(next && *next);
    if (i > 1) {
      EXPECT_EQ((*next)->payload.data, where);
    }
    where = (*next)->payload.data;
  }
}

TEST(FrameReader, ItsPayloadsDecodeInPlace) {
  const std::string payload = test::envelope(R"({"CancelFragment":{"request_id":42,"cancel_key":7}})");
  FrameReader reader(Phase::unauthenticated);
  reader.feed(test::bytes_of(test::frame(MSG_CANCEL_FRAGMENT, payload) + test::frame(MSG_CANCEL_FRAGMENT, payload)));
  for (int i = 0; i < 2; ++i) {
    const Result<std::optional<Frame>> next = reader.next();
    ASSERT_TRUE(next && *next);
    const Result<TransportEnvelope> envelope = decode_envelope((*next)->type, (*next)->payload);
    ASSERT_TRUE(envelope) << test::why(envelope);
    EXPECT_EQ(envelope->payload.get_if<TransportPayload::CancelFragment>()->value.request_id, 42U);
  }
}

}  // namespace
}  // namespace ft
