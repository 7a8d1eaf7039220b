# SPDX-License-Identifier: Apache-2.0
"""The lines that Wireshark's tree should have, computed from a JSON value and its types in the way that tree.lua tells.

    labels = Labels(protocol.declarations(), protocol.envelope.type)    # what the schema says
    labels = Labels(page.types, page.envelope)                          # what the reference says, see reference.py
    labels.of(envelope) == shown(frame)                                 # (depth, label) of each line
"""
from __future__ import annotations

from collections.abc import Iterator

from ftgen.model import (FLOATS, INTEGERS, ArrayOf, Declaration, Field, ListOf, Newtype, Opaque, OptionalOf, Ref,
                         Scalar, SecretOf, Struct, Sum, TupleOf, Type)
from tests.emit.wire_json import written
from tests.wireshark import Frame, Item

LONGEST = 160
NOT_OF_THE_PAYLOAD = ("msg_type", "payload_len", "request_in", "response_in", "response_time")


class Labels:
    """The values must be of their types: what is not raises."""

    def __init__(self, declared: dict[str, Declaration], envelope: str) -> None:
        self._declared = declared
        self._envelope = declared[envelope]

    def of(self, envelope: dict) -> list[tuple[int, str]]:
        return list(self._members(0, self._envelope.fields, envelope))

    def _members(self, depth: int, fields: tuple[Field, ...], value: dict) -> Iterator[tuple[int, str]]:
        types = {f.name: f.type for f in fields}
        for key, member in value.items():
            yield from self._value(depth, key, types[key], member, True)

    def _value(self, depth: int, name: str, type_: Type, value: object, is_field: bool) -> Iterator[tuple[int, str]]:
        match type_:
            case SecretOf():
                yield depth, f'{name}: ""' if value == "" else f'{name}: "***"'
            case OptionalOf(item) if value is not None:
                yield from self._value(depth, name, item, value, is_field)
            case Ref(target) if isinstance(declaration := self._declared[target], Newtype):
                yield from self._value(depth, name, declaration.type, value, is_field)
            case Ref(target) if isinstance(declaration := self._declared[target], Struct):
                yield depth, name
                yield from self._members(depth + 1, declaration.fields, value)
            case Ref(target):
                yield from self._sum(depth, name, self._declared[target], value, is_field)
            case ListOf(item) | ArrayOf(item) if value and not self._is_number(item):
                yield from self._items(depth, name, [item] * len(value), value)
            case TupleOf(items):
                yield from self._items(depth, name, list(items), value)
            case Scalar() | Opaque() | OptionalOf() | ListOf() | ArrayOf():
                text = written(value)
                size = len(text.encode())
                if size > LONGEST:
                    text = text.encode()[:LONGEST].decode("utf-8", "ignore") + f"... ({size} bytes)"
                yield depth, f"{name}: {text}".replace("\x7f", r"\x7f")     # tshark's own escape

    def _items(self, depth: int, name: str, types: list[Type], values: list) -> Iterator[tuple[int, str]]:
        yield depth, f"{name} [{len(values)}]"
        for i, (type_, value) in enumerate(zip(types, values, strict=True)):
            yield from self._value(depth + 1, f"[{i}]", type_, value, False)

    def _sum(self, depth: int, name: str, sum_: Sum, value: object, is_field: bool) -> Iterator[tuple[int, str]]:
        if isinstance(value, str):
            yield depth, f"{name}: {written(value)}"
            return
        (tag, content), = value.items()
        variant = next(v for v in sum_.variants if v.wire_name == tag)
        declaration = self._declared.get(variant.type.name) if isinstance(variant.type, Ref) else None
        fields = declaration.fields if isinstance(declaration, Struct) else variant.fields
        if fields is not None or is_field:
            yield depth, f"{name}: {tag}"
            if fields is not None:
                yield from self._members(depth + 1, fields, content)
            else:
                yield from self._value(depth + 1, tag, variant.type, content, False)
        else:
            yield from self._value(depth, f"{name}: {tag}", variant.type, content, False)

    def _is_number(self, type_: Type) -> bool:
        while isinstance(type_, Ref) and isinstance(self._declared[type_.name], Newtype):
            type_ = self._declared[type_.name].type
        return isinstance(type_, Scalar) and type_.name in (*INTEGERS, *FLOATS, "month")


def shown(frame: Frame) -> list[tuple[int, str]]:
    """The lines of a frame's tree, without the header's and the links."""
    def lines(items: tuple[Item, ...], depth: int) -> Iterator[tuple[int, str]]:
        for item in items:
            if item.name.partition(".")[2] not in NOT_OF_THE_PAYLOAD and not item.name.startswith("_ws.expert"):
                yield depth, item.label
                yield from lines(item.items, depth + 1)
    return list(lines(frame.items, 0))
