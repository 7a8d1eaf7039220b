# SPDX-License-Identifier: Apache-2.0
"""Where each type stands in a message: the shortest way to it from the envelope, as the JSON around it.

    places = Places(Texts(codec))
    places.found["Snapshot"]        # Place: the byte of the message, the text before and behind, the JSON path

All around is canonical and least, and keeps the rules. What this version cannot reach has no place.
"""
from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ftgen.lower.values import Least
from ftgen.model import (ArrayOf, Field, ListOf, Newtype, OptionalOf, Ref, SecretOf, Struct, Sum, TupleOf, Type,
                         Variant)
from ftgen.oracle import Codec
from ftgen.oracle.encode import Encoder
from ftgen.oracle.rules import evaluate
from ftgen.walk import references


@dataclass(frozen=True)
class Place:
    byte: int                       # of the message that carries it
    before: str
    after: str
    path: str                       # of the value


class Texts:
    """Least values as texts, in pieces that can be changed."""

    def __init__(self, codec: Codec) -> None:
        self.codec = codec
        self.view = codec.view
        self.least = Least(codec)
        self._known: dict[Type, str] = {}

    def of(self, type_: Type, value: Any) -> str:
        return Encoder(self.view, self.codec.protocol.limits.depth).whole(type_, value).decode()

    def least_of(self, type_: Type) -> str:
        if type_ not in self._known:
            self._known[type_] = self.of(type_, self.least.of(type_))
        return self._known[type_]

    def fields(self, owner: Struct | Variant, value: dict[str, Any],
               instead: dict[str, str] | None = None) -> dict[str, str]:
        """Key -> text, for each key that is written of a value, in order. `instead`: field -> text, written in any
        case."""
        instead = instead or {}
        return {f.key(self.view.version): instead.get(f.name) or self.of(f.type, self._content(f, value))
                for f in owner.fields if self.view.has(f) and (f.name in instead or self._is_written(f, value))}

    def lawful(self, owner: Struct | Variant) -> dict[str, Any]:
        """The least value of the fields of a struct or of a struct variant."""
        if isinstance(owner, Variant):
            return {f.name: self._least_content(f) for f in owner.fields if f.derived is None}
        return self.least.of(Ref(owner.name))

    def _least_content(self, field: Field) -> Any:
        is_required = field.missing is None and self.view.has(field)
        return self.least.of(field.type) if is_required else self.view.without_key(field)

    def _content(self, field: Field, value: dict[str, Any]) -> Any:
        return value[field.name] if field.derived is None else evaluate(field.derived, value)

    def _is_written(self, field: Field, value: dict[str, Any]) -> bool:
        return not (field.when_set and value[field.name] == self.view.without_key(field))


def written(fields: dict[str, str]) -> str:
    """The object with these fields; keys are words."""
    return "{" + ",".join(f'"{key}":{text}' for key, text in fields.items()) + "}"


class Places:
    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._view = texts.view
        envelope = texts.codec.protocol.envelope
        self.found: dict[str, Place] = {envelope.type: Place(0, "", "", "$")}
        waiting = deque(self.found)
        while waiting:
            name = waiting.popleft()
            for inner, place in self._inside(name, self.found[name]):
                if inner not in self.found:
                    self.found[inner] = place
                    waiting.append(inner)
        self.found = {name: self._with_byte(name, place) for name, place in self.found.items()}

    def _inside(self, name: str, place: Place) -> Iterator[tuple[str, Place]]:
        """The types that stand in a type, each with the place that it has there."""
        match self._view.declaration(name):
            case Struct() as struct:
                yield from self._in_fields(struct, place)
            case Newtype(type=type_):
                yield from self._in_type(type_, place)
            case Sum() as sum_:
                for variant in sum_.variants:
                    if self._view.has(variant) and not variant.is_unit:
                        inside = Place(0, f'{place.before}{{"{variant.wire_name}":', "}" + place.after,
                                       f"{place.path}.{variant.wire_name}")
                        yield from (self._in_fields(variant, inside) if variant.fields is not None
                                    else self._in_type(variant.type, inside))

    def _in_fields(self, owner: Struct | Variant, place: Place) -> Iterator[tuple[str, Place]]:
        value = self._texts.lawful(owner)
        for field in owner.fields:
            if self._view.has(field) and references(field.type):
                hole = "\0"         # is in no JSON
                before, after = written(self._texts.fields(owner, value, {field.name: hole})).split(hole)
                yield from self._in_type(field.type, Place(0, place.before + before, after + place.after,
                                                           f"{place.path}.{field.key(self._view.version)}"))

    def _in_type(self, type_: Type, place: Place) -> Iterator[tuple[str, Place]]:
        match type_:
            case Ref(name):
                yield name, place
            case OptionalOf(item) | SecretOf(item):
                yield from self._in_type(item, place)
            case ListOf(item):
                yield from self._in_item([item], 0, place)
            case ArrayOf(item, size):
                yield from self._in_item([item] * size, 0, place)
            case TupleOf(items):
                for index in range(len(items)):
                    yield from self._in_item(items, index, place)

    def _in_item(self, items, index: int, place: Place) -> Iterator[tuple[str, Place]]:
        if references(items[index]):
            before = "".join(self._texts.least_of(item) + "," for item in items[:index])
            after = "".join("," + self._texts.least_of(item) for item in items[index + 1:])
            yield from self._in_type(items[index], Place(0, f"{place.before}[{before}", f"{after}]{place.after}",
                                                         f"{place.path}[{index}]"))

    def _with_byte(self, name: str, place: Place) -> Place:
        text = f"{place.before}{self._texts.least_of(Ref(name))}{place.after}"
        codec = self._texts.codec
        message = codec.emits(codec.decode(codec.protocol.envelope.type, text.encode()))
        return Place(message.byte, place.before, place.after, place.path)

