// SPDX-License-Identifier: Apache-2.0
//
// A stream gives what the decoder of whole frames gives, however the bytes arrive.
#include "ft/session/row_stream.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "row_stream.hpp"
#include "support/vectors.hpp"

namespace ft {
namespace {

using namespace test;

/// The envelope of an answer in batches, with its rows where they belong.
TransportEnvelope gathered(const Outcome& outcome) {
  TransportEnvelope envelope = outcome.envelope;
  if (query_in(envelope) == nullptr) return envelope;
  auto& success =
      *envelope.payload.get_if<TransportPayload::FragmentResult>()->value.get_if<FragmentResponse::Success>();
  auto& query = *success.result.get_if<ExecutionResult::Query>();
  EXPECT_TRUE(query.rows.empty());
  EXPECT_EQ(outcome.columns, query.columns);
  FlatRows<Value>::Builder rows;
  for (const FlatRows<Value>& batch : outcome.batches) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
      for (const Value& cell : batch[i]) rows.add(Value(cell));
      rows.end_row();
    }
  }
  query.rows = std::move(rows).build();
  return envelope;
}

/// Holds every way of reading a frame against decode_envelope.
void expect_same(const std::string& frame, const Split& split) {
  const Result<TransportEnvelope> expected = at_once(frame);
  for (const RowStreamOptions& options : {RowStreamOptions(), in_batches(), in_batches(2, 100)}) {
    const Outcome outcome = run(frame, split, options);
    if (!expected) {
      ASSERT_TRUE(outcome.error) << expected.error().message();
      EXPECT_EQ(*outcome.error, expected.error())
          << outcome.error->message() << " instead of " << expected.error().message();
      continue;
    }
    ASSERT_FALSE(outcome.error) << outcome.error->message();
    EXPECT_EQ(outcome.fed, frame.size());
    const bool whole = options.delivery == Delivery::whole;
    EXPECT_EQ(whole ? outcome.envelope : gathered(outcome), *expected);
    EXPECT_EQ(outcome.columns_events, !whole && query_in(*expected) != nullptr ? 1U : 0U);
    if (whole) {
      EXPECT_TRUE(outcome.batches.empty());
    }
  }
}

TEST(RowStream, GivesWhatTheDecoderOfWholeFramesGives) {
  std::vector<std::string> frames;
  for (const auto* vectors : {&test::golden(), &test::decode_vectors()}) {
    for (const test::Vector& v : *vectors) {
      if (decode_frame(test::bytes_of(v.frame)).has_value()) {
        frames.push_back(v.frame.substr(0, decode_frame(test::bytes_of(v.frame))->consumed));
      } else if (v.frame.size() >= kFrameHeaderSize) {
        const auto header = parse_frame_header(test::bytes_of(v.frame), MAX_PAYLOAD);
        if (header && v.frame.size() == kFrameHeaderSize + header->payload_length) frames.push_back(v.frame);
      }
    }
  }
  EXPECT_GT(frames.size(), 300U);
  unsigned seed = 0;
  for (const std::string& frame : frames) {
    SCOPED_TRACE(frame.substr(kFrameHeaderSize, 200));
    for (const Split& split : {steps_of(frame.size()), steps_of(1), random_steps(++seed, 200)})
      expect_same(frame, split);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(RowStream, RowsOfManyKindsInAnySplit) {
  const std::string frame = answer(many_rows(300));
  for (const std::size_t n : Sizes{1, 5, 63, 64, 65, 1000, 4096}) expect_same(frame, steps_of(n));
  for (unsigned seed = 0; seed < 12; ++seed) expect_same(frame, random_steps(seed, std::size_t{1} << seed));
}

TEST(RowStream, LargeAnswersWithRowsLargerThanTheBuffer) {
  const std::string big = R"([{"values":[{"Int":1}]},{"values":[{"Text":")" + std::string(700'000, 'x') +
                          R"("}]},{"values":[{"Text":")" + std::string(300'000, 'y') + R"("},"Null"]},)" +
                          many_rows(6000).substr(1);
  const std::string frame = answer(big);
  for (const std::size_t n : {std::size_t{1500}, std::size_t{65536}, frame.size()}) expect_same(frame, steps_of(n));
}

TEST(RowStream, KeysInAnotherOrder) {
  const std::string frame = reversed_answer(many_rows(100));
  ASSERT_TRUE(at_once(frame));
  for (const std::size_t n : Sizes{1, 500, frame.size()}) expect_same(frame, steps_of(n));
}

TEST(RowStream, EveryTail) {
  const std::string rows = many_rows(20);
  for (const char* tail : {
           R"(}},"server_us":1234}}}})",
           R"(}},"server_us":null}}}})",
           R"(}},"later":[{"x":"y"}],"server_us":5}}},"more":1})",
           " } \n} }\t} } }  ",
           R"(,"unknown":{"rows":[]}}}}}}})",
           R"(,"columns":[]}}}}}})",  // from here on: refused
           R"(,"rows":[]}}}}}})",
           R"(}},"request_id":1}}}})",
           R"(}},"server_us":-1}}}})",
           R"(}}}}}} x)",
           R"(}}}}})",
           R"(}}}},"version":1})",
           R"(},"Command":{}}}}}})",
           R"(]}}}}}})",
           ",}}}}}}",
           "",
       }) {
    SCOPED_TRACE(tail);
    const std::string frame = answer(rows, tail);
    for (const std::size_t n : Sizes{1, 7, 100, 1 << 20}) expect_same(frame, steps_of(n));
  }
}

TEST(RowStream, EveryShapeOfRowsAndColumns) {
  for (const char* rows : {
           "[]",
           "[ ]",
           "[ \n {\"values\":[]} ]",
           R"([{"values":[]}])",
           R"([{"values":[]},{"values":["Null"]}])",
           R"([{"x":0,"values":["Null"]},{ "values" : [ "Null" ] }, {"values":["Null"],"y":{}}])",
           "null",
           "{}",
           "[",
           "[,]",
           R"([{"values":["Null"]},])",
           R"([{"values":["Null"]} {"values":[]}])",
           "[0]",
           R"([{"values":["Null",]}])",
           R"([{"values":[{"Int":1.5}]}])",
           R"([{}])",
           R"([{"values":[{"Nil":1}]}])",
           R"([{"values":[{"Int":12345678901234567890123}]}])",
       }) {
    SCOPED_TRACE(rows);
    for (const char* columns : {"[]",
                                R"([{"name":"a","data_type":"Int","text_type_modifier":null,"nullable":true},)"
                                R"({"name":"b","data_type":"Text","text_type_modifier":null,"nullable":false}])",
                                "[ ]", "[1]", "7", "[{\"name\":}]"}) {
      SCOPED_TRACE(columns);
      const std::string frame = answer(rows, "}}}}}}", columns);
      for (const std::size_t n : Sizes{1, 3, 50, 1 << 20}) expect_same(frame, steps_of(n));
    }
  }
}

TEST(RowStream, EveryByteBroken) {
  const std::string good = answer(
      R"([{"values":[{"Int":-12},{"Text":"a\u00e9é\n"},{"Double":-1.5e3}]},{"values":["Null",{"Jsonb":)"
      R"({"a":[true,1e3]}},{"Timestamp":[2024,60,12,30,5,123]},{"Text":"\ud83d\ude00 long enough to be kept"}]}])",
      R"(}},"server_us":9}}}})");
  for (std::size_t i = kFrameHeaderSize; i < good.size(); ++i) {
    for (const char c : {'\0', ' ', '"', '\\', '9', 'e', '}', ']', ',', '\xC3'}) {
      std::string broken = good;
      broken[i] = c;
      SCOPED_TRACE(broken.substr(kFrameHeaderSize));
      expect_same(broken, random_steps(static_cast<unsigned>(i), 90));
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(RowStream, EveryPrefixAsAWholePayload) {
  const std::string good = answer(many_rows(4), R"(}},"server_us":9}}}})").substr(kFrameHeaderSize);
  for (std::size_t n = 0; n < good.size(); ++n) {
    expect_same(test::frame(MSG_FRAGMENT_RESULT, good.substr(0, n)), random_steps(static_cast<unsigned>(n), 150));
    if (testing::Test::HasFailure()) return;
  }
}

TEST(RowStream, TokensCutAnywhereAreNoErrors) {
  // Long runs that a decoder judges from their first byte.
  const std::string digits(400, '1');
  for (const std::string& cell :
       {R"({"Double":)" + digits + "e-300}", R"({"Double":0.)" + digits + "}", R"({"Jsonb":[)" + digits + R"(e-300]})",
        R"({"Int":)" + digits + "}", R"({"Int":)" + digits + ".5}", std::string(300, ' ') + R"({"Int":1})"}) {
    SCOPED_TRACE(cell);
    const std::string frame = answer(R"([{"values":["Null"]},{"values":[)" + cell + "]}]");
    for (const std::size_t n : Sizes{1, 70, 130, 200}) expect_same(frame, steps_of(n));
  }
}

TEST(RowStream, ChargesTheBudgetAsWholeFramesDo) {
  const std::string frame = answer(many_rows(60), R"(}},"server_us":1,"later":"\u0041"}}}})");
  for (std::size_t budget = 0; budget < 30'000; budget += 97) {
    const Result<TransportEnvelope> expected = at_once(frame, {.budget = budget});
    RowStreamOptions options;
    options.budget = budget;
    const Outcome outcome = run(frame, random_steps(static_cast<unsigned>(budget), 300), options);
    ASSERT_EQ(outcome.error.has_value(), !expected.has_value()) << budget;
    if (expected) continue;
    EXPECT_EQ(*outcome.error, expected.error()) << budget;
    const std::string& path = expected.error().path;
    if (path.find("rows[") == std::string::npos) continue;
    std::size_t rows = 0;
    const std::string_view read(frame.data() + kFrameHeaderSize, expected.error().offset);
    for (std::size_t at = 0; (at = read.find(R"({"values")", at)) != std::string_view::npos; ++at) ++rows;
    EXPECT_NE(path.find("rows[" + std::to_string(rows - 1) + "]"), std::string::npos) << path << " of " << rows;
  }
  EXPECT_TRUE(at_once(frame, {.budget = 30'000})) << "the loop saw the end of it";
}

TEST(RowStream, AnErrorIsReportedBeforeTheFrameIsWhole) {
  std::string rows = many_rows(10'000);
  rows.replace(rows.find("\"row 40 "), 4, "\"r\x01w");
  const std::string frame = answer(rows);
  for (const RowStreamOptions& options : {RowStreamOptions(), in_batches()}) {
    const Outcome outcome = run(frame, steps_of(1000), options);
    ASSERT_TRUE(outcome.error);
    EXPECT_EQ(*outcome.error, at_once(frame).error());
    EXPECT_EQ(outcome.error->code, errc::control_character);
    EXPECT_EQ(outcome.error->path, "$.payload.FragmentResult.Success.result.Query.rows[40].values[1].Text");
    EXPECT_LT(outcome.fed, 20'000U);
  }
}

}  // namespace
}  // namespace ft
