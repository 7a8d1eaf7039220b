# SPDX-License-Identifier: Apache-2.0
"""Floats as texts: reading rounds correctly, writing takes the fewest digits that read back, laid out canonically.

Python's own float is exact both ways for f64. An f32 is a Python float that has been rounded once, from the text
itself: by way of a double it would be rounded twice.
"""
from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal

_F32_MAX = float(2**128 - 2**104)
# The powers of ten from which on, and below which, numbers are not scientific.
_FIXED = {"f32": (-6, 13), "f64": (-5, 16)}


def read(text: str, kind: str) -> float | None:
    """The nearest value of a text that is a JSON number; None if that is infinite."""
    double = float(text)
    is_exact = kind == "f64" or double == 0 or math.isinf(double)
    value = double if is_exact else _nearest_f32(Decimal(text), double)
    return None if math.isinf(value) else value


def write(value: float, kind: str) -> str:
    """The canonical text of a finite value."""
    if value == 0:
        return "-0.0" if math.copysign(1, value) < 0 else "0.0"
    sign, digits, exponent = (Decimal(repr(value)) if kind == "f64" else _shortest_f32(value)).normalize().as_tuple()
    text = "".join(map(str, digits))
    power = exponent + len(text) - 1            # of the first digit
    low, high = _FIXED[kind]
    return "-" * sign + (_fixed(text, power) if low <= power < high else _scientific(text, power))


def _fixed(digits: str, power: int) -> str:
    if power < 0:
        return "0." + "0" * (-power - 1) + digits
    whole = digits[:power + 1].ljust(power + 1, "0")
    return f"{whole}.{digits[power + 1:] or '0'}"


def _scientific(digits: str, power: int) -> str:
    point = "." if len(digits) > 1 else ""
    return f"{digits[0]}{point}{digits[1:]}e{'-' if power < 0 else '+'}{abs(power)}"


def _nearest_f32(exact: Decimal, double: float) -> float:
    """`double` is `exact` rounded to 53 bits; the tie between two floats is the one place where that loses
    something."""
    size = abs(double)
    step = max(math.frexp(size)[1] - 24, -149)  # the last bit of a float of this size
    scaled = math.ldexp(size, -step)
    count = math.floor(scaled)
    rest = scaled - count
    if rest == 0.5:
        error = exact.copy_abs().compare(Decimal(size))
        rest += 0.25 * (int(error) if error else (1 if count % 2 else -1))
    if rest > 0.5:
        count += 1
    size = math.ldexp(float(count), step)
    return math.copysign(size if size <= _F32_MAX else math.inf, double)


def _shortest_f32(value: float) -> Decimal:
    """The fewest digits that read as this value, and of those the nearest to it; of two as near, the even one."""
    exact = Decimal(value)
    for digits in range(1, 10):
        for rounding in (ROUND_HALF_EVEN, ROUND_FLOOR, ROUND_CEILING):  # beside a power of two the farther one may do
            short = Context(digits, rounding).plus(exact)
            if read(str(short), "f32") == value:
                return short
    raise AssertionError("nine digits tell all floats apart")
