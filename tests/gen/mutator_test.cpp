// SPDX-License-Identifier: Apache-2.0
//
// The mutator of the fuzz targets: what it makes of good frames is mostly JSON, often good, and follows from the seed.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "../../fuzz/mutator.cpp"  // the fuzz targets need clang, and are no library
#include "ft/protocol.hpp"
#include "support/frames.hpp"
#include "support/vectors.hpp"

namespace ft {
namespace {

TEST(Mutator, ChangesFramesIntoGoodAndBadOnes) {
  std::size_t good = 0, changed = 0, other_byte = 0;
  std::set<errc> found;
  for (unsigned seed = 0; seed < 6000; ++seed) {
    const test::Vector& v = test::golden()[seed * 7 % test::golden().size()];
    if (v.expect != test::Expect::identical) continue;
    const std::string frame = fuzz::mutate(v.frame, seed);
    ASSERT_GE(frame.size(), kFrameHeaderSize) << v.name;
    EXPECT_TRUE(is_message_type(static_cast<std::uint8_t>(frame[0])));
    other_byte += frame[0] != v.frame[0] ? 1 : 0;
    const Result<DecodedFrame> decoded = test::decode(frame);
    changed += frame != v.frame ? 1 : 0;
    good += decoded ? 1 : 0;
    if (decoded) {
      EXPECT_EQ(decoded->consumed, frame.size()) << "the length is right";
    } else {
      found.insert(decoded.error().code);
    }
  }
  EXPECT_GT(changed, 5000U);
  EXPECT_GT(good, 1500U) << "structure is kept";
  EXPECT_GT(other_byte, 100U);
  EXPECT_LT(other_byte, 600U);
  for (const errc code : {errc::missing_key, errc::duplicate_key, errc::wrong_type, errc::out_of_range,
                          errc::wrong_length, errc::message_type_mismatch}) {
    EXPECT_TRUE(found.contains(code)) << to_name(code);
  }
}

TEST(Mutator, DependsOnTheSeedAlone) {
  const std::string& frame = test::golden("value.Array.nested").frame;
  std::set<std::string> different;
  for (unsigned seed = 0; seed < 200; ++seed) {
    EXPECT_EQ(fuzz::mutate(frame, seed), fuzz::mutate(frame, seed));
    different.insert(fuzz::mutate(frame, seed));
  }
  EXPECT_GT(different.size(), 100U);
}

TEST(Mutator, TakesPartsOfTheSameTypeFromAnother) {
  const std::string& frame = test::golden("value.Array.nested").frame;
  const std::string& other = test::golden("value.Text.bmp").frame;
  std::size_t good = 0;
  for (unsigned seed = 0; seed < 100; ++seed) good += test::decode(fuzz::cross_over(frame, other, seed)) ? 1 : 0;
  EXPECT_GT(good, 90U);
}

TEST(Mutator, LeavesAloneWhatIsNoJson) {
  for (const char* text : {"", "abc", "\x01\x00\x00\x00", "12345{\"a\":", "12345[1]", "12345"})
    EXPECT_EQ(fuzz::mutate(text, 1), "") << text;
  EXPECT_EQ(fuzz::cross_over("12345{}", "12345", 1), "");
}

TEST(Mutator, TakesAnyObject) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    for (const char* text :
         {"12345{}", R"(12345{"payload":7})", R"(12345{"payload":{"ExecuteFragment":[]}})",
          R"(12345{"version":[],"payload":{"FragmentResult":{"Success":{"result":{"Query":null}}}}})"}) {
      EXPECT_GE(fuzz::mutate(text, seed).size(), kFrameHeaderSize);
      EXPECT_GE(fuzz::cross_over(text, test::golden("value.Text.bmp").frame, seed).size(), kFrameHeaderSize);
    }
  }
}

}  // namespace
}  // namespace ft
