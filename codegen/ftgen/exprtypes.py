# SPDX-License-Identifier: Apache-2.0
"""Types of rule expressions. `check(parsed, fields)` returns the type of the whole, or a Mistake.

An integer's type is its range: every operation computes the range of its result, so what might leave 128 bits, or a
derived value that might not fit its field, is found here and never at run time.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ftgen.diagnostics import did_you_mean
from ftgen.expr import COMPARISONS, Mistake, Parsed
from ftgen.model import (INTEGERS, Binary, Call, Expr, Field, ListOf, Name, Number, OptionalOf, Scalar, SecretOf, This,
                         Type, Unary)

_LOW, _HIGH = INTEGERS["i128"]
_SIZE = INTEGERS["u64"]


@dataclass(frozen=True)
class Bool:
    def __str__(self) -> str:
        return "a condition"


@dataclass(frozen=True)
class Range:
    low: int
    high: int

    def __str__(self) -> str:
        return "an integer"


@dataclass(frozen=True)
class Text:
    limit: int

    def __str__(self) -> str:
        return "a string"


@dataclass(frozen=True)
class Items:
    item: Type
    limit: int

    def __str__(self) -> str:
        return "a list"


ExprType = Bool | Range | Text | Items


def check(parsed: Parsed, fields: Mapping[str, Field]) -> ExprType | Mistake:
    try:
        return _Checker(parsed, fields).type_of(parsed.expr, None)
    except Mistake as mistake:
        return mistake


class _Checker:
    def __init__(self, parsed: Parsed, fields: Mapping[str, Field]) -> None:
        self._parsed = parsed
        self._fields = fields

    def type_of(self, part: Expr, this: Type | None) -> ExprType:
        """`this` is the type of the element that an enclosing `all` looks at."""
        match part:
            case Number(value):
                return self._in_range(part, value, value)
            case Name(name):
                return self._field(part, name)
            case This():
                if this is None:
                    raise self._mistake("FT502", part, "'this' stands for an element, inside of `all` only")
                return self._of(part, this, "'this'")
            case Call():
                return self._call(part, this)
            case Unary("!", operand):
                self._want(Bool, operand, this, "!")
                return Bool()
            case Unary(_, operand):
                inner = self._want(Range, operand, this, "-")
                return self._in_range(part, -inner.high, -inner.low)
            case Binary():
                return self._binary(part, this)

    def _binary(self, part: Binary, this: Type | None) -> ExprType:
        if part.op in ("&&", "||"):
            self._want(Bool, part.left, this, part.op)
            self._want(Bool, part.right, this, part.op)
            return Bool()
        left = self.type_of(part.left, this)
        if part.op in ("==", "!=") and isinstance(left, Bool):
            self._want(Bool, part.right, this, part.op)
            return Bool()
        self._is(Range, left, part.left, part.op)
        right = self._want(Range, part.right, this, part.op)
        if part.op in COMPARISONS:
            return Bool()
        match part.op:
            case "+":
                return self._in_range(part, left.low + right.low, left.high + right.high)
            case "-":
                return self._in_range(part, left.low - right.high, left.high - right.low)
            case _:
                corners = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
                return self._in_range(part, min(corners), max(corners))

    def _call(self, part: Call, this: Type | None) -> ExprType:
        first = part.args[0]
        if not isinstance(first, (Name, This)) or (part.function == "all" and isinstance(first, This)):
            raise self._mistake("FT503", first, f"'{part.function}' takes the name of a field")
        match part.function:
            case "len":
                return Range(0, self._want(Items, first, this, "len").limit)
            case "bytes":
                return Range(0, self._want(Text, first, this, "bytes").limit)
            case "blank":
                self._want(Text, first, this, "blank")
                return Bool()
            case _:
                items = self._want(Items, first, this, "all")
                self._want(Bool, part.args[1], items.item, "all")
                return Bool()

    def _field(self, part: Name, name: str) -> ExprType:
        field = self._fields.get(name)
        if field is None:
            raise self._mistake("FT502", part, f"there is no field '{name}' here", did_you_mean(name, self._fields))
        if field.derived is not None:
            raise self._mistake("FT504", part, f"'{name}' is derived and no member of the struct",
                                "use what it is derived from")
        return self._of(part, field.type, f"'{name}'", field.max_items, field.max_bytes)

    def _of(self, part: Expr, type_: Type, what: str, max_items: int | None = None,
            max_bytes: int | None = None) -> ExprType:
        match type_:
            case Scalar("bool"):
                return Bool()
            case Scalar("string"):
                return Text(max_bytes or _SIZE[1])
            case Scalar(name) if name in INTEGERS:
                return Range(*INTEGERS[name])
            case ListOf(item):
                return Items(item, max_items or _SIZE[1])
            case OptionalOf():
                raise self._mistake("FT504", part, f"{what} is optional",
                                    "give its own type a rule; it runs when the field is there")
            case SecretOf():
                raise self._mistake("FT504", part, f"{what} is secret")
            case _:
                raise self._mistake("FT504", part, f"{what} is neither integer, bool, string nor list")

    def _want(self, kind: type, part: Expr, this: Type | None, user: str):
        found = self.type_of(part, this)
        self._is(kind, found, part, user)
        return found

    def _is(self, kind: type, found: ExprType, part: Expr, user: str) -> None:
        if not isinstance(found, kind):
            wanted = {Bool: "a condition", Range: "an integer", Text: "a string", Items: "a list"}[kind]
            raise self._mistake("FT503", part, f"'{user}' needs {wanted} here, and this is {found}")

    def _in_range(self, part: Expr, low: int, high: int) -> Range:
        if low < _LOW or high > _HIGH:
            raise self._mistake("FT505", part, "the result may not fit into 128 bits", "use smaller types or limits")
        return Range(low, high)

    def _mistake(self, code: str, part: Expr, message: str, hint: str = "") -> Mistake:
        return Mistake(code, self._parsed.offset(part), message, hint)
