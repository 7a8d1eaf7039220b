// SPDX-License-Identifier: Apache-2.0
#include "ft/core/split_mix64.hpp"

#include <gtest/gtest.h>

namespace ft {
namespace {

// As the published generator gives them for this seed.
TEST(SplitMix64, GivesThePublishedNumbers) {
  constexpr std::uint64_t expected[] = {6457827717110365317U, 3203168211198807973U, 9817491932198370423U,
                                        4593380528125082431U, 16408922859458223821U};
  for (std::uint64_t place = 0; place < 5; ++place) EXPECT_EQ(split_mix64(1234567, place), expected[place]);
}

}  // namespace
}  // namespace ft
