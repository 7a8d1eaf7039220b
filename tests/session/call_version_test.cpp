// SPDX-License-Identifier: Apache-2.0
//
// Which version a call is made in. The window is one that the codec does not have: what is written is that of its
// newest version, under the number that was agreed upon.
#include "session/call_harness.hpp"

namespace ft {
namespace {

using namespace test;

HarnessOptions newer() {
  HarnessOptions options;
  options.versions = {1, 3};
  return options;
}

FragmentResponse refusal(std::string_view window) {
  FragmentResponse::Error error;
  error.message = std::string("protocol version unsupported: server accepts ").append(window).append(", got 3");
  error.sql_state = "08006";
  return error;
}

Call::Connection known(Version version) {
  Call::Connection connection;
  connection.fresh = false;
  connection.version = version;
  return connection;
}

TEST(CallVersion, APeerThatIsNotKnownIsAskedFirst) {
  Harness h(newer());
  h.connect();
  h.read_ping();
  EXPECT_EQ(h.spoken, 3);
  h.send(ack(0), 3);
  EXPECT_EQ(h.take<Call::Learned>().version, 3);
  h.read_request();
  EXPECT_EQ(h.spoken, 3);
  h.send(success(), 3);
  EXPECT_TRUE(h.take<Call::Release>().reusable);
  EXPECT_EQ(h.result()->attempts, 1u);
}

TEST(CallVersion, AKnownPeerIsNot) {
  Harness h(newer());
  h.connect(known(2));
  h.read_request();
  EXPECT_EQ(h.spoken, 2);
  h.send(success(), 2);
  h.take<Call::Release>();
  EXPECT_TRUE(h.result());
}

TEST(CallVersion, ARefusalNamesTheVersionToGoOnIn) {
  Harness h(newer());
  h.connect();
  h.read_ping();
  h.send(refusal("[1..=2]"), 2);
  EXPECT_EQ(h.take<Call::Learned>().version, 2);
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  h.connect();  // although the pool does not know it yet
  h.read_request();
  EXPECT_EQ(h.spoken, 2);
  h.send(success(), 2);
  EXPECT_TRUE(h.take<Call::Release>().reusable);
  EXPECT_EQ(h.result()->attempts, 1u);
}

TEST(CallVersion, ARefusalWithoutAWindowIsInAVersionThatThePeerSpeaks) {
  Harness h(newer());
  h.connect();
  h.read_ping();
  h.send(refusal("something else"), 1);
  EXPECT_EQ(h.take<Call::Learned>().version, 1);
}

TEST(CallVersion, APeerThatWentBackIsAskedAgain) {
  Harness h(newer());
  h.connect(known(3));
  h.read_request();
  h.send(refusal("[1..=1]"), 1);
  EXPECT_EQ(h.take<Call::Learned>().version, 1);
  h.take<Call::Release>();
  h.connect(known(3));
  h.read_request();
  EXPECT_EQ(h.spoken, 1);
  h.send(refusal("[2..=2]"), 2);  // it cannot make up its mind
  EXPECT_FALSE(h.take<Call::Release>().reusable);
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.code, errc::version_unsupported);
  EXPECT_EQ(d.outcome, Outcome::not_executed);
}

TEST(CallVersion, WithoutACommonVersionTheCallFails) {
  Harness h(newer());
  h.connect();
  h.read_ping();
  h.send(refusal("[4..=5]"), 4);
  h.take<Call::Release>();
  const Diagnostics d = h.failure();
  EXPECT_EQ(d.code, errc::version_unsupported);
  EXPECT_EQ(d.outcome, Outcome::not_executed);
  EXPECT_NE(d.message.find("[4..=5]"), std::string::npos);
}

TEST(CallVersion, AnAnswerInAnotherVersionIsAMismatch) {
  Harness h(newer());
  h.connect(known(2));
  h.read_request();
  h.send(success(), 1);
  h.take<Call::Release>();
  EXPECT_EQ(h.failure().code, errc::response_mismatch);
}

TEST(CallVersion, WhoTurnsEverybodyAwayDoesNotKnowOurVersion) {
  Harness h(newer());
  h.connect();
  h.send(error(0, "53300", true), 1);
  h.take<Call::Release>();
  EXPECT_EQ(h.take<Call::Retry>().why, errc::remote_error);
}

TEST(CallVersion, ACancelIsItsOwnQuestion) {
  HarnessOptions options = newer();
  options.cancel.emplace().request_id = 7;
  Harness h(options);
  h.connect();
  EXPECT_EQ(h.read_cancel().request_id, 7u);
  EXPECT_EQ(h.spoken, 3);
  h.send(refusal("[1..=1]"), 1);
  EXPECT_EQ(h.take<Call::Learned>().version, 1);
  h.take<Call::Release>();
  h.connect();
  EXPECT_EQ(h.read_cancel().request_id, 7u);
  EXPECT_EQ(h.spoken, 1);
}

}  // namespace
}  // namespace ft
