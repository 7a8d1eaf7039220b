// SPDX-License-Identifier: Apache-2.0
//
// Whom a cancel hits: id and key, colliding ids, key 0.
#include "ft/session/cancel_registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ft {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

SecretU64 key(std::uint64_t value) { return SecretU64(value); }

TEST(CancelRegistry, NeedsIdAndKey) {
  CancelRegistry registry;
  registry.add(1, 7, key(70), "10.0.0.1");
  EXPECT_THAT(registry.match(7, key(70), "10.0.0.1"), ElementsAre(1));
  EXPECT_THAT(registry.match(7, key(70), "10.0.0.2"), ElementsAre(1)) << "who knows the key may cancel from anywhere";
  EXPECT_THAT(registry.match(7, key(71), "10.0.0.1"), IsEmpty());
  EXPECT_THAT(registry.match(8, key(70), "10.0.0.1"), IsEmpty());
  EXPECT_THAT(registry.match(7, key(0), "10.0.0.1"), IsEmpty()) << "0 is a key like any other, not a wildcard";
}

TEST(CancelRegistry, TellsCollidingIdsApartByTheirKeys) {
  CancelRegistry registry;
  registry.add(1, 7, key(70), "10.0.0.1");
  registry.add(2, 7, key(71), "10.0.0.2");
  registry.add(3, 7, key(70), "10.0.0.3");
  EXPECT_THAT(registry.match(7, key(71), "10.0.0.9"), ElementsAre(2));
  EXPECT_THAT(registry.match(7, key(70), "10.0.0.9"), UnorderedElementsAre(1, 3));
}

TEST(CancelRegistry, KeyZeroHitsTheCancellersOwnAddressAlone) {
  CancelRegistry registry;
  registry.add(1, 7, key(0), "10.0.0.1");
  registry.add(2, 7, key(0), "10.0.0.2");
  registry.add(3, 7, key(70), "10.0.0.1");
  EXPECT_THAT(registry.match(7, key(0), "10.0.0.1"), ElementsAre(1));
  EXPECT_THAT(registry.match(7, key(0), "10.0.0.2"), ElementsAre(2));
  EXPECT_THAT(registry.match(7, key(0), "10.0.0.3"), IsEmpty());
}

TEST(CancelRegistry, ForgetsWhatIsRemoved) {
  CancelRegistry registry;
  registry.add(1, 7, key(70), "10.0.0.1");
  registry.add(2, 7, key(70), "10.0.0.1");
  registry.remove(1, 7);
  registry.remove(1, 7);
  registry.remove(2, 8);
  EXPECT_EQ(registry.size(), 1U);
  EXPECT_THAT(registry.match(7, key(70), "10.0.0.1"), ElementsAre(2));
  registry.remove(2, 7);
  EXPECT_EQ(registry.size(), 0U);
  EXPECT_THAT(registry.match(7, key(70), "10.0.0.1"), IsEmpty());
}

}  // namespace
}  // namespace ft
