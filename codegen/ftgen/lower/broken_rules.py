# SPDX-License-Identifier: Apache-2.0
"""Values that break one rule of a struct and keep all others.

    broken_alone(view, struct, lawful, rule)        # the fields of the struct; None if the search finds nothing

The search tries, field by field, what stands at the edges of the numbers that the rules name, and turns back as soon
as a rule is not as it is wanted. What takes a list or text of more than LONGEST, or more than STEPS tries, is given
up.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ftgen.model import INTEGERS, Binary, Call, Expr, Field, ListOf, Number, Rule, Scalar, Struct, Unary
from ftgen.oracle.rules import evaluate
from ftgen.oracle.view import View
from ftgen.walk import names_in

LONGEST = 1000                      # items of a list, bytes of a text
STEPS = 5_000


def rules_of(view: View, struct: Struct) -> list[Rule]:
    return [rule for rule in struct.rules if view.version in rule.versions]


def broken_alone(view: View, struct: Struct, lawful: dict[str, Any], wanted: Rule) -> dict[str, Any] | None:
    rules = rules_of(view, struct)
    involved = {name for rule in rules for name in names_in(rule.expr)}
    fields = [f for f in struct.fields if f.name in involved and view.has(f)]
    numbers = sorted({n for rule in rules for n in numbers_in(rule.expr)})
    # A rule is judged with the last of its fields.
    due: dict[str, list[Rule]] = {f.name: [] for f in fields}
    for rule in rules:
        names = set(names_in(rule.expr))
        due[[f.name for f in fields if f.name in names][-1]].append(rule)
    steps = iter(range(STEPS))

    def search(at: int, value: dict[str, Any]) -> dict[str, Any] | None:
        if at == len(fields):
            return value
        field = fields[at]
        for choice in _choices(view, field, value[field.name], numbers):
            if next(steps, None) is None:
                return None
            tried = value | {field.name: choice}
            if all(evaluate(rule.expr, tried) == (rule is not wanted) for rule in due[field.name]):
                found = search(at + 1, tried)
                if found is not None:
                    return found
        return None

    return search(0, dict(lawful))


def numbers_in(expr: Expr) -> Iterator[int]:
    match expr:
        case Number(value):
            yield value
        case Unary("-", Number(value)):
            yield -value
        case Unary(_, operand):
            yield from numbers_in(operand)
        case Binary(_, left, right):
            yield from numbers_in(left)
            yield from numbers_in(right)
        case Call(_, args):
            for arg in args:
                yield from numbers_in(arg)


def _choices(view: View, field: Field, present: Any, numbers: list[int]) -> Iterator[Any]:
    """What the field may hold, beginning with what it holds."""
    yield present
    longest = min(LONGEST, field.max_items or LONGEST, field.max_bytes or LONGEST)
    sizes = [n for number in numbers for n in (number, number + 1) if 0 <= n <= longest]
    match view.resolve(field.type):
        case Scalar("bool"):
            yield not present
        case Scalar("string"):
            yield from ("", " ", *("x" * size for size in sizes))
        case Scalar(name) if name in INTEGERS:
            yield from _integers(name, numbers)
        case ListOf(item):
            item = view.resolve(item)
            is_integer = isinstance(item, Scalar) and item.name in INTEGERS
            items = list(_integers(item.name, numbers)) if is_integer else present[:1]
            yield []
            for item in items:
                yield [item]
            yield from (items[:1] * size for size in sizes if items)


def _integers(name: str, numbers: list[int]) -> Iterator[int]:
    low, high = INTEGERS[name]
    edges = [n for number in (0, *numbers) for n in (number, number + 1, number - 1)] + [low, high]
    yield from (n for n in dict.fromkeys(edges) if low <= n <= high)
