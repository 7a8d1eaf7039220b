// SPDX-License-Identifier: Apache-2.0
//
// Encoding: the canonical text, what has no form on the wire, and what happens to the buffer.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "ft/protocol.hpp"
#include "support/allocations.hpp"
#include "support/frames.hpp"
#include "support/vectors.hpp"

namespace ft {
namespace {

/// An answer with one cell.
TransportEnvelope answer(Value value) {
  FlatRows<Value>::Builder builder;
  builder.add(std::move(value)).end_row();
  ExecutionResult::Query query;
  query.rows = std::move(builder).build();
  FragmentResponse::Success success;
  success.request_id = 7;
  success.result = query;
  TransportEnvelope envelope;
  envelope.version = 1;
  envelope.payload = TransportPayload::FragmentResult(FragmentResponse(success));
  return envelope;
}

TransportEnvelope request(PhysicalPlan plan) {
  FragmentRequest fragment;
  fragment.plan = std::move(plan);
  TransportEnvelope envelope;
  envelope.version = 1;
  envelope.payload = TransportPayload::ExecuteFragment(fragment);
  return envelope;
}

/// The text of the one cell.
std::string cell_text(Value value) {
  const std::string payload = test::encode_payload(answer(std::move(value)));
  const std::string before = "\"values\":[";
  const std::size_t begin = payload.find(before) + before.size();
  return payload.substr(begin, payload.size() - begin - std::string("]}]}}}}}}").size());
}

/// Refused with this code, and the buffer is as before.
void expect_refused(const TransportEnvelope& envelope, errc code, const EncodeOptions& options = {}) {
  PaddedBuffer out;
  out.resize(3);
  std::memcpy(out.data(), "abc", 3);
  const Result<void> encoded = encode_envelope(envelope, out, options);
  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.error().code, code) << test::why(encoded);
  EXPECT_EQ(std::string_view(out.data(), out.size()), "abc");
  EXPECT_EQ(std::string(out.data() + out.size(), kPadding), std::string(kPadding, '\0'))
      << "the padding is whole again";
}

TEST(Encode, LaysOutFloatsAsTheWireWantsThem) {
  const std::vector<std::pair<double, const char*>> doubles = {
      {0.0, "0.0"},
      {-0.0, "-0.0"},
      {1.0, "1.0"},
      {-1.5, "-1.5"},
      {100.0, "100.0"},
      {0.1, "0.1"},
      {0.00001, "0.00001"},
      {0.000009, "9e-6"},
      {1e-7, "1e-7"},
      {1e15, "1000000000000000.0"},
      {9999999999999998.0, "9999999999999998.0"},
      {1e16, "1e+16"},
      {1.2345678901234568e17, "1.2345678901234568e+17"},
      {1e21, "1e+21"},
      {1.7976931348623157e308, "1.7976931348623157e+308"},
      {5e-324, "5e-324"},
      {2.2250738585072014e-308, "2.2250738585072014e-308"},
      {9007199254740993.0, "9007199254740992.0"},
      {12345678.9, "12345678.9"},
      {-3.9085740270976555e238, "-3.9085740270976555e+238"},
  };
  for (const auto& [value, text] : doubles)
    EXPECT_EQ(cell_text(Value::Double(value)), std::string("{\"Double\":") + text + "}");
  const std::vector<std::pair<float, const char*>> floats = {
      {0.0F, "0.0"},
      {-0.0F, "-0.0"},
      {1.0F, "1.0"},
      {0.1F, "0.1"},
      {0.33333334F, "0.33333334"},
      {16777216.0F, "16777216.0"},
      {1234567936.0F, "1234568000.0"},
      {9.999999e12F, "9999999000000.0"},
      {1e13F, "1e+13"},
      {1e-6F, "0.000001"},
      {9e-7F, "9e-7"},
      {1e17F, "1e+17"},
      {3.4028235e38F, "3.4028235e+38"},
      {-3.4028235e38F, "-3.4028235e+38"},
      {1e-45F, "1e-45"},
  };
  for (const auto& [value, text] : floats)
    EXPECT_EQ(cell_text(Value::Real(value)), std::string("{\"Real\":") + text + "}");
}

TEST(Encode, RefusesWhatIsNotFinite) {
  using D = std::numeric_limits<double>;
  using F = std::numeric_limits<float>;
  for (const double value : {D::quiet_NaN(), D::infinity(), -D::infinity()}) {
    expect_refused(answer(Value::Double(value)), errc::not_finite);
    expect_refused(answer(Value::Array(std::vector<Value>{Value::Int(1), Value::Double(value)})), errc::not_finite);
  }
  for (const float value : {F::quiet_NaN(), F::infinity(), -F::infinity()}) {
    expect_refused(answer(Value::Real(value)), errc::not_finite);
    VectorValue vector;
    vector.values = {1.0F, value};
    expect_refused(answer(Value::Vector(vector)), errc::not_finite);
    PhysicalPlan::HnswScan scan;
    scan.query_vector = {value};
    expect_refused(request(scan), errc::not_finite);
  }
}

TEST(Encode, RefusesTextThatIsNotUtf8) {
  const std::vector<std::string> bad = {
      "\xFF",
      "\x80",
      "a\xC3",
      "\xC0\x80",
      "\xC1\xBF",
      "\xE0\x80\x80",
      "\xE2\x82",
      "\xED\xA0\x80",
      "\xF0\x80\x80\x80",
      "\xF4\x90\x80\x80",
      "\xF5\x80\x80\x80",
      "\xF0\x9F\x98",
      "text long enough for whole vectors \xE9 of bytes",
  };
  for (const std::string& text : bad) {
    expect_refused(answer(Value::Text(text)), errc::invalid_string);
    PhysicalPlan::InternalNoOp noop;
    noop.tag = text;
    expect_refused(request(noop), errc::invalid_string);
    TransportEnvelope envelope;
    envelope.auth_token = SecretString(text);
    expect_refused(envelope, errc::invalid_string);
  }
  EXPECT_EQ(cell_text(Value::Text("\x7F/\xC2\x80\xEF\xBF\xBF\xF4\x8F\xBF\xBF")),
            "{\"Text\":\"\x7F/\xC2\x80\xEF\xBF\xBF\xF4\x8F\xBF\xBF\"}");
}

TEST(Encode, EscapesOnlyWhatItMust) {
  std::string all, expected;
  for (char c = 0; c < 0x20; ++c) all.push_back(c);
  EXPECT_EQ(
      cell_text(Value::Text(all + "\"\\/")),
      R"({"Text":"\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f)"
      R"(\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f\"\\/"})");
}

TEST(Encode, RefusesMoreThanThePayloadMayHold) {
  for (const test::Vector* v :
       {&test::golden("envelope.cancel.basic"), &test::golden("type.PhysicalPlan.HashJoin.full"),
        &test::golden("value.Blob.all256"), &test::golden("value.Text.long_1000")}) {
    const TransportEnvelope envelope = test::decode(v->frame).value().envelope;
    const std::size_t size = v->payload().size();
    PaddedBuffer out;
    EXPECT_TRUE(encode_envelope(envelope, out, {.max_payload = size}));
    EXPECT_EQ(out.size(), v->frame.size());
    expect_refused(envelope, errc::output_too_large, {.max_payload = size - 1});
    expect_refused(envelope, errc::output_too_large, {.max_payload = 0});
  }
}

TEST(Encode, StopsSoonAfterTheLimit) {
  ExecutionResult::CopyOut copy;
  copy.data.assign(std::size_t{80} << 20, '\x01');  // six bytes each on the wire
  FragmentResponse::Success success;
  success.result = copy;
  TransportEnvelope envelope;
  envelope.payload = TransportPayload::FragmentResult(FragmentResponse(success));
  PaddedBuffer out;
  const Result<void> encoded = encode_envelope(envelope, out);
  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.error().code, errc::output_too_large);
  EXPECT_LE(out.capacity(), 3 * MAX_PAYLOAD);
}

TEST(Encode, TheLargestPayloadIsLegal) {
  FragmentResponse::Error error;
  TransportEnvelope envelope;
  envelope.version = 1;
  envelope.payload = TransportPayload::FragmentResult(FragmentResponse(error));
  const std::size_t around = test::encode_payload(envelope).size();
  error.message.assign(MAX_PAYLOAD - around, 'x');
  envelope.payload = TransportPayload::FragmentResult(FragmentResponse(error));
  PaddedBuffer out;
  ASSERT_TRUE(encode_envelope(envelope, out));
  EXPECT_EQ(out.size(), kFrameHeaderSize + MAX_PAYLOAD);
  const Result<DecodedFrame> decoded = decode_frame({reinterpret_cast<const std::byte*>(out.data()), out.size()});
  ASSERT_TRUE(decoded) << test::why(decoded);
  EXPECT_TRUE(decoded->envelope == envelope);

  error.message.push_back('x');
  envelope.payload = TransportPayload::FragmentResult(FragmentResponse(error));
  out.resize(0);
  EXPECT_FALSE(encode_envelope(envelope, out));
  EXPECT_EQ(out.size(), 0U);
}

TEST(Encode, WritesTheHeaderOfTheMessage) {
  const std::vector<std::pair<TransportPayload, int>> messages = {
      {TransportPayload::ExecuteFragment(), 0x01},
      {TransportPayload::CancelFragment(), 0x02},
      {TransportPayload::FragmentResult(FragmentResponse(FragmentResponse::Success())), 0x81},
      {TransportPayload::FragmentResult(FragmentResponse(FragmentResponse::Error())), 0x81},
      {TransportPayload::FragmentResult(FragmentResponse(FragmentResponse::CancelAck())), 0x81},
  };
  for (const auto& [payload, byte] : messages) {
    TransportEnvelope envelope;
    envelope.payload = payload;
    const std::string frame = test::encode(envelope);
    EXPECT_EQ(static_cast<unsigned char>(frame[0]), byte);
    const Result<FrameHeader> header = parse_frame_header(test::bytes_of(frame), MAX_PAYLOAD);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->payload_length, frame.size() - kFrameHeaderSize);
  }
}

TEST(Encode, AppendsToWhatIsThere) {
  const std::string first = test::golden("envelope.cancel.basic").frame,
                    second = test::golden("value.Array.nested").frame;
  PaddedBuffer out;
  ASSERT_TRUE(encode_envelope(test::decode(first).value().envelope, out));
  ASSERT_TRUE(encode_envelope(test::decode(second).value().envelope, out));
  EXPECT_EQ(std::string(out.data(), out.size()), first + second);
}

TEST(Encode, AllocatesNothingIntoAWarmBuffer) {
  PaddedBuffer out;
  for (const test::Vector& v : test::golden()) {
    if (v.expect != test::Expect::identical) continue;
    const TransportEnvelope envelope = test::decode(v.frame).value().envelope;
    out.resize(0);
    ASSERT_TRUE(encode_envelope(envelope, out));
    out.resize(0);
    const char* const data = out.data();
    const std::size_t capacity = out.capacity(), before = test::allocations();
    ASSERT_TRUE(encode_envelope(envelope, out));
    EXPECT_EQ(test::allocations(), before) << v.name;
    EXPECT_EQ(out.data(), data) << v.name;
    EXPECT_EQ(out.capacity(), capacity) << v.name;
  }
}

TEST(Encode, IntegersAtTheirLimits) {
  EXPECT_EQ(cell_text(Value::Int(-2147483647 - 1)), R"({"Int":-2147483648})");
  EXPECT_EQ(cell_text(Value::BigInt(std::numeric_limits<std::int64_t>::min())), R"({"BigInt":-9223372036854775808})");
  EXPECT_EQ(cell_text(Value::PgLsn(PgLsnValue(18446744073709551615U))), R"({"PgLsn":18446744073709551615})");
  NumericValue numeric;
  numeric.coefficient.high = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(cell_text(Value::Numeric(numeric)),
            R"({"Numeric":{"coefficient":-170141183460469231731687303715884105728,"scale":0,"big":null}})");
}

TEST(Encode, LongBlobsAndListsCrossTheBlocksOfTheWriter) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{255}, std::size_t{256}, std::size_t{257},
                                 std::size_t{8191}, std::size_t{8192}, std::size_t{100000}}) {
    std::vector<std::uint8_t> blob(size);
    std::string text = "[";
    for (std::size_t i = 0; i < size; ++i) {
      blob[i] = static_cast<std::uint8_t>(i * 7);
      text += (i == 0 ? "" : ",") + std::to_string(blob[i]);
    }
    EXPECT_EQ(cell_text(Value::Blob(blob)), "{\"Blob\":" + text + "]}") << size;
  }
  for (std::size_t size = 8100; size < 8300; ++size) {
    const std::string text(size, 'x');
    ASSERT_EQ(cell_text(Value::Text(text)), "{\"Text\":\"" + text + "\"}") << size;
  }
}

}  // namespace
}  // namespace ft
