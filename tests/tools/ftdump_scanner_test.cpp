// SPDX-License-Identifier: Apache-2.0
#include "ftdump/scanner.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstring>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "common/base64.hpp"
#include "tools/frames.hpp"

namespace ft::tools {
namespace {

using namespace std::string_literals;
using Kind = Record::Kind;

/// The part of a record that outlives the scanner.
struct Told {
  Kind kind;
  std::uint64_t offset;
  std::uint64_t length;
  std::optional<errc> code = std::nullopt;
  std::optional<std::uint64_t> next = std::nullopt;
  std::string message = {};

  friend bool operator==(const Told& a, const Told& b) {
    return a.kind == b.kind && a.offset == b.offset && a.length == b.length && a.code == b.code && a.next == b.next;
  }
  friend std::ostream& operator<<(std::ostream& out, const Told& t) {
    return out << (t.kind == Kind::frame     ? "frame"
                   : t.kind == Kind::refused ? "refused"
                                             : "broken")
               << '@' << t.offset << '+' << t.length << ' ' << (t.code ? to_name(*t.code) : "") << " next "
               << (t.next ? static_cast<long long>(*t.next) : -1) << ' ' << t.message;
  }
};

struct Scan {
  std::vector<Told> records;
  std::uint64_t work = 0;
  std::size_t capacity = 0;
};

Told tell(const Record& record) {
  const bool good = record.kind == Kind::frame;
  return {record.kind,   record.offset,
          record.length, good ? std::nullopt : std::optional(record.error.code),
          record.next,   good ? "" : record.error.message()};
}

/// Gives the scanner `step` bytes at a time.
Scan scan(std::string_view bytes, std::size_t step = 65536) {
  Scanner scanner;
  Scan result;
  for (bool more = true; more;) {
    const std::span<char> space = scanner.prepare();
    const std::size_t n = std::min({space.size(), step, bytes.size()});
    std::memcpy(space.data(), bytes.data(), n);
    bytes.remove_prefix(n);
    more = n != 0;
    if (more) {
      scanner.commit(n);
    } else {
      scanner.finish();
    }
    while (const std::optional<Record> record = scanner.next()) result.records.push_back(tell(*record));
  }
  result.work = scanner.work();
  result.capacity = scanner.capacity();
  return result;
}

void expect_tiles(const std::vector<Told>& records, std::size_t size) {
  std::uint64_t at = 0;
  for (const Told& record : records) {
    ASSERT_EQ(record.offset, at) << record;
    ASSERT_GT(record.length, 0U) << record;
    at += record.length;
    if (record.next) {
      ASSERT_EQ(*record.next, at) << record;
    }
  }
  ASSERT_EQ(at, size);
}

const std::string kRequest = frame_of(request("a token that nobody may see", 123456789));
const std::string kAck = ack_frame(9);

/// The frames of a file of vectors that decode, or those that do not.
std::vector<std::string> vectors(const std::string& name, bool good) {
  std::ifstream file(FT_TEST_DATA_DIR "/" + name);
  std::vector<std::string> frames;
  for (std::string line; std::getline(file, line);) {
    const boost::json::value vector = boost::json::parse(line);
    if ((vector.at("expect") != "reject") != good) continue;
    frames.push_back(decode_base64(vector.at("frame").as_string()).value());
  }
  return frames;
}

TEST(FtdumpScanner, AllKnownFramesInOneStream) {
  std::string input;
  std::vector<Told> wanted;
  for (const std::string& frame : vectors("golden.jsonl", true)) {
    wanted.push_back({Kind::frame, input.size(), frame.size()});
    input += frame;
  }
  ASSERT_GT(wanted.size(), 1000U);
  EXPECT_EQ(scan(input).records, wanted);
}

TEST(FtdumpScanner, RefusedFramesOfAnyKindDoNotHideTheNext) {
  const std::vector<std::string> refused = vectors("decode.jsonl", false);
  ASSERT_GT(refused.size(), 100U);
  for (const std::string& frame : refused) {
    const Scan result = scan(frame + kAck);
    expect_tiles(result.records, frame.size() + kAck.size());
    ASSERT_EQ(result.records.back(), (Told{Kind::frame, frame.size(), kAck.size()}));
    ASSERT_NE(result.records.front().kind, Kind::frame);
  }
}

TEST(FtdumpScanner, NothingInNothingOut) { EXPECT_TRUE(scan("").records.empty()); }

TEST(FtdumpScanner, FramesBackToBack) {
  const std::size_t n = kRequest.size(), m = kAck.size();
  const std::vector<Told> wanted{{Kind::frame, 0, n}, {Kind::frame, n, m}, {Kind::frame, n + m, n}};
  EXPECT_EQ(scan(kRequest + kAck + kRequest).records, wanted);
}

TEST(FtdumpScanner, AFrameComesAsSoonAsItIsWhole) {
  Scanner scanner;
  std::memcpy(scanner.prepare().data(), kAck.data(), kAck.size());
  scanner.commit(kAck.size() - 1);
  EXPECT_FALSE(scanner.next());
  scanner.commit(1);
  const std::optional<Record> record = scanner.next();
  ASSERT_TRUE(record);
  EXPECT_EQ(record->bytes, kAck);
  EXPECT_EQ(record->payload(), std::string_view(kAck).substr(5));
  EXPECT_EQ(record->type, MSG_FRAGMENT_RESULT);
}

TEST(FtdumpScanner, GarbageEndsAtTheNextFrame) {
  const std::string garbage = "\x1b[31m\x01\x02 {}\xff\x81\x00"s;
  const std::vector<Told> wanted{
      {Kind::broken, 0, garbage.size(), errc::unknown_message_type, garbage.size()},
      {Kind::frame, garbage.size(), kAck.size()},
      {Kind::broken, garbage.size() + kAck.size(), garbage.size(), errc::unknown_message_type, {}},
  };
  EXPECT_EQ(scan(garbage + kAck + garbage).records, wanted);
}

TEST(FtdumpScanner, AFrameOfAnUnknownTypeIsOneRecord) {
  std::string unknown = kRequest;
  unknown[0] = '\x03';
  const std::vector<Told> wanted{{Kind::broken, 0, unknown.size(), errc::unknown_message_type, unknown.size()},
                                 {Kind::frame, unknown.size(), kAck.size()}};
  const Scan result = scan(unknown + kAck);
  EXPECT_EQ(result.records, wanted);
  EXPECT_NE(result.records[0].message.find("0x03"), std::string::npos) << result.records[0];
}

TEST(FtdumpScanner, AnOverLongLengthIsNotBelieved) {
  std::string longer = kRequest;
  write_frame_header(longer.data(), {MSG_EXECUTE_FRAGMENT, 3U << 29});
  const std::vector<Told> wanted{{Kind::broken, 0, longer.size(), errc::payload_too_large, longer.size()},
                                 {Kind::frame, longer.size(), kAck.size()}};
  const Scan result = scan(longer + kAck);
  EXPECT_EQ(result.records, wanted);
  EXPECT_NE(result.records[0].message.find("at least 1024 MiB announced, limit 64 MiB"), std::string::npos)
      << result.records[0];
}

TEST(FtdumpScanner, TheLargestLegalLengthIsNoAnomaly) {
  const std::string payload = "{\"version\":1,\"auth_token\":\"\",\"payload\":{\"CancelFragment\":{\"request_id\":1}}}";
  const std::string frame = frame_of(0x02, payload + std::string(MAX_PAYLOAD - payload.size(), ' '));
  EXPECT_EQ(scan(frame).records, (std::vector<Told>{{Kind::frame, 0, frame.size()}}));
}

TEST(FtdumpScanner, AFrameThatDoesNotDecodeHasAbsoluteOffsetAndPath) {
  const std::string bad =
      frame_of(0x02, R"({"version":1,"auth_token":"","payload":{"CancelFragment":{"request_id":-1}}})");
  const std::string input = kAck + bad + kAck;
  const std::size_t n = kAck.size();
  const Scan result = scan(input);
  const std::vector<Told> wanted{{Kind::frame, 0, n},
                                 {Kind::refused, n, bad.size(), errc::out_of_range, n + bad.size()},
                                 {Kind::frame, n + bad.size(), n}};
  EXPECT_EQ(result.records, wanted);
  const std::string at = "at byte " + std::to_string(input.find("-1")) + ", in $.payload.CancelFragment.request_id";
  EXPECT_NE(result.records[1].message.find(at), std::string::npos) << result.records[1];
}

TEST(FtdumpScanner, FramesThatDoNotDecodeKeepTheirBounds) {
  const std::string empty = frame_of(0x01, ""), text = frame_of(0x81, "?? no JSON ??"),
                    mismatch = frame_of(0x02, std::string_view(kAck).substr(5));
  const std::vector<Told> wanted{
      {Kind::refused, 0, 18, errc::syntax, 18},
      {Kind::refused, 18, mismatch.size(), errc::message_type_mismatch, 18 + mismatch.size()},
      {Kind::frame, 18 + mismatch.size(), kAck.size()},
      {Kind::refused, 18 + mismatch.size() + kAck.size(), 5, errc::unexpected_end, 23 + mismatch.size() + kAck.size()},
  };
  EXPECT_EQ(scan(text + mismatch + kAck + empty).records, wanted);
}

TEST(FtdumpScanner, CutTails) {
  for (std::size_t cut = 1; cut < kRequest.size(); ++cut) {
    const errc code = cut < kFrameHeaderSize ? errc::incomplete_header : errc::incomplete_payload;
    const std::vector<Told> wanted{{Kind::frame, 0, kAck.size()}, {Kind::broken, kAck.size(), cut, code, {}}};
    const Scan result = scan(kAck + kRequest.substr(0, cut));
    ASSERT_EQ(result.records, wanted) << cut;
    const std::string need = "got " + std::to_string(cut) + " at byte " + std::to_string(kAck.size() + cut);
    ASSERT_NE(result.records[1].message.find(need), std::string::npos) << result.records[1];
  }
}

TEST(FtdumpScanner, AFrameThatWasCutEndsAtTheNextOne) {
  for (std::size_t cut = 1; cut < kRequest.size(); ++cut) {
    const std::string input = kRequest.substr(0, cut) + kAck + kRequest + kAck;
    const Scan result = scan(input);
    ASSERT_EQ(result.records.size(), 4U) << cut;
    ASSERT_EQ(result.records[0].kind, Kind::broken) << result.records[0];
    ASSERT_EQ(result.records[0].next, cut) << result.records[0];
    ASSERT_EQ(result.records[1], (Told{Kind::frame, cut, kAck.size()}));
    ASSERT_EQ(result.records[3].kind, Kind::frame);
  }
}

TEST(FtdumpScanner, AWrongLengthLosesOneFrameOnly) {
  const auto real = static_cast<std::uint32_t>(kRequest.size() - kFrameHeaderSize);
  for (const std::uint32_t length : {0U, 1U, real - 100, real - 1, real + 1, real + 50, real + 300, real + 1000000}) {
    std::string wrong = kRequest;
    write_frame_header(wrong.data(), {MSG_EXECUTE_FRAGMENT, length});
    const Scan result = scan(kAck + wrong + kAck + kRequest + kAck);
    ASSERT_GE(result.records.size(), 5U) << length;
    expect_tiles(result.records, 3 * kAck.size() + 2 * kRequest.size());
    const auto frames = std::count_if(result.records.begin(), result.records.end(),
                                      [](const Told& record) { return record.kind == Kind::frame; });
    EXPECT_EQ(frames, 4) << length;
  }
}

TEST(FtdumpScanner, ATailThatIsCutBehindGarbage) {
  const std::string input = "garbage" + kRequest.substr(0, 100);
  const std::vector<Told> wanted{{Kind::broken, 0, 7, errc::unknown_message_type, 7},
                                 {Kind::broken, 7, 100, errc::incomplete_payload, {}}};
  EXPECT_EQ(scan(input).records, wanted);
}

TEST(FtdumpScanner, TheSameRecordsHoweverTheInputIsSplit) {
  const std::string input = read_file(demo_file("broken_capture.frame"));
  const std::vector<Told> wanted = scan(input).records;
  EXPECT_EQ(std::count_if(wanted.begin(), wanted.end(), [](const Told& t) { return t.kind == Kind::frame; }), 4);
  EXPECT_EQ(wanted.size(), 8U);
  for (std::size_t step = 1; step < 500; ++step) ASSERT_EQ(scan(input, step).records, wanted) << step;
}

TEST(FtdumpScanner, MutatedCapturesAreTiledInLinearTime) {
  const std::string capture = read_file(demo_file("broken_capture.frame")) + read_file(demo_file("conversation.frame"));
  std::mt19937 random(20240229);
  const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  for (int round = 0; round < 3000; ++round) {
    std::string input = capture;
    for (std::size_t change = below(8) + 1; change != 0; --change) {
      const std::size_t at = below(input.size());
      switch (below(5)) {
        case 0:
          input[at] = static_cast<char>(below(256));
          break;
        case 1:
          input.erase(at, below(300) + 1);
          break;
        case 2:
          input.insert(at, below(20) + 1, static_cast<char>(below(4)));
          break;
        case 3:
          input.insert(at, "\x01\x40\x00\x00\x00{\""s);
          break;
        default:
          input.insert(at, capture, below(capture.size()), below(400));
          break;
      }
      if (input.empty()) input = "x";
    }
    const Scan whole = scan(input);
    expect_tiles(whole.records, input.size());
    ASSERT_EQ(scan(input, below(700) + 1).records, whole.records) << round;
    ASSERT_LE(whole.work, 8 * input.size()) << round;
  }
}

TEST(FtdumpScanner, LinearTimeWhateverTheInput) {
  constexpr std::size_t kSize = 3 << 20;
  const std::string patterns[] = {
      "\x01\x00\x00\x00\x04"s,                         // headers alone, of the largest length
      "\x01\x00\x00\x00\x04{"s,                        // with the start of a payload
      "\x01\x00\x00\x10\x00{\""s,                      // that ends inside the input, at the wrong byte
      "\x01\x07\x00\x00\x00{"s,                        // closing on the next header
      "\x01\x00\x10\x00\x00{\"a\":\"}"s,               // unfinished strings
      "\x01\x02\x00\x00\x00{}"s,                       // whole, and nothing in it
      "\x01"s,                                         // overlapping headers
      "\x01\xff\xff\xff\x03{                      "s,  // spaces
      "\x81\x00\x10\x00\x00                       {"s,
      "{\"version\":1,"s,
      "\x02\x05\x00\x00\x00\x01\x00\x10\x00\x00{}"s,
  };
  for (const std::string& pattern : patterns) {
    std::string input;
    while (input.size() < kSize) input += pattern;
    const Scan result = scan(input);
    expect_tiles(result.records, input.size());
    EXPECT_LE(result.work, 8 * input.size()) << ::testing::PrintToString(pattern);
    EXPECT_LE(result.capacity, 2 * input.size() + (1U << 20));
  }
}

TEST(FtdumpScanner, AHeaderAloneReservesNothing) {
  const std::string lie = frame_of(0x01, "{").replace(1, 4, "\x00\x00\x00\x04"s);
  EXPECT_LE(scan(lie).capacity, 1U << 20);
}

TEST(FtdumpScanner, GarbageOfAnyLengthTakesNoMemory) {
  Scanner scanner;
  const std::size_t total = std::size_t{64} << 20;
  std::size_t fed = 0;
  std::vector<Told> records;
  const auto drain = [&] {
    while (const std::optional<Record> record = scanner.next()) {
      EXPECT_LE(record->bytes.size(), Scanner::kExcerpt);
      records.push_back(tell(*record));
    }
  };
  while (fed < total) {
    const std::span<char> space = scanner.prepare();
    std::memset(space.data(), 'x', space.size());
    scanner.commit(space.size());
    fed += space.size();
    drain();
  }
  scanner.finish();
  drain();
  EXPECT_EQ(records, (std::vector<Told>{{Kind::broken, 0, fed, errc::unknown_message_type, {}}}));
  EXPECT_LE(scanner.capacity(), 2U << 20);
}

TEST(FtdumpScanner, MessagesShowNothingOfTheInput) {
  const std::string token = "\xd1\x81tok\xd1\x82n-\x81\x41\x42\x43\x44";
  for (std::size_t at = 0; at < token.size(); ++at) {
    for (const Told& record : scan(token.substr(at)).records) {
      for (const char* const part : {"65", "66", "0x41", "1145258561", "tok"}) {
        EXPECT_EQ(record.message.find(part), std::string::npos) << record;
      }
    }
  }
}

}  // namespace
}  // namespace ft::tools
