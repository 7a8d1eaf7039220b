// SPDX-License-Identifier: Apache-2.0
//
// Answers that are larger than what is read at once: gathered, and given to a sink under back-pressure.
#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/raw_worker.hpp"
#include "support/frames.hpp"

namespace ft {
namespace {

using test::ClientUnderTest;
using test::failure_of;
using test::RawConnection;
using test::wait;

/// A Query of one column with `rows` rows: 0, 1, 2, ... and a text of 100 bytes.
FragmentResponse query(std::uint64_t id, std::int32_t rows) {
  ExecutionResult::Query query;
  ResultField field;
  field.name = "n";
  query.columns = {field, field};
  FlatRows<Value>::Builder builder;
  const std::string text(100, 't');
  for (std::int32_t i = 0; i < rows; ++i) {
    builder.add(Value::Int(i)).add(Value::Text(text, builder.arena())).end_row();
  }
  query.rows = std::move(builder).build();
  FragmentResponse::Success success;
  success.request_id = id;
  success.result = ExecutionResult(std::move(query));
  return success;
}

std::string frame_of(FragmentResponse response) {
  TransportEnvelope envelope;
  envelope.version = PROTOCOL_VERSION;
  envelope.payload = TransportPayload::FragmentResult(std::move(response));
  return test::encode(envelope);
}

constexpr std::int32_t kRows = 200'000;  // about 27 MB: more than the buffers of two sockets

/// Hands every batch to the test, which says when it has done with it.
class HeldSink final : public RowSink {
 public:
  void columns(std::span<const ResultField> columns) override {
    const std::lock_guard lock(mutex_);
    names_ = columns.size();
  }
  void rows(FlatRows<Value> batch, std::function<void()> more) override {
    const std::lock_guard lock(mutex_);
    EXPECT_FALSE(more_) << "a batch came before the last one was done with";
    for (std::size_t i = 0; i < batch.size(); ++i) in_order_ &= batch[i][0] == Value::Int(rows_++);
    more_ = std::move(more);
    changed_.notify_all();
  }

  /// Lets go of whoever waits for a batch.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

  /// Blocks until a batch is out; its `more`, empty once the sink is closed.
  std::function<void()> batch() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, test::kPatience, [this] { return more_ || closed_; })) {
      throw std::runtime_error("no batch comes");
    }
    return std::exchange(more_, nullptr);
  }
  std::size_t names() const {
    const std::lock_guard lock(mutex_);
    return names_;
  }
  std::int32_t count() const {
    const std::lock_guard lock(mutex_);
    return in_order_ ? rows_ : -1;
  }

 private:
  mutable std::mutex mutex_;  // of all below
  std::condition_variable changed_;
  std::function<void()> more_;
  std::size_t names_ = 0;
  std::int32_t rows_ = 0;
  bool in_order_ = true;
  bool closed_ = false;
};

TEST(ClientRows, GathersALargeAnswer) {
  ClientUnderTest under_test;
  auto answer = under_test.execute("rows");
  RawConnection connection = under_test.worker.accept();
  connection.answer(query(connection.request().request_id, kRows));
  const CallResult<Answer> result = wait(answer);
  ASSERT_TRUE(result) << result.error().describe();
  const auto* got = result->result.get_if<ExecutionResult::Query>();
  ASSERT_TRUE(got);
  ASSERT_EQ(got->rows.size(), static_cast<std::size_t>(kRows));
  EXPECT_EQ(got->rows[kRows - 1][0], Value::Int(kRows - 1));
  EXPECT_EQ(under_test.pool.stats().idle, 1u);
}

TEST(ClientRows, GivesRowsToASinkAndReadsNoFurtherThanItTakes) {
  PoolOptions options = test::quick_options();
  options.observer = std::make_shared<Observer>();
  ClientUnderTest under_test(options);
  HeldSink sink;
  auto answer = under_test.client.execute(test::request_of("rows"), sink, CallOptions(), asio::use_future);
  RawConnection connection = under_test.worker.accept();
  const std::string frame = frame_of(query(connection.request().request_id, kRows));
  std::thread worker([&] { connection.send(frame); });

  std::function<void()> more = sink.batch();
  EXPECT_EQ(sink.names(), 2u);
  const std::uint64_t read = options.observer->metrics().client.bytes_received.value();
  EXPECT_LT(read, std::uint64_t{2} << 20);
  EXPECT_GT(frame.size(), std::size_t{20} << 20);
  std::size_t batches = 1;
  while (sink.count() < kRows) {
    more();
    more = sink.batch();
    ++batches;
  }
  more();
  worker.join();
  const CallResult<Answer> result = wait(answer);
  ASSERT_TRUE(result) << result.error().describe();
  const auto* got = result->result.get_if<ExecutionResult::Query>();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->columns.size(), 2u);
  EXPECT_TRUE(got->rows.empty());
  EXPECT_EQ(sink.count(), kRows);
  EXPECT_GT(batches, 10u);
}

TEST(ClientRows, IsNotRetriedOnceRowsWereGivenOut) {
  ClientUnderTest under_test;
  HeldSink sink;
  CallOptions options;
  options.idempotent = true;
  auto answer = under_test.client.execute(test::request_of("rows"), sink, options, asio::use_future);
  RawConnection connection = under_test.worker.accept();
  const std::string frame = frame_of(query(connection.request().request_id, 20'000));
  std::thread worker([&] {
    connection.send(std::string_view(frame).substr(0, frame.size() / 2));
    connection.close();
  });
  std::thread consumer([&] {
    while (const std::function<void()> more = sink.batch()) more();
  });
  const Diagnostics failure = failure_of(answer);
  EXPECT_EQ(failure.code, errc::connection_lost);
  EXPECT_EQ(failure.outcome, Outcome::unknown);
  EXPECT_TRUE(under_test.worker.lonely());
  sink.close();
  worker.join();
  consumer.join();
}

TEST(ClientRows, AResetBeforeTheRequestWasWrittenWaitsForTheSinkToo) {
  ClientUnderTest under_test;
  HeldSink sink;
  FragmentRequest request = test::request_of(std::string(std::size_t{32} << 20, 'x'));  // more than two sockets hold
  request.request_id = 7;
  CallOptions options;
  options.timeout = std::chrono::seconds(2);
  auto answer = under_test.client.execute(std::move(request), sink, options, asio::use_future);
  RawConnection connection = under_test.worker.accept();
  connection.answer(test::acknowledged(connection.cancel().request_id));  // the ping before a large request
  const std::string frame = frame_of(query(7, 20'000));
  connection.send(std::string_view(frame).substr(0, frame.size() / 2));
  const std::function<void()> more = sink.batch();
  connection.close();  // with bytes that nobody has read, so this is a reset: no more can be written
  EXPECT_EQ(failure_of(answer).code, errc::timed_out);
}

TEST(ClientRows, ACallTimesOutWhileItsSinkHoldsABatch) {
  ClientUnderTest under_test;
  HeldSink sink;
  CallOptions options;
  options.timeout = std::chrono::seconds(2);  // by then a batch is out, on the slowest of machines
  auto answer = under_test.client.execute(test::request_of("rows"), sink, options, asio::use_future);
  RawConnection connection = under_test.worker.accept();
  const std::string frame = frame_of(query(connection.request().request_id, 20'000));
  connection.send(frame);
  const std::function<void()> more = sink.batch();
  EXPECT_EQ(failure_of(answer).code, errc::timed_out);
  more();  // too late, and harmless
}

}  // namespace
}  // namespace ft
