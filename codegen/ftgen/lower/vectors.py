# SPDX-License-Identifier: Apache-2.0
"""The boundary vectors of a version: what is tried of each type, in its place in a message, and what the oracle makes
of it.

    places, vectors = vectors_of(protocol, version)
    frame_of(places[vector["type"]], vector["json"], vector.get("byte"))

What a vector says is told in ftgen/emit/vectors.py, which writes them down.
"""
from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ftgen.lower import edges
from ftgen.lower.boundaries import Case, cases
from ftgen.lower.broken_rules import rules_of
from ftgen.lower.places import Place, Places, Texts, written
from ftgen.model import Protocol, Ref, Struct, Sum
from ftgen.oracle import HEADER, Codec, Refused
from ftgen.walk import owners


@lru_cache(maxsize=8)
def vectors_of(protocol: Protocol, version: int) -> tuple[dict[str, Place], list[dict[str, Any]]]:
    """Where the types stand, and the vectors; not to be changed, since the next who asks gets the same."""
    texts = Texts(Codec(protocol, version))
    places = Places(texts).found
    return places, [*_of_types(texts, places), *_of_messages(texts, places)]


def _of_types(texts: Texts, places: dict[str, Place]) -> Iterator[dict[str, Any]]:
    for name, place in places.items():
        tried: set[str] = set()     # what is least is often an edge as well
        for case in cases(texts, texts.view.declaration(name)):
            if case.json not in tried:
                tried.add(case.json)
                vector = _vector(texts, name, place, case)
                if vector is not None and _says_what_it_should(texts, case, vector):
                    yield vector


def frame_of(place: Place, text: str, byte: int | None = None) -> bytes:
    payload = f"{place.before}{text}{place.after}".encode()
    return bytes([place.byte if byte is None else byte]) + len(payload).to_bytes(4, "little") + payload


def _vector(texts: Texts, type_: str, place: Place, case: Case, byte: int | None = None) -> dict[str, Any] | None:
    """None for a value that cannot be shown in its place: its key is not written with what it reads as when it is
    absent, or a rule of a struct around it forbids it."""
    vector: dict[str, Any] = {"name": case.name, "type": type_, "json": case.json, "verdict": "ok"}
    decoded = texts.codec.decode_frame(frame_of(place, case.json, byte))
    if byte is None and isinstance(decoded, Refused) and decoded.code == "message_type_mismatch":
        payload = f"{place.before}{case.json}{place.after}".encode()
        byte = texts.codec.emits(texts.codec.decode(texts.codec.protocol.envelope.type, payload)).byte
        decoded = texts.codec.decode_frame(frame_of(place, case.json, byte))
    if byte is not None:
        vector["byte"] = byte
    wrong = decoded if isinstance(decoded, Refused) else texts.codec.validate_frame(decoded.envelope)
    if wrong is not None:
        if not wrong.path.startswith(place.path):
            assert wrong.code == "rule_violated", (case.name, wrong)
            return None
        vector |= {"verdict": wrong.code, "path": "$" + wrong.path[len(place.path):]}
    if not isinstance(decoded, Refused):
        canonical = texts.codec.encode_frame(decoded.envelope)[HEADER:].decode()
        if not (canonical.startswith(place.before) and canonical.endswith(place.after)):
            return None
        canonical = canonical[len(place.before):len(canonical) - len(place.after)]
        if canonical != case.json:
            vector["canonical"] = canonical
    return vector


def _of_messages(texts: Texts, places: dict[str, Place]) -> Iterator[dict[str, Any]]:
    """Every message with every payload that messages tell apart."""
    codec, envelope = texts.codec, texts.codec.protocol.envelope
    struct = texts.view.declaration(envelope.type)
    field = next(f for f in struct.fields if f.name == envelope.payload)
    for message in codec.protocol.messages:
        for leaf in _leaves(texts, texts.view.declaration(field.type.name)):
            content = texts.lawful(struct) | {field.name: texts.least.of(field.type, leaf)}
            case = Case(f"{message.name}/{'.'.join(leaf)}", written(texts.fields(struct, content)))
            yield _vector(texts, envelope.type, places[envelope.type], case, message.byte)


def _leaves(texts: Texts, sum_: Sum) -> Iterator[tuple[str, ...]]:
    for variant in filter(texts.view.has, sum_.variants):
        inner = texts.view.declaration(variant.type.name) if isinstance(variant.type, Ref) else None
        if isinstance(inner, Sum):
            yield from ((variant.name, v.name) for v in filter(texts.view.has, inner.variants))
        else:
            yield (variant.name,)


def _says_what_it_should(texts: Texts, case: Case, vector: dict[str, Any]) -> bool:
    """Not so a rule of a struct that is not judged where it stands, and a good message that says another version."""
    envelope = texts.codec.protocol.envelope
    if "/rule/" in case.name:
        return vector["verdict"] == "rule_violated"
    return not (envelope.version and vector["verdict"] == "ok"
                and case.name.startswith(f"{envelope.type}/{envelope.version}/"))


def left_out(protocol: Protocol, version: int) -> list[str]:
    """The limits that are too large to be tried, and the rules that no vector breaks alone."""
    texts = Texts(Codec(protocol, version))
    places, vectors = vectors_of(protocol, version)
    there = {vector["name"] for vector in vectors}
    found = []
    for name in places:
        declaration = texts.view.declaration(name)
        for owner in owners(declaration):
            label = name if owner is declaration else f"{name}.{owner.name}"
            found += [f"{label}/{field.name}: {edges.left_out(field)}" for field in owner.fields
                      if texts.view.has(field) and edges.left_out(field)]
        if isinstance(declaration, Struct):
            rules = (f"{name}/rule/{rule.id}" for rule in rules_of(texts.view, declaration))
            found += [rule for rule in rules if rule not in there]
    return found
