// SPDX-License-Identifier: Apache-2.0
//
// FragmentClient against a worker that is played line by line: what is sent, what is taken for an answer, what is made
// of a connection that ends.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/raw_worker.hpp"
#include "support/frames.hpp"

namespace ft {
namespace {

using namespace std::chrono_literals;
using test::ClientUnderTest;
using test::failure_of;
using test::RawConnection;
using test::tag_of;
using test::wait;

TEST(Client, SendsTheRequestAndBringsTheAnswer) {
  ClientUnderTest under_test;
  auto answer = under_test.execute("SELECT");
  RawConnection connection = under_test.worker.accept();
  const FragmentRequest request = connection.request();
  EXPECT_EQ(connection.token(), test::kToken);
  EXPECT_NE(request.request_id, 0u);
  EXPECT_NE(request.cancel_key.reveal(), 0u);
  EXPECT_FALSE(request.timeout_ms);
  connection.answer(test::command(request.request_id, "SELECT"));

  const CallResult<Answer> result = wait(answer);
  ASSERT_TRUE(result) << result.error().describe();
  EXPECT_EQ(result->request_id, request.request_id);
  EXPECT_EQ(result->attempts, 1u);
  EXPECT_EQ(result->peer, under_test.worker.endpoint().to_string());
  EXPECT_GT(result->timings.connecting.count(), 0);
}

TEST(Client, IsAwaitedByACoroutine) {
  ClientUnderTest under_test;
  auto calls = [&under_test]() -> asio::awaitable<std::string> {
    const FragmentRequest request = test::request_of("SELECT");
    std::string tags;
    for (int i = 0; i < 3; ++i) {
      const CallResult<Answer> answer = co_await under_test.client.execute(request, {}, asio::use_awaitable);
      tags += answer ? answer->result.get_if<ExecutionResult::Command>()->tag : answer.error().describe();
    }
    co_return tags;
  };
  auto tags = asio::co_spawn(under_test.io, calls, asio::use_future);
  RawConnection connection = under_test.worker.accept();
  for (const char* tag : {"a", "b", "c"}) {
    const FragmentRequest request = connection.request();
    connection.answer(test::command(request.request_id, tag));
  }
  EXPECT_EQ(wait(tags), "abc");
}

TEST(Client, KeepsAnIdAndAKeyThatTheCallerChose) {
  ClientUnderTest under_test;
  FragmentRequest request = test::request_of("SELECT");
  request.request_id = 77;
  request.cancel_key = SecretU64(99);
  auto answer = under_test.execute(request);
  RawConnection connection = under_test.worker.accept();
  const FragmentRequest sent = connection.request();
  EXPECT_EQ(sent.request_id, 77u);
  EXPECT_EQ(sent.cancel_key.reveal(), 99u);
  connection.answer(test::command(77, "SELECT"));
  EXPECT_EQ(tag_of(answer), "SELECT");
}

TEST(Client, TakesAnAnswerHoweverItIsSplit) {
  ClientUnderTest under_test;
  auto answer = under_test.execute("SELECT");
  RawConnection connection = under_test.worker.accept();
  TransportEnvelope envelope;
  envelope.version = PROTOCOL_VERSION;
  envelope.payload = TransportPayload::FragmentResult(test::command(connection.request().request_id, "in pieces"));
  for (const char byte : test::encode(envelope)) connection.send({&byte, 1});
  EXPECT_EQ(tag_of(answer), "in pieces");
}

TEST(Client, KeepsTheConnectionBehindASqlError) {
  ClientUnderTest under_test;
  auto first = under_test.execute("SELECT");
  RawConnection connection = under_test.worker.accept();
  connection.answer(test::error_of(connection.request().request_id, "42P01"));
  const Diagnostics failure = failure_of(first);
  EXPECT_EQ(failure.code, errc::remote_error);
  EXPECT_EQ(failure.sqlstate, "42P01");
  EXPECT_EQ(failure.message, "as the script has it");
  EXPECT_EQ(failure.outcome, Outcome::executed);

  auto second = under_test.execute("again");
  connection.answer(test::command(connection.request().request_id, "again"));
  EXPECT_EQ(tag_of(second), "again");
  EXPECT_EQ(under_test.pool.stats().opened, 1u);
  EXPECT_EQ(under_test.pool.stats().reused, 1u);
}

TEST(Client, RefusesAnAnswerWithAnotherId) {
  ClientUnderTest under_test;
  auto answer = under_test.execute("SELECT");
  RawConnection connection = under_test.worker.accept();
  connection.answer(test::command(connection.request().request_id + 1, "SELECT"));
  const Diagnostics failure = failure_of(answer);
  EXPECT_EQ(failure.code, errc::response_mismatch);
  EXPECT_EQ(failure.outcome, Outcome::unknown);
  EXPECT_TRUE(connection.ended());
  EXPECT_EQ(under_test.pool.stats().open, 0u);
}

TEST(Client, SendsARequestOnceWhenTheWorkerGoesSilent) {
  ClientUnderTest under_test;
  auto answer = under_test.execute("INSERT");
  RawConnection connection = under_test.worker.accept();
  connection.request();
  connection.close();
  const Diagnostics failure = failure_of(answer);
  EXPECT_EQ(failure.code, errc::connection_lost);
  EXPECT_EQ(failure.outcome, Outcome::unknown);
  EXPECT_EQ(failure.attempts, 1u);
  EXPECT_TRUE(under_test.worker.lonely());
}

TEST(Client, SendsAnIdempotentRequestAgain) {
  ClientUnderTest under_test;
  CallOptions options;
  options.idempotent = true;
  auto answer = under_test.execute("SELECT", options);
  {
    RawConnection connection = under_test.worker.accept();
    connection.request();
  }
  RawConnection connection = under_test.worker.accept();
  connection.answer(test::command(connection.request().request_id, "SELECT"));
  EXPECT_EQ(tag_of(answer), "SELECT");
  EXPECT_EQ(under_test.pool.stats().retries, 1u);
}

TEST(Client, SendsARequestAgainThatWasProvablyNotRun) {
  ClientUnderTest under_test;
  auto answer = under_test.execute("INSERT");
  RawConnection connection = under_test.worker.accept();
  connection.answer(test::error_of(connection.request().request_id, "53400", true));
  connection.answer(test::command(connection.request().request_id, "INSERT"));
  EXPECT_EQ(tag_of(answer), "INSERT");
}

TEST(Client, AuthenticatesAFreshConnectionBeforeALargeRequest) {
  ClientUnderTest under_test;
  auto answer = under_test.execute(std::string(100'000, 'x'));
  RawConnection connection = under_test.worker.accept();
  const CancelRequest ping = connection.cancel();
  EXPECT_EQ(ping.request_id, 0u);
  EXPECT_EQ(ping.cancel_key.reveal(), 0u);
  connection.answer(test::acknowledged(0));
  connection.answer(test::command(connection.request().request_id, "large"));
  EXPECT_EQ(tag_of(answer), "large");
}

TEST(Client, BeginsAnewBehindAWriteThatFailed) {
  ClientUnderTest under_test;
  CallOptions options;
  options.idempotent = true;
  const std::string large(8'000'000, 'x');  // more than two sockets hold
  auto answer = under_test.execute(large, options);
  {
    RawConnection connection = under_test.worker.accept();
    connection.cancel();
    connection.answer(test::acknowledged(0));
  }  // unread bytes: a reset
  RawConnection connection = under_test.worker.accept();
  connection.cancel();
  connection.answer(test::acknowledged(0));
  connection.answer(test::command(connection.request().request_id, "at last"));
  EXPECT_EQ(tag_of(answer), "at last");
}

TEST(Client, SaysWhatAServerSaidBeforeItClosed) {
  ClientUnderTest under_test;
  auto answer = under_test.execute("SELECT");
  {
    RawConnection connection = under_test.worker.accept();
    connection.request();
    connection.answer(test::error_of(0, "08006"));
  }
  EXPECT_EQ(failure_of(answer).code, errc::version_unsupported);
}

TEST(Client, TriesTheNextTokenOnce) {
  PoolOptions options = test::quick_options();
  const std::string old_token(40, 'o'), new_token(40, 'n');
  options.tokens = test::ring_of({new_token, old_token});
  ClientUnderTest under_test(options);
  auto answer = under_test.execute("SELECT");
  {
    RawConnection connection = under_test.worker.accept();
    connection.request();
    EXPECT_EQ(connection.token(), new_token);
    connection.answer(test::error_of(0, "28000"));
  }
  RawConnection connection = under_test.worker.accept();
  const FragmentRequest request = connection.request();
  EXPECT_EQ(connection.token(), old_token);
  connection.answer(test::command(request.request_id, "SELECT"));
  EXPECT_EQ(tag_of(answer), "SELECT");
}

TEST(Client, EndsWhenEveryTokenIsRefused) {
  ClientUnderTest under_test;
  auto answer = under_test.execute("SELECT");
  {
    RawConnection connection = under_test.worker.accept();
    connection.request();
    connection.answer(test::error_of(0, "28000"));
  }
  const Diagnostics failure = failure_of(answer);
  EXPECT_EQ(failure.code, errc::authentication_failed);
  EXPECT_EQ(failure.outcome, Outcome::not_executed);
}

TEST(Client, RetriesAConnectionThatIsRefused) {
  ClientUnderTest under_test;
  under_test.worker.stop_listening();
  auto answer = under_test.execute("SELECT");
  const Diagnostics failure = failure_of(answer);
  EXPECT_EQ(failure.code, errc::connect_failed);
  EXPECT_EQ(failure.outcome, Outcome::not_executed);
  EXPECT_EQ(failure.attempts, 4u);
  EXPECT_NE(failure.message.find("refused"), std::string::npos) << failure.message;
  EXPECT_EQ(under_test.pool.stats().open, 0u);
}

TEST(Client, DialsIpv6) {
  ClientUnderTest under_test(test::quick_options(), "::1");
  auto answer = under_test.execute("SELECT");
  RawConnection connection = under_test.worker.accept();
  connection.answer(test::command(connection.request().request_id, "SELECT"));
  EXPECT_EQ(tag_of(answer), "SELECT");
}

TEST(Client, LooksNamesUp) {
  ClientUnderTest under_test;
  FragmentClient client(under_test.pool, Endpoint("localhost", under_test.worker.endpoint().port));
  auto answer = client.execute(test::request_of("SELECT"), CallOptions(), asio::use_future);
  RawConnection connection = under_test.worker.accept();
  connection.answer(test::command(connection.request().request_id, "SELECT"));
  EXPECT_EQ(tag_of(answer), "SELECT");
}

TEST(Client, RefusesPlaintextOffLoopback) {
  ClientUnderTest under_test;
  FragmentClient client(under_test.pool, Endpoint("192.0.2.1", 9100));  // of TEST-NET: nobody is there
  auto answer = client.execute(test::request_of("SELECT"), CallOptions(), asio::use_future);
  const Diagnostics failure = failure_of(answer);
  EXPECT_EQ(failure.code, errc::invalid_configuration);
  EXPECT_EQ(failure.outcome, Outcome::not_executed);
}

TEST(Client, RefusesAPlanThatHasNoForm) {
  ClientUnderTest under_test;
  auto answer = under_test.execute("\xff");
  const Diagnostics failure = failure_of(answer);
  EXPECT_EQ(failure.code, errc::invalid_string);
  EXPECT_EQ(failure.outcome, Outcome::not_executed);
}

TEST(Client, Pings) {
  ClientUnderTest under_test;
  auto round_trip = under_test.client.ping(10s, asio::use_future);
  RawConnection connection = under_test.worker.accept();
  EXPECT_EQ(connection.cancel().request_id, 0u);
  connection.answer(test::acknowledged(0));
  const auto result = wait(round_trip);
  ASSERT_TRUE(result) << result.error().describe();
  EXPECT_GT(result->count(), 0);
  EXPECT_EQ(under_test.pool.stats().idle, 1u);
}

TEST(Client, TakesTheLongestTimeoutThereIs) {
  constexpr auto longest = std::chrono::milliseconds::max();
  ClientUnderTest under_test;
  auto round_trip = under_test.client.ping(longest, asio::use_future);
  RawConnection connection = under_test.worker.accept();
  connection.cancel();
  connection.answer(test::acknowledged(0));
  EXPECT_TRUE(wait(round_trip));

  CallOptions options;
  options.timeout = longest;
  auto answer = under_test.execute("SELECT", options);
  connection.answer(test::command(connection.request().request_id, "SELECT"));
  EXPECT_EQ(tag_of(answer), "SELECT");

  auto cancelled = under_test.client.cancel(CancelRequest(), longest, asio::use_future);
  RawConnection another = under_test.worker.accept();
  another.cancel();
  another.answer(test::acknowledged(0));
  EXPECT_TRUE(wait(cancelled));
}

TEST(Client, CancelsARequestOfSomebodyElse) {
  ClientUnderTest under_test;
  CancelRequest request;
  request.request_id = 5;
  request.cancel_key = SecretU64(6);
  auto done = under_test.client.cancel(request, 10s, asio::use_future);
  RawConnection connection = under_test.worker.accept();
  EXPECT_EQ(connection.cancel(), request);
  connection.answer(test::acknowledged(5));
  EXPECT_TRUE(wait(done));
  EXPECT_TRUE(connection.ended());
  EXPECT_EQ(under_test.pool.stats().cancels, 1u);
}

}  // namespace
}  // namespace ft
