// SPDX-License-Identifier: Apache-2.0
#include "ft/session/version_window.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ft {
namespace {

using std::chrono::seconds;

TEST(VersionWindow, IsReadFromARefusal) {
  const std::optional<VersionWindow> window = window_in("protocol version unsupported: server accepts [2..=13], got 1");
  ASSERT_TRUE(window);
  EXPECT_EQ(window->min, 2);
  EXPECT_EQ(window->max, 13);
  for (const char* text : {"", "no window", "[", "[1", "[1..", "[1..=", "[1..=2", "[..=2]", "[1..2]", "[2..=1]",
                           "[1..=256]", "[-1..=2]", "[ 1..=2]", "[1..=2 ]"}) {
    EXPECT_FALSE(window_in(text)) << text;
  }
}

TEST(VersionWindow, TheNewestVersionOfBothIsSpoken) {
  EXPECT_EQ(common_version({1, 2}, {1, 1}), 1);
  EXPECT_EQ(common_version({1, 1}, {1, 2}), 1);
  EXPECT_EQ(common_version({1, 3}, {2, 5}), 3);
  EXPECT_EQ(common_version({2, 3}, {1, 1}), std::nullopt);
  EXPECT_EQ(common_version({1, 1}, {2, 3}), std::nullopt);
  EXPECT_EQ((VersionWindow{2, 4}).nearest(1), 2);
  EXPECT_EQ((VersionWindow{2, 4}).nearest(3), 3);
  EXPECT_EQ((VersionWindow{2, 4}).nearest(9), 4);
}

TEST(PeerVersions, AreForgottenAfterAWhile) {
  PeerVersions peers;
  const Endpoint a("a", 1), b("a", 2);
  const Instant start{std::chrono::hours(1)};
  EXPECT_EQ(peers.of(a, start), std::nullopt);
  peers.learned(a, 1, start);
  EXPECT_EQ(peers.of(a, start + PeerVersions::kLifetime - seconds(1)), 1);
  EXPECT_EQ(peers.of(a, start + PeerVersions::kLifetime), std::nullopt);
  EXPECT_EQ(peers.of(b, start), std::nullopt);
  peers.learned(a, 2, start + seconds(30));
  EXPECT_EQ(peers.of(a, start + seconds(60)), 2);
}

TEST(PeerVersions, AreBounded) {
  PeerVersions peers;
  const Instant start{std::chrono::hours(1)};
  for (std::size_t i = 0; i <= PeerVersions::kMost; ++i) {
    peers.learned(Endpoint("h" + std::to_string(i), 1), 1, start + std::chrono::nanoseconds(i));
  }
  EXPECT_EQ(peers.of(Endpoint("h0", 1), start), std::nullopt);
  EXPECT_EQ(peers.of(Endpoint("h1", 1), start), 1);
}

}  // namespace
}  // namespace ft
