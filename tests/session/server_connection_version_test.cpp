// SPDX-License-Identifier: Apache-2.0
//
// Which version a server answers in: that of the question.
#include <gtest/gtest.h>

#include "session/server_harness.hpp"

namespace ft {
namespace {

using namespace test;

ServerRules rules() {
  ServerRules rules = ServerHarness::standard_rules();
  rules.versions = {2, 3};
  return rules;
}

std::string ping(Version version) {
  return message_of(TransportPayload::CancelFragment(CancelRequest()), kClusterToken, version);
}
std::string request(std::uint64_t id, Version version) {
  return message_of(TransportPayload::ExecuteFragment(a_request(id)), kClusterToken, version);
}

/// The versions of the frames, in order.
std::string versions_of(std::string_view bytes) {
  std::string versions;
  constexpr std::string_view key = R"({"version":)";
  for (std::size_t at = bytes.find(key); at != std::string_view::npos; at = bytes.find(key, at + 1)) {
    versions += bytes[at + key.size()];
  }
  return versions;
}

TEST(ServerConnectionVersion, AnswersAreInTheVersionOfTheQuestion) {
  ServerHarness h(rules());
  h.send(ping(2) + ping(3));
  EXPECT_EQ(versions_of(h.raw_output()), "23");
  h.send(request(1, 2) + ping(3));  // the ping is read while the request runs
  const auto start = h.expect<ServerConnection::Start>();
  h.connection.finished(start.execution, command("done"), h.now);
  EXPECT_EQ(versions_of(h.raw_output()), "23");
}

TEST(ServerConnectionVersion, ARefusalIsInTheVersionThatIsNearest) {
  for (const auto& [asked, answered] : {std::pair<Version, const char*>(1, "2"), {4, "3"}, {0, "2"}, {255, "3"}}) {
    ServerHarness h(rules());
    h.send(ping(asked));
    const std::string bytes = h.raw_output();
    EXPECT_EQ(versions_of(bytes), answered);
    EXPECT_NE(bytes.find("server accepts [2..=3], got " + std::to_string(asked)), std::string::npos) << bytes;
    h.expect_close(true);
  }
}

TEST(ServerConnectionVersion, WhoHasSaidNothingYetIsAnsweredInTheOldest) {
  ServerHarness h(rules());
  h.send("\xff");
  EXPECT_TRUE(h.raw_output().empty());
  h.send(std::string(4, '\0'));
  EXPECT_EQ(versions_of(h.raw_output()), "2");
}

}  // namespace
}  // namespace ft
