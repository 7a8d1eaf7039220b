// SPDX-License-Identifier: Apache-2.0
#include "ft/core/padded.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "support/allocations.hpp"

namespace ft {
namespace {

bool padded(PaddedView view) {
  const char* end = view.data + view.size;
  return std::all_of(end, end + kPadding, [](char c) { return c == 0; });
}

void fill(PaddedBuffer& buffer, std::string_view text) {
  buffer.resize(text.size());
  std::memcpy(buffer.data(), text.data(), text.size());
}

std::string content(const PaddedBuffer& buffer) { return std::string(buffer.view().data, buffer.view().size); }

TEST(PaddedView, IsPaddedEvenWhenEmpty) {
  EXPECT_EQ(PaddedView().size, 0U);
  EXPECT_TRUE(padded(PaddedView()));
}

TEST(PaddedBuffer, HoldsNothingAtFirst) {
  const PaddedBuffer buffer;
  EXPECT_EQ(buffer.size(), 0U);
  EXPECT_EQ(buffer.capacity(), 0U);
  EXPECT_TRUE(padded(buffer.view()));
}

TEST(PaddedBuffer, KeepsZerosBehindEverySize) {
  PaddedBuffer buffer;
  for (const std::size_t size : {std::size_t{1}, std::size_t{1000}, std::size_t{63}, std::size_t{0}, std::size_t{64}}) {
    buffer.resize(size);
    if (size > 0) std::memset(buffer.data(), 0xff, size);
    EXPECT_EQ(buffer.view().size, size);
    EXPECT_TRUE(padded(buffer.view())) << size;
  }
}

TEST(PaddedBuffer, GrowingKeepsTheContent) {
  PaddedBuffer buffer;
  fill(buffer, "abc");
  buffer.resize(100'000);
  EXPECT_EQ(content(buffer).substr(0, 3), "abc");
  EXPECT_TRUE(padded(buffer.view()));
}

TEST(PaddedBuffer, ReusesItsMemory) {
  PaddedBuffer buffer;
  buffer.resize(1000);
  const char* memory = buffer.data();
  buffer.resize(0);
  buffer.resize(1000);
  EXPECT_EQ(buffer.data(), memory);
  EXPECT_EQ(buffer.capacity(), 1000U);
}

TEST(PaddedBuffer, ReserveChangesCapacityAlone) {
  PaddedBuffer buffer;
  fill(buffer, "abc");
  buffer.reserve(5000);
  EXPECT_EQ(buffer.capacity(), 5000U);
  EXPECT_EQ(content(buffer), "abc");
  EXPECT_TRUE(padded(buffer.view()));
  const char* memory = buffer.data();
  buffer.resize(5000);
  EXPECT_EQ(buffer.data(), memory);

  PaddedBuffer fresh;
  fresh.reserve(10);
  EXPECT_EQ(fresh.view().size, 0U);
  EXPECT_TRUE(padded(fresh.view()));
}

TEST(PaddedBuffer, CopiesOf) {
  const std::string text("frame\0payload", 13);
  const PaddedBuffer buffer = PaddedBuffer::copy_of(std::as_bytes(std::span(text)));
  EXPECT_EQ(content(buffer), text);
  EXPECT_TRUE(padded(buffer.view()));
  EXPECT_EQ(PaddedBuffer::copy_of({}).size(), 0U);
}

TEST(PaddedBuffer, Moves) {
  PaddedBuffer a;
  fill(a, "abc");
  PaddedBuffer b = std::move(a);
  EXPECT_EQ(content(b), "abc");
  EXPECT_EQ(a.size(), 0U);
  EXPECT_TRUE(padded(a.view()));
  fill(a, "other");
  b = std::move(a);
  EXPECT_EQ(content(b), "other");
  EXPECT_EQ(a.capacity(), 0U);
  PaddedBuffer& same = b;
  b = std::move(same);
  EXPECT_EQ(content(b), "other");
}

TEST(PaddedBuffer, OfSecretsLeavesNothingBehindWhenItGrows) {
  PaddedBuffer buffer = PaddedBuffer::of_secrets();
  fill(buffer, "a longer secret");
  fill(buffer, "secret");  // something of the longer one is still there
  test::watch_release(buffer.data(), buffer.capacity());
  buffer.resize(100'000);
  EXPECT_TRUE(test::released_clean());
  EXPECT_EQ(content(buffer).substr(0, 6), "secret");
  EXPECT_TRUE(padded(buffer.view()));
}

TEST(PaddedBuffer, OfSecretsLeavesNothingBehindWhenItGoes) {
  PaddedBuffer other;
  {
    PaddedBuffer buffer = PaddedBuffer::of_secrets();
    fill(buffer, "secret");
    test::watch_release(buffer.data(), buffer.capacity());
    other = std::move(buffer);
  }
  EXPECT_EQ(content(other), "secret");
  EXPECT_FALSE(test::released_clean());
  other = PaddedBuffer();
  EXPECT_TRUE(test::released_clean());
}

TEST(PaddedBuffer, RefusesSizesThatLeaveNoRoomForThePadding) {
  PaddedBuffer buffer;
  fill(buffer, "abc");
  EXPECT_THROW(buffer.resize(std::numeric_limits<std::size_t>::max() - 1), std::bad_alloc);
  EXPECT_EQ(content(buffer), "abc");
}

}  // namespace
}  // namespace ft
