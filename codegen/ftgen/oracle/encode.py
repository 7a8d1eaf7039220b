# SPDX-License-Identifier: Apache-2.0
"""From values to canonical JSON: keys in the order of the schema, no white space, null for what is not set.

A version that does not know a field does without it if the schema says that this loses nothing that matters, or if it
holds what is read in its absence; it does without no variant.
"""
from __future__ import annotations

import math

from ftgen.model import (FLOATS, INTEGERS, ArrayOf, Field, ListOf, Newtype, Opaque, OptionalOf, Ref, Scalar, SecretOf,
                         Struct, Sum,
                         TupleOf, Type, Variant)
from ftgen.oracle import numbers, rules
from ftgen.oracle.values import Refused, Tagged
from ftgen.oracle.view import View

NOT_IN_VERSION = "not_in_version"

_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
_ESCAPES = str.maketrans({**{chr(c): f"\\u{c:04x}" for c in range(0x20)}, **_SHORT})


class Encoder:
    """One encoding of one value."""

    def __init__(self, view: View, depth_limit: int) -> None:
        self._view = view
        self._room = depth_limit
        self._path: list[str] = []

    def whole(self, type_: Type, value: object) -> bytes:
        return self._value(type_, value).encode()

    def _fail(self, code: str) -> None:
        raise Refused(code, "$" + "".join(self._path))

    def _value(self, type_: Type, value: object) -> str:
        match type_:
            case Scalar("bool"):
                return "true" if value else "false"
            case Scalar("string"):
                return self._string(value)
            case Scalar(name) if name in INTEGERS or name == "month":
                return str(value)
            case Scalar(name) if name in FLOATS:
                if not math.isfinite(value):
                    self._fail("not_finite")
                return numbers.write(value, name)
            case Scalar():
                return self._inside("[", [str(part) for part in value], "]")
            case Opaque():
                return value.text
            case OptionalOf(item):
                return "null" if value is None else self._value(item, value)
            case SecretOf(item):
                return self._value(item, value)
            case ListOf(item) | ArrayOf(item):
                return self._items([item] * len(value), value)
            case TupleOf(items):
                return self._items(items, value)
            case Ref(name):
                return self._declared(name, value)

    def _declared(self, name: str, value: object) -> str:
        match self._view.declaration(name):
            case Newtype(type=type_):
                return self._value(type_, value)
            case Struct() as struct:
                return self._object(struct, value)
            case Sum() as sum_:
                return self._sum(sum_, value)

    def _string(self, text: str) -> str:
        try:
            text.encode()
        except UnicodeEncodeError:
            self._fail("invalid_string")
        return f'"{text.translate(_ESCAPES)}"'

    def _inside(self, opening: str, parts: list[str], closing: str) -> str:
        if self._room == 0:
            self._fail("depth_exceeded")
        return opening + ",".join(parts) + closing

    def _items(self, types, values: list) -> str:
        self._inside("[", [], "]")  # also without an item
        self._room -= 1
        parts = []
        for index, (type_, value) in enumerate(zip(types, values, strict=True)):
            self._path.append(f"[{index}]")
            parts.append(self._value(type_, value))
            self._path.pop()
        self._room += 1
        return self._inside("[", parts, "]")

    def _object(self, owner: Struct | Variant, value: dict) -> str:
        self._inside("{", [], "}")
        self._room -= 1
        parts = []
        for field in owner.fields:
            self._path.append(f".{field.name}")
            content = rules.evaluate(field.derived, value) if field.derived is not None else value[field.name]
            if self._is_written(field, content):
                parts.append(f"{self._string(field.key(self._view.version))}:{self._value(field.type, content)}")
            self._path.pop()
        self._room += 1
        return self._inside("{", parts, "}")

    def _is_written(self, field: Field, content: object) -> bool:
        if self._view.has(field):
            return not (field.when_set and content == self._view.without_key(field))
        if field.derived is None and field.lossy is None and content != self._view.without_key(field):
            self._fail(NOT_IN_VERSION)
        return False

    def _sum(self, sum_: Sum, value: Tagged) -> str:
        variant = self._view.variant(sum_, value.variant)
        if not self._view.has(variant):
            self._fail(NOT_IN_VERSION)
        if variant.is_unit:
            return self._string(variant.wire_name)
        self._inside("{", [], "}")
        self._room -= 1
        self._path.append(f".{variant.wire_name}")
        payload = (self._object(variant, value.payload) if variant.fields is not None
                   else self._value(variant.type, value.payload))
        self._path.pop()
        self._room += 1
        return f"{{{self._string(variant.wire_name)}:{payload}}}"
