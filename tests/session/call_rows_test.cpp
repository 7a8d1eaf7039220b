// SPDX-License-Identifier: Apache-2.0
//
// Rows: gathered into the answer, or given out one batch at a time.
#include "session/call_harness.hpp"

namespace ft {
namespace {

using namespace test;

FragmentResponse rows(std::size_t count, std::uint64_t id = 7) {
  FragmentResponse::Success success;
  success.request_id = id;
  auto& query = success.result.emplace<ExecutionResult::Query>();
  query.columns.resize(1);
  query.columns[0].name = "n";
  FlatRows<Value>::Builder builder;
  for (std::size_t i = 0; i < count; ++i) builder.add(Value::Int(static_cast<std::int32_t>(i))).end_row();
  query.rows = std::move(builder).build();
  return success;
}

const ExecutionResult::Query& query_of(const FragmentResponse& response) {
  return *response.get_if<FragmentResponse::Success>()->result.get_if<ExecutionResult::Query>();
}

HarnessOptions delivering() {
  HarnessOptions options;
  options.rows = Call::Rows::deliver;
  return options;
}

TEST(CallRows, Gathered) {
  Harness h;
  h.connect();
  h.read_request();
  h.send(rows(1000));
  EXPECT_TRUE(h.take<Call::Release>().reusable);
  const CallResult<Answer> answer = h.result();
  ASSERT_TRUE(answer);
  EXPECT_EQ(*answer->result.get_if<ExecutionResult::Query>(), query_of(rows(1000)));
}

TEST(CallRows, DeliveredOneBatchAtATime) {
  Harness h(delivering());
  h.connect();
  h.read_request();
  const std::string answer = answer_frame(rows(3));
  std::string_view rest = h.send_bytes(answer);
  EXPECT_EQ(h.take<Call::Columns>().columns, query_of(rows(3)).columns);
  for (std::int32_t i = 0; i < 3; ++i) {
    const FlatRows<Value> batch = h.take<Call::Batch>().rows;
    ASSERT_EQ(batch.size(), 1u);
    EXPECT_EQ(batch[0][0], Value::Int(i));
    EXPECT_TRUE(h.call->prepare().empty()) << "nothing is read while a batch is out";
    EXPECT_TRUE(h.quiet());
    h.call->rows_taken(h.now);
    rest = h.send_bytes(rest);
  }
  EXPECT_TRUE(h.take<Call::Release>().reusable);
  const CallResult<Answer> result = h.result();
  ASSERT_TRUE(result);
  const auto* query = result->result.get_if<ExecutionResult::Query>();
  EXPECT_EQ(query->columns, query_of(rows(3)).columns);
  EXPECT_TRUE(query->rows.empty());
}

TEST(CallRows, CommandIsNotDeliveredInRows) {
  Harness h(delivering());
  h.connect();
  h.read_request();
  h.send(success());
  h.take<Call::Release>();
  EXPECT_TRUE(h.result());
}

TEST(CallRows, OfAnotherRequestAreNotGivenOut) {
  Harness h(delivering());
  h.connect();
  h.read_request();
  h.send(rows(3, 8));
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  EXPECT_EQ(h.failure().code, errc::response_mismatch);
}

TEST(CallRows, InAnotherVersionAreNotGivenOut) {
  for (const bool canonical : {true, false}) {
    SCOPED_TRACE(canonical ? "streamed" : "decoded whole");
    HarnessOptions options = delivering();
    options.versions = {1, 3};
    Harness h(options);
    Call::Connection connection;
    connection.version = 2;
    h.connect(std::move(connection));
    h.read_request();
    EXPECT_EQ(h.spoken, 2);
    std::string answer = answer_frame(rows(3), 1);
    if (!canonical) answer = frame(MSG_FRAGMENT_RESULT, " " + answer.substr(kFrameHeaderSize));
    h.send_bytes(answer);
    EXPECT_FALSE(h.take<Call::Release>().reusable);
    const Diagnostics d = h.failure();
    EXPECT_EQ(d.code, errc::response_mismatch);
    EXPECT_EQ(d.outcome, Outcome::unknown);
  }
}

TEST(CallRows, UnaskedAreNotGivenOut) {
  Harness h(delivering());
  h.connect();
  h.send(rows(3));
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  EXPECT_EQ(h.failure().outcome, Outcome::not_executed);
}

TEST(CallRows, AfterTheFirstRowNothingIsRetried) {
  HarnessOptions options = delivering();
  options.call.idempotent = true;
  Harness h(options);
  h.connect();
  h.read_request();
  const std::string answer = answer_frame(rows(3));
  h.send_bytes(std::string_view(answer).substr(0, answer.size() - 20));
  h.take<Call::Columns>();
  h.take<Call::Batch>();
  h.call->rows_taken(h.now);
  while (auto action = h.call->next()) {
    ASSERT_TRUE(std::holds_alternative<Call::Batch>(*action));
    h.call->rows_taken(h.now);
  }
  h.hang_up();
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.code, errc::connection_lost);
  EXPECT_EQ(d.outcome, Outcome::unknown);
}

TEST(CallRows, ColumnsAreGivenOutOnce) {
  HarnessOptions options = delivering();
  options.call.idempotent = true;
  Harness h(options);
  h.connect();
  h.read_request();
  const std::string answer = answer_frame(rows(3));
  h.send_bytes(std::string_view(answer).substr(0, answer.find("\"rows\":[") + 8));
  h.take<Call::Columns>();
  h.hang_up();
  h.take<Call::Release>();  // and no Retry
  EXPECT_EQ(h.failure().code, errc::connection_lost);
}

TEST(CallRows, EndOfStreamBehindAWholeAnswerLosesNoRow) {
  Harness h(delivering());
  h.connect();
  h.read_request();
  const std::string answer = answer_frame(rows(2));
  ASSERT_EQ(h.send_bytes(answer), "");
  h.take<Call::Columns>();
  h.take<Call::Batch>();
  h.hang_up();
  EXPECT_TRUE(h.quiet());
  h.call->rows_taken(h.now);
  h.take<Call::Batch>();
  h.call->rows_taken(h.now);
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  EXPECT_TRUE(h.result());
}

TEST(CallRows, EndOfStreamInsideTheAnswerIsFoundOnceTheBatchIsTaken) {
  Harness h(delivering());
  h.connect();
  h.read_request();
  const std::string answer = answer_frame(rows(1));
  h.send_bytes(std::string_view(answer).substr(0, answer.size() - 2));
  h.take<Call::Columns>();
  h.take<Call::Batch>();
  h.hang_up();
  EXPECT_TRUE(h.quiet());
  h.call->rows_taken(h.now);
  h.take<Call::Release>();
  EXPECT_EQ(h.failure().code, errc::connection_lost);
}

TEST(CallRows, ConsumerThatDoesNotReturnIsBoundByTheDeadline) {
  HarnessOptions options = delivering();
  options.call.timeout = milliseconds(100);
  Harness h(options);
  h.connect();
  h.read_request();
  h.send(rows(2));
  h.take<Call::Columns>();
  h.take<Call::Batch>();
  h.wait();
  h.take<Call::SendCancel>();
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  EXPECT_EQ(h.failure().code, errc::timed_out);
}

}  // namespace
}  // namespace ft
