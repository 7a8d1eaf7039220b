# SPDX-License-Identifier: Apache-2.0
"""The type-expression language: `list<optional<u64>>` -> ListOf(OptionalOf(Scalar("u64"))).

`parse(text, declared, report)` takes the scalar as it stands in the file, and the names that are declared. It returns
None after it reported an error: malformed (FT301), unknown name (FT302), impossible arguments (FT303), each at its
column. What a declared name stands for is not looked at here; see passes/types.py.
"""
from __future__ import annotations

import re
from collections.abc import Collection

from ftgen.diagnostics import Report, did_you_mean
from ftgen.model import INTEGERS, SCALARS, ArrayOf, ListOf, Opaque, OptionalOf, Ref, Scalar, SecretOf, TupleOf, Type
from ftgen.source import Scalar as Text

MAX_DEPTH = 8
MAX_ARRAY = 65536
GENERIC = ("list", "optional", "array", "tuple", "secret")
BUILT_IN = (*SCALARS, "json", *GENERIC)

_TOKEN = re.compile(r"\s*(?:([A-Za-z_][A-Za-z0-9_]*)|([0-9]+)|([<>,]))")


class _Malformed(Exception):
    """Leaves the parser for `parse`, which reports it; goes no further."""


def parse(text: Text, declared: Collection[str], report: Report) -> Type | None:
    try:
        return _Parser(text, declared, report).whole()
    except _Malformed:
        return None


class _Parser:
    def __init__(self, text: Text, declared: Collection[str], report: Report) -> None:
        self._text = text
        self._declared = declared
        self._report = report
        self._tokens = self._tokenize(text.text)
        self._next = 0

    def whole(self) -> Type:
        result = self._type(1)
        token, offset = self._take()
        if token:
            self._fail("FT301", offset, f"'{token}' does not belong here")
        return result

    def _tokenize(self, text: str) -> list[tuple[str, int]]:
        tokens, position, end = [], 0, len(text.rstrip())
        while position < end:
            match = _TOKEN.match(text, position)
            if match is None:
                offset = position + len(text[position:]) - len(text[position:].lstrip())
                self._fail("FT301", offset, f"'{text[offset]}' does not belong into a type")
            tokens.append((match[match.lastindex], match.start(match.lastindex)))
            position = match.end()
        return [*tokens, ("", end)]

    def _type(self, depth: int) -> Type:
        name, offset = self._take()
        if not (name[:1].isalpha() or name[:1] == "_"):
            self._fail("FT301", offset, f"expected a type, found '{name}'" if name else "the type ends too early")
        if depth > MAX_DEPTH:
            self._fail("FT301", offset, f"nested more than {MAX_DEPTH} deep",
                       "declare a struct or newtype for a part of it")
        if name in GENERIC:
            return self._generic(name, offset, depth)
        if name in SCALARS:
            return Scalar(name)
        if name == "json":
            return Opaque()
        if name not in self._declared:
            self._fail("FT302", offset, f"unknown type '{name}'",
                       did_you_mean(name, [*self._declared, *BUILT_IN], "declare it under `types`"))
        return Ref(name)

    def _generic(self, name: str, offset: int, depth: int) -> Type:
        self._expect("<", f"'{name}' needs an argument: {name}<...>")
        if name == "tuple":
            items = [self._type(depth + 1)]
            while self._peek() == ",":
                self._take()
                items.append(self._type(depth + 1))
            self._expect(">", "expected ',' or '>'")
            if len(items) < 2:
                self._fail("FT303", offset, "a tuple has at least two elements", "use the element's type itself")
            return TupleOf(tuple(items))
        item = self._type(depth + 1)
        if name == "array":
            self._expect(",", "an array says how many: array<T, N>")
            size = self._size()
            self._expect(">", "expected '>'")
            return ArrayOf(item, size)
        self._expect(">", "expected '>'")
        if name == "list":
            return ListOf(item)
        if name == "optional":
            return OptionalOf(item)
        if not (isinstance(item, Scalar) and (item.name == "string" or INTEGERS.get(item.name, (-1, 0))[0] == 0)):
            self._fail("FT303", offset, "a secret holds a string or an unsigned integer", "write secret<string>")
        return SecretOf(item)

    def _size(self) -> int:
        token, offset = self._take()
        if not token.isdigit():
            self._fail("FT301", offset, "an array says how many: array<T, N>")
        if len(token) > 6 or not 1 <= int(token) <= MAX_ARRAY:
            self._fail("FT303", offset, f"an array has 1 to {MAX_ARRAY} elements", "use a list")
        return int(token)

    def _peek(self) -> str:
        return self._tokens[self._next][0]

    def _take(self) -> tuple[str, int]:
        token = self._tokens[self._next]
        self._next = min(self._next + 1, len(self._tokens) - 1)
        return token

    def _expect(self, wanted: str, otherwise: str) -> None:
        token, offset = self._take()
        if token != wanted:
            self._fail("FT301", offset, otherwise)

    def _fail(self, code: str, offset: int, message: str, hint: str = "") -> None:
        self._report.add(code, self._text.at(offset), message, hint)
        raise _Malformed
