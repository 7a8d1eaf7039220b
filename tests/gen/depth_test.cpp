// SPDX-License-Identifier: Apache-2.0
//
// Nesting: 127 open containers decode, the 128th is refused at its bracket, in everything that can nest. What decodes
// can also be compared, printed, copied, encoded and destroyed on an ordinary stack (the sanitized build is the judge
// of that).
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "ft/protocol.hpp"
#include "support/frames.hpp"

namespace ft {
namespace {

/// The most containers that are open at once, and where the 128th opens (npos: nowhere).
struct Depth {
  unsigned most = 0;
  std::size_t beyond = std::string::npos;

  explicit Depth(std::string_view text) {
    unsigned open = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (c == '"') in_string = !in_string;  // no text here has escapes
      if (in_string) continue;
      if (c == '{' || c == '[') {
        most = std::max(most, ++open);
        if (open == MAX_DEPTH + 1 && beyond == std::string::npos) beyond = i;
      }
      if (c == '}' || c == ']') --open;
    }
  }
};

std::string repeat(std::string_view text, unsigned times) {
  std::string all;
  for (unsigned i = 0; i < times; ++i) all += text;
  return all;
}

/// Something that nests: `levels` times `open`, then `leaf`, then as often `close`; put where it belongs by `wrap`.
struct Nest {
  const char* name;
  MessageType type;
  std::function<std::string(const std::string&)> wrap;
  const char* open;
  const char* leaf;
  const char* close;

  std::string payload(unsigned levels) const { return wrap(repeat(open, levels) + leaf + repeat(close, levels)); }
};

std::string cypher(const std::string& pipeline) {
  return R"({"pipeline":[)" + pipeline +
         R"(],"matches":[],"creates":[],"merges":[],"sets":[],"deletes":[],"returns":[],"order_by":[],)"
         R"("skip":null,"limit":null,)"
         R"("distinct":false,"union":null})";
}

const std::vector<Nest>& nests() {
  const auto cell = [](const std::string& value) { return test::cell(value); };
  const auto plan = [](const std::string& value) { return test::request(value); };
  const auto kind = [](const std::string& value) { return test::filter(value); };
  const auto type = [](const std::string& value) {
    return test::filter(
        R"({"Cast":{"expr":{"kind":{"Literal":"Null"},"data_type":"Int","nullable":true},"target_type":)" + value +
        "}}");
  };
  const auto logical = [](const std::string& value) {
    return test::filter(R"({"ExistsSubquery":{"plan":)" + value + R"(,"negated":false}})");
  };
  const auto path = [](const std::string& value) {
    return test::request(
        R"({"ProjectTable":{"table_id":1,"outputs":[],"filter":null,"order_by":[],"limit":null,"offset":null,)"
        R"("distinct":false,)"
        R"("distinct_on":[],"access_path":)" +
        value + "}}");
  };
  const auto unknown = [](const std::string& value) {
    return R"({"version":1,"unknown":)" + value +
           R"(,"auth_token":"t","payload":{"CancelFragment":{"request_id":1,"cancel_key":2}}})";
  };
  const auto unknown_in_payload = [](const std::string& value) {
    return test::envelope(R"({"CancelFragment":{"request_id":1,"unknown":)" + value + "}}");
  };
  constexpr const char* kTail =
      R"(,"outputs":[],"filter":null,"order_by":[],"limit":null,"offset":null,"distinct":false,"distinct_on":[]}})";
  constexpr const char* kExpression = R"(,"data_type":"Int","nullable":true}}})";
  static const std::string query = cypher("");
  static const std::string query_open = R"({"CallSubquery":{"pipeline":[)";
  static const std::string query_close = query.substr(query.find("],\"matches\"")) + "}";
  static const std::string union_open = query.substr(0, query.find("null}")) + R"({"all":true,"right":)";
  static const std::vector<Nest> all = {
      {"Value.Array", MSG_FRAGMENT_RESULT, cell, R"({"Array":[)", "", "]}"},
      {"Value.Array of values", MSG_FRAGMENT_RESULT, cell, R"({"Array":[)", R"({"Int":1})", "]}"},
      {"Value.Array as a literal", MSG_EXECUTE_FRAGMENT,
       [](const std::string& v) { return test::filter(R"({"Literal":)" + v + "}"); }, R"({"Array":[)", "\"Null\"",
       "]}"},
      {"Jsonb arrays", MSG_FRAGMENT_RESULT, [](const std::string& v) { return test::cell(R"({"Jsonb":)" + v + "}"); },
       "[", "", "]"},
      {"Jsonb objects", MSG_FRAGMENT_RESULT, [](const std::string& v) { return test::cell(R"({"Jsonb":)" + v + "}"); },
       R"({"k":)", "1", "}"},
      {"json of GinContainment", MSG_EXECUTE_FRAGMENT,
       [path](const std::string& v) { return path(R"({"GinContainment":{"index_id":1,"pattern":)" + v + "}}"); }, "[",
       "", "]"},
      {"DataType.Array", MSG_EXECUTE_FRAGMENT, type, R"({"Array":)", "\"Int\"", "}"},
      {"PhysicalPlan by its source", MSG_EXECUTE_FRAGMENT, plan, R"({"ProjectSource":{"source":)", "\"Checkpoint\"",
       kTail},
      {"PhysicalPlan by a list", MSG_EXECUTE_FRAGMENT, plan, R"({"DistributedAppend":{"fragments":[)", "\"Checkpoint\"",
       R"(],"output_fields":[],"order_by":[],"limit":null,"offset":null}})"},
      {"PhysicalPlan with a unit as an object", MSG_EXECUTE_FRAGMENT, plan, R"({"ProjectSource":{"source":)",
       R"({"Checkpoint":null})", kTail},
      {"LogicalPlan", MSG_EXECUTE_FRAGMENT, logical, R"({"ProjectSource":{"source":)", "\"Checkpoint\"", kTail},
      {"TypedExpr by a struct", MSG_EXECUTE_FRAGMENT, kind, R"({"LogicalNot":{"expr":{"kind":)",
       R"({"Literal":"Null"})", kExpression},
      {"TypedExpr by a list", MSG_EXECUTE_FRAGMENT, kind, R"({"Coalesce":{"args":[{"kind":)", R"({"Literal":"Null"})",
       R"(,"data_type":"Int","nullable":true}]}})"},
      {"TypedExpr by an option", MSG_EXECUTE_FRAGMENT, kind, R"({"AggCount":{"expr":{"kind":)",
       R"({"Literal":{"Int":1}})", R"(,"data_type":"Int","nullable":true},"distinct":false,"filter":null}})"},
      {"ScanAccessPath by a list", MSG_EXECUTE_FRAGMENT, path, R"({"BitmapOr":{"paths":[)", "\"SeqScan\"", "]}}"},
      {"ScanAccessPath inner", MSG_EXECUTE_FRAGMENT, path, R"({"IndexOnlyScan":{"inner":)", "\"SeqScan\"",
       R"(,"index_column_ids":[]}})"},
      {"CypherQueryPlan by a subquery", MSG_EXECUTE_FRAGMENT,
       [](const std::string& v) { return test::request(R"({"CypherQuery":)" + cypher(v) + "}"); }, query_open.c_str(),
       "", query_close.c_str()},
      {"CypherQueryPlan by a union", MSG_EXECUTE_FRAGMENT,
       [](const std::string& v) { return test::request(R"({"CypherQuery":)" + v + "}"); }, union_open.c_str(),
       query.c_str(), "}}"},
      {"CypherForeachPlan", MSG_EXECUTE_FRAGMENT,
       [](const std::string& v) { return test::request(R"({"CypherQuery":)" + cypher(v) + "}"); },
       R"({"Foreach":{"variable":"x","expr":{"kind":{"Literal":"Null"},"data_type":"Int","nullable":true},"body":[)",
       "", "]}}"},
      {"unknown key, arrays", MSG_CANCEL_FRAGMENT, unknown, "[", "", "]"},
      {"unknown key, objects", MSG_CANCEL_FRAGMENT, unknown, R"({"k":)", "1", "}"},
      {"unknown key in the payload", MSG_CANCEL_FRAGMENT, unknown_in_payload, R"([{"k":)", "null", "}]"},
  };
  return all;
}

TEST(Depth, The127thContainerDecodesAndThe128thIsRefusedAtItsBracket) {
  for (const Nest& nest : nests()) {
    SCOPED_TRACE(nest.name);
    unsigned levels = 0;
    while (Depth(nest.payload(levels + 1)).most <= MAX_DEPTH) ++levels;
    EXPECT_GE(Depth(nest.payload(levels)).most, MAX_DEPTH - 3);

    const std::string deepest = nest.payload(levels);
    const Result<DecodedFrame> decoded = test::decode(test::frame(nest.type, deepest));
    EXPECT_TRUE(decoded) << test::why(decoded);

    for (const unsigned more : {1U, 2U, 100U, 20000U}) {
      const std::string payload = nest.payload(levels + more);
      const Result<DecodedFrame> refused = test::decode(test::frame(nest.type, payload));
      ASSERT_FALSE(refused) << more;
      EXPECT_EQ(refused.error().code, errc::depth_exceeded) << test::why(refused);
      EXPECT_EQ(refused.error().offset, kFrameHeaderSize + Depth(payload).beyond) << more;
    }
  }
}

TEST(Depth, IsCountedToTheContainer) {
  // Filled up by opaque and by skipped containers to exactly 127, and by one more, in canonical and in other forms.
  for (const char* space : {"", " "}) {
    for (const std::string& value : {std::string(R"({"Jsonb":)"), std::string(R"({"Array":[{"Jsonb":)")}) {
      const std::string close = value.size() > 10 ? "}]}" : "}";
      const auto payload = [&](unsigned brackets) {
        return test::cell(space + value + repeat("[", brackets) + repeat("]", brackets) + close);
      };
      const unsigned fits = MAX_DEPTH - Depth(payload(0)).most;
      ASSERT_EQ(Depth(payload(fits)).most, MAX_DEPTH);
      const Result<DecodedFrame> decoded = test::decode(test::frame(MSG_FRAGMENT_RESULT, payload(fits)));
      EXPECT_TRUE(decoded) << test::why(decoded);
      const Result<DecodedFrame> refused = test::decode(test::frame(MSG_FRAGMENT_RESULT, payload(fits + 1)));
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, errc::depth_exceeded);
      EXPECT_EQ(refused.error().offset, kFrameHeaderSize + Depth(payload(fits + 1)).beyond);
    }
  }
}

TEST(Depth, LeavesThatAreArraysCountToo) {
  // Each of these opens one container more than an integer cell does, on paths that read arrays all at once.
  for (const char* leaf :
       {R"({"Uuid":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]})", R"({"Timestamp":[2024,1,0,0,0,0]})",
        R"({"Date":[2024,1]})", R"({"TimestampTz":[2024,1,0,0,0,0,1,0,0]})", R"({"Time":[1,2,3,4]})",
        R"({"MacAddr":[1,2,3,4,5,6]})", R"({"MacAddr8":[1,2,3,4,5,6,7,8]})", R"({"Blob":[]})", R"({"Blob":[1,2]})",
        R"({"Interval":{"months":1,"days":1,"micros":1}})", R"({"Tid":{"block":1,"offset":1}})", R"({"Jsonb":{}})",
        R"({"Jsonb":[]})", R"({"Array":[]})"}) {
    SCOPED_TRACE(leaf);
    for (const unsigned one_more : {0U, 1U}) {
      // Arrays nest by two, so an element or a list in between makes the difference of one.
      for (const char* between : {"", R"({"Array":[)"}) {
        const std::string close = between[0] == '\0' ? "" : "]}";
        const auto payload = [&](unsigned levels) {
          return test::filter(R"({"Literal":)" + repeat(R"({"Array":[)", levels) + between + leaf + close +
                              repeat("]}", levels) + "}");
        };
        unsigned levels = 0;
        while (Depth(payload(levels + 1)).most <= MAX_DEPTH) ++levels;
        const std::string text = payload(levels + one_more);
        const Result<DecodedFrame> decoded = test::decode(test::frame(MSG_EXECUTE_FRAGMENT, text));
        EXPECT_EQ(decoded.has_value(), one_more == 0) << test::why(decoded);
        if (!decoded) {
          EXPECT_EQ(decoded.error().code, errc::depth_exceeded);
          EXPECT_EQ(decoded.error().offset, kFrameHeaderSize + Depth(text).beyond);
        }
      }
    }
  }
}

TEST(Depth, WhatDecodesCanBeHandled) {
  for (const Nest& nest : nests()) {
    SCOPED_TRACE(nest.name);
    unsigned levels = 0;
    while (Depth(nest.payload(levels + 1)).most <= MAX_DEPTH) ++levels;
    const Result<DecodedFrame> decoded = test::decode(test::frame(nest.type, nest.payload(levels)));
    ASSERT_TRUE(decoded) << test::why(decoded);
    const TransportEnvelope copy = decoded->envelope;
    EXPECT_TRUE(copy == decoded->envelope);
    const std::string encoded = test::encode(copy);
    EXPECT_LE(encoded.size(), decoded->consumed);
    const Result<DecodedFrame> again = test::decode(encoded);
    ASSERT_TRUE(again) << test::why(again);
    EXPECT_TRUE(again->envelope == copy);
    EXPECT_EQ(to_text(copy).find("..."), std::string::npos) << "nothing is cut off";
  }
}

TEST(Depth, EncodingDeeperIsAnError) {
  DataType type;
  Value value;
  PhysicalPlan plan;
  for (int i = 0; i < 200; ++i) {
    DataType outer;
    outer.emplace<DataType::Array>().value = std::move(type);
    type = std::move(outer);
    value = Value::Array(std::vector<Value>{std::move(value)});
    PhysicalPlan source;
    source.emplace<PhysicalPlan::ProjectSource>().source = std::move(plan);
    plan = std::move(source);
  }
  TypedExprKind::Cast cast;
  cast.target_type = type;
  TypedExpr filter;
  filter.kind = cast;
  PhysicalPlan::DeleteFromTable by_type;
  by_type.filter = filter;
  filter.kind = TypedExprKind::Literal(value);
  PhysicalPlan::DeleteFromTable by_value;
  by_value.filter = filter;

  for (const PhysicalPlan& deep : {PhysicalPlan(by_type), PhysicalPlan(by_value), plan}) {
    FragmentRequest request;
    request.plan = deep;
    TransportEnvelope envelope;
    envelope.payload = TransportPayload::ExecuteFragment(request);
    PaddedBuffer out;
    const Result<void> encoded = encode_envelope(envelope, out);
    ASSERT_FALSE(encoded) << deep.name();
    EXPECT_EQ(encoded.error().code, errc::depth_exceeded);
    EXPECT_EQ(out.size(), 0U);
    EXPECT_TRUE(TransportEnvelope(envelope) == envelope);
    EXPECT_NE(to_text(envelope).find("\"...\""), std::string::npos);
  }
}

TEST(Depth, EncodingIsLimitedWhereDecodingIs) {
  // The deepest value that still encodes decodes; one level more does not encode.
  const auto envelope = [](int levels) {
    Value value;
    for (int i = 0; i < levels; ++i) value = Value::Array(std::vector<Value>{std::move(value)});
    TypedExpr filter;
    filter.kind = TypedExprKind::Literal(value);
    PhysicalPlan::DeleteFromTable plan;
    plan.filter = filter;
    FragmentRequest request;
    request.plan = plan;
    TransportEnvelope result;
    result.payload = TransportPayload::ExecuteFragment(request);
    return result;
  };
  int levels = 0;
  PaddedBuffer out;
  while (encode_envelope(envelope(levels + 1), out)) {
    ++levels;
    const Result<DecodedFrame> decoded = test::decode({out.data(), out.size()});
    ASSERT_TRUE(decoded) << levels << ": " << test::why(decoded);
    EXPECT_TRUE(decoded->envelope == envelope(levels));
    out.resize(0);
    ASSERT_LT(levels, 100);
  }
  EXPECT_GE(levels, 55);
}

}  // namespace
}  // namespace ft
