// SPDX-License-Identifier: Apache-2.0
//
// What a stream tells while it runs: batches, their limits, memory, the ends of frames and connections.
#include "ft/session/row_stream.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "row_stream.hpp"
#include "support/allocations.hpp"

namespace ft {
namespace {

using namespace test;

TEST(RowStream, ABudgetHoldsForEachBatch) {
  const std::string frame = answer(many_rows(2000));
  RowStreamOptions options = in_batches(50);
  options.budget = 60'000;
  EXPECT_FALSE(at_once(frame, {.budget = 60'000}));
  const Outcome outcome = run(frame, steps_of(4096), options);
  ASSERT_FALSE(outcome.error) << outcome.error->message();
  EXPECT_EQ(outcome.rows(), 2000U);
}

TEST(RowStream, BatchesComeEarlyAndKeepTheirLimits) {
  const std::string frame = answer(many_rows(5000));
  const Outcome outcome = run(frame, steps_of(1448), in_batches(100, 1 << 20));
  ASSERT_FALSE(outcome.error);
  EXPECT_TRUE(outcome.early);
  EXPECT_EQ(outcome.columns_events, 1U);
  ASSERT_EQ(outcome.batches.size(), 50U);
  for (const auto& batch : outcome.batches) EXPECT_EQ(batch.size(), 100U);

  const Outcome by_bytes = run(frame, steps_of(1448), in_batches(1'000'000, 10'000));
  ASSERT_FALSE(by_bytes.error);
  EXPECT_EQ(by_bytes.rows(), 5000U);
  EXPECT_GE(by_bytes.batches.size(), frame.size() / 11'000);
  EXPECT_LE(by_bytes.batches.size(), frame.size() / 10'000 + 1);
}

TEST(RowStream, BatchesOutliveTheStream) {
  std::vector<FlatRows<Value>> batches;
  {
    RowStream stream(in_batches(1));
    batches = run(stream, answer(many_rows(20)), steps_of(77)).batches;
  }
  ASSERT_EQ(batches.size(), 20U);
  EXPECT_EQ(batches[19][0][0].as_int(), 19);
  EXPECT_EQ(batches[19][0][1].as_text().substr(0, 7), "row 19 ");
}

TEST(RowStream, MemoryOfBatchesIsBounded) {
  const std::string frame = answer(many_rows(60'000));
  ASSERT_GT(frame.size(), 5'000'000U);
  RowStream stream(in_batches());
  const std::size_t before = test::heap_in_use();
  std::size_t most = 0;
  std::string_view rest = frame;
  for (;;) {
    const Result<Event> event = stream.next();
    ASSERT_TRUE(event);
    if (*event == Event::end) break;
    if (*event == Event::rows) {
      const FlatRows<Value> batch = stream.take_rows();
      most = std::max(most, test::heap_in_use() - before);
    }
    if (*event != Event::need_more) continue;
    const std::span<char> space = stream.prepare();
    const std::size_t n = std::min(rest.size(), space.size());
    std::copy_n(rest.data(), n, space.data());
    stream.commit(n);
    rest.remove_prefix(n);
  }
  EXPECT_LT(most, 2'500'000U);
}

TEST(RowStream, ARowThatIsTooLongIsRefused) {
  const std::string frame =
      answer(R"([{"values":["Null"]},{"values":[{"Text":")" + std::string(5000, 'x') + R"("}]}])");
  RowStreamOptions options = in_batches();
  options.max_row_bytes = 5024;
  for (const std::size_t n : Sizes{1, 100, 4000, 1 << 20}) {
    EXPECT_FALSE(run(frame, steps_of(n), options).error) << n;
    RowStreamOptions less = options;
    less.max_row_bytes = 5023;
    const Outcome outcome = run(frame, steps_of(n), less);
    ASSERT_TRUE(outcome.error) << n;
    EXPECT_EQ(outcome.error->code, errc::too_long);
    EXPECT_EQ(outcome.error->path, "$.payload.FragmentResult.Success.result.Query.rows[1]");
    EXPECT_EQ(outcome.error->offset, frame.find(R"({"values":[{"Text)") - kFrameHeaderSize);
    less.delivery = Delivery::whole;
    EXPECT_FALSE(run(frame, steps_of(n), less).error) << "of batches alone";
  }
  options.max_row_bytes = 1000;
  EXPECT_LT(run(frame, steps_of(100), options).fed, 2000U) << "not read to its end";
}

TEST(RowStream, AQueryInAnotherFormIsOneBatch) {
  RowStream stream(in_batches(10));
  const Outcome outcome = run(stream, reversed_answer(many_rows(100)), steps_of(500));
  ASSERT_FALSE(outcome.error);
  EXPECT_EQ(outcome.columns_events, 1U);
  ASSERT_EQ(outcome.batches.size(), 1U);
  EXPECT_EQ(outcome.batches[0].size(), 100U);
}

TEST(RowStream, TellsTheRequestBeforeItsRows) {
  const std::string frame = answer(many_rows(1000), R"(}},"server_us":4321}}}})");
  for (const RowStreamOptions& options : {RowStreamOptions(), in_batches()}) {
    RowStream stream(options);
    EXPECT_EQ(stream.received(), 0U);
    EXPECT_FALSE(stream.request_id());
    stream.feed(test::bytes_of(frame).first(2000));
    EXPECT_EQ(stream.received(), 2000U);
    if (options.delivery == Delivery::batches) {
      EXPECT_EQ(*stream.next(), Event::columns);
    }
    EXPECT_EQ(*stream.next(), Event::need_more);
    EXPECT_EQ(stream.request_id(), 77U);
    EXPECT_EQ(stream.received(), 2000U);
    ASSERT_FALSE(run(stream, frame.substr(2000), steps_of(5000)).error);
    EXPECT_EQ(stream.received(), frame.size());
  }
  RowStream stream;
  stream.feed(test::bytes_of(frame));
  EXPECT_EQ(*stream.next(), Event::end);
  EXPECT_EQ(stream.request_id(), 77U);
}

TEST(RowStream, OtherAnswersJustEnd) {
  const auto end_of = [](std::string_view payload) {
    RowStream stream(in_batches());
    stream.feed(test::bytes_of(test::frame(MSG_FRAGMENT_RESULT, test::envelope(payload, ""))));
    EXPECT_EQ(*stream.next(), Event::end);
    EXPECT_TRUE(stream.columns().empty());
    return stream.request_id();
  };
  EXPECT_EQ(end_of(R"({"FragmentResult":{"CancelAck":{"request_id":5}}})"), 5U);
  EXPECT_EQ(end_of(R"({"FragmentResult":{"Error":{"request_id":6,"message":"m","sql_state":null,"server_us":3}}})"),
            6U);
  EXPECT_EQ(end_of(R"({"FragmentResult":{"Success":{"request_id":7,"result":{"Command":{"tag":"T",)"
                   R"("rows_affected":1}}}}})"),
            7U);
}

TEST(RowStream, KindsAreHeldAgainstTheHeader) {
  std::string frame = answer(many_rows(50));
  for (const MessageType type : {MSG_EXECUTE_FRAGMENT, MSG_FRAGMENT_ERROR, MSG_CANCEL_ACK}) {
    frame[0] = static_cast<char>(type);
    const Outcome outcome = run(frame, steps_of(200), in_batches());
    ASSERT_TRUE(outcome.error);
    EXPECT_EQ(outcome.error->code, errc::message_type_mismatch);
    EXPECT_TRUE(outcome.batches.empty());
  }
}

TEST(RowStream, HeadersThatAreRefused) {
  EXPECT_EQ(run(std::string("\x07\0\0\0\0", 5), steps_of(1)).error->code, errc::unknown_message_type);
  RowStreamOptions options;
  options.max_payload = 100;
  EXPECT_EQ(run(answer(many_rows(5)), steps_of(3), options).error->code, errc::payload_too_large);
}

TEST(RowStream, TheEndOfTheConnection) {
  const std::string frame = answer(many_rows(30));
  RowStream stream;
  EXPECT_EQ(stream.finish(), Error(errc::incomplete_header, 0, {}, "need 5 bytes, got 0"));
  stream.feed(test::bytes_of(frame).first(3));
  EXPECT_EQ(*stream.next(), Event::need_more);
  EXPECT_EQ(stream.finish(), Error(errc::incomplete_header, 3, {}, "need 5 bytes, got 3"));
  stream.feed(test::bytes_of(frame).subspan(3, 997));
  EXPECT_EQ(*stream.next(), Event::need_more);
  EXPECT_EQ(stream.finish(),
            Error(errc::incomplete_payload, 1000, {}, "need " + std::to_string(frame.size()) + " bytes, got 1000"));
}

TEST(RowStream, BytesBehindAFrameAreTheFirstOfTheNext) {
  const std::string first = answer(many_rows(3)), second = answer(many_rows(200)), third = answer("[]");
  const std::string all = first + second + third;
  for (const std::size_t n : {all.size(), first.size() + 1, first.size() + 7, std::size_t{40}}) {
    RowStream stream;
    std::string_view rest = all;
    for (const std::string& frame : {first, second, third}) {
      const Outcome outcome = run(stream, rest, steps_of(n));
      ASSERT_FALSE(outcome.error) << outcome.error->message();
      EXPECT_EQ(outcome.envelope, *at_once(frame));
      rest.remove_prefix(outcome.fed);
      stream.start(RowStreamOptions());
    }
    EXPECT_TRUE(rest.empty());
    EXPECT_EQ(stream.received(), 0U);
  }
  RowStream stream;
  stream.feed(test::bytes_of(first + "12345"));
  EXPECT_EQ(*stream.next(), Event::end);
  EXPECT_EQ(stream.surplus(), 5U);
}

TEST(RowStream, AHugeRowInTinyPiecesCostsNoSquare) {
  // Each attempt at the row allocates; their number must grow with the logarithm of its length.
  std::string cells = R"({"Array":[{"Int":1})";
  for (int i = 0; i < 60'000; ++i) cells += R"(,{"Int":1})";
  const std::string frame = answer(R"([{"values":[)" + cells + "]}]}]");
  ASSERT_GT(frame.size(), 600'000U);
  RowStream stream;
  const std::size_t before = test::allocations();
  const Outcome outcome = run(stream, frame, steps_of(64));
  ASSERT_FALSE(outcome.error);
  EXPECT_LT(test::allocations() - before, 1000U);
}

TEST(RowStream, AHundredThousandRowsCostFewAllocations) {
  std::string rows = R"([{"values":[{"Int":1}]})";
  for (int i = 0; i < 100'000; ++i) rows += R"(,{"values":[{"Int":1}]})";
  const std::string frame = answer(rows + "]");
  RowStream stream;
  const std::size_t before = test::allocations();
  std::string_view rest = frame;
  Result<Event> event = stream.next();
  while (event && *event == Event::need_more) {
    const std::span<char> space = stream.prepare();
    const std::size_t n = std::min(rest.size(), space.size());
    std::copy_n(rest.data(), n, space.data());
    stream.commit(n);
    rest.remove_prefix(n);
    event = stream.next();
  }
  ASSERT_TRUE(event);
  EXPECT_LT(test::allocations() - before, 200U);
  EXPECT_EQ(query_in(stream.take_envelope())->rows.size(), 100'001U);
}

}  // namespace
}  // namespace ft
