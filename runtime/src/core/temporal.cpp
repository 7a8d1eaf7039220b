// SPDX-License-Identifier: Apache-2.0
#include "ft/core/temporal.hpp"

namespace ft {
namespace {

constexpr int sign(int value) noexcept { return (value > 0) - (value < 0); }
constexpr bool within(int value, int limit) noexcept { return -limit <= value && value <= limit; }

}  // namespace

UtcOffset UtcOffset::normalised(std::int8_t hours, std::int8_t minutes, std::int8_t seconds) noexcept {
  const int largest = hours != 0 ? hours : minutes != 0 ? minutes : seconds;
  const auto align = [largest](std::int8_t unit) {
    const int aligned = sign(unit) * sign(largest) < 0 ? -unit : unit;
    return static_cast<std::int8_t>(aligned);  // -128 wraps to itself and stays out of range
  };
  return {hours, align(minutes), align(seconds)};
}

bool valid(const Month& month) noexcept { return month.number >= 1 && month.number <= 12; }

bool valid(const Date& date) noexcept {
  return date.year >= min_year && date.year <= max_year && date.ordinal >= 1 && date.ordinal <= days_in_year(date.year);
}

bool valid(const Time& time) noexcept {
  return time.hour <= 23 && time.minute <= 59 && time.second <= 59 && time.nanosecond <= 999'999'999;
}

bool valid(const UtcOffset& offset) noexcept {
  return within(offset.hours, 25) && within(offset.minutes, 59) && within(offset.seconds, 59) &&
         offset == UtcOffset::normalised(offset.hours, offset.minutes, offset.seconds);
}

bool valid(const PrimitiveDateTime& value) noexcept { return valid(value.date()) && valid(value.time()); }

bool valid(const OffsetDateTime& value) noexcept {
  return valid(value.date()) && valid(value.time()) && valid(value.offset());
}

}  // namespace ft
