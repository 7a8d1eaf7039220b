// SPDX-License-Identifier: Apache-2.0
//
// What bad input is told: code, byte offset, JSON path, text; and that nothing of the input ever stands in it.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "ft/protocol.hpp"
#include "support/frames.hpp"
#include "support/vectors.hpp"

namespace ft {
namespace {

/// A payload in which '@' marks the byte at fault, and what has to be said about it.
struct Case {
  std::string marked;
  errc code;
  std::string path;
  std::string detail;
  MessageType type = MSG_CANCEL_FRAGMENT;
};

void expect_error(const Case& c) {
  SCOPED_TRACE(c.marked);
  const std::size_t at = c.marked.find('@');
  ASSERT_NE(at, std::string::npos);
  const std::string payload = c.marked.substr(0, at) + c.marked.substr(at + 1);
  const Result<DecodedFrame> decoded = test::decode(test::frame(c.type, payload));
  ASSERT_FALSE(decoded);
  const Error& error = decoded.error();
  EXPECT_EQ(error.code, c.code) << error.message();
  EXPECT_EQ(error.offset, kFrameHeaderSize + at) << error.message();
  EXPECT_EQ(error.path, c.path) << error.message();
  EXPECT_EQ(error.detail, c.detail) << error.message();

  // The two entries agree, but for where offsets are counted from.
  const test::ExactBuffer buffer(payload);
  const Result<TransportEnvelope> envelope = decode_envelope(c.type, buffer.span());
  ASSERT_FALSE(envelope);
  EXPECT_EQ(envelope.error(), Error(c.code, at, c.path, c.detail));
}

TEST(Errors, OfJson) {
  for (const Case& c : std::vector<Case>{
           {"@", errc::unexpected_end, "$", ""},
           {"  @", errc::unexpected_end, "$", ""},
           {"{@", errc::unexpected_end, "$", ""},
           {R"({"version":1@)", errc::unexpected_end, "$", ""},
           {R"({"version":@)", errc::unexpected_end, "$.version", ""},
           {R"({"vers@)", errc::unexpected_end, "$", ""},
           {"@[]", errc::wrong_type, "$", "expected an object"},
           {"@nope", errc::wrong_type, "$", "expected an object"},
           {"@?", errc::syntax, "$", "expected an object"},
           {std::string("@\0{}", 4), errc::syntax, "$", "expected an object"},
           {"@\xEF\xBB\xBF{}", errc::syntax, "$", "expected an object"},
           {R"({@version:1})", errc::syntax, "$", "expected a key"},
           {R"({"version" @1})", errc::syntax, "$", "expected a colon"},
           {R"({"version":1 @"auth_token":"t"})", errc::syntax, "$", "expected a comma or the closing brace"},
           {R"({"version":1,@})", errc::syntax, "$", "expected a key"},
           {R"({@,"version":1})", errc::syntax, "$", "expected a key"},
           {R"({"x":0@1})", errc::invalid_number, "$", ""},
           {"{\"x\":\"\\@q\"}", errc::invalid_escape, "$", ""},
           {test::envelope(R"({"CancelFragment":{"request_id":1}})") + " @x", errc::trailing_bytes, "$", ""},
           {test::envelope(R"({"CancelFragment":{"request_id":1}})") + "@{}", errc::trailing_bytes, "$", ""},
           {test::envelope(R"({"CancelFragment":{"request_id":1}})") + std::string("@\0", 2), errc::trailing_bytes, "$",
            ""},
           {"{\"version\":1,\"auth_token\":\"a@\nb\"", errc::control_character, "$.auth_token", ""},
           {"{\"version\":1,\"auth_token\":\"a@\xFF\"", errc::invalid_utf8, "$.auth_token", ""},
           {"{\"version\":1,\"auth_token\":\"a@\\ud800\"", errc::invalid_escape, "$.auth_token", ""},
           {"{\"version\":1,\"auth_token\":\"a@\\ud800\\u0041\"", errc::invalid_escape, "$.auth_token", ""},
           {"{\"version\":1,\"auth_token\":\"a@\\udc00\"", errc::invalid_escape, "$.auth_token", ""},
           {"{\"version\":1,\"auth_token\":\"a@\\u12g4\"", errc::invalid_escape, "$.auth_token", ""},
       }) {
    // The offset of an escape is that of its backslash.
    Case fixed = c;
    const std::size_t slash = fixed.marked.find("\\@");
    if (slash != std::string::npos) fixed.marked.replace(slash, 2, "@\\");
    expect_error(fixed);
  }
}

TEST(Errors, OfTheSchema) {
  const std::string cancel = R"({"version":1,"auth_token":"t","payload":{"CancelFragment":)";
  const std::string cell = "$.payload.FragmentResult.Success.result.Query.rows[0].values[0]";
  const auto in_cell = [](const std::string& value) { return test::cell(value); };
  for (const Case& c : std::vector<Case>{
           {R"({"version":@256})", errc::out_of_range, "$.version", ""},
           {R"({"version":@-1})", errc::out_of_range, "$.version", ""},
           {R"({"version":@-0})", errc::out_of_range, "$.version", "expected an integer; -0 is none"},
           {R"({"version":@1.0})", errc::wrong_type, "$.version", "expected an integer without fraction or exponent"},
           {R"({"version":@1e0})", errc::wrong_type, "$.version", "expected an integer without fraction or exponent"},
           {R"({"version":@"1"})", errc::wrong_type, "$.version", "expected an integer"},
           {R"({"version":@null})", errc::wrong_type, "$.version", "expected an integer"},
           {R"({"version":@01})", errc::invalid_number, "$.version", "expected a number without leading zeros"},
           {R"({"version":1,"auth_token":@7})", errc::wrong_type, "$.auth_token", "expected a string"},
           {R"({"version":1,@"version":1})", errc::duplicate_key, "$", "\"version\""},
           {R"({"version":1,@"v\u0065rsion":1})", errc::duplicate_key, "$", "\"version\""},
           {R"({"version":1,"auth_token":"t"@})", errc::missing_key, "$", "\"payload\""},
           {"{@}", errc::missing_key, "$", "\"version\""},
           {cancel + R"({"request_id":1,"cancel_key":@18446744073709551616}}})", errc::out_of_range,
            "$.payload.CancelFragment.cancel_key", ""},
           {cancel + "{@}}}", errc::missing_key, "$.payload.CancelFragment", "\"request_id\""},
           {cancel + "@null}}", errc::wrong_type, "$.payload.CancelFragment", "expected an object"},
           {R"({"version":1,"auth_token":"t","payload":@"CancelFragment"})", errc::wrong_type, "$.payload",
            "expected an object: this variant has a payload"},
           {R"({"version":1,"auth_token":"t","payload":@"Nothing"})", errc::unknown_variant, "$.payload", ""},
           {R"({"version":1,"auth_token":"t","payload":{@"Nothing":1}})", errc::unknown_variant, "$.payload", ""},
           {R"({"version":1,"auth_token":"t","payload":@{}})", errc::wrong_type, "$.payload",
            "expected an object with one key"},
           {R"({"version":1,"auth_token":"t","payload":@[]})", errc::wrong_type, "$.payload",
            "expected a variant: a string, or an object with one key"},
           {cancel + R"({"request_id":1}@,"x":1}})", errc::wrong_type, "$.payload", "expected an object with one key"},
           {in_cell(R"({"Int":@2147483648})"), errc::out_of_range, cell + ".Int", "", MSG_FRAGMENT_RESULT},
           {in_cell(R"({"Double":@1e309})"), errc::out_of_range, cell + ".Double", "expected a number",
            MSG_FRAGMENT_RESULT},
           {in_cell(R"({"Double":@null})"), errc::wrong_type, cell + ".Double", "expected a number",
            MSG_FRAGMENT_RESULT},
           {in_cell(R"({"Boolean":@1})"), errc::wrong_type, cell + ".Boolean", "expected true or false",
            MSG_FRAGMENT_RESULT},
           {in_cell(R"({"Date":@[2023,366]})"), errc::out_of_range, cell + ".Date",
            "expected a date or time that exists", MSG_FRAGMENT_RESULT},
           {in_cell(R"({"Date":[2023@]})"), errc::wrong_length, cell + ".Date", "", MSG_FRAGMENT_RESULT},
           {in_cell(R"({"Date":[2023,1@,1]})"), errc::wrong_length, cell + ".Date", "", MSG_FRAGMENT_RESULT},
           {in_cell(R"({"Date":[2023,@"1"]})"), errc::wrong_type, cell + ".Date[1]", "expected an integer",
            MSG_FRAGMENT_RESULT},
           {in_cell(R"({"Blob":[1,@256]})"), errc::out_of_range, cell + ".Blob[1]", "", MSG_FRAGMENT_RESULT},
           {in_cell(R"({"Uuid":[1,2@]})"), errc::wrong_length, cell + ".Uuid", "", MSG_FRAGMENT_RESULT},
           {in_cell(R"({"LargeDate":{"year":1,"month":@13,"day":1}})"), errc::out_of_range, cell + ".LargeDate.month",
            "expected a month, 1 to 12", MSG_FRAGMENT_RESULT},
           {in_cell(R"({"Jsonb":@1e999})"), errc::out_of_range, cell + ".Jsonb", "", MSG_FRAGMENT_RESULT},
           {in_cell(R"({"Jsonb":{"a":[1,@+1]}})"), errc::syntax, cell + ".Jsonb", "expected a value",
            MSG_FRAGMENT_RESULT},
           {in_cell(R"({"Null":@1})"), errc::wrong_type, cell, "expected null: this variant has no payload",
            MSG_FRAGMENT_RESULT},
           {test::filter(R"({"LogicalNot":{"expr":{"kind":{"ColumnRef":{"name":"x","ordinal":@-1}}}}})"),
            errc::out_of_range,
            "$.payload.ExecuteFragment.plan.DeleteFromTable.filter.kind.LogicalNot.expr.kind.ColumnRef.ordinal", "",
            MSG_EXECUTE_FRAGMENT},
       }) {
    expect_error(c);
  }
}

TEST(Errors, OfLimitsOnLists) {
  const auto numbers = [](std::size_t count) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i) list += i == 0 ? "1" : ",1";
    return list;
  };
  const auto limbs = [&](std::size_t count) {
    return test::cell(R"({"Numeric":{"coefficient":0,"scale":0,"big":{"limbs":[)" + numbers(count) +
                      R"(],"negative":false}}})");
  };
  const auto vector = [&](std::size_t count) {
    return test::cell(R"({"Vector":{"dims":0,"values":[)" + numbers(count) + "]}}");
  };
  EXPECT_TRUE(test::decode(test::frame(MSG_FRAGMENT_RESULT, limbs(320))));
  EXPECT_TRUE(test::decode(test::frame(MSG_FRAGMENT_RESULT, vector(1000000))));
  for (const std::string& payload : {limbs(321), vector(1000001)}) {
    const Result<DecodedFrame> decoded = test::decode(test::frame(MSG_FRAGMENT_RESULT, payload));
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, errc::too_many_items) << test::why(decoded);
    EXPECT_EQ(info(decoded.error().code).sqlstate, "54000");
  }
}

TEST(Errors, OfFrames) {
  const std::string good = test::golden("envelope.cancel.basic").frame;
  const auto with = [&good](std::size_t at, unsigned char byte) {
    std::string frame = good;
    frame[at] = static_cast<char>(byte);
    return frame;
  };
  const auto error = [](const std::string& frame) {
    const Result<DecodedFrame> decoded = test::decode(frame);
    return decoded ? Error() : decoded.error();
  };
  EXPECT_EQ(error("").code, errc::incomplete_header);
  EXPECT_EQ(error(with(0, 0x03)), Error(errc::unknown_message_type, 0, "", "byte 3"));
  EXPECT_EQ(error(with(4, 0x04)).code, errc::payload_too_large) << "64 MiB and a little";
  EXPECT_EQ(error(with(4, 0x04)).offset, 1U);
  EXPECT_EQ(error(with(4, 0x03)).code, errc::incomplete_payload);
  for (const std::uint8_t type : {std::uint8_t{0x01}, std::uint8_t{0x81}, std::uint8_t{0x82}, std::uint8_t{0x83}}) {
    EXPECT_EQ(error(with(0, type)).code, errc::message_type_mismatch);
    EXPECT_EQ(error(with(0, type)).path, "$.payload");
  }
  EXPECT_EQ(error(with(0, 0x01)).detail, "MSG_EXECUTE_FRAGMENT carries CancelFragment");
  EXPECT_EQ(error(test::frame(MSG_CANCEL_ACK,
                              test::envelope(R"({"FragmentResult":{"Error":{"request_id":1,"message":""}}})")))
                .code,
            errc::message_type_mismatch);
  // JSON is judged before the type, the header before everything.
  EXPECT_EQ(error(test::frame(MSG_EXECUTE_FRAGMENT, "{")).code, errc::unexpected_end);
  EXPECT_EQ(error(with(0, 0x03).substr(0, 4)).code, errc::incomplete_header);
  EXPECT_EQ(error(std::string("\x03\xFF\xFF\xFF\xFF", 5)).code, errc::unknown_message_type);
  EXPECT_EQ(error(std::string("\x01\xFF\xFF\xFF\xFF", 5)).code, errc::payload_too_large);
  EXPECT_EQ(error(std::string("\x01\x00\x00\x00\x00", 5)).code, errc::unexpected_end);
}

TEST(Errors, ReadWell) {
  const Result<DecodedFrame> decoded = test::decode(test::frame(
      MSG_CANCEL_FRAGMENT, R"({"version":1,"auth_token":"t","payload":{"CancelFragment":{"cancel_key":2}}})"));
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().message(),
            "missing key \"request_id\" at byte 78, in $.payload.CancelFragment; the sender must write this key");
}

TEST(Errors, NeverQuoteInput) {
  // Every text of the input contains the needle: the token, keys nobody knows, names, values. Wherever the frame
  // breaks, the error must not contain it.
  const std::string needle = "N33DLE";
  const std::string payload =
      R"({"version":1,"N33DLE-key":"N33DLE","auth_token":"N33DLE-token\u0041N33DLE",)"
      R"("payload":{"ExecuteFragment":{"request_id":7,"plan":)"
      R"({"CreateRole":{"name":"N33DLE","login":true,"superuser":false,"password":"N33DLE-password\n",)"
      R"("inherit":true,"createdb":false,)"
      R"("createrole":false,"replication":false,"bypassrls":false,"connection_limit":-1,)"
      R"("valid_until":"N33DLE"}},"txn_id":1,)"
      R"("isolation":"N33DLE","max_result_rows":1,"max_result_bytes":1,"max_memory_bytes":1,"max_temp_bytes":1,)"
      R"("cancel_key":424242}}})";
  ASSERT_TRUE(test::decode(test::frame(MSG_EXECUTE_FRAGMENT, payload)));
  constexpr const char* insertions[] = {"N33DLE", "\"N33DLE\"", "\"N33DLE\":1,", "{\"N33DLE\":", "[",  "}", ",",
                                        "424242", "\\",         "\xFF",          "\n",           "\"", "-", "e"};
  std::size_t errors = 0;
  const auto check = [&](const std::string& text) {
    const Result<DecodedFrame> decoded = test::decode(test::frame(MSG_EXECUTE_FRAGMENT, text));
    if (decoded) return;
    ++errors;
    const std::string message = decoded.error().message();
    EXPECT_EQ(message.find("N33DL"), std::string::npos) << message << "\n" << text;
    EXPECT_EQ(message.find("424242"), std::string::npos) << message << "\n" << text;
  };
  for (std::size_t i = 0; i <= payload.size(); ++i) {
    check(payload.substr(0, i));
    if (i < payload.size()) check(payload.substr(0, i) + payload.substr(i + 1));
    for (const char* insertion : insertions) check(payload.substr(0, i) + insertion + payload.substr(i));
  }
  EXPECT_GT(errors, 5000U);
}

TEST(Errors, OfRandomChangesAreTypedAndLieInTheInput) {
  std::mt19937 random(8);
  const auto below = [&random](std::size_t bound) { return static_cast<std::size_t>(random() % bound); };
  std::size_t accepted = 0, refused = 0;
  for (int round = 0; round < 60000; ++round) {
    const test::Vector& v = test::golden()[below(test::golden().size())];
    std::string payload = v.payload();
    for (std::size_t changes = 1 + below(3); changes > 0; --changes) {
      const std::size_t at = below(payload.size());
      switch (below(5)) {
        case 0:
          payload[at] = static_cast<char>(random());
          break;
        case 1:
          payload.erase(at, 1 + below(8));
          break;
        case 2:
          payload.insert(at, 1, "\"\\{}[]:,0-.e \x80"[below(14)]);
          break;
        case 3:
          payload.insert(at, payload.substr(below(payload.size()), below(20)));
          break;
        default:
          payload[at] = static_cast<char>(payload[at] ^ (1 << below(8)));
          break;
      }
      if (payload.empty()) payload = "{";
    }
    const auto type = static_cast<MessageType>(static_cast<std::uint8_t>(v.frame[0]));
    const test::ExactBuffer buffer(payload);
    const Result<TransportEnvelope> decoded = decode_envelope(type, buffer.span());
    if (!decoded) {
      ++refused;
      const Error& error = decoded.error();
      EXPECT_NE(error.code, errc::internal) << payload;
      EXPECT_LE(error.offset, payload.size()) << payload;
      EXPECT_EQ(error.path.substr(0, 1), "$") << payload;
      const std::string message = error.message();
      EXPECT_TRUE(std::all_of(message.begin(), message.end(), [](char c) { return c >= 0x20 && c < 0x7F; })) << message;
      continue;
    }
    ++accepted;
    const std::string canonical = test::encode_payload(*decoded);
    const Result<TransportEnvelope> again = decode_envelope(type, test::bytes_of(canonical));
    ASSERT_TRUE(again) << test::why(again) << "\n" << payload << "\n" << canonical;
    EXPECT_TRUE(*again == *decoded) << payload;
    EXPECT_EQ(test::encode_payload(*again), canonical) << payload;
  }
  EXPECT_GT(accepted, 1000U);
  EXPECT_GT(refused, 10000U);
}

}  // namespace
}  // namespace ft
