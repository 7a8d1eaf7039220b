# SPDX-License-Identifier: Apache-2.0
"""The texts at the edges of a type: least, greatest, one beyond; and what else each kind of value can do wrong once.

    for name, text in edges(view, type, field): ...     # ("max", "255"), ("above", "256") ...

Whether a text is good is not said here. Declared structs and sums have no edges: their members have.
"""
from __future__ import annotations

from collections.abc import Iterator

from ftgen.model import (INTEGERS, ArrayOf, Field, ListOf, Opaque, OptionalOf, Ref, Scalar, SecretOf, TupleOf, Type)
from ftgen.lower.places import Texts
from ftgen.walk import references

LONGEST = 2000                      # items of a list, bytes of a text: a limit beyond is not tried

_FLOATS = {"f32": (("max", "3.4028235e+38"), ("max_rounded", "3.4028235677973366e38"),
                   ("above", "3.4028235677973367e38"),
                   ("tiny", "1e-45"), ("integer", "-16777217"), ("zero", "-0.0")),
           "f64": (("max", "1.7976931348623157e+308"), ("max_rounded", "1.797693134862315807e308"),
                   ("above", "1.797693134862315808e308"), ("tiny", "5e-324"), ("integer", "9007199254740993"),
                   ("zero", "-1e-400"))}
_DATE = {"min": [-999999, 1], "max": [999999, 365], "below": [-1000000, 1], "above": [1000000, 1],
         "leap_day": [2024, 366],
         "no_leap_day": [2023, 366], "no_day": [2023, 0]}
_TIME = {"min": [0, 0, 0, 0], "max": [23, 59, 59, 999999999], "hour_above": [24, 0, 0, 0],
         "minute_above": [0, 60, 0, 0],
         "second_above": [0, 0, 60, 0], "nanosecond_above": [0, 0, 0, 1000000000], "no_byte": [256, 0, 0, 0]}
_OFFSET = {"min": [-25, -59, -59], "max": [25, 59, 59], "above": [26, 0, 0], "minute_above": [0, 60, 0],
           "mixed": [1, -30, 0]}
_AT = {"date": [2000, 1], "time": [1, 2, 3, 4], "utc_offset": [1, 0, 0]}
_TEMPORALS = {"date": (("date", _DATE),), "time": (("time", _TIME),), "utc_offset": (("utc_offset", _OFFSET),),
              "primitive_date_time": (("date", _DATE), ("time", _TIME)),
              "offset_date_time": (("date", _DATE), ("time", _TIME), ("utc_offset", _OFFSET))}


def edges(texts: Texts, type_: Type, field: Field | None = None) -> Iterator[tuple[str, str]]:
    """`field` brings the limits of a list or string that stands in it directly, or as an optional."""
    match texts.view.resolve(type_):
        case Scalar("bool"):
            yield "true", "true"
        case Scalar("string"):
            yield from _strings(field.max_bytes if field is not None else None)
        case Scalar("month"):
            yield from (("min", "1"), ("max", "12"), ("below", "0"), ("above", "13"))
        case Scalar(name) if name in INTEGERS:
            low, high = INTEGERS[name]
            yield from (("min", str(low)), ("max", str(high)), ("below", str(low - 1)), ("above", str(high + 1)))
        case Scalar(name) if name in _FLOATS:
            yield from _FLOATS[name]
        case Scalar(name):
            yield from _temporals(name)
        case Opaque():
            yield from (("any", '{"a" :[1e308,"\\u0000"]}'), ("above", "[1e309]"))
        case SecretOf(item) | OptionalOf(item):
            yield from edges(texts, item, field)
        case ListOf(item):
            yield from _lists(texts, item, field.max_items if field is not None else None)
        case ArrayOf(item, size):
            yield from _exactly([texts.least_of(item)] * size)
        case TupleOf(items):
            yield from _exactly([texts.least_of(item) for item in items])
        case Ref():
            pass


def left_out(field: Field) -> str | None:
    """The limit of a field that is too large to be tried."""
    limit = field.max_bytes or field.max_items
    if limit is None or limit <= LONGEST:
        return None
    return f"max_bytes {limit}" if field.max_bytes else f"max_items {limit}"


def _strings(limit: int | None) -> Iterator[tuple[str, str]]:
    if limit is not None and limit <= LONGEST:
        yield from (("max_bytes", f'"{"x" * limit}"'), ("above_max_bytes", f'"{"x" * (limit + 1)}"'))


def _temporals(name: str) -> Iterator[tuple[str, str]]:
    """One part at its edges, the others in their midst."""
    parts = _TEMPORALS[name]
    for part, cases in parts:
        for case, numbers in cases.items():
            whole = [n for other, _ in parts for n in (numbers if other == part else _AT[other])]
            yield case if len(parts) == 1 else f"{part}_{case}", _array(map(str, whole))
    whole = [str(n) for part, _ in parts for n in _AT[part]]
    yield from _exactly(whole)


def _lists(texts: Texts, item: Type, limit: int | None) -> Iterator[tuple[str, str]]:
    least = texts.least_of(item)
    yield "empty", "[]"
    if not references(item):        # what it refers to is tried in its own place
        yield "two", _array([least] * 2)
    if limit is not None and limit <= LONGEST:
        yield from (("max_items", _array([least] * limit)), ("above_max_items", _array([least] * (limit + 1))))
    yield from ((f"item_{case}", f"[{text}]") for case, text in edges(texts, item)
                if case in ("min", "max", "below", "above"))


def _exactly(items: list[str]) -> Iterator[tuple[str, str]]:
    yield from (("exact", _array(items)), ("shorter", _array(items[:-1])), ("longer", _array([*items, items[-1]])))


def _array(items) -> str:
    return f"[{','.join(items)}]"
