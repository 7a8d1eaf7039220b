# SPDX-License-Identifier: Apache-2.0
"""The language of rules and derived fields: text -> Expr. What it may say is in docs/schema-language.md, Rules.

    parsed = parse("len(active) <= 1_048_576")     # Parsed, or a Mistake with an offset
    parsed.offset(parsed.expr.left)                 # where a part of it stands, for the type checker

From loose to tight: `||`, `&&`, one comparison, `+ -`, `*`, `! -`. Comparisons do not chain. Types are checked in
exprtypes.py.
"""
from __future__ import annotations

import re
from dataclasses import dataclass

from ftgen.model import Binary, Call, Expr, Name, Number, This, Unary

FUNCTIONS = {"len": 1, "bytes": 1, "blank": 1, "all": 2}        # name -> number of arguments
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
MAX_DEPTH = 32                      # of parentheses, calls and signs
MAX_PARTS = 100                     # names, numbers and operators: bounds the depth of every walk over the result

_UNITS = {"": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_TOKEN = re.compile(r"(?P<space>\s+)|(?P<number>[0-9][0-9_]*)(?P<unit> ?(?:KiB|MiB|GiB))?(?![A-Za-z0-9_])"
                    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<op>&&|\|\||[=!<>]=|[<>!+\-*(),])")


@dataclass(frozen=True)
class Mistake(Exception):
    """What is wrong with an expression, and at which character. Raised within parser and checker, returned by them."""
    code: str
    offset: int
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Parsed:
    expr: Expr
    offsets: dict[int, int]         # id of a part -> offset; the parts live as long as `expr`

    def offset(self, part: Expr) -> int:
        return self.offsets[id(part)]


def parse(text: str) -> Parsed | Mistake:
    try:
        return _Parser(text).whole()
    except Mistake as mistake:
        return mistake


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokenize(text)
        self._next = 0
        self._depth = 0
        self._offsets: dict[int, int] = {}

    def whole(self) -> Parsed:
        expr = self._or()
        kind, token, offset = self._tokens[self._next]
        if kind != "end":
            hint = "comparisons do not chain: write a <= b && b < c" if token in COMPARISONS else ""
            raise Mistake("FT501", offset, f"'{token}' does not belong here", hint)
        return Parsed(expr, self._offsets)

    def _or(self) -> Expr:
        return self._left_to_right(self._and, ("||",))

    def _and(self) -> Expr:
        return self._left_to_right(self._comparison, ("&&",))

    def _comparison(self) -> Expr:
        left = self._sum()
        if self._peek() not in COMPARISONS:
            return left
        _, op, offset = self._take()
        return self._at(offset, Binary(op, left, self._sum()))

    def _sum(self) -> Expr:
        return self._left_to_right(self._product, ("+", "-"))

    def _product(self) -> Expr:
        return self._left_to_right(self._unary, ("*",))

    def _left_to_right(self, tighter, ops: tuple[str, ...]) -> Expr:
        left = tighter()
        while self._peek() in ops:
            _, op, offset = self._take()
            left = self._at(offset, Binary(op, left, tighter()))
        return left

    def _unary(self) -> Expr:
        if self._peek() not in ("!", "-"):
            return self._atom()
        _, op, offset = self._take()
        self._deeper(offset)
        operand = self._unary()
        self._depth -= 1
        return self._at(offset, Unary(op, operand))

    def _atom(self) -> Expr:
        kind, token, offset = self._take()
        if kind == "number":
            return self._at(offset, Number(int(token)))
        if kind == "name" and token == "this":
            return self._at(offset, This())
        if kind == "name" and self._peek() == "(":
            return self._call(token, offset)
        if kind == "name":
            return self._at(offset, Name(token))
        if token != "(":
            raise Mistake("FT501", offset,
                          f"expected a value, found '{token}'" if token else "the expression ends too early")
        self._deeper(offset)
        inner = self._or()
        self._depth -= 1
        self._expect(")")
        return inner

    def _call(self, function: str, offset: int) -> Expr:
        if function not in FUNCTIONS:
            raise Mistake("FT502", offset, f"unknown function '{function}'", "there are " + ", ".join(FUNCTIONS))
        self._expect("(")
        self._deeper(offset)
        args = [self._or()]
        while self._peek() == ",":
            self._take()
            args.append(self._or())
        self._depth -= 1
        self._expect(")")
        if len(args) != FUNCTIONS[function]:
            raise Mistake("FT501", offset, f"'{function}' takes {FUNCTIONS[function]}, not {len(args)} arguments")
        return self._at(offset, Call(function, tuple(args)))

    def _peek(self) -> str:
        return self._tokens[self._next][1]

    def _take(self) -> tuple[str, str, int]:
        token = self._tokens[self._next]
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def _expect(self, wanted: str) -> None:
        _, token, offset = self._take()
        if token != wanted:
            raise Mistake("FT501", offset,
                          f"expected '{wanted}', found '{token}'" if token else f"'{wanted}' is missing")

    def _deeper(self, offset: int) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Mistake("FT501", offset, f"nested more than {MAX_DEPTH} deep", "split the rule in two")

    def _at(self, offset: int, part: Expr) -> Expr:
        self._offsets[id(part)] = offset
        if len(self._offsets) > MAX_PARTS:
            raise Mistake("FT501", offset, f"more than {MAX_PARTS} names, numbers and operators",
                          "split the rule in two")
        return part


def _tokenize(text: str) -> list[tuple[str, str, int]]:
    """(kind, token, offset); numbers with their unit multiplied out, and an empty `end` behind the last."""
    tokens: list[tuple[str, str, int]] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise Mistake("FT501", position, f"'{text[position]}' does not belong into an expression",
                          "`&&`, `||` and `==` are written twice" if text[position] in "&|=" else "")
        if match["number"]:
            digits = match["number"].replace("_", "")
            if len(digits) > 39:
                raise Mistake("FT505", position, "the number does not fit into 128 bits")
            tokens.append(("number", str(int(digits) * _UNITS[(match["unit"] or "").strip()]), position))
        elif not match["space"]:
            tokens.append((match.lastgroup, match[0], position))
        position = match.end()
    return [*tokens, ("end", "", len(text))]
