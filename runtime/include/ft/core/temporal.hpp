// SPDX-License-Identifier: Apache-2.0
//
// Dates, times and offsets as they stand on the wire: plain members, small, without a calendar library behind them.
//
//   ft::Date d(2024, 366);                       // the last day of a leap year
//   if (!ft::valid(d)) ...                       // members are not checked when set: ask
//   ft::OffsetDateTime t(d, ft::Time(23, 59, 59, 0), ft::UtcOffset::normalised(1, -30, 0));
//
// The calendar is the proleptic Gregorian one with a year 0, years run from -999999 to 999999, there are no leap
// seconds. Values are equal when their members are: two OffsetDateTimes for one instant at different offsets differ.
// Everything that is default-constructed is valid. The types do no arithmetic; user-provided constructors keep them
// from being aggregates, which some compilers handle wrongly in coroutines.
#pragma once

#include <cstdint>
#include <type_traits>

namespace ft {

inline constexpr std::int32_t min_year = -999'999;
inline constexpr std::int32_t max_year = 999'999;

constexpr bool is_leap_year(std::int32_t year) noexcept {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}
constexpr std::uint16_t days_in_year(std::int32_t year) noexcept { return is_leap_year(year) ? 366 : 365; }

// A month of the year, `number` 1 to 12.
struct Month {
  enum Name : std::uint8_t {
    january = 1,
    february,
    march,
    april,
    may,
    june,
    july,
    august,
    september,
    october,
    november,
    december
  };

  std::uint8_t number;

  constexpr Month() noexcept : number(january) {}
  constexpr Month(Name name) noexcept : number(name) {}
  constexpr explicit Month(std::uint8_t number_) noexcept : number(number_) {}

  friend constexpr bool operator==(const Month&, const Month&) noexcept = default;
};

// A day, as year and day of the year: `ordinal` runs from 1 to days_in_year(year).
struct Date {
  std::int32_t year;
  std::uint16_t ordinal;

  constexpr Date() noexcept : year(1970), ordinal(1) {}
  constexpr Date(std::int32_t year_, std::uint16_t ordinal_) noexcept : year(year_), ordinal(ordinal_) {}

  friend constexpr bool operator==(const Date&, const Date&) noexcept = default;
};

// A time of day: 00:00:00.000000000 to 23:59:59.999999999.
struct Time {
  std::uint32_t nanosecond;
  std::uint8_t hour;
  std::uint8_t minute;
  std::uint8_t second;

  constexpr Time() noexcept : Time(0, 0, 0, 0) {}
  constexpr Time(std::uint8_t hour_, std::uint8_t minute_, std::uint8_t second_, std::uint32_t nanosecond_) noexcept
      : nanosecond(nanosecond_), hour(hour_), minute(minute_), second(second_) {}

  friend constexpr bool operator==(const Time&, const Time&) noexcept = default;
};

// A distance to UTC, east positive, -25:59:59 to 25:59:59. All members that are not 0 have the same sign.
struct UtcOffset {
  std::int8_t hours;
  std::int8_t minutes;
  std::int8_t seconds;

  constexpr UtcOffset() noexcept : UtcOffset(0, 0, 0) {}
  constexpr UtcOffset(std::int8_t hours_, std::int8_t minutes_, std::int8_t seconds_) noexcept
      : hours(hours_), minutes(minutes_), seconds(seconds_) {}

  // Mixed signs take the sign of the largest unit that is not 0: (1, -30, 0) becomes (1, 30, 0). Out of range stays out
  // of range.
  static UtcOffset normalised(std::int8_t hours, std::int8_t minutes, std::int8_t seconds) noexcept;

  friend constexpr bool operator==(const UtcOffset&, const UtcOffset&) noexcept = default;
};

// A date and a time of day somewhere. Flat, for its size: date() and time() put the parts together again.
struct PrimitiveDateTime {
  std::uint32_t nanosecond;
  std::int32_t year;
  std::uint16_t ordinal;
  std::uint8_t hour;
  std::uint8_t minute;
  std::uint8_t second;

  constexpr PrimitiveDateTime() noexcept : PrimitiveDateTime(Date(), Time()) {}
  constexpr PrimitiveDateTime(Date date_, Time time_) noexcept
      : nanosecond(time_.nanosecond),
        year(date_.year),
        ordinal(date_.ordinal),
        hour(time_.hour),
        minute(time_.minute),
        second(time_.second) {}

  constexpr Date date() const noexcept { return {year, ordinal}; }
  constexpr Time time() const noexcept { return {hour, minute, second, nanosecond}; }

  friend constexpr bool operator==(const PrimitiveDateTime&, const PrimitiveDateTime&) noexcept = default;
};

// A date and a time of day at an offset from UTC; both are local to that offset.
struct OffsetDateTime {
  std::uint32_t nanosecond;
  std::int32_t year;
  std::uint16_t ordinal;
  std::uint8_t hour;
  std::uint8_t minute;
  std::uint8_t second;
  std::int8_t offset_hours;
  std::int8_t offset_minutes;
  std::int8_t offset_seconds;

  constexpr OffsetDateTime() noexcept : OffsetDateTime(Date(), Time(), UtcOffset()) {}
  constexpr OffsetDateTime(Date date_, Time time_, UtcOffset offset_) noexcept
      : nanosecond(time_.nanosecond),
        year(date_.year),
        ordinal(date_.ordinal),
        hour(time_.hour),
        minute(time_.minute),
        second(time_.second),
        offset_hours(offset_.hours),
        offset_minutes(offset_.minutes),
        offset_seconds(offset_.seconds) {}

  constexpr Date date() const noexcept { return {year, ordinal}; }
  constexpr Time time() const noexcept { return {hour, minute, second, nanosecond}; }
  constexpr UtcOffset offset() const noexcept { return {offset_hours, offset_minutes, offset_seconds}; }

  friend constexpr bool operator==(const OffsetDateTime&, const OffsetDateTime&) noexcept = default;
};

// Whether every member is in its range, and for a UtcOffset whether the signs agree.
bool valid(const Month& month) noexcept;
bool valid(const Date& date) noexcept;
bool valid(const Time& time) noexcept;
bool valid(const UtcOffset& offset) noexcept;
bool valid(const PrimitiveDateTime& value) noexcept;
bool valid(const OffsetDateTime& value) noexcept;

static_assert(sizeof(Month) == 1 && sizeof(Date) == 8 && sizeof(Time) == 8 && sizeof(UtcOffset) == 3);
static_assert(sizeof(PrimitiveDateTime) == 16 && sizeof(OffsetDateTime) == 16);
static_assert(std::is_trivially_copyable_v<PrimitiveDateTime> && std::is_trivially_copyable_v<OffsetDateTime>);

}  // namespace ft
