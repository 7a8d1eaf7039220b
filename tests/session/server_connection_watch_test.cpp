// SPDX-License-Identifier: Apache-2.0
//
// What a server connection tells whoever counts: why a request failed, why a frame was refused, which wait ran out.
#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <vector>

#include "server_harness.hpp"

namespace ft {
namespace {

using namespace std::chrono_literals;
using test::ServerHarness;
using Start = ServerConnection::Start;
using Reserve = ServerConnection::Reserve;
using Stop = ServerConnection::Stop;

struct Seen final : ServerConnectionWatcher {
  void frame_taken(bool) override {}
  void succeeded() override {}
  void failed(const FragmentResponse::Error&, RequestFailure why) override { failures.push_back(why); }
  void acknowledged() override {}
  void refused(const FragmentResponse::Error&, errc why) override { refusals.push_back(why); }
  void timed_out(PeerWait wait, std::chrono::nanoseconds limit) override { timeouts.emplace_back(wait, limit); }

  std::vector<RequestFailure> failures;
  std::vector<errc> refusals;
  std::vector<std::pair<PeerWait, std::chrono::nanoseconds>> timeouts;
};

struct ServerConnectionWatch : testing::Test {
  ServerConnectionWatch() : server(rules()) { server.connection.watch(seen); }

  static ServerRules rules() {
    ServerRules rules = ServerHarness::standard_rules();
    rules.first_frame_timeout = 1s;
    rules.frame_timeout = 2s;
    rules.idle_timeout = 3s;
    rules.write_timeout = 4s;
    rules.request_timeout = 5s;
    rules.max_pipelined_bytes = 1000;
    return rules;
  }
  void pass(std::chrono::nanoseconds time) {
    server.advance(time);
    server.connection.tick(server.now);
  }
  void expect_timeout(PeerWait wait, std::chrono::nanoseconds limit) {
    pass(limit - 1ns);
    EXPECT_TRUE(seen.timeouts.empty());
    pass(1ns);
    ASSERT_EQ(seen.timeouts.size(), 1U);
    EXPECT_EQ(seen.timeouts[0], std::pair(wait, limit));
  }

  Seen seen;
  ServerHarness server;
};

TEST_F(ServerConnectionWatch, NamesTheFirstFrame) { expect_timeout(PeerWait::first_frame, 1s); }

TEST_F(ServerConnectionWatch, NamesTheIdlePeer) {
  server.send(test::ping_frame());
  server.answers();
  expect_timeout(PeerWait::idle, 3s);
  EXPECT_TRUE(seen.refusals.empty());
}

TEST_F(ServerConnectionWatch, NamesTheRestOfAFrame) {
  server.send(test::ping_frame());
  server.answers();
  server.send(test::ping_frame().substr(0, 20));
  expect_timeout(PeerWait::frame, 2s);
  EXPECT_EQ(seen.refusals, std::vector{errc::timed_out});
}

TEST_F(ServerConnectionWatch, NamesTheAnswerThatIsNotTaken) {
  server.send(test::ping_frame());
  expect_timeout(PeerWait::write, 4s);
}

TEST_F(ServerConnectionWatch, TellsACancelFromATimeout) {
  Start start = server.start(1);
  server.connection.cancel(start.execution, server.now);
  server.expect<Stop>();
  server.answers();
  server.start(2);
  pass(5s);
  EXPECT_EQ(seen.failures, (std::vector{RequestFailure::cancelled, RequestFailure::timed_out}));
  EXPECT_TRUE(seen.timeouts.empty()) << "not the peer's";
}

TEST_F(ServerConnectionWatch, TellsAnErrorFromAResultThatCannotBeSent) {
  Start start = server.start(1);
  // An executor may say whatever it likes, a timeout as well.
  server.connection.finished(start.execution, SqlError("57014", "query canceled"), server.now);
  FragmentRequest narrow = test::a_request(2);
  narrow.max_result_rows = 1;
  start = server.start(narrow);
  server.connection.finished(start.execution, test::query(2), server.now);
  start = server.start(3);
  server.grant_reservations = false;
  server.connection.finished(start.execution, test::copy_out(std::string(2000, 'x')), server.now);
  server.expect<Reserve>();
  server.connection.reserved(false, server.now);
  EXPECT_EQ(seen.failures, (std::vector{RequestFailure::error, RequestFailure::unsent, RequestFailure::unsent}));
}

TEST_F(ServerConnectionWatch, TellsWhatADrainRejectsFromWhatItKills) {
  Start start = server.start(1);
  server.connection.rejected(start.execution, errc::queue_full, server.now);
  server.start(2);
  server.send(test::request_frame(3));
  server.connection.drain(server.now);
  server.connection.kill(server.now);
  EXPECT_EQ(seen.failures, (std::vector{RequestFailure::rejected, RequestFailure::killed, RequestFailure::rejected}));
}

TEST_F(ServerConnectionWatch, TellsABrokenRuleFromAFrameThatIsNone) {
  FragmentRequest invalid = test::a_request(7);
  invalid.max_result_rows = 0;
  server.send(test::request_frame(invalid));
  EXPECT_EQ(seen.refusals, std::vector{errc::rule_violated});
  ServerHarness other(rules());
  other.connection.watch(seen);
  other.send(test::frame(MSG_EXECUTE_FRAGMENT, "{"));
  EXPECT_EQ(seen.refusals, (std::vector{errc::rule_violated, errc::unexpected_end}));
}

}  // namespace
}  // namespace ft
