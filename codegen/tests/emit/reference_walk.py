# SPDX-License-Identifier: Apache-2.0
"""What a protocol's reference has against a frame, an envelope or a value of the newest version, as they are written.

    walk = Walk(page)                           # of reference.py
    walk.frame(data)                            # ["payload.ExecuteFragment.txn_id: 1.5 is no u64"]; [] if all is well
    walk.envelope(read_json(text), masked=True) # secrets must be masked, as in what ftdump prints
    walk.places() - walk.seen                   # keys and variants of the page that nothing had yet

Only the page is asked. It is stricter than a reader of the protocol has to be: what is written has its keys in the
order of the tables, no others, and all but extension keys that are not set.
"""
from __future__ import annotations

from collections.abc import Iterator

from ftgen.model import (ArrayOf, Field, ListOf, Newtype, OptionalOf, Ref, Scalar, SecretOf, Struct, Sum, TupleOf, Type,
                         Variant)
from ftgen.walk import owners
from tests.emit.reference import Page
from tests.emit.wire_json import is_text, read_json, written

HEADER = 5
MASK = "***"


class Walk:
    def __init__(self, page: Page) -> None:
        self._page = page
        self._masked = False
        self.seen: set[str] = set()

    def places(self) -> set[str]:
        """`Type.key`, `Type.Variant`, `Type.Variant.key`: all that the page has of the newest version."""
        declared = self._page.types.values()
        variants = {f"{d.name}.{v.wire_name}" for d in declared if isinstance(d, Sum) for v in self._there(d.variants)}
        return variants | {f"{_place(d.name, owner)}.{f.name}" for d in declared for owner in owners(d)
                           for f in self._there(owner.fields)}

    def frame(self, data: bytes) -> list[str]:
        message = self._page.messages.get(data[0])
        if message is None or self._page.version not in message.versions:
            return [f"0x{data[0]:02x} is the byte of no message"]
        size, envelope = int.from_bytes(data[1:HEADER], "little"), read_json(data[HEADER:])
        found = self.envelope(envelope)
        if size != len(data) - HEADER or size > self._page.max_payload:
            found.append(f"length {size} of a payload of {len(data) - HEADER} bytes")
        carried = _variants(envelope.get(self._page.payload))
        if not any(carried[:len(path)] == path for path in message.accepts):
            found.append(f"{message.name} does not carry {'.'.join(carried)}")
        return found

    def envelope(self, envelope: object, masked: bool = False) -> list[str]:
        self._masked = masked
        return list(self._value("", Ref(self._page.envelope), envelope))

    def value(self, type_: Type, value: object) -> list[str]:
        self._masked = False
        return list(self._value("", type_, value))

    def _value(self, path: str, type_: Type, value: object) -> Iterator[str]:
        match type_:
            case SecretOf(item):
                yield from self._secret(path, item, value)
            case OptionalOf(item):
                if value is not None:
                    yield from self._value(path, item, value)
            case ListOf() | ArrayOf() | TupleOf():
                yield from self._items(path, type_, value)
            case Scalar(name):
                if not self._page.forms[name](value):
                    yield f"{path}: {written(value)} is no {name}"
            case Ref(name):
                yield from self._declared(path, name, value)

    def _secret(self, path: str, item: Type, value: object) -> Iterator[str]:
        if not self._masked:
            yield from self._value(path, item, value)
        elif value not in (MASK, ""):           # ftdump shows that a text is empty, which hides nothing
            yield f"{path}: a secret is shown"

    def _items(self, path: str, type_: ListOf | ArrayOf | TupleOf, value: object) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{path}: {written(value)} is no array"
            return
        types = type_.items if isinstance(type_, TupleOf) else [type_.item] * len(value)
        if len(value) != (type_.size if isinstance(type_, ArrayOf) else len(types)):
            yield f"{path}: {len(value)} items"
        for i, (item, v) in enumerate(zip(types, value)):
            yield from self._value(f"{path}[{i}]", item, v)

    def _declared(self, path: str, name: str, value: object) -> Iterator[str]:
        match self._page.types.get(name):
            case None:
                yield f"{path}: the page has no {name}"
            case Newtype(type=type_):
                yield from self._value(path, type_, value)
            case Struct(fields=fields):
                yield from self._object(path, name, fields, value)
            case Sum() as sum_:
                yield from self._sum(path, sum_, value)

    def _object(self, path: str, place: str, fields: tuple[Field, ...], value: object) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: {written(value)} is no object"
            return
        table = {f.name: f for f in self._there(fields)}
        yield from (f"{path}: {place} has no key {key}" for key in value if key not in table)
        yield from (f"{path}: {place} needs the key {key}" for key, f in table.items()
                    if key not in value and not f.when_set)
        known = [key for key in value if key in table]
        if known != [key for key in table if key in value]:
            yield f"{path}: the keys of {place} in another order"
        for key in known:
            self.seen.add(f"{place}.{key}")
            if table[key].when_set and value[key] == table[key].missing.value:
                yield f"{path}: {key} of {place} is not set, and written"
            yield from self._value(f"{path}.{key}".lstrip("."), table[key].type, value[key])

    def _sum(self, path: str, sum_: Sum, value: object) -> Iterator[str]:
        variants = {v.wire_name: v for v in self._there(sum_.variants)}
        tag, content = next(iter(value.items())) if isinstance(value, dict) and len(value) == 1 else (value, None)
        variant = variants.get(tag) if is_text(tag) else None
        if variant is None or variant.is_unit != is_text(value):
            yield f"{path}: {sum_.name} is not written like {written(tag)}"
            return
        self.seen.add(place := _place(sum_.name, variant))
        if variant.fields is not None:
            yield from self._object(f"{path}.{tag}", place, variant.fields, content)
        elif variant.type is not None:
            yield from self._value(f"{path}.{tag}", variant.type, content)

    def _there(self, members: tuple[Field, ...] | tuple[Variant, ...]) -> list:
        return [m for m in members if self._page.version in m.versions]


def _place(name: str, owner: Struct | Variant) -> str:
    return name if isinstance(owner, Struct) else f"{name}.{owner.wire_name}"


def _variants(value: object) -> tuple[str, ...]:
    """The names in which a payload is wrapped, and perhaps the only key of the innermost object."""
    names = []
    while isinstance(value, dict) and len(value) == 1:
        (name, value), = value.items()
        names.append(name)
    return (*names, value) if is_text(value) else tuple(names)
