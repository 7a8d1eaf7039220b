// SPDX-License-Identifier: Apache-2.0
#include "ft/core/temporal.hpp"

#include <gtest/gtest.h>

namespace ft {
namespace {

UtcOffset offset(int hours, int minutes, int seconds) {
  return {static_cast<std::int8_t>(hours), static_cast<std::int8_t>(minutes), static_cast<std::int8_t>(seconds)};
}
UtcOffset normalised(int hours, int minutes, int seconds) {
  const UtcOffset plain = offset(hours, minutes, seconds);
  return UtcOffset::normalised(plain.hours, plain.minutes, plain.seconds);
}

TEST(Temporal, DefaultsAreValid) {
  EXPECT_TRUE(valid(Month()));
  EXPECT_TRUE(valid(Date()));
  EXPECT_TRUE(valid(Time()));
  EXPECT_TRUE(valid(UtcOffset()));
  EXPECT_TRUE(valid(PrimitiveDateTime()));
  EXPECT_TRUE(valid(OffsetDateTime()));
  EXPECT_EQ(Date(), Date(1970, 1));
}

TEST(Temporal, LeapYearsAreThoseOfTheGregorianCalendar) {
  for (const int year : {2024, 2000, 0, -4, -400, 999'996, -999'996}) EXPECT_EQ(days_in_year(year), 366) << year;
  for (const int year : {2023, 1900, 2100, -1, -100, 999'999, -999'999}) EXPECT_EQ(days_in_year(year), 365) << year;
}

TEST(Date, OrdinalMustExistInItsYear) {
  EXPECT_TRUE(valid(Date(2024, 366)));
  EXPECT_FALSE(valid(Date(2023, 366)));
  EXPECT_FALSE(valid(Date(2024, 367)));
  EXPECT_FALSE(valid(Date(2024, 0)));
}

TEST(Date, YearsEndAtSixDigits) {
  EXPECT_TRUE(valid(Date(-999'999, 1)));
  EXPECT_TRUE(valid(Date(999'999, 365)));
  EXPECT_FALSE(valid(Date(-1'000'000, 1)));
  EXPECT_FALSE(valid(Date(1'000'000, 1)));
}

TEST(Time, EveryUnitHasItsRange) {
  EXPECT_TRUE(valid(Time(23, 59, 59, 999'999'999)));
  EXPECT_FALSE(valid(Time(24, 0, 0, 0)));
  EXPECT_FALSE(valid(Time(0, 60, 0, 0)));
  EXPECT_FALSE(valid(Time(0, 0, 60, 0)));
  EXPECT_FALSE(valid(Time(0, 0, 0, 1'000'000'000)));
}

TEST(Month, RunsFromJanuaryToDecember) {
  EXPECT_EQ(Month(), Month::january);
  EXPECT_EQ(Month(12), Month::december);
  EXPECT_TRUE(valid(Month(12)));
  EXPECT_FALSE(valid(Month(0)));
  EXPECT_FALSE(valid(Month(13)));
}

TEST(UtcOffset, MixedSignsTakeTheSignOfTheLargestUnit) {
  EXPECT_EQ(normalised(1, -30, 0), offset(1, 30, 0));
  EXPECT_EQ(normalised(-1, 30, 15), offset(-1, -30, -15));
  EXPECT_EQ(normalised(1, 30, -15), offset(1, 30, 15));
  EXPECT_EQ(normalised(0, -5, 7), offset(0, -5, -7));
  EXPECT_EQ(normalised(0, 0, -7), offset(0, 0, -7));
  EXPECT_EQ(normalised(2, 0, -7), offset(2, 0, 7));
  EXPECT_EQ(normalised(0, 0, 0), offset(0, 0, 0));
}

TEST(UtcOffset, EveryUnitHasItsRangeAndOneSign) {
  EXPECT_TRUE(valid(offset(25, 59, 59)));
  EXPECT_TRUE(valid(offset(-25, -59, -59)));
  EXPECT_FALSE(valid(offset(26, 0, 0)));
  EXPECT_FALSE(valid(offset(-26, 0, 0)));
  EXPECT_FALSE(valid(offset(0, 60, 0)));
  EXPECT_FALSE(valid(offset(0, 0, -60)));
  EXPECT_FALSE(valid(offset(1, -30, 0)));
}

TEST(UtcOffset, OutOfRangeStaysOutOfRange) {
  for (const int unit : {-128, -60, 60, 127}) {
    for (const int hours : {-1, 0, 1}) {
      EXPECT_FALSE(valid(normalised(hours, unit, 0))) << hours << ' ' << unit;
      EXPECT_FALSE(valid(normalised(hours, 0, unit))) << hours << ' ' << unit;
    }
  }
  EXPECT_FALSE(valid(normalised(-128, 0, 0)));
}

TEST(DateTime, TakesItsPartsAndGivesThemBack) {
  const Date date(-44, 75);
  const Time time(1, 2, 3, 4);
  const UtcOffset zone = offset(-5, -6, -7);
  const PrimitiveDateTime local(date, time);
  EXPECT_EQ(local.date(), date);
  EXPECT_EQ(local.time(), time);
  const OffsetDateTime instant(date, time, zone);
  EXPECT_EQ(instant.date(), date);
  EXPECT_EQ(instant.time(), time);
  EXPECT_EQ(instant.offset(), zone);
  EXPECT_NE(instant, OffsetDateTime(date, time, UtcOffset()));
  EXPECT_NE(local, PrimitiveDateTime(date, Time()));
}

TEST(DateTime, IsValidWhenItsPartsAre) {
  EXPECT_TRUE(valid(OffsetDateTime(Date(2024, 366), Time(23, 59, 59, 0), offset(25, 0, 0))));
  EXPECT_FALSE(valid(PrimitiveDateTime(Date(2023, 366), Time())));
  EXPECT_FALSE(valid(PrimitiveDateTime(Date(), Time(24, 0, 0, 0))));
  EXPECT_FALSE(valid(OffsetDateTime(Date(2023, 366), Time(), UtcOffset())));
  EXPECT_FALSE(valid(OffsetDateTime(Date(), Time(0, 60, 0, 0), UtcOffset())));
  EXPECT_FALSE(valid(OffsetDateTime(Date(), Time(), offset(26, 0, 0))));
}

}  // namespace
}  // namespace ft
