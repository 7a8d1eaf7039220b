// SPDX-License-Identifier: Apache-2.0
//
// Another protocol, that of examples/kv, through the same rooms and in the same program: its own bytes, caps, versions
// and names, and the same errors.
#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "ft/kv/gen/codec.hpp"
#include "ft/kv/gen/frames.hpp"
#include "ft/kv/gen/validate.hpp"
#include "ft/protocol.hpp"

namespace ft {
namespace {

static_assert(!std::is_same_v<kv::MessageType, MessageType> && !std::is_same_v<kv::FrameReader, FrameReader>);

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string frame(char type, std::string_view payload) {
  std::string out(1, type);
  for (unsigned i = 0; i < 4; ++i) out.push_back(static_cast<char>(payload.size() >> (8 * i) & 0xFFU));
  return out.append(payload);
}

kv::Envelope changed(kv::Version version) {
  kv::Body::Changed event;
  event.key = "color";
  event.value = "blue";
  event.previous = "red";
  kv::Envelope envelope;
  envelope.version = version;
  envelope.body = event;
  return envelope;
}

std::string encoded(const kv::Envelope& envelope) {
  PaddedBuffer out;
  EXPECT_TRUE(kv::encode_envelope(envelope, out));
  return {out.data(), out.size()};
}

TEST(TwoProtocols, EachHasItsBytes) {
  const std::string put = frame('\x02', R"({"version":2,"body":{"Put":{"key":"k","value":"v"}}})");
  const Result<kv::DecodedFrame> in = kv::decode_frame(bytes(put));
  ASSERT_TRUE(in) << in.error().message();
  EXPECT_EQ(in->type, kv::PUT);
  EXPECT_EQ(in->consumed, put.size());
  const auto* const request = in->envelope.body.get_if<kv::Body::Put>();
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->value.mode, kv::Mode::Always);
  EXPECT_EQ(encoded(in->envelope),
            frame('\x02', R"({"version":2,"body":{"Put":{"key":"k","value":"v","mode":"Always"}}})"));

  EXPECT_TRUE(decode_frame(bytes(put)).has_error());
  EXPECT_EQ(decode_frame(bytes(frame('\x12', "{}"))).error().code, errc::unknown_message_type);
  EXPECT_EQ(kv::decode_frame(bytes(frame('\x81', "{}"))).error().code, errc::unknown_message_type);
}

TEST(TwoProtocols, EachHasItsCaps) {
  const std::string header("\x01\x01\x00\x10\x00", 5);  // a mebibyte and one
  EXPECT_EQ(kv::parse_frame_header(bytes(header), kv::MAX_PAYLOAD).error().code, errc::payload_too_large);
  EXPECT_TRUE(parse_frame_header(bytes(header), MAX_PAYLOAD));

  kv::FrameReader reader(kv::Phase::open);
  reader.feed(bytes(header));
  EXPECT_EQ(reader.next().error().code, errc::payload_too_large);
  FrameReader ours(Phase::authenticated);
  ours.feed(bytes(header));
  EXPECT_TRUE(ours.next().has_value());
  EXPECT_EQ(ours.announced(), std::size_t{1} << 20 | 1);
}

TEST(TwoProtocols, FramesComeOutOfAStream) {
  const std::string stream = encoded(changed(2)) + encoded(changed(1));
  kv::FrameReader reader(kv::Phase::open);
  int frames = 0;
  for (const char c : stream) {
    reader.feed(bytes({&c, 1}));
    const Result<std::optional<kv::Frame>> next = reader.next();
    ASSERT_TRUE(next);
    if (!*next) continue;
    ++frames;
    EXPECT_EQ((*next)->type, kv::CHANGED);
    EXPECT_TRUE(kv::decode_frame(**next));
  }
  EXPECT_EQ(frames, 2);
  EXPECT_TRUE(reader.finish());
}

TEST(TwoProtocols, AnOlderPeerIsSentWhatItKnows) {
  EXPECT_EQ(encoded(changed(2)).substr(5),
            R"({"version":2,"body":{"Changed":{"key":"color","value":"blue","previous":"red"}}})");
  EXPECT_EQ(encoded(changed(1)).substr(5), R"({"version":1,"body":{"Changed":{"key":"color","value":"blue"}}})");
}

TEST(TwoProtocols, ErrorsNameThePlaceInTheirProtocol) {
  const Error error = kv::decode_frame(bytes(frame('\x01', R"({"version":1,"body":{"Watch":{"prefix":""}}})"))).error();
  EXPECT_EQ(error.code, errc::message_type_mismatch);
  EXPECT_EQ(error.path, "$.body");
  EXPECT_EQ(error.detail, "GET carries Watch");

  const kv::EnvelopeGate gate = [](const kv::Envelope& head) -> std::optional<Error> {
    if (kv::speaks(head.version)) return std::nullopt;
    return Error(errc::version_unsupported);
  };
  const std::string later = R"({"version":3,"body":{"Unheard":{}}})";
  EXPECT_EQ(kv::decode_envelope(kv::GET, bytes(later), gate).error().code, errc::version_unsupported);

  kv::PutRequest request;
  EXPECT_EQ(validate(request).error().detail, "a key has 1 to 256 bytes");
  request.key = std::string(256, 'k');
  EXPECT_TRUE(validate(request));
  request.key.push_back('k');
  EXPECT_FALSE(validate(request));
}

TEST(TwoProtocols, ValuesOfBothPrintWithSecretsMasked) {
  EXPECT_EQ(to_text(changed(2).body), R"({"Changed":{"key":"color","value":"blue","previous":"red"}})");
  EXPECT_EQ(to_text(TransportPayload()), R"({"CancelFragment":{"request_id":0,"cancel_key":"***"}})");
}

}  // namespace
}  // namespace ft
