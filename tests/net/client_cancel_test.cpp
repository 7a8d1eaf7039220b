// SPDX-License-Identifier: Apache-2.0
//
// How a call is given up: cancellation types, handle, deadline, and what the worker gets to see of it.
#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <future>
#include <memory>
#include <utility>

#include "net/raw_worker.hpp"

namespace ft {
namespace {

using namespace std::chrono_literals;
using test::ClientUnderTest;
using test::failure_of;
using test::RawConnection;
using test::tag_of;
using test::wait;

/// A call whose handler has a cancellation slot, and a strand on which it is used.
class CancellableCall {
 public:
  explicit CancellableCall(ClientUnderTest& under_test, std::string tag = "SELECT")
      : answer(promise_->get_future()), strand_(asio::make_strand(under_test.io)) {
    auto handler = [promise = promise_](CallResult<Answer> result) { promise->set_value(std::move(result)); };
    auto bound = asio::bind_executor(strand_, std::move(handler));
    under_test.client.execute(test::request_of(std::move(tag)), CallOptions(),
                              asio::bind_cancellation_slot(signal_->slot(), std::move(bound)));
  }

  void emit(asio::cancellation_type type) {
    asio::post(strand_, [signal = signal_, type] { signal->emit(type); });
  }

 private:
  std::shared_ptr<asio::cancellation_signal> signal_ = std::make_shared<asio::cancellation_signal>();
  std::shared_ptr<std::promise<CallResult<Answer>>> promise_ = std::make_shared<std::promise<CallResult<Answer>>>();

 public:
  std::future<CallResult<Answer>> answer;

 private:
  asio::strand<asio::io_context::executor_type> strand_;
};

TEST(ClientCancel, TerminalEndsTheCallAtOnceAndTellsTheWorker) {
  ClientUnderTest under_test;
  CancellableCall call(under_test);
  RawConnection first = under_test.worker.accept();
  const FragmentRequest request = first.request();
  call.emit(asio::cancellation_type::terminal);
  const Diagnostics failure = failure_of(call.answer);
  EXPECT_EQ(failure.code, errc::cancelled);
  EXPECT_EQ(failure.outcome, Outcome::unknown);
  EXPECT_TRUE(first.ended());

  RawConnection second = under_test.worker.accept();
  const CancelRequest cancel = second.cancel();
  EXPECT_EQ(cancel.request_id, request.request_id);
  EXPECT_EQ(cancel.cancel_key, request.cancel_key);
  second.answer(test::acknowledged(cancel.request_id));
  EXPECT_TRUE(second.ended());
  EXPECT_EQ(under_test.pool.stats().cancels, 1u);
}

TEST(ClientCancel, PartialWaitsForTheWorkersAnswer) {
  ClientUnderTest under_test;
  CancellableCall call(under_test);
  RawConnection first = under_test.worker.accept();
  const FragmentRequest request = first.request();
  call.emit(asio::cancellation_type::partial);
  RawConnection second = under_test.worker.accept();
  EXPECT_EQ(second.cancel().request_id, request.request_id);
  second.answer(test::acknowledged(request.request_id));
  first.answer(test::error_of(request.request_id, "57014"));
  const Diagnostics failure = failure_of(call.answer);
  EXPECT_EQ(failure.code, errc::cancelled);
  EXPECT_EQ(failure.outcome, Outcome::executed);
  EXPECT_TRUE(test::becomes_true([&] { return under_test.pool.stats().idle == 1; }));
}

TEST(ClientCancel, PartialTakesAnAnswerThatWasFaster) {
  ClientUnderTest under_test;
  CancellableCall call(under_test);
  RawConnection first = under_test.worker.accept();
  const FragmentRequest request = first.request();
  call.emit(asio::cancellation_type::partial);
  RawConnection second = under_test.worker.accept();
  second.cancel();
  first.answer(test::command(request.request_id, "done"));
  EXPECT_EQ(tag_of(call.answer), "done");
}

TEST(ClientCancel, PartialGivesUpOnAWorkerThatDoesNotAnswer) {
  PoolOptions options = test::quick_options();
  options.cancel_timeout = 20ms;
  ClientUnderTest under_test(options);
  CancellableCall call(under_test);
  RawConnection first = under_test.worker.accept();
  first.request();
  call.emit(asio::cancellation_type::partial);
  const Diagnostics failure = failure_of(call.answer);
  EXPECT_EQ(failure.code, errc::cancelled);
  EXPECT_EQ(failure.outcome, Outcome::unknown);
  EXPECT_TRUE(first.ended());
}

TEST(ClientCancel, TotalDoesNothingOnceTheRequestIsOut) {
  ClientUnderTest under_test;
  CancellableCall call(under_test);
  RawConnection first = under_test.worker.accept();
  const FragmentRequest request = first.request();
  call.emit(asio::cancellation_type::total);
  first.answer(test::command(request.request_id, "done"));
  EXPECT_EQ(tag_of(call.answer), "done");
  EXPECT_EQ(under_test.pool.stats().cancels, 0u);
}

TEST(ClientCancel, TotalEndsACallThatWaitsForAConnection) {
  PoolOptions options = test::quick_options();
  options.max_connections_per_host = 1;
  ClientUnderTest under_test(options);
  auto busy = under_test.execute("busy");
  RawConnection connection = under_test.worker.accept();
  const FragmentRequest request = connection.request();
  CancellableCall call(under_test, "waiting");
  ASSERT_TRUE(test::becomes_true([&] { return under_test.pool.stats().waiting == 1; }));
  call.emit(asio::cancellation_type::total);
  const Diagnostics failure = failure_of(call.answer);
  EXPECT_EQ(failure.code, errc::cancelled);
  EXPECT_EQ(failure.outcome, Outcome::not_executed);
  EXPECT_EQ(under_test.pool.stats().waiting, 0u);
  connection.answer(test::command(request.request_id, "busy"));
  EXPECT_EQ(tag_of(busy), "busy");
}

TEST(ClientCancel, TerminalEndsACallThatConnects) {
  TlsClientConfig trusting;
  trusting.verify = TlsVerify::none;
  PoolOptions options = test::quick_options();
  options.tls = TlsClientCredentials::load(trusting).value();
  ClientUnderTest under_test(options);
  CancellableCall call(under_test);
  const RawConnection silent = under_test.worker.accept();  // never answers the handshake
  call.emit(asio::cancellation_type::terminal);
  const Diagnostics failure = failure_of(call.answer);
  EXPECT_EQ(failure.code, errc::cancelled);
  EXPECT_EQ(failure.outcome, Outcome::not_executed);
  EXPECT_TRUE(test::becomes_true([&] { return under_test.pool.stats().open == 0; }));
  EXPECT_TRUE(under_test.worker.lonely());  // nothing was run, so nobody has to be told
}

TEST(ClientCancel, AHandleCancelsByName) {
  ClientUnderTest under_test;
  CallHandle handle;
  auto answer = under_test.client.execute(test::request_of("SELECT"), handle, CallOptions(), asio::use_future);
  RawConnection first = under_test.worker.accept();
  const FragmentRequest request = first.request();
  EXPECT_EQ(handle.request_id(), request.request_id);
  handle.cancel();
  RawConnection second = under_test.worker.accept();
  EXPECT_EQ(second.cancel().request_id, request.request_id);
  first.answer(test::error_of(request.request_id, "57014"));
  EXPECT_EQ(failure_of(answer).code, errc::cancelled);
  handle.cancel();  // too late, and harmless
}

TEST(ClientCancel, ADroppedHandleLetsTheCallGoOn) {
  ClientUnderTest under_test;
  std::future<CallResult<Answer>> answer;
  {
    CallHandle handle;
    answer = under_test.client.execute(test::request_of("SELECT"), handle, CallOptions(), asio::use_future);
  }
  RawConnection connection = under_test.worker.accept();
  connection.answer(test::command(connection.request().request_id, "done"));
  EXPECT_EQ(tag_of(answer), "done");
}

TEST(ClientCancel, ATimeoutEndsTheCallAndTellsTheWorker) {
  ClientUnderTest under_test;
  CallOptions options;
  options.timeout = 50ms;
  auto answer = under_test.execute("sleep", options);
  RawConnection first = under_test.worker.accept();
  const FragmentRequest request = first.request();
  ASSERT_TRUE(request.timeout_ms);
  EXPECT_GE(*request.timeout_ms, 1u);
  EXPECT_LE(*request.timeout_ms, 50u);
  const Diagnostics failure = failure_of(answer);
  EXPECT_EQ(failure.code, errc::timed_out);
  EXPECT_EQ(failure.outcome, Outcome::unknown);
  RawConnection second = under_test.worker.accept();
  EXPECT_EQ(second.cancel().request_id, request.request_id);
}

TEST(ClientCancel, ATimeoutCountsTheWaitForAConnection) {
  PoolOptions options = test::quick_options();
  options.max_connections_per_host = 1;
  ClientUnderTest under_test(options);
  auto busy = under_test.execute("busy");
  RawConnection connection = under_test.worker.accept();
  const FragmentRequest request = connection.request();
  CallOptions hasty;
  hasty.timeout = 20ms;
  auto waiting = under_test.execute("waiting", hasty);
  const Diagnostics failure = failure_of(waiting);
  EXPECT_EQ(failure.code, errc::timed_out);
  EXPECT_EQ(failure.outcome, Outcome::not_executed);
  EXPECT_TRUE(under_test.worker.lonely());  // nothing was run, so nobody has to be told
  connection.answer(test::command(request.request_id, "busy"));
  EXPECT_EQ(tag_of(busy), "busy");
}

TEST(ClientCancel, CancelsUnderWayAreBounded) {
  PoolOptions options = test::quick_options();
  options.max_connections_per_host = 1;
  ClientUnderTest under_test(options);
  CancelRequest request;
  request.request_id = 1;
  request.cancel_key = SecretU64(1);
  auto first = under_test.client.cancel(request, 10s, asio::use_future);
  RawConnection connection = under_test.worker.accept();
  connection.cancel();
  auto second = under_test.client.cancel(request, 10s, asio::use_future);
  const auto refused = wait(second);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::too_many_waiters);
  connection.answer(test::acknowledged(1));
  EXPECT_TRUE(wait(first));
}

}  // namespace
}  // namespace ft
