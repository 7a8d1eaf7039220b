# SPDX-License-Identifier: Apache-2.0
"""The table of built-in types in a protocol's reference, row by row: what JSON has the form that the row tells?

    forms = read_forms(rows)                    # [("`u8` `u16`", "integer from 0 to 2^bits - 1"), ...]
    forms["u8"](Number("255"))                  # True

Only what the rows say is known here. A row in other words than these is an error (ValueError): then somebody has to
read it, and teach it to this file.
"""
from __future__ import annotations

import calendar
import json
import re
import struct
from collections.abc import Callable, Iterable

from tests.emit.wire_json import Number, is_text

Form = Callable[[object], bool]

_BOUNDS: dict[str, Callable[[int], int]] = {
    "0": lambda bits: 0, "2^bits - 1": lambda bits: 2**bits - 1,
    "-2^(bits-1)": lambda bits: -2**(bits - 1), "2^(bits-1) - 1": lambda bits: 2**(bits - 1) - 1}
_COUNTS = {"two": 2, "three": 3, "four": 4, "six": 6}
_LEAP = "; the last in leap years of the Gregorian calendar, 0 being one"
# Types that have types in them: reference_walk.py does what these rows say.
_GENERIC = {
    "any JSON": "any value, kept as it came",
    "list, array, tuple": "array: of any length, of exactly that many items, of exactly these items",
    "optional": "the value, or `null`",
    "secret": "as without it, but never shown to anyone; only that a text is empty may be"}


def read_forms(rows: Iterable[tuple[str, str]]) -> dict[str, Form]:
    forms: dict[str, Form] = {}
    generic = dict(_GENERIC)
    for names, text in rows:
        if not names.startswith("`"):
            if generic.pop(names, None) != text:
                raise ValueError(f"built-in types: {names}: {text}")
            continue
        for position, name in enumerate(re.findall(r"`(\w+)`", names)):
            forms[name] = _form(name, position, text, forms)
    if generic:
        raise ValueError(f"built-in types: nothing about {', '.join(generic)}")
    return forms


def _form(name: str, position: int, text: str, forms: dict[str, Form]) -> Form:
    if text == "string":
        return is_text
    if text == "number of single or double precision":
        return _float(("<f", "<d")[position])
    if re.fullmatch(r"`\w+`(, `\w+`)*", text):
        return _one_of([json.loads(word) for word in re.findall(r"\w+", text)])
    if found := re.fullmatch(r"integer from (\S+) to ([^;]+)(?:; beyond 53 bits .* needs more than doubles)?", text):
        bits = int(name[1:])
        return _whole(_BOUNDS[found[1]](bits), _BOUNDS[found[2]](bits))
    if found := re.fullmatch(r"(\d+) to (\d+)", text):
        return _whole(int(found[1]), int(found[2]))
    if text.endswith(_LEAP):
        return _in_a_year(_form(name, position, text.removesuffix(_LEAP), forms))
    if found := re.fullmatch(r"`\[(.*)\]`: ((?:-?\d+ to \d+(?:, )?)+)(; written all of one sign)?", text):
        bounds = [(int(low), int(high)) for low, high in re.findall(r"(-?\d+) to (\d+)", found[2])]
        if len(bounds) != len(found[1].split(", ")):
            raise ValueError(f"built-in types: {name}: {text}")
        return _array([_whole(low, high) for low, high in bounds], found[3] is not None)
    if found := re.fullmatch(r"the (\w+) of `(\w+)`, then the (\w+) of `(\w+)`", text):
        return _joined(_COUNTS[found[1]], forms[found[2]], _COUNTS[found[3]], forms[found[4]])
    raise ValueError(f"built-in types: {name}: {text}")


def _one_of(values: list[object]) -> Form:
    return lambda value: any(value is v for v in values)


def _whole(low: int, high: int) -> Form:
    return lambda value: (isinstance(value, Number) and re.fullmatch(r"-?(0|[1-9][0-9]*)", value) is not None
                          and low <= int(value) <= high)


def _in_a_year(date: Form) -> Form:
    def fits(value: object) -> bool:
        return date(value) and (value[1] != "366" or calendar.isleap(int(value[0])))
    return fits


def _float(layout: str) -> Form:
    def fits(value: object) -> bool:
        try:
            return isinstance(value, Number) and len(struct.pack(layout, float(value))) > 0
        except OverflowError:
            return False
    return fits


def _array(items: list[Form], of_one_sign: bool) -> Form:
    def fits(value: object) -> bool:
        return (isinstance(value, list) and len(value) == len(items)
                and all(item(v) for item, v in zip(items, value))
                and not (of_one_sign and min(map(int, value)) < 0 < max(map(int, value))))
    return fits


def _joined(first_count: int, first: Form, second_count: int, second: Form) -> Form:
    """One array out of two; the counts are those that the row gives, the forms have their own."""
    return lambda value: (isinstance(value, list) and len(value) == first_count + second_count
                          and first(value[:first_count]) and second(value[first_count:]))
