// SPDX-License-Identifier: Apache-2.0
//
// Every recorded frame comes out as its line says, and what it decodes to behaves like a value.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ft/protocol.hpp"
#include "support/frames.hpp"
#include "support/vectors.hpp"

namespace ft {
namespace {

using test::Expect;
using test::Vector;

std::map<Expect, int> count(const std::vector<Vector>& vectors) {
  std::map<Expect, int> counts;
  for (const Vector& v : vectors) ++counts[v.expect];
  return counts;
}

void comes_out_as_it_says(const Vector& v) {
  SCOPED_TRACE(v.name);
  const Result<DecodedFrame> decoded = test::decode(v.frame);
  if (v.expect == Expect::reject) {
    ASSERT_FALSE(decoded) << "decodes, though it must not: " << v.payload();
    EXPECT_NE(decoded.error().code, errc::internal) << test::why(decoded);
    return;
  }
  ASSERT_TRUE(decoded) << test::why(decoded) << "\n" << v.payload();
  if (v.consumed) {
    EXPECT_EQ(decoded->consumed, *v.consumed);
  } else if (v.expect == Expect::identical) {
    EXPECT_EQ(decoded->consumed, v.frame.size());
  }
  if (v.expect == Expect::identical) {
    EXPECT_EQ(test::encode(decoded->envelope), v.frame);
  }
  if (v.canonical) {
    EXPECT_EQ(test::encode_payload(decoded->envelope), *v.canonical);
  }
}

TEST(Golden, TheFilesAreWhole) {
  EXPECT_EQ(test::golden().size(), 1123U);
  EXPECT_EQ(count(test::golden()),
            (std::map<Expect, int>{{Expect::identical, 1118}, {Expect::accept, 1}, {Expect::reject, 4}}));
  EXPECT_EQ(test::decode_vectors().size(), 294U);
  EXPECT_EQ(count(test::decode_vectors()), (std::map<Expect, int>{{Expect::accept, 112}, {Expect::reject, 182}}));
}

TEST(Golden, EveryFrameComesOutAsItSays) {
  for (const Vector& v : test::golden()) comes_out_as_it_says(v);
}

TEST(Golden, EveryUnusualFrameComesOutAsItSays) {
  for (const Vector& v : test::decode_vectors()) comes_out_as_it_says(v);
}

/// All golden envelopes, decoded once.
struct Sample {
  const Vector* vector;
  TransportEnvelope envelope;
};
const std::vector<Sample>& samples() {
  static const std::vector<Sample> all = [] {
    std::vector<Sample> list;
    for (const Vector& v : test::golden()) {
      if (v.expect == Expect::identical) list.push_back({&v, test::decode(v.frame).value().envelope});
    }
    return list;
  }();
  return all;
}

TEST(Golden, DecodedCopiedAndMovedValuesAreEqual) {
  for (const auto& [vector, envelope] : samples()) {
    SCOPED_TRACE(vector->name);
    EXPECT_TRUE(envelope == envelope);
    EXPECT_TRUE(test::decode(vector->frame).value().envelope == envelope);

    TransportEnvelope copy = envelope;
    EXPECT_TRUE(copy == envelope);
    TransportEnvelope taken = std::move(copy);
    EXPECT_TRUE(taken == envelope);
    EXPECT_EQ(test::encode(taken), vector->frame);

    TransportEnvelope assigned;
    EXPECT_FALSE(assigned == envelope && vector->payload() != test::encode_payload(assigned));
    assigned = taken;
    EXPECT_TRUE(assigned == envelope);
    assigned = std::move(taken);
    EXPECT_EQ(test::encode(assigned), vector->frame);
  }
}

TEST(Golden, EqualityTellsAllOfThemApart) {
  // The sign of a zero is the one difference that equality does not see.
  const auto unsigned_zeros = [](std::string text) {
    for (std::size_t at = text.find("-0.0"); at != std::string::npos; at = text.find("-0.0")) text.erase(at, 1);
    return text.substr(kFrameHeaderSize);
  };
  std::vector<std::string> texts;
  for (const Sample& s : samples()) texts.push_back(unsigned_zeros(s.vector->frame));
  for (std::size_t i = 0; i < samples().size(); ++i) {
    for (std::size_t k = i + 1; k < samples().size(); ++k) {
      const bool equal = samples()[i].envelope == samples()[k].envelope;
      const bool same = samples()[i].vector->frame == samples()[k].vector->frame;
      if (equal ? texts[i] == texts[k] : !same) continue;
      ADD_FAILURE() << samples()[i].vector->name << " and " << samples()[k].vector->name << " compare as "
                    << (equal ? "equal" : "different");
    }
  }
}

TEST(Golden, PrintingNeverShowsTheToken) {
  constexpr std::string_view kNeedle = "needle-in-the-hay";
  std::size_t shown = 0;
  for (const auto& [vector, envelope] : samples()) {
    TransportEnvelope marked = envelope;
    marked.auth_token = SecretString(kNeedle);
    const std::string text = to_text(marked);
    EXPECT_EQ(text.find(kNeedle), std::string::npos) << vector->name << ": " << text;
    EXPECT_NE(text.find(R"("auth_token":"***")"), std::string::npos) << vector->name << ": " << text;
    shown += text.find("request_id") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(shown, samples().size()) << "what is no secret is printed";
}

/// Every 25th golden frame, and those with text beyond ASCII and escapes.
std::vector<const Vector*> frames_to_cut() {
  std::vector<const Vector*> frames;
  for (std::size_t i = 0; i < samples().size(); i += 25) frames.push_back(samples()[i].vector);
  for (const char* name :
       {"envelope.token_2", "envelope.result.error_unicode", "value.Text.bmp", "value.Text.short_escapes",
        "value.Timestamp.max", "value.Numeric.big60", "value.Double.random00", "value.Jsonb.unicode_keys",
        "value.Array.nested", "value.Vector.extremes"}) {
    frames.push_back(&test::golden(name));
  }
  return frames;
}

TEST(Truncation, AFrameCutAnywhereIsIncomplete) {
  for (const Vector* v : frames_to_cut()) {
    SCOPED_TRACE(v->name);
    for (std::size_t length = 0; length < v->frame.size(); ++length) {
      const Result<DecodedFrame> decoded = test::decode(std::string_view(v->frame).substr(0, length));
      ASSERT_FALSE(decoded) << length;
      EXPECT_EQ(decoded.error().code, length < kFrameHeaderSize ? errc::incomplete_header : errc::incomplete_payload)
          << length;
      EXPECT_EQ(decoded.error().offset, length);
      EXPECT_EQ(info(decoded.error().code).retry, RetryClass::more_input);
    }
  }
}

TEST(Truncation, APayloadCutAnywhereIsATypedError) {
  // A word, a number, an escape or a character that was cut is judged where it begins, everything else at the end.
  const std::vector<errc> cut_inside = {errc::unexpected_end, errc::syntax,         errc::wrong_type,
                                        errc::invalid_number, errc::invalid_escape, errc::invalid_utf8};
  std::size_t at_the_end = 0, all = 0;
  for (const Vector* v : frames_to_cut()) {
    SCOPED_TRACE(v->name);
    const auto type = static_cast<MessageType>(static_cast<std::uint8_t>(v->frame[0]));
    const std::string payload = v->payload();
    for (std::size_t length = 0; length < payload.size(); ++length) {
      const test::ExactBuffer cut(std::string_view(payload).substr(0, length));
      const Result<TransportEnvelope> decoded = decode_envelope(type, cut.span());
      ASSERT_FALSE(decoded) << length;
      EXPECT_TRUE(std::find(cut_inside.begin(), cut_inside.end(), decoded.error().code) != cut_inside.end())
          << length << ": " << test::why(decoded);
      EXPECT_LE(decoded.error().offset, length);
      EXPECT_GE(decoded.error().offset + 24, length) << test::why(decoded);
      if (decoded.error().code == errc::unexpected_end) {
        EXPECT_EQ(decoded.error().offset, length);
      }
      at_the_end += decoded.error().code == errc::unexpected_end ? 1 : 0;
      ++all;
    }
  }
  EXPECT_GT(all, 5000U);
  EXPECT_GT(at_the_end * 100, all * 80);
}

TEST(Truncation, TheSpanIsNotReadBeyond) {
  // The buffers have no spare byte: AddressSanitizer is the judge. Both entries are taken, with what follows being
  // hostile.
  for (const auto& [vector, envelope] : samples()) {
    const auto type = static_cast<MessageType>(static_cast<std::uint8_t>(vector->frame[0]));
    const test::ExactBuffer payload(vector->payload());
    const Result<TransportEnvelope> plain = decode_envelope(type, payload.span());
    ASSERT_TRUE(plain) << vector->name << ": " << test::why(plain);
    EXPECT_TRUE(*plain == envelope) << vector->name;

    const PaddedBuffer padded = PaddedBuffer::copy_of(payload.span());
    const Result<TransportEnvelope> viewed = decode_envelope(type, padded.view());
    ASSERT_TRUE(viewed) << vector->name << ": " << test::why(viewed);
    EXPECT_TRUE(*viewed == envelope) << vector->name;

    const Result<DecodedFrame> followed = test::decode(vector->frame + "}]\"0123456789");
    ASSERT_TRUE(followed) << vector->name << ": " << test::why(followed);
    EXPECT_TRUE(followed->envelope == envelope) << vector->name;
    EXPECT_EQ(followed->consumed, vector->frame.size()) << vector->name;
  }
}

}  // namespace
}  // namespace ft
