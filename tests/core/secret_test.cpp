// SPDX-License-Identifier: Apache-2.0
#include "ft/core/secret.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <sstream>
#include <string>
#include <type_traits>

#include "support/allocations.hpp"

namespace ft {
namespace {

const std::string kShort = "short secret";  // fits the small buffer
const std::string kLong = "a secret that is long enough to live on the heap, whatever the library";

void watch(const std::string& text) { test::watch_release(text.data(), text.size()); }

// Storage for one object, whose bytes can be looked at before, during and after the object's life.
template <class T>
struct Storage {
  alignas(T) unsigned char bytes[sizeof(T)] = {};

  bool contains(std::string_view text) const {
    char copy[sizeof bytes];
    const unsigned char* from = bytes;
    asm volatile("" : "+r"(from) : : "memory");  // the compiler may take the bytes of a dead object for undefined
    std::memcpy(copy, from, sizeof copy);
    return std::search(copy, copy + sizeof copy, text.begin(), text.end()) != copy + sizeof copy;
  }
};

TEST(Wipe, OverwritesMemory) {
  unsigned char bytes[5] = {1, 2, 3, 4, 5};
  wipe(bytes + 1, 3);
  EXPECT_EQ(bytes[0], 1);
  EXPECT_EQ(bytes[1] | bytes[2] | bytes[3], 0);
  EXPECT_EQ(bytes[4], 5);
}

TEST(Wipe, OverwritesAStringUpToItsCapacity) {
  std::string text = kLong;
  text.resize(3);  // the tail of the secret still stands behind the end
  test::watch_release(text.data(), kLong.size());
  const std::size_t capacity = text.capacity();
  wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(text.capacity(), capacity);
  std::string().swap(text);
  EXPECT_TRUE(test::released_clean());
}

TEST(ConstantTimeEqual, ComparesContentAndLength) {
  EXPECT_TRUE(constant_time_equal("", ""));
  EXPECT_TRUE(constant_time_equal("token", "token"));
  EXPECT_FALSE(constant_time_equal("token", "tokem"));
  EXPECT_FALSE(constant_time_equal("token", "Token"));
  EXPECT_FALSE(constant_time_equal("token", "toke"));
  EXPECT_FALSE(constant_time_equal("", "t"));
  EXPECT_FALSE(constant_time_equal(std::string_view("a\0b", 3), std::string_view("a\0c", 3)));
}

TEST(SecretString, RevealsWhatItHolds) {
  EXPECT_EQ(SecretString().reveal(), "");
  EXPECT_EQ(SecretString("token").reveal(), "token");
  EXPECT_EQ(SecretString("token"), SecretString("token"));
  EXPECT_NE(SecretString("token"), SecretString("other"));
}

TEST(SecretString, ConvertsNeitherWay) {
  EXPECT_FALSE((std::is_convertible_v<std::string, SecretString>));
  EXPECT_FALSE((std::is_convertible_v<const char*, SecretString>));
  EXPECT_FALSE((std::is_convertible_v<SecretString, std::string>));
  EXPECT_FALSE((std::is_convertible_v<std::uint64_t, SecretU64>));
  EXPECT_FALSE((std::is_convertible_v<SecretU64, std::uint64_t>));
}

TEST(SecretString, PrintsStars) {
  std::ostringstream out;
  out << SecretString("token") << SecretU64(123);
  EXPECT_EQ(out.str(), "******");
}

TEST(SecretString, CopiesAreIndependent) {
  SecretString a(kLong);
  SecretString b = a;
  SecretString c;
  c = a;
  a = SecretString("other");
  EXPECT_EQ(b.reveal(), kLong);
  EXPECT_EQ(c.reveal(), kLong);
  b = *&b;
  EXPECT_EQ(b.reveal(), kLong);
}

TEST(SecretString, DestructionWipesTheSmallBuffer) {
  Storage<SecretString> storage;
  auto* secret = ::new (storage.bytes) SecretString(kShort);
  EXPECT_TRUE(storage.contains(kShort));
  secret->~Secret();
  EXPECT_FALSE(storage.contains(kShort.substr(0, 4)));
  EXPECT_FALSE(storage.contains(kShort.substr(4)));
}

TEST(SecretString, DestructionWipesTheHeap) {
  {
    SecretString secret(kLong);
    watch(secret.reveal());
  }
  EXPECT_TRUE(test::released_clean());
}

TEST(SecretString, MovingWipesTheSource) {
  Storage<SecretString> storage;
  auto* source = ::new (storage.bytes) SecretString(kShort);
  SecretString target = std::move(*source);
  EXPECT_EQ(target.reveal(), kShort);
  EXPECT_TRUE(source->reveal().empty());
  EXPECT_FALSE(storage.contains(kShort.substr(4)));

  *source = SecretString(kShort);
  EXPECT_TRUE(storage.contains(kShort));
  target = std::move(*source);
  EXPECT_EQ(target.reveal(), kShort);
  EXPECT_FALSE(storage.contains(kShort.substr(4)));
  source->~Secret();
}

TEST(SecretString, MovingOntoItselfKeepsTheValue) {
  SecretString secret(kLong);
  SecretString& same = secret;
  secret = std::move(same);
  EXPECT_EQ(secret.reveal(), kLong);
}

TEST(SecretString, AssignmentWipesTheOldBuffer) {
  SecretString secret(kLong);
  watch(secret.reveal());
  secret = SecretString(kLong + kLong);
  EXPECT_TRUE(test::released_clean());

  watch(secret.reveal());
  const SecretString other(kLong);
  secret = other;
  EXPECT_EQ(secret, other);
  EXPECT_TRUE(test::released_clean());
}

TEST(SecretString, AdoptTakesTheBufferAndWipesTheRest) {
  std::string text = kLong;
  const char* buffer = text.data();
  const SecretString secret = SecretString::adopt(std::move(text));
  EXPECT_EQ(secret.reveal(), kLong);
  EXPECT_EQ(secret.reveal().data(), buffer);

  Storage<std::string> storage;
  auto* small = ::new (storage.bytes) std::string(kShort);
  EXPECT_EQ(SecretString::adopt(std::move(*small)).reveal(), kShort);
  EXPECT_FALSE(storage.contains(kShort.substr(4)));
  std::destroy_at(small);
}

TEST(SecretString, RevealMutableStartsFromNothing) {
  SecretString secret(kLong);
  watch(secret.reveal());
  std::string& text = secret.reveal_mutable();
  EXPECT_TRUE(text.empty());
  text.assign(kLong.size() * 3, 'x');  // grows, so the old buffer goes
  EXPECT_TRUE(test::released_clean());
  EXPECT_EQ(secret.reveal().size(), kLong.size() * 3);
}

TEST(SecretU64, HoldsComparesAndWipes) {
  constexpr std::uint64_t kKey = 0x1122'3344'5566'7788;
  const std::string_view bytes("\x88\x77\x66\x55\x44\x33\x22\x11");
  EXPECT_EQ(SecretU64().reveal(), 0U);
  EXPECT_EQ(SecretU64(kKey), SecretU64(kKey));
  EXPECT_NE(SecretU64(kKey), SecretU64(kKey + (std::uint64_t{1} << 63)));

  Storage<SecretU64> storage;
  auto* secret = ::new (storage.bytes) SecretU64(kKey);
  EXPECT_TRUE(storage.contains(bytes));
  SecretU64 target = std::move(*secret);
  EXPECT_EQ(target.reveal(), kKey);
  EXPECT_FALSE(storage.contains(bytes));
  secret->reveal_mutable() = kKey;
  EXPECT_TRUE(storage.contains(bytes));
  target = SecretU64();
  target = std::move(*secret);
  EXPECT_EQ(target.reveal(), kKey);
  EXPECT_FALSE(storage.contains(bytes));
  *secret = target;
  EXPECT_TRUE(storage.contains(bytes));
  secret->~Secret();
  EXPECT_FALSE(storage.contains(bytes));
}

}  // namespace
}  // namespace ft
