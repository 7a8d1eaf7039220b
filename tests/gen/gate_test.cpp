// SPDX-License-Identifier: Apache-2.0
//
// The gate of the envelope: asked once, with version and token, before anything of the payload is built, in any order
// of keys.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "ft/protocol.hpp"
#include "support/allocations.hpp"
#include "support/frames.hpp"

namespace ft {
namespace {

/// What the gate saw, and whether it lets pass.
struct Watch {
  int calls = 0;
  int version = -1;
  std::string token;
  bool payload_was_built = false;
  bool refuse = false;

  EnvelopeGate gate() {
    return [this](const TransportEnvelope& head) -> std::optional<Error> {
      ++calls;
      version = head.version;
      token = head.auth_token.reveal();
      payload_was_built = !(head.payload == TransportPayload());
      if (refuse) return Error(errc::authentication_failed);
      return std::nullopt;
    };
  }
};

Result<DecodedFrame> decode(const std::string& payload, const EnvelopeGate& gate, const DecodeOptions& options = {},
                            MessageType type = MSG_CANCEL_FRAGMENT) {
  const test::ExactBuffer buffer(test::frame(type, payload));
  return decode_frame(buffer.span(), gate, options);
}

const std::string kVersion = R"("version":2)";
const std::string kToken = R"("auth_token":"secret of the cluster")";
const std::string kPayload = R"("payload":{"CancelFragment":{"request_id":42,"cancel_key":9}})";

/// The envelope's keys in every order.
std::vector<std::string> every_order(const std::string& payload) {
  std::vector<std::string> keys = {kVersion, kToken, payload};
  std::sort(keys.begin(), keys.end());
  std::vector<std::string> texts;
  do {
    texts.push_back("{" + keys[0] + "," + keys[1] + "," + keys[2] + "}");
  } while (std::next_permutation(keys.begin(), keys.end()));
  return texts;
}

TEST(Gate, IsAskedOnceBeforeThePayloadIsBuilt) {
  for (const std::string& text : every_order(kPayload)) {
    Watch watch;
    const Result<DecodedFrame> decoded = decode(text, watch.gate());
    ASSERT_TRUE(decoded) << text << ": " << test::why(decoded);
    EXPECT_EQ(watch.calls, 1) << text;
    EXPECT_EQ(watch.version, 2) << text;
    EXPECT_EQ(watch.token, "secret of the cluster") << text;
    EXPECT_FALSE(watch.payload_was_built) << text;
    const auto* const cancel = decoded->envelope.payload.get_if<TransportPayload::CancelFragment>();
    ASSERT_NE(cancel, nullptr);
    EXPECT_EQ(cancel->value.request_id, 42U);
    EXPECT_EQ(cancel->value.cancel_key, SecretU64(9));
  }
}

TEST(Gate, ItsRefusalIsTheResult) {
  for (const std::string& text : every_order(kPayload)) {
    Watch watch;
    watch.refuse = true;
    const Result<DecodedFrame> decoded = decode(text, watch.gate());
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error().code, errc::authentication_failed) << text;
    EXPECT_EQ(decoded.error().offset, kFrameHeaderSize + text.find("\"payload\":") + 10) << text;
    EXPECT_EQ(decoded.error().path, "$.payload") << text;
    EXPECT_EQ(watch.calls, 1) << text;
  }
}

TEST(Gate, MayTellWhyInItsOwnWords) {
  const EnvelopeGate gate = [](const TransportEnvelope& head) -> std::optional<Error> {
    if (head.version <= PROTOCOL_VERSION) return std::nullopt;
    return Error(errc::version_unsupported, Error::no_offset, {},
                 "server accepts [1..=1], got " + std::to_string(head.version));
  };
  const Result<DecodedFrame> decoded = decode("{" + kVersion + "," + kToken + "," + kPayload + "}", gate);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, errc::version_unsupported);
  EXPECT_EQ(decoded.error().detail, "server accepts [1..=1], got 2");
}

TEST(Gate, ARefusalWinsOverAPayloadThatIsBrokenBehindIt) {
  for (const char* payload :
       {R"("payload":{"CancelFragment":)", R"("payload":17)", R"("payload":{"NoSuchThing":1}})", "\"payload\":\xFF"}) {
    Watch watch;
    watch.refuse = true;
    const Result<DecodedFrame> decoded = decode("{" + kVersion + "," + kToken + "," + payload, watch.gate());
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, errc::authentication_failed) << payload;
  }
}

TEST(Gate, APayloadThatComesFirstMustStillBeJson) {
  Watch watch;
  watch.refuse = true;
  const Result<DecodedFrame> decoded = decode(R"({"payload":[1,],)" + kVersion + "," + kToken + "}", watch.gate());
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, errc::syntax);
  EXPECT_EQ(watch.calls, 0);
}

TEST(Gate, IsNotAskedWhenItsKeysAreMissingOrWrong) {
  for (const std::string& text : {
           "{" + kVersion + "," + kPayload + "}",
           "{" + kToken + "," + kPayload + "}",
           "{" + kPayload + "," + kVersion + "}",
           "{" + kPayload + "}",
           "{" + kVersion + "," + kVersion + "," + kToken + "," + kPayload + "}",
           R"({"version":256,)" + kToken + "," + kPayload + "}",
           R"({"version":1,"auth_token":null,)" + kPayload + "}",
       }) {
    Watch watch;
    const Result<DecodedFrame> decoded = decode(text, watch.gate());
    EXPECT_FALSE(decoded) << text;
    EXPECT_EQ(watch.calls, 0) << text;
  }
}

TEST(Gate, AMissingOrSecondPayloadIsAnError) {
  Watch watch;
  const Result<DecodedFrame> none = decode("{" + kVersion + "," + kToken + "}", watch.gate());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, errc::missing_key);
  EXPECT_EQ(watch.calls, 0);
  for (const std::string& text : {
           "{" + kVersion + "," + kToken + "," + kPayload + "," + kPayload + "}",
           "{" + kPayload + "," + kPayload + "," + kVersion + "," + kToken + "}",
           "{" + kPayload + "," + kVersion + "," + kToken + "," + kPayload + "}",
       }) {
    const Result<DecodedFrame> twice = decode(text, {});
    ASSERT_FALSE(twice) << text;
    EXPECT_EQ(twice.error().code, errc::duplicate_key) << text;
  }
}

/// A plan that takes far more memory than it may: thousands of expressions.
std::string heavy_payload() {
  std::string list;
  for (int i = 0; i < 5000; ++i) {
    list += i == 0 ? "" : ",";
    list += R"({"kind":{"ColumnRef":{"name":"a name that does not fit in place","ordinal":1}},"data_type":"Int",)"
            R"("nullable":true})";
  }
  return test::filter(R"({"Coalesce":{"args":[)" + list + "]}}");
}

TEST(Gate, OfARefusedPeerNothingIsBuilt) {
  // The budget tells: it would not even allow the head of the plan, and the refusal comes first nevertheless.
  const std::string canonical = heavy_payload();
  const std::string payload =
      canonical.substr(canonical.find("\"payload\""), canonical.size() - 1 - canonical.find("\"payload\""));
  for (const std::string& text : every_order(payload)) {
    const Result<DecodedFrame> open = decode(text, {}, {.budget = 100}, MSG_EXECUTE_FRAGMENT);
    ASSERT_FALSE(open);
    EXPECT_EQ(open.error().code, errc::memory_budget);

    Watch watch;
    watch.refuse = true;
    const std::size_t before = test::allocations();
    const Result<DecodedFrame> refused = decode(text, watch.gate(), {.budget = 100}, MSG_EXECUTE_FRAGMENT);
    EXPECT_LT(test::allocations() - before, 20U);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::authentication_failed);
  }
}

TEST(Gate, DepthAndUnknownKeysCountTheSameInAnyOrder) {
  const std::string deep =
      R"("payload":{"CancelFragment":{"request_id":1,"x":)" + std::string(124, '[') + std::string(124, ']') + "}}";
  const std::string deeper =
      R"("payload":{"CancelFragment":{"request_id":1,"x":)" + std::string(125, '[') + std::string(125, ']') + "}}";
  for (const std::string& text : every_order(deep)) {
    const Result<DecodedFrame> decoded = decode(text, {});
    ASSERT_TRUE(decoded) << test::why(decoded);
    EXPECT_EQ(decoded->unknown_keys, 1U);
  }
  for (const std::string& text : every_order(deeper)) {
    const Result<DecodedFrame> decoded = decode(text, {});
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, errc::depth_exceeded);
  }
}

}  // namespace
}  // namespace ft
