// SPDX-License-Identifier: Apache-2.0
//
// Value, the 24-byte cell: every alternative in every form (in place, owned, borrowed from an arena).
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ft/protocol.hpp"
#include "support/allocations.hpp"

namespace ft {
namespace {

constexpr unsigned kAlternatives = static_cast<unsigned>(Value::Tag::Array) + 1;

NumericValue big_numeric() {
  NumericValue value;
  value.coefficient = -5;
  value.scale = 3;
  value.big.emplace().limbs = {1, 2, 3};
  return value;
}

VectorValue some_vector() {
  VectorValue value;
  value.values = {1.5F, -2.25F, 0.0F, 1e30F, 5.0F, 6.0F};
  return value;
}

/// One of each alternative that does not fit in place where it may be large, and then one that does.
std::vector<Value> one_of_each(Arena* arena) {
  static const std::vector<std::uint8_t> blob = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12,
                                                 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23};
  IntervalValue interval;
  interval.months = -1;
  interval.micros = 123456789012;
  TidValue tid;
  tid.block = 7;
  tid.offset = 65535;
  PgDate large;
  large.year = -4712;
  large.day = 200;
  std::vector<Value> items;
  items.push_back(Value::Int(1));
  items.push_back(Value());
  items.push_back(Value::Text("an element of a list that is long"));
  const Json json = Json::parse(R"({"a":[1,2,3],"b":"something long"})").value();

  std::vector<Value> all;
  all.push_back(Value());
  all.push_back(Value::Int(-2147483647 - 1, arena));
  all.push_back(Value::BigInt(9223372036854775807, arena));
  all.push_back(Value::Real(-0.5F, arena));
  all.push_back(Value::Double(1e300, arena));
  all.push_back(Value::Numeric(big_numeric(), arena));
  all.push_back(Value::Money(-7, arena));
  all.push_back(Value::Text("a text of more than twenty-two bytes", arena));
  all.push_back(Value::Boolean(true, arena));
  all.push_back(Value::Blob(blob, arena));
  all.push_back(Value::Timestamp({Date(2024, 366), Time(23, 59, 59, 999999999)}, arena));
  all.push_back(Value::Date(Date(-999999, 1), arena));
  all.push_back(Value::LargeDate(large, arena));
  all.push_back(Value::Time(Time(1, 2, 3, 4), arena));
  all.push_back(Value::TimeTz({Time(5, 6, 7, 8), UtcOffset(-1, -30, -15)}, arena));
  all.push_back(Value::Interval(interval, arena));
  all.push_back(Value::Uuid({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255}, arena));
  all.push_back(Value::TimestampTz({Date(1999, 365), Time(0, 0, 0, 1), UtcOffset(25, 59, 59)}, arena));
  all.push_back(Value::Tid(tid, arena));
  all.push_back(Value::PgLsn(PgLsnValue(18446744073709551615U), arena));
  all.push_back(Value::Jsonb(json, arena));
  all.push_back(Value::MacAddr(MacAddr({1, 2, 3, 4, 5, 6}), arena));
  all.push_back(Value::MacAddr8(MacAddr8({1, 2, 3, 4, 5, 6, 7, 8}), arena));
  all.push_back(Value::Vector(some_vector(), arena));
  all.push_back(Value::Array(items, arena));
  all.push_back(Value::Text("twenty-two bytes long.", arena));
  all.push_back(Value::Text("", arena));
  all.push_back(Value::Blob({}, arena));
  all.push_back(Value::Array({}, arena));
  return all;
}

TEST(Cell, GivesBackWhatItWasGiven) {
  Arena memory;
  for (Arena* arena : {static_cast<Arena*>(nullptr), &memory}) {
    const std::vector<Value> all = one_of_each(arena);
    for (unsigned i = 0; i < kAlternatives; ++i) EXPECT_EQ(all[i].index(), i) << all[i].name();
    EXPECT_EQ(all[1].as_int(), -2147483647 - 1);
    EXPECT_EQ(all[2].as_big_int(), 9223372036854775807);
    EXPECT_EQ(all[3].as_real(), -0.5F);
    EXPECT_EQ(all[4].as_double(), 1e300);
    EXPECT_TRUE(all[5].as_numeric() == big_numeric());
    EXPECT_EQ(all[6].as_money(), -7);
    EXPECT_EQ(all[7].as_text(), "a text of more than twenty-two bytes");
    EXPECT_TRUE(all[8].as_boolean());
    EXPECT_EQ(all[9].as_blob().size(), 23U);
    EXPECT_EQ(all[9].as_blob()[22], 23U);
    EXPECT_EQ(all[10].as_timestamp().time(), Time(23, 59, 59, 999999999));
    EXPECT_EQ(all[11].as_date(), Date(-999999, 1));
    EXPECT_EQ(all[12].as_large_date().year, -4712);
    EXPECT_EQ(all[12].as_large_date().day, 200);
    EXPECT_EQ(all[13].as_time(), Time(1, 2, 3, 4));
    EXPECT_EQ(std::get<0>(all[14].as_time_tz()), Time(5, 6, 7, 8));
    EXPECT_EQ(std::get<1>(all[14].as_time_tz()), UtcOffset(-1, -30, -15));
    EXPECT_EQ(all[15].as_interval().micros, 123456789012);
    EXPECT_EQ(all[16].as_uuid()[15], 255U);
    EXPECT_EQ(all[17].as_timestamp_tz().offset(), UtcOffset(25, 59, 59));
    EXPECT_EQ(all[18].as_tid().offset, 65535U);
    EXPECT_EQ(all[19].as_pg_lsn().value, 18446744073709551615U);
    EXPECT_EQ(all[20].as_jsonb().text(), R"({"a":[1,2,3],"b":"something long"})");
    EXPECT_EQ(all[21].as_mac_addr().value[5], 6U);
    EXPECT_EQ(all[22].as_mac_addr8().value[7], 8U);
    EXPECT_TRUE(all[23].as_vector() == some_vector());
    ASSERT_EQ(all[24].as_array().size(), 3U);
    EXPECT_EQ(all[24].as_array()[2].as_text(), "an element of a list that is long");
    EXPECT_EQ(all[25].as_text(), "twenty-two bytes long.");
    EXPECT_EQ(all[26].as_text(), "");
    EXPECT_TRUE(all[27].as_blob().empty());
    EXPECT_TRUE(all[28].as_array().empty());
  }
}

TEST(Cell, EveryOtherAccessorThrows) {
  for (const Value& value : one_of_each(nullptr)) {
    for (unsigned i = 0; i < kAlternatives; ++i) {
      bool threw = false;
      Value::dispatch(
          [&]<std::size_t I>() {
            try {
              static_cast<void>(value.get<I>());
            } catch (const WrongAlternative&) {
              threw = true;
            }
          },
          i);
      EXPECT_EQ(threw, i != value.index()) << value.name() << " as number " << i;
    }
  }
}

TEST(Cell, VisitHandsOutTagAndPayload) {
  for (const Value& value : one_of_each(nullptr)) {
    value.visit([&](Value::Tag tag, const auto& payload) {
      EXPECT_EQ(tag, value.tag());
      using T = std::decay_t<decltype(payload)>;
      EXPECT_EQ((std::is_same_v<T, Unit>), tag == Value::Tag::Null);
    });
  }
  const bool negative = Value::Int(-1).visit(overloaded{
      [](Value::Tag, std::int32_t n) { return n < 0; },
      [](Value::Tag, const auto&) { return false; },
  });
  EXPECT_TRUE(negative);
}

TEST(Cell, EqualityLooksAtTagAndPayloadNotAtTheForm) {
  Arena arena;
  const std::vector<Value> owned = one_of_each(nullptr), borrowed = one_of_each(&arena);
  for (std::size_t i = 0; i < owned.size(); ++i) {
    for (std::size_t k = 0; k < owned.size(); ++k) EXPECT_EQ(owned[i] == borrowed[k], i == k) << i << " and " << k;
  }
  EXPECT_FALSE(Value::Int(1) == Value::BigInt(1));
  EXPECT_FALSE(Value::Text("a") == Value::Text("b"));
  EXPECT_TRUE(Value::Double(0.0) == Value::Double(-0.0));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(Value::Double(nan) == Value::Double(nan)) << "as for a double";
}

TEST(Cell, ACopyOwnsWhatItHolds) {
  std::vector<Value> copies;
  {
    Arena arena;
    const std::vector<Value> borrowed = one_of_each(&arena);
    copies = borrowed;
    for (std::size_t i = 0; i < copies.size(); ++i) EXPECT_TRUE(copies[i] == borrowed[i]);
  }
  EXPECT_TRUE(copies == one_of_each(nullptr)) << "the arena is gone, the copies are not";
}

TEST(Cell, ACopyIntoAnArenaTakesNothingFromTheHeap) {
  const std::vector<Value> owned = one_of_each(nullptr);
  Arena arena;
  arena.allocate(1);
  for (const Value& value : owned) {
    // A struct of its own may hold vectors, whose elements are not the arena's.
    if (value.tag() == Value::Tag::Numeric || value.tag() == Value::Tag::Vector) continue;
    const std::size_t before = test::allocations();
    const Value copy(value, &arena);
    EXPECT_EQ(test::allocations(), before) << value.name();
    EXPECT_TRUE(copy == value);
  }
}

TEST(Cell, AssignmentReleasesTheOldPayload) {
  // LeakSanitizer and AddressSanitizer judge the memory; the test judges the values.
  const std::vector<Value> all = one_of_each(nullptr);
  for (const Value& from : all) {
    for (const Value& to : all) {
      Value target = to;
      target = from;
      EXPECT_TRUE(target == from);
      Value source = from;
      target = to;
      target = std::move(source);
      EXPECT_TRUE(target == from);
      Value moved = std::move(target);
      EXPECT_TRUE(moved == from);
      EXPECT_TRUE(target == Value()) << "moved from: Null";
    }
  }
}

TEST(Cell, MayBeAssignedToItselfAndFromItsOwnElement) {
  for (const Value& value : one_of_each(nullptr)) {
    Value target = value;
    target = *&target;
    EXPECT_TRUE(target == value);
    target = std::move(*&target);
    EXPECT_TRUE(target == value);
  }
  Value list = Value::Array(std::vector<Value>{Value::Text("the element that remains of the list")});
  list = list.as_array()[0];
  EXPECT_EQ(list.as_text(), "the element that remains of the list");
}

TEST(Cell, SmallPayloadsCostNoAllocation) {
  const std::size_t before = test::allocations();
  {
    const Value text = Value::Text("twenty-two bytes long.");
    const Value copy = text;
    const Value uuid = Value::Uuid({1, 2, 3});
    const Value time = Value::TimestampTz({});
    const Value interval = Value::Interval({});
    const Value list = Value::Array({});
    EXPECT_TRUE(copy == text);
  }
  EXPECT_EQ(test::allocations(), before);
  { const Value text = Value::Text("twenty-three bytes long"); }
  EXPECT_EQ(test::allocations(), before + 1);
}

TEST(Cell, AnAllocationThatFailsLosesNothing) {
  for (const Value& value : one_of_each(nullptr)) {
    Value target = Value::Text("a text of more than twenty-two bytes");
    for (std::size_t n = 0;; ++n) {
      const test::FailingAllocation failing(n);
      try {
        target = value;
        break;
      } catch (const std::bad_alloc&) {
        EXPECT_EQ(target.as_text(), "a text of more than twenty-two bytes");
      }
    }
    EXPECT_TRUE(target == value);
  }
}

}  // namespace
}  // namespace ft
