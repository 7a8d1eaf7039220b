// SPDX-License-Identifier: Apache-2.0
//
// This client against the recorded servers of the nodes that run today: whatever was asked in a conversation is asked
// by a FragmentClient, a bare socket answers as theirs did. The client's bytes must be those of the recording, and the
// outcome of the call what was answered. kDifferences lists where the bytes are others, and why.
//
// A client asks one thing after another, so frames that were pipelined are asked one by one.
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/use_future.hpp>

#include "net/raw_worker.hpp"
#include "support/conversations.hpp"
#include "support/frames.hpp"

namespace ft::test {
namespace {

using boost::asio::use_future;
using std::chrono_literals::operator""s;

/// A frame that this client does not send as it stands.
struct Difference {
  std::string_view conversation;
  std::size_t place;  // among the client's frames
  std::string_view reason;
};
constexpr Difference kDifferences[] = {
    {"server: version 2", 0, "this client speaks version 1"},
    {"server: good, then wrong token", 1, "an empty token is never sent"},
    {"server: request_id 0", 0, "a request without an id is given one"},
    {"server: FragmentResult from a client", 0, "no call sends an answer: a request stands for it"},
    {"server: unknown keys are ignored", 0, "white space, a key that nobody knows, and what is left of timeout_ms"},
};
/// Its deadline lies in the past, so this client does not send it at all: RecordedServersToo.AreNotAskedTooLate.
constexpr std::string_view kTooLate = "client: its own deadline passes";

bool differs(const Conversation& conversation, std::size_t place) {
  return std::any_of(std::begin(kDifferences), std::end(kDifferences),
                     [&](const Difference& d) { return d.conversation == conversation.name && d.place == place; });
}

TransportEnvelope envelope_in(const std::string& frame) { return decode(frame).value().envelope; }
FragmentResponse response_in(const std::string& frame) {
  return envelope_in(frame).payload.get_if<TransportPayload::FragmentResult>()->value;
}
FragmentRequest request_in(const std::string& frame) {
  const TransportEnvelope envelope = envelope_in(frame);
  const auto* const execute = envelope.payload.get_if<TransportPayload::ExecuteFragment>();
  if (!execute) return request_of("in place of something else");
  FragmentRequest request = execute->value;
  if (request.timeout_ms) request.timeout_ms = 60'000;  // the recorded few milliseconds may pass
  return request;
}

PoolOptions options_for(const Conversation& conversation) {
  PoolOptions options = quick_options();
  const TransportEnvelope first = envelope_in(exchanges(conversation).front().asked);
  options.tokens = ring_of({first.auth_token.reveal()});
  return options;
}

/// What a call must make of an Error that it did nothing to bring about.
errc code_for(const FragmentResponse::Error& error) {
  if (error.sql_state == "28000") return errc::authentication_failed;
  if (error.sql_state == "08006") return errc::version_unsupported;
  return errc::remote_error;
}

void expect_outcome(const CallResult<Answer>& outcome, const FragmentResponse& answered) {
  if (const auto* const success = answered.get_if<FragmentResponse::Success>()) {
    ASSERT_TRUE(outcome) << outcome.error().describe();
    EXPECT_EQ(outcome->request_id, success->request_id);
    EXPECT_EQ(outcome->result, success->result);
    EXPECT_EQ(outcome->attempts, 1u);
    return;
  }
  const auto* const error = answered.get_if<FragmentResponse::Error>();
  ASSERT_TRUE(error) << "a request was answered with " << answered.name();
  ASSERT_FALSE(outcome);
  const Diagnostics& told = outcome.error();
  EXPECT_EQ(told.code, code_for(*error));
  EXPECT_EQ(told.sqlstate, error->sql_state);
  EXPECT_EQ(told.message, error->message);
  EXPECT_EQ(told.outcome, error->request_id == 0 ? Outcome::not_executed : Outcome::executed);
  EXPECT_EQ(told.attempts, 1u);
}

/// A client and the connections that a server has of it.
class Replay {
 public:
  explicit Replay(const Conversation& conversation)
      : conversation_(conversation), under_test_(options_for(conversation)) {}

  void play() {
    const std::vector<Exchange> all = exchanges(conversation_);
    for (std::size_t place = 0; place < all.size(); ++place) ask(all[place], place);
    const bool stays_open = conversation_.events.back().what == Event::What::stays_open;
    if (stays_open && pooled_) ping({encode(cancel(0, 0, kRecordedToken)), encode_ack(0)}, all.size());
    std::future<void> drained = under_test_.pool.drain(use_future);
    wait_for(drained);
    EXPECT_TRUE(!pooled_ || pooled_->ended());
    EXPECT_TRUE(under_test_.worker.lonely());
  }

 private:
  static std::string encode_ack(std::uint64_t id) {
    TransportEnvelope envelope;
    envelope.version = PROTOCOL_VERSION;
    envelope.payload = TransportPayload(TransportPayload::FragmentResult(acknowledged(id)));
    return encode(envelope);
  }
  static void wait_for(std::future<void>& done) {
    if (done.wait_for(kPatience) != std::future_status::ready) throw std::runtime_error("the drain does not end");
    done.get();
  }

  void ask(const Exchange& exchange, std::size_t place) {
    const TransportEnvelope asked = envelope_in(exchange.asked);
    const auto* const wanted = asked.payload.get_if<TransportPayload::CancelFragment>();
    if (!wanted) return execute(exchange, place);
    if (wanted->value.request_id == 0) return ping(exchange, place);
    cancel_somebody(exchange, wanted->value, place);
  }

  void execute(const Exchange& exchange, std::size_t place) {
    auto outcome = under_test_.execute(request_in(exchange.asked));
    answer(pooled(), exchange, place);
    expect_outcome(wait(outcome), response_in(exchange.answered));
  }

  void ping(const Exchange& exchange, std::size_t place) {
    auto outcome = under_test_.client.ping(20s, use_future);
    answer(pooled(), exchange, place);
    const auto took = wait(outcome);
    EXPECT_TRUE(took) << took.error().describe();
  }

  /// A cancel has a connection of its own, which does not wait for the pool.
  void cancel_somebody(const Exchange& exchange, const CancelRequest& wanted, std::size_t place) {
    auto outcome = under_test_.client.cancel(wanted, 20s, use_future);
    RawConnection connection = under_test_.worker.accept();
    answer(connection, exchange, place);
    const auto acknowledgement = wait(outcome);
    EXPECT_TRUE(acknowledgement) << acknowledgement.error().describe();
    EXPECT_TRUE(connection.ended());
  }

  void answer(RawConnection& connection, const Exchange& exchange, std::size_t place) {
    const std::optional<std::string> asked = connection.receive_bytes();
    ASSERT_TRUE(asked) << "the client left instead of asking";
    if (differs(conversation_, place)) {
      EXPECT_NE(*asked, exchange.asked);
    } else {
      EXPECT_EQ(*asked, exchange.asked);
    }
    connection.send(exchange.answered);
  }

  RawConnection& pooled() {
    if (!pooled_) pooled_.emplace(under_test_.worker.accept());
    return *pooled_;
  }

  const Conversation& conversation_;
  ClientUnderTest under_test_;
  std::optional<RawConnection> pooled_;  // one serves all that is asked one after another
};

class RecordedServers : public testing::TestWithParam<const Conversation*> {};

TEST_P(RecordedServers, AreAskedAndUnderstood) { Replay(*GetParam()).play(); }

std::vector<const Conversation*> played() {
  std::vector<const Conversation*> all;
  for (const Conversation& c : conversations()) {
    if (c.name != kTooLate) all.push_back(&c);
  }
  return all;
}
INSTANTIATE_TEST_SUITE_P(Conversations, RecordedServers, testing::ValuesIn(played()),
                         [](const auto& conversation) { return test_name(*conversation.param); });

TEST(RecordedServersToo, AreNotAskedTooLate) {
  const Conversation& late = conversation(kTooLate);
  ClientUnderTest under_test(options_for(late));
  auto outcome = under_test.execute(request_in(exchanges(late).front().asked));
  const Diagnostics failure = failure_of(outcome);
  EXPECT_EQ(failure.code, errc::timed_out);
  EXPECT_EQ(failure.outcome, Outcome::not_executed);
  EXPECT_TRUE(under_test.worker.lonely());
}

TEST(RecordedServersToo, AreAskedToCancelOnASecondConnection) {
  const Conversation& cancelled = conversation("server: the cancelled request, first connection");
  const Exchange request = exchanges(cancelled).front();
  const Exchange cancel = exchanges(conversation("server: cancel with the right key, second connection")).back();

  ClientUnderTest under_test(options_for(cancelled));
  CallHandle handle;
  auto outcome = under_test.client.execute(request_in(request.asked), handle, CallOptions(), use_future);
  RawConnection first = under_test.worker.accept();
  EXPECT_EQ(first.receive_bytes(), request.asked);
  handle.cancel();
  RawConnection second = under_test.worker.accept();
  EXPECT_EQ(second.receive_bytes(), cancel.asked);
  second.send(cancel.answered);
  first.send(request.answered);

  const Diagnostics failure = failure_of(outcome);
  EXPECT_EQ(failure.code, errc::cancelled);
  EXPECT_EQ(failure.sqlstate, "57014");
  EXPECT_EQ(failure.message, "query canceled");
  EXPECT_EQ(failure.outcome, Outcome::executed);
}

TEST(RecordedServersToo, AreAskedTwoThingsAtOnceOverTwoConnections) {
  const Conversation& one = conversation("client: two at once, two connections#1");
  const std::vector<Exchange> ones = exchanges(one);
  const std::vector<Exchange> others = exchanges(conversation("client: two at once, two connections#2"));
  ClientUnderTest under_test(options_for(one));
  std::vector<RawConnection> connections;
  for (std::size_t round = 0; round < ones.size(); ++round) {
    const Exchange both[] = {ones[round], others[round]};
    std::future<CallResult<Answer>> outcomes[] = {under_test.execute(request_in(both[0].asked)),
                                                  under_test.execute(request_in(both[1].asked))};
    while (connections.size() < 2) connections.push_back(under_test.worker.accept());
    // Nobody is answered before both have asked. Which connection has which question is the pool's affair.
    std::string asked[2];
    for (std::size_t i = 0; i < 2; ++i) asked[i] = connections[i].receive_bytes().value();
    const std::size_t first = asked[0] == both[0].asked ? 0 : 1;
    EXPECT_EQ(asked[first], both[0].asked);
    EXPECT_EQ(asked[1 - first], both[1].asked);
    connections[first].send(both[0].answered);
    connections[1 - first].send(both[1].answered);
    for (std::size_t i = 0; i < 2; ++i) expect_outcome(wait(outcomes[i]), response_in(both[i].answered));
  }
  EXPECT_EQ(under_test.pool.stats().opened, 2u);
}

TEST(RecordedServersToo, DifferOnlyInFramesThatExist) {
  for (const Difference& d : kDifferences) EXPECT_LT(d.place, exchanges(conversation(d.conversation)).size());
}

}  // namespace
}  // namespace ft::test
