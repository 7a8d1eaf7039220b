# SPDX-License-Identifier: Apache-2.0
"""Dates and times: the parts that they have on the wire, in order, and which of them exist.

    parts = aligned({"east_h": 1, "east_m": -30, "east_s": 0})      # 1, 30, 0
    exists(parts)

The calendar is the proleptic Gregorian one with a year 0; a day is its number in the year.
"""
from __future__ import annotations

_DATE = {"year": "i32", "ordinal": "u16"}
_TIME = {"hour": "u8", "minute": "u8", "second": "u8", "nanosecond": "u32"}
_OFFSET = {"east_h": "i8", "east_m": "i8", "east_s": "i8"}

# Scalar -> part -> its type on the wire.
COMPONENTS = {"date": _DATE, "time": _TIME, "utc_offset": _OFFSET, "primitive_date_time": _DATE | _TIME,
              "offset_date_time": _DATE | _TIME | _OFFSET}

_LIMITS = {"year": (-999_999, 999_999), "hour": (0, 23), "minute": (0, 59), "second": (0, 59),
           "nanosecond": (0, 999_999_999), "east_h": (-25, 25), "east_m": (-59, 59), "east_s": (-59, 59)}


def aligned(parts: dict[str, int]) -> dict[str, int]:
    """Mixed signs of an offset take that of the largest unit that is not 0."""
    largest = next((parts[name] for name in _OFFSET if parts.get(name)), 0)
    return {name: -part if name in _OFFSET and part * largest < 0 else part for name, part in parts.items()}


def exists(parts: dict[str, int]) -> bool:
    return _day_exists(parts) and all(low <= parts[name] <= high for name,
                                      (low, high) in _LIMITS.items() if name in parts)


def _day_exists(parts: dict[str, int]) -> bool:
    if "year" not in parts:
        return True
    year = parts["year"]
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= parts["ordinal"] <= 365 + leap
