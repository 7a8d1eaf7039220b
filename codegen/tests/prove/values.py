# SPDX-License-Identifier: Apache-2.0
"""Random messages: `Values(codec, random, hints).envelope()` is one that the codec's version can hold, in the values of
the oracle; `loose(codec, random, envelope)` spells it as no node writes it and every node reads it.

Numbers and sizes come from the edges of their types and from `hints(protocols)`, the numbers that schemas mention, so
that what is around a limit comes up. Values stay small, and do not nest deeper than a few declared types.
"""
from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from random import Random

from ftgen.model import (FLOATS, INTEGERS, ArrayOf, Binary, Call, Expr, Field, ListOf, Missing, Newtype, Number, Opaque,
                         OptionalOf, Protocol, Ref, Scalar, SecretOf, Struct, Sum, TupleOf, Type, Unary, Variant)
from ftgen.oracle import Codec, Raw, Refused, Tagged
from ftgen.oracle.encode import Encoder
from ftgen.oracle.rules import evaluate
from ftgen.walk import owners

_ROOM = 4
_LONGEST = 40                       # a size that is a hint
_MANY = 7                           # items
_TEXTS = ("", "x", "text", " \t", "\u2003", "Null", "é\U0001f600", '"\\/\n\x00\x7f', "more than sixteen letters")
_RAW = ("null", "true", "[]", '{"a" :[1e308,"\\u0000"]}', '"x"', "-0.0", "[[{}]]")
_FLOATS = (0.0, -0.0, 1.0, -1.5, 0.1, 1e-45, 3.4028234663852886e38, 16777217.0, 1e21, -1e-7)
_TIMES = {"date": ([2024, 366], [-999999, 1], [1970, 1]), "time": ([0, 0, 0, 0], [23, 59, 59, 999999999]),
          "utc_offset": ([0, 0, 0], [-25, -59, -59], [5, 30, 0])}
_TIMES |= {"primitive_date_time": tuple(d + t for d in _TIMES["date"] for t in _TIMES["time"])}
_TIMES |= {"offset_date_time": tuple(p + o for p in _TIMES["primitive_date_time"] for o in _TIMES["utc_offset"])}


def hints(protocols: Iterable[Protocol]) -> tuple[object, ...]:
    """The integers and texts that are in schemas, and the neighbours of the integers."""
    found: dict[object, None] = dict.fromkeys((0, 1, 2))
    for protocol in protocols:
        for value in _mentioned(protocol):
            found |= dict.fromkeys((value - 1, value, value + 1) if isinstance(value, int) else (value,))
    return tuple(found)


def _mentioned(protocol: Protocol) -> Iterator[int | str]:
    for declaration in protocol.declarations().values():
        for owner in owners(declaration):
            for field in owner.fields:
                yield from (n for n in (field.max_items, field.max_bytes) if n is not None)
                yield from (m.value for m in (field.missing, field.absent)
                            if isinstance(m, Missing) and isinstance(m.value, (int, str))
                            and not isinstance(m.value, bool))
        for rule in getattr(declaration, "rules", ()):
            yield from _numbers(rule.expr)


def _numbers(expr: Expr) -> Iterator[int]:
    match expr:
        case Number(value):
            yield value
        case Call(_, parts):
            for part in parts:
                yield from _numbers(part)
        case Unary(_, operand):
            yield from _numbers(operand)
        case Binary(_, left, right):
            yield from _numbers(left)
            yield from _numbers(right)


class Values:
    def __init__(self, codec: Codec, random: Random, hints_: tuple[object, ...] = ()) -> None:
        self._codec, self._view, self._random = codec, codec.view, random
        self._numbers = [h for h in hints_ if isinstance(h, int)] or [0]
        self._texts = [h for h in hints_ if isinstance(h, str)] or [""]
        self._sizes = [n for n in self._numbers if 0 <= n <= _LONGEST] or [0]

    def envelope(self) -> dict:
        envelope = self._codec.protocol.envelope
        value = self._of(Ref(envelope.type), _ROOM)
        return value | ({envelope.version: self._view.version} if envelope.version else {})

    def _of(self, type_: Type, room: int, field: Field | None = None) -> object:
        random = self._random
        match type_:
            case Scalar("bool"):
                return random.random() < 0.5
            case Scalar("string"):
                return self._text(field)
            case Scalar("month"):
                return random.randint(1, 12)
            case Scalar(name) if name in INTEGERS:
                return self._integer(*INTEGERS[name])
            case Scalar(name) if name in FLOATS:
                value = random.choice((*_FLOATS, random.uniform(-1e6, 1e6)))
                return struct.unpack("<f", struct.pack("<f", value))[0] if name == "f32" else value
            case Scalar(name):
                return list(random.choice(_TIMES[name]))
            case Opaque():
                return Raw(random.choice(_RAW))
            case OptionalOf(item):
                return None if room <= 0 or random.random() < 0.4 else self._of(item, room, field)
            case SecretOf(item):
                return self._of(item, room, field)
            case ListOf(item):
                return [self._of(item, room - 1) for _ in range(self._size(room, field))]
            case ArrayOf(item, size):
                return [self._of(item, room) for _ in range(size)]
            case TupleOf(items):
                return [self._of(item, room) for item in items]
            case Ref(name):
                return self._declared(name, room, field)

    def _declared(self, name: str, room: int, field: Field | None) -> object:
        match self._view.declaration(name):
            case Newtype(type=type_):
                return self._of(type_, room, field)
            case Struct(fields=fields):
                return self._fields(fields, room - 1)
            case Sum() as sum_:
                there = [v for v in sum_.variants if self._view.has(v)]
                variant = self._random.choice(there) if room > 0 else self._view.variant(sum_, sum_.default)
                if variant.fields is not None:
                    return Tagged(variant.name, self._fields(variant.fields, room - 1))
                return Tagged(variant.name, None if variant.is_unit else self._of(variant.type, room - 1))

    def _fields(self, fields: tuple[Field, ...], room: int) -> dict:
        return {f.name: self._of(f.type, room, f) if self._is_set(f) else self._view.without_key(f)
                for f in fields if f.derived is None}

    def _is_set(self, field: Field) -> bool:
        return self._view.has(field) and (field.missing is None or self._random.random() < 0.7)

    def _integer(self, low: int, high: int) -> int:
        random = self._random
        value = random.choice((low, high, random.randint(low, high), random.choice(self._numbers),
                               random.choice((255, 256, 65536, 2**31, 2**63, -1))))
        return value if low <= value <= high else random.choice((0, 1))

    def _text(self, field: Field | None) -> str:
        random = self._random
        text = random.choice((random.choice(_TEXTS), random.choice(self._texts), "x" * random.choice(self._sizes)))
        if field is not None and field.max_bytes is not None:
            text = random.choice((text, "x" * field.max_bytes)).encode()[:field.max_bytes].decode(errors="ignore")
        return text

    def _size(self, room: int, field: Field | None) -> int:
        random = self._random
        limit = field.max_items if field is not None else None
        if random.random() < (0.1 if room > 0 else 0.03):
            size = _MANY            # more than most limits; deep down seldom enough that nothing grows without end
        elif room <= 0:
            size = 0
        elif limit is not None and limit <= _LONGEST and random.random() < 0.3:
            size = limit
        else:
            size = random.choice((0, 1, 2, 2, random.choice(self._sizes) if room > 1 else 1))
        return size if limit is None else min(size, limit)


# -- free spellings ---------------------------------------------------------------------------------------------------

def loose(codec: Codec, random: Random, envelope: dict) -> bytes | Refused:
    """A frame of the same meaning: other orders and spellings, missing keys, keys of nobody; it may be as long or deep
    as the protocol allows."""
    protocol = codec.protocol
    try:
        text = _Loose(codec, random).whole(Ref(protocol.envelope.type), envelope)
    except Refused as refused:
        return refused
    if random.random() < 0.2:
        text = text.ljust(protocol.frame.max_payload)
    able = [m for m in protocol.messages if codec.accepts(m, envelope)]
    if not able or len(text) > protocol.frame.max_payload:
        return Refused("output_too_large", "$")
    return bytes([random.choice(able).byte]) + len(text).to_bytes(4, "little") + text


class _Loose(Encoder):
    def __init__(self, codec: Codec, random: Random) -> None:
        super().__init__(codec.view, codec.protocol.limits.depth)
        self._random = random

    def _object(self, owner: Struct | Variant, value: dict) -> str:
        random, view = self._random, self._view
        canonical = super()._object(owner, value)           # judges depth and versions
        if random.random() < 0.5:
            return canonical
        self._room -= 1
        parts = []
        for spelling, field in self._spelt(owner).items():
            content = self._content(field, value)
            if field.missing is None or content != view.without_key(field) or random.random() < 0.5:
                parts.append(f"{self._string(spelling)}: {self._value(field.type, content)}")
        if random.random() < 0.3:
            parts.append('"?":' + "[" * self._room + "]" * self._room)
        self._room += 1
        random.shuffle(parts)
        return "{" + " ,".join(parts) + "}"

    def _spelt(self, owner: Struct | Variant) -> dict[str, Field]:
        """Each field of the version once, under one of its spellings."""
        spellings: dict[str, list[str]] = {}
        keys = self._view.keys(owner)
        for spelling, field in keys.items():
            spellings.setdefault(field.name, []).append(spelling)
        return {(chosen := self._random.choice(all_)): keys[chosen] for all_ in spellings.values()}

    def _content(self, field: Field, value: dict) -> object:
        return value[field.name] if field.derived is None else evaluate(field.derived, value)

    def _sum(self, sum_: Sum, value: Tagged) -> str:
        text = super()._sum(sum_, value)
        variant = self._view.variant(sum_, value.variant)
        spelling = self._random.choice((variant.wire_name, *variant.aliases))
        text = text.replace(f'"{variant.wire_name}"', f'"{spelling}"', 1)
        return f'{{{text}:null}}' if variant.is_unit and self._random.random() < 0.2 and self._room else text
