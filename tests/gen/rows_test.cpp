// SPDX-License-Identifier: Apache-2.0
//
// FlatRows<Value>: rows of a result in one block, built by hand and decoded.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "ft/protocol.hpp"
#include "support/allocations.hpp"
#include "support/frames.hpp"

namespace ft {
namespace {

using Rows = FlatRows<Value>;

std::vector<std::size_t> widths(const Rows& rows) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < rows.size(); ++i) all.push_back(rows[i].size());
  return all;
}

/// Rows of these widths; the cells are numbered.
Rows build(const std::vector<std::size_t>& row_widths) {
  Rows::Builder builder;
  std::int32_t number = 0;
  for (const std::size_t width : row_widths) {
    for (std::size_t i = 0; i < width; ++i) builder.add(Value::Int(number++));
    builder.end_row();
  }
  return std::move(builder).build();
}

TransportEnvelope result_of(Rows rows) {
  ExecutionResult::Query query;
  query.rows = std::move(rows);
  FragmentResponse::Success success;
  success.request_id = 7;
  success.result = std::move(query);
  TransportEnvelope envelope;
  envelope.version = 1;
  envelope.payload = TransportPayload::FragmentResult(FragmentResponse(std::move(success)));
  return envelope;
}

const Rows& rows_of(const TransportEnvelope& envelope) {
  const auto& response = envelope.payload.get_if<TransportPayload::FragmentResult>()->value;
  return response.get_if<FragmentResponse::Success>()->result.get_if<ExecutionResult::Query>()->rows;
}

/// The rows of a frame, which must decode.
Rows decode_rows(const std::string& json) {
  const Result<DecodedFrame> decoded = test::decode(test::frame(MSG_FRAGMENT_RESULT, test::rows(json)));
  EXPECT_TRUE(decoded) << test::why(decoded);
  return decoded ? rows_of(decoded->envelope) : Rows();
}

TEST(Rows, NoneAtFirst) {
  const Rows rows;
  EXPECT_TRUE(rows.empty());
  EXPECT_EQ(rows.size(), 0U);
  EXPECT_TRUE(rows.cells().empty());
  EXPECT_TRUE(rows == build({}));
}

TEST(Rows, OfAnyWidths) {
  const std::vector<std::vector<std::size_t>> shapes = {
      {}, {0}, {0, 0, 0}, {1}, {3, 3, 3}, {2, 0, 2}, {0, 1}, {1, 0}, {1, 2, 3, 0, 5}, {4, 4, 1}, {0, 0, 2, 0},
  };
  for (const auto& shape : shapes) {
    const Rows rows = build(shape);
    EXPECT_EQ(widths(rows), shape);
    std::int32_t number = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      for (const Value& cell : rows[i]) EXPECT_EQ(cell.as_int(), number++);
    }
    EXPECT_EQ(rows.cells().size(), static_cast<std::size_t>(number));

    // On the wire and back.
    const std::string frame = test::encode(result_of(rows));
    const Result<DecodedFrame> decoded = test::decode(frame);
    ASSERT_TRUE(decoded) << test::why(decoded);
    EXPECT_EQ(widths(rows_of(decoded->envelope)), shape);
    EXPECT_TRUE(rows_of(decoded->envelope) == rows);
    EXPECT_EQ(test::encode(decoded->envelope), frame);
  }
}

TEST(Rows, DifferInShapeAndInCells) {
  EXPECT_FALSE(build({2, 2}) == build({1, 3}));
  EXPECT_FALSE(build({2, 2}) == build({2, 2, 0}));
  EXPECT_FALSE(build({0}) == build({}));
  EXPECT_TRUE(build({2, 2}) == build({2, 2}));
  EXPECT_FALSE(decode_rows(R"([{"values":[{"Int":1}]}])") == decode_rows(R"([{"values":[{"Int":2}]}])"));
}

TEST(Rows, CopiesShareTheBlockAndOutliveTheFirst) {
  Rows copy;
  {
    Rows::Builder builder;
    builder.add(Value::Text("long enough to live in the arena", builder.arena())).end_row();
    const Rows rows = std::move(builder).build();
    const std::size_t before = test::allocations();
    copy = rows;
    EXPECT_EQ(test::allocations(), before);
    EXPECT_EQ(copy.cells().data(), rows.cells().data());
    EXPECT_TRUE(copy == rows);
  }
  EXPECT_EQ(copy[0][0].as_text(), "long enough to live in the arena");
  const Value cell = copy[0][0];
  copy = Rows();
  EXPECT_EQ(cell.as_text(), "long enough to live in the arena") << "a copy of a cell owns its text";
}

TEST(Rows, TakeOverCellsThatOwn) {
  Rows::Builder builder;
  for (int i = 0; i < 100; ++i) {
    builder.add(Value::Text("a text of more than twenty-two bytes"))
        .add(Value::Text("borrowed, but of some length", builder.arena()));
    NumericValue numeric;
    numeric.big.emplace().limbs = {1, 2, 3};
    builder.add(Value::Numeric(numeric)).add(Value::Numeric(numeric, builder.arena()));
    builder.end_row();
  }
  const Rows rows = std::move(builder).build();
  EXPECT_EQ(rows.size(), 100U);
  EXPECT_EQ(rows[99][0].as_text(), "a text of more than twenty-two bytes");
  EXPECT_TRUE(rows[99][2] == rows[0][3]);
}

TEST(Rows, ABuilderThatIsGivenUpFreesItsCells) {
  Rows::Builder builder;
  builder.add(Value::Text("a text of more than twenty-two bytes")).end_row();
  builder.add(Value::Text("the row of this one was never ended"));
}

TEST(Rows, InWhateverFormTheyCome) {
  const Rows canonical = decode_rows(R"([{"values":[{"Int":1},"Null"]},{"values":[]},{"values":[{"Text":"x"}]}])");
  EXPECT_EQ(widths(canonical), (std::vector<std::size_t>{2, 0, 1}));
  for (const char* other : {
           R"([ {"values":[{"Int":1},"Null"]} , {"values":[]} , {"values":[{"Text":"x"}]} ])",
           R"([{ "values" : [ { "Int" : 1 } , "Null" ] },{"values":[ ]},{"values":[{"Text":"x" }]}])",
           R"([{"values":[{"Int":1},{"Null":null}],"unknown":[{}]},{"unknown":1,"values":[]},)"
           R"({"values":[{"Text":"\u0078"}]}])",
           R"([{"v\u0061lues":[{"I\u006et":1},"N\u0075ll"]},{"values":[]  },{"values":[{"\u0054ext":"x"}] }])",
       }) {
    EXPECT_TRUE(decode_rows(other) == canonical) << other;
  }
}

TEST(Rows, OfMixedTypesPerColumn) {
  std::string json = "[";
  Rows::Builder builder;
  for (int i = 0; i < 400; ++i) {
    json += i == 0 ? "" : ",";
    switch (i % 4) {
      case 0:
        json += R"({"values":[{"Int":5},{"Text":"a text of more than twenty-two bytes"}]})";
        builder.add(Value::Int(5)).add(Value::Text("a text of more than twenty-two bytes"));
        break;
      case 1:
        json += R"({"values":["Null",{"Int":5}]})";
        builder.add(Value()).add(Value::Int(5));
        break;
      case 2:
        json += R"({"values":[{"Array":[{"Text":"also a text of some more length"},"Null"]},{"Jsonb":{"a": 1}}]})";
        builder.add(Value::Array(std::vector<Value>{Value::Text("also a text of some more length"), Value()}));
        builder.add(Value::Jsonb(Json::parse("{\"a\": 1}").value()));
        break;
      default:
        json += R"({"values":[{"Numeric":{"coefficient":7,"scale":1,"big":null}},{"Uuid":[1,2,3,4,5,6,7,8,9,10,11,)"
                R"(12,13,14,15,16]}]})";
        NumericValue numeric;
        numeric.coefficient = 7;
        numeric.scale = 1;
        builder.add(Value::Numeric(numeric)).add(Value::Uuid({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}));
        break;
    }
    builder.end_row();
  }
  const Rows built = std::move(builder).build();
  const Rows decoded = decode_rows(json + "]");
  EXPECT_TRUE(decoded == built);
  EXPECT_EQ(test::encode(result_of(decoded)), test::encode(result_of(built)));
}

TEST(Rows, ManyCostFewAllocations) {
  std::string json = "[";
  for (int i = 0; i < 20000; ++i) {
    json += i == 0 ? "" : ",";
    json += R"({"values":[{"Int":)" + std::to_string(i) +
            R"(},{"Text":"a text of more than twenty-two bytes"},{"Double":0.5}]})";
  }
  json += "]";
  const std::string frame = test::frame(MSG_FRAGMENT_RESULT, test::rows(json));
  const std::size_t before = test::allocations();
  const Result<DecodedFrame> decoded = decode_frame(test::bytes_of(frame));
  EXPECT_LT(test::allocations() - before, 30U);
  ASSERT_TRUE(decoded) << test::why(decoded);
  EXPECT_EQ(rows_of(decoded->envelope).size(), 20000U);
  EXPECT_EQ(rows_of(decoded->envelope)[19999][0].as_int(), 19999);
}

TEST(Rows, AnErrorSaysWhichCell) {
  const auto error = [](const std::string& json) {
    const Result<DecodedFrame> decoded = test::decode(test::frame(MSG_FRAGMENT_RESULT, test::rows(json)));
    return decoded ? Error() : decoded.error();
  };
  const std::string query = "$.payload.FragmentResult.Success.result.Query.rows";
  EXPECT_EQ(error(R"([{"values":["Null"]},{"values":["Null",{"Int":1.5}]}])").path, query + "[1].values[1].Int");
  EXPECT_EQ(error(R"([{"values":["Null"]},{"x":0,"values":["Null",{"Int":1.5}]}])").path, query + "[1].values[1].Int");
  EXPECT_EQ(error(R"([{"values":[{"Array":["Null",{"Array":[7]}]}]}])").path,
            query + "[0].values[0].Array[1].Array[0]");
  EXPECT_EQ(error(R"([{}])").path, query + "[0]");
  EXPECT_EQ(error(R"([{}])").code, errc::missing_key);
  EXPECT_EQ(error(R"([{"values":[],"values":[]}])").code, errc::duplicate_key);
  EXPECT_EQ(error(R"([{"values":["Null"],"values":[]}])").code, errc::duplicate_key);
  EXPECT_EQ(error(R"([{"values":["Nil"]}])").code, errc::unknown_variant);
  EXPECT_EQ(error(R"([{"values":["Int"]}])").code, errc::wrong_type);
  EXPECT_EQ(error(R"([{"values":[{"Int":1,"Int":1}]}])").code, errc::wrong_type);
  EXPECT_EQ(error(R"([["Null"]])").code, errc::wrong_type);
}

}  // namespace
}  // namespace ft
