# SPDX-License-Identifier: Apache-2.0
"""Whether nodes of two schemas understand each other, tried with the oracle on random messages.

    trial = Trial(old, new, Random(seed))
    trial.misunderstanding(count=20)        # the first, or None: what `breaking` calls compatible must have none
    trial.at_edges()                        # the same for the boundary vectors of both schemas, which take longer
    trial.witness(count=200)                # what `breaking` reports has one, if only it is found

In each version that both take, what either writes is read by the other, and means the same as far as both know it; one
breaks a rule if and only if the other does. New nodes write again the bytes that old ones wrote; old nodes do so too
unless they did not know a key, and then new nodes read it as the rest. And any spelling that old nodes read, new ones
read as the same. `witness` wants that of spellings in both directions.

Not seen by the oracle: windows, phases, budgets, gates, and which side sends (UNSEEN).
"""
from __future__ import annotations

from collections.abc import Iterator
from random import Random

from ftgen.lower.vectors import frame_of, vectors_of
from ftgen.model import (ArrayOf, Field, ListOf, Newtype, OptionalOf, Protocol, Ref, Scalar, SecretOf, Struct, Sum,
                         TupleOf, Type, Variant)
from ftgen.oracle import HEADER, Codec, Raw, Refused
from ftgen.oracle.rules import evaluate
from tests.prove.values import Values, hints, loose

UNSEEN = {"VERSION_DROPPED", "VERSION_WITHDRAWN", "PHASES_CHANGED", "PHASE_CAP_CHANGED", "BUDGET_LOWERED",
          "TRANSPORT_CHANGED", "ENVELOPE_CHANGED", "MESSAGE_SENDER_CHANGED"}


class Trial:
    def __init__(self, old: Protocol, new: Protocol, random: Random) -> None:
        self._random = random
        self._hints = hints((old, new))
        self.versions = [v for v in old.window if v in new.window]
        self._pairs = {v: (Codec(old, v), Codec(new, v)) for v in self.versions}

    def misunderstanding(self, count: int) -> str | None:
        return next(self._tried(count, both_spellings=False), None)

    def at_edges(self) -> str | None:
        return next(self._edges(both_spellings=False), None)

    def witness(self, count: int) -> str | None:
        return (next(self._tried(10, both_spellings=True), None) or next(self._edges(both_spellings=True), None)
                or next(self._tried(count, both_spellings=True), None))

    def frames(self, version: int, count: int, by_new: bool) -> Iterator[bytes]:
        """Canonical ones that the old or the new schema writes."""
        codec = self._pairs[version][by_new]
        values = Values(codec, self._random, self._hints)
        written = (codec.encode_frame(values.envelope()) for _ in range(count))
        return (frame for frame in written if not isinstance(frame, Refused))

    def _edges(self, both_spellings: bool) -> Iterator[str]:
        for version, (old, new) in self._pairs.items():
            for writer, reader, who in ((old, new, "old to new"), (new, old, "new to old")):
                for spelled, written in _good_vectors(writer):
                    said = difference(writer, reader, written, canonical=True, complete=writer is old)
                    if said is None and (writer is old or both_spellings):
                        said = difference(writer, reader, spelled, canonical=False)
                    if said is not None:
                        yield f"version {version}, {who}: {said}: {spelled[:600]!r}"

    def _tried(self, count: int, both_spellings: bool) -> Iterator[str]:
        for _ in range(count):
            for version, (old, new) in self._pairs.items():
                for writer, reader, who in ((old, new, "old to new"), (new, old, "new to old")):
                    value = Values(writer, self._random, self._hints).envelope()
                    frame = writer.encode_frame(value)
                    if isinstance(frame, Refused):
                        continue
                    said = difference(writer, reader, frame, canonical=True, complete=writer is old)
                    if said is None and (writer is old or both_spellings):
                        frame = loose(writer, self._random, value)
                        if not isinstance(frame, Refused):
                            said = difference(writer, reader, frame, canonical=False)
                    if said is not None:
                        yield f"version {version}, {who}: {said}: {frame[:600]!r}"


def _good_vectors(codec: Codec) -> Iterator[tuple[bytes, bytes]]:
    """The boundary vectors that are read, as they are and as they are written again."""
    places, vectors = vectors_of(codec.protocol, codec.view.version)
    for vector in vectors:
        frame = frame_of(places[vector["type"]], vector["json"], vector.get("byte"))
        read = codec.decode_frame(frame)
        if not isinstance(read, Refused):
            yield frame, codec.encode_frame(read.envelope)


def difference(writer: Codec, reader: Codec, frame: bytes, canonical: bool, complete: bool = False) -> str | None:
    """What is wrong with the reader's idea of a frame that the writer wrote (`canonical`), or would read.
    `complete`: the reader must know all that the writer knows."""
    sent = writer.decode_frame(frame)
    if isinstance(sent, Refused):
        return f"who writes it does not read it: {sent}" if canonical else None
    read = reader.decode_frame(frame)
    if isinstance(read, Refused):
        return f"refused: {read.code} at {read.path}"
    meant, understood = (meaning(codec, f.envelope) for codec, f in ((writer, sent), (reader, read)))
    place = _unlike(meant, understood)
    if place is not None:
        return f"understood as something else at {place}"
    broken = [codec.validate_frame(f.envelope) for codec, f in ((writer, sent), (reader, read))]
    if (broken[0] is None) != (broken[1] is None):
        return f"rules differ: {broken[0]} and {broken[1]}"
    if not canonical:
        return None
    return _again(writer, reader, frame, read.envelope, complete or same_knowledge(meant, understood))


def _again(writer: Codec, reader: Codec, frame: bytes, envelope: dict, complete: bool) -> str | None:
    again = reader.encode_frame(envelope)
    if isinstance(again, Refused):
        return f"not written again: {again.code} at {again.path}"
    if complete:
        return None if again[HEADER:] == frame[HEADER:] else f"written in other bytes: {again!r}"
    rest = writer.decode_frame(again)
    if isinstance(rest, Refused):
        return f"the rest is refused: {rest.code} at {rest.path}: {again!r}"
    place = _unlike(meaning(writer, rest.envelope), meaning(reader, envelope))
    if place is not None:
        return f"the rest is something else at {place}"
    return None if writer.encode_frame(rest.envelope)[HEADER:] == again[HEADER:] else "the rest has other bytes"


# -- meanings ---------------------------------------------------------------------------------------------------------

def meaning(codec: Codec, envelope: dict) -> object:
    """A value without what is no concern of the wire: fields under their keys, those of other versions too, variants
    under the names there; floats as texts, so that zeros differ."""
    return _meaning(codec, Ref(codec.protocol.envelope.type), envelope)


def _meaning(codec: Codec, type_: Type, value: object) -> object:
    match type_:
        case OptionalOf(item) | SecretOf(item):
            return None if value is None else _meaning(codec, item, value)
        case ListOf(item) | ArrayOf(item):
            return [_meaning(codec, item, v) for v in value]
        case TupleOf(items):
            return [_meaning(codec, item, v) for item, v in zip(items, value)]
        case Ref(name):
            return _declared(codec, codec.view.declaration(name), value)
        case Scalar("f32" | "f64"):
            return repr(value)
    return value.text if isinstance(value, Raw) else value


def _declared(codec: Codec, declaration: Struct | Sum | Newtype, value: object) -> object:
    match declaration:
        case Newtype(type=type_):
            return _meaning(codec, type_, value)
        case Struct():
            return _fields(codec, declaration, value)
    variant = codec.view.variant(declaration, value.variant)
    payload = None
    if not variant.is_unit:
        payload = (_fields(codec, variant, value.payload) if variant.fields is not None
                   else _meaning(codec, variant.type, value.payload))
    return variant.wire_name, payload


def _fields(codec: Codec, owner: Struct | Variant, value: dict) -> dict:
    """What is derived has a meaning as well, in versions that write it."""
    return {_name(codec, f): _meaning(codec, f.type, value[f.name] if f.derived is None else evaluate(f.derived, value))
            for f in owner.fields if f.derived is None or codec.view.has(f)}


def _name(codec: Codec, field: Field) -> str:
    if codec.view.has(field) or field.renamed is None:
        return field.key(codec.view.version)
    return field.renamed.name


def _unlike(one: object, other: object, path: str = "$") -> str | None:
    """The first place where two meanings differ in what both know."""
    if isinstance(one, dict) and isinstance(other, dict):
        pairs = [(f"{path}.{key}", one[key], other[key]) for key in one if key in other]
    elif isinstance(one, (list, tuple)) and type(one) is type(other) and len(one) == len(other):
        pairs = [(f"{path}[{i}]", *pair) for i, pair in enumerate(zip(one, other))]
    else:
        return None if one == other and type(one) is type(other) else path
    return next((found for where, a, b in pairs if (found := _unlike(a, b, where)) is not None), None)


def same_knowledge(one: object, other: object) -> bool:
    """Whether two meanings that are not unlike have the same keys everywhere."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same_knowledge(one[key], other[key]) for key in one)
    return not isinstance(one, (list, tuple)) or all(map(same_knowledge, one, other))
