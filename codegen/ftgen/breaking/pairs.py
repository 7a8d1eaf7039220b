# SPDX-License-Identifier: Apache-2.0
"""Pairs what stands at the same place on the wire in two schemas, from the envelope down.

Names of types do not count, and a newtype or a secret is what it wraps. Without an envelope every type may be a root,
and roots are paired by name. A pair of types is looked at once, so recursion ends. The kinds, and what is paired:

    protocol    Protocol
    phase       Phase
    message     Carried
    type        a type expression, Struct, Sum or NoPayload; `shape` tells them apart
    keys        the names of the fields that both have, in the order of each
    owner       Struct that has fields; those of a variant stand in one
    field       Field
    variant     Variant
    rule        Rule
    inner rule  Rule that a message was or is held to, on either side alone
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from ftgen.breaking.rule import Pair, View
from ftgen.breaking.validation import fulfilled_without, moved
from ftgen.model import (ArrayOf, Declaration, Field, ListOf, Message, Newtype, Opaque, OptionalOf, Place, Protocol, Ref,
                         Scalar, SecretOf, Struct, Sum, TupleOf, Type, Variant)
from ftgen.walk import children, with_names

Element = tuple[str, str, object, object, Place]    # kind, path, old, new, where that stands in the new schema
Path = tuple[str, ...]


@dataclass(frozen=True)
class NoPayload:
    """What a unit holds."""


@dataclass(frozen=True)
class Carried:
    """A message with the leaves of the payload that it stands for; `known` are all that its schema has."""
    message: Message
    accepts: frozenset[Path]
    emits: frozenset[Path]
    known: frozenset[Path]


def by_place(old: Protocol, new: Protocol, view: View, versions: range) -> Iterator[Pair]:
    for kind, path, a, b, place in _places(old, new):
        yield Pair(view, kind, path, a, b, versions, place)


def _places(old: Protocol, new: Protocol) -> Iterator[Element]:
    yield "protocol", old.name, old, new, new.place
    yield from (("phase", f"phase {a.name}", a, b, new.place) for a, b in zip(old.phases, new.phases))
    types = _Types(old.declarations(), new.declarations())
    if old.envelope is not None and new.envelope is not None:
        yield from _messages(old, new)
        yield from types.walk([(Ref(old.envelope.type), Ref(new.envelope.type), "envelope", new.place)])
        yield from types.validated(_payload(old), _payload(new))
    else:
        others = new.declarations()
        yield from types.walk((Ref(name), Ref(name), name, others[name].place)
                              for name in old.declarations() if name in others)


def _messages(old: Protocol, new: Protocol) -> Iterator[Element]:
    """By name, and those that have no counterpart of their name by byte."""
    for a, b in matched(_carried(old), _carried(new), lambda c: c.message.name, lambda c: {c.message.byte}):
        yield "message", f"message {(a or b).message.name}", a, b, b.message.place if b else new.place


def _payload(protocol: Protocol) -> Sum:
    declared = protocol.declarations()
    field = next(f for f in declared[protocol.envelope.type].fields if f.name == protocol.envelope.payload)
    return declared[field.type.name]


def _carried(protocol: Protocol) -> list[Carried]:
    known = frozenset(_leaves(_payload(protocol), protocol.declarations()))

    def covered(paths: tuple[Path, ...]) -> frozenset[Path]:
        return frozenset(leaf for leaf in known for path in paths if leaf[:len(path)] == path)
    return [Carried(m, covered(m.accepts), covered(m.emits), known) for m in protocol.messages]


def _leaves(payload: Sum, declared: dict[str, Declaration]) -> Iterator[Path]:
    for variant in payload.variants:
        inner = declared[variant.type.name] if isinstance(variant.type, Ref) else None
        if isinstance(inner, Sum) and not inner.is_enumeration:
            yield from ((variant.name, v.name) for v in inner.variants)
        else:
            yield (variant.name,)


class _Types:
    def __init__(self, old: dict[str, Declaration], new: dict[str, Declaration]) -> None:
        self._old, self._new = old, new
        self._met: set[tuple[str, str]] = set()
        self._pending: list[tuple[Struct | Sum, Struct | Sum]] = []

    def walk(self, roots: Iterable[tuple[Type, Type, str, Place]]) -> Iterator[Element]:
        for root in roots:
            yield from self._types(*root)
        while self._pending:
            old, new = self._pending.pop()
            path = old.name if old.name == new.name else f"{old.name} (now {new.name})"
            if isinstance(old, Struct):
                yield from self._struct(path, old, new)
            else:
                yield from self._sum(path, old, new)

    def validated(self, old: Sum, new: Sum) -> Iterator[Element]:
        """Of the messages, rules that begin or cease to count without being altered."""
        for a, b in _variants(old, new):
            for gone, added in moved(a, self._old, b, self._new) if a is not None and b is not None else ():
                yield "inner rule", f"rule {(gone or added).id} in {new.name}.{b.name}", gone, added, b.place

    def _types(self, old: object, new: object, path: str, place: Place) -> Iterator[Element]:
        old, new = _seen_through(old, self._old), _seen_through(new, self._new)
        yield "type", path, old, new, place
        for kind in (Struct, Sum):
            if isinstance(old, kind) and isinstance(new, kind) and (old.name, new.name) not in self._met:
                self._met.add((old.name, new.name))
                self._pending.append((old, new))
        if shape(old) == shape(new) and not isinstance(old, (Struct, Sum, NoPayload)):
            for index, (a, b) in enumerate(_items(old, new)):
                where = "" if isinstance(old, OptionalOf) else f"[{index if isinstance(old, TupleOf) else ''}]"
                yield from self._types(a, b, path + where, place)

    def _struct(self, path: str, old: Struct, new: Struct) -> Iterator[Element]:
        members = list(matched(old.fields, new.fields, lambda f: f.name, spellings))
        was = {b.name: a.name for a, b in members if a is not None and b is not None}
        kept = set(was.values())
        yield "owner", path, old, new, new.place
        yield ("keys", path, tuple(f.name for f in old.fields if f.name in kept),
               tuple(was[f.name] for f in new.fields if f.name in was), new.place)
        for a, b in members:
            where, place = f"{path}.{(a or b).name}", b.place if b else new.place
            yield "field", where, a, b and _as_it_was_called(b, "derived", was), place
            if a is not None and b is not None and not a.versions.never:
                yield from self._types(_not_null(a.type), _not_null(b.type), where, place)
        later = [b for a, b in members if a is None]
        rules = [_as_it_was_called(rule, "expr", was) for rule in new.rules]
        for a, b in matched(old.rules, rules, lambda r: r.id, lambda r: {r.expr}):
            if a is not None or not fulfilled_without(b, later):
                yield "rule", f"rule {(a or b).id} of {path}", a, b, b.place if b else new.place

    def _sum(self, path: str, old: Sum, new: Sum) -> Iterator[Element]:
        for a, b in _variants(old, new):
            where, place = f"{path}.{(a or b).name}", b.place if b else new.place
            yield "variant", where, a, b, place
            if a is not None and b is not None:
                yield from self._types(_content(old, a), _content(new, b), where, place)


def _variants(old: Sum, new: Sum) -> Iterator[tuple[Variant | None, Variant | None]]:
    """By what they are called on the wire, or else in C++."""
    return matched(old.variants, new.variants, lambda v: v.wire_name, lambda v: {*spellings(v), ("in C++", v.name)})


def _as_it_was_called(thing: object, key: str, was: dict[str, str]) -> object:
    """An expression that names a key as it was called before says the same."""
    expr = getattr(thing, key)
    return thing if expr is None else replace(thing, **{key: with_names(expr, was)})


def spellings(member: Field | Variant) -> set[str]:
    """What its key or name may look like on the wire."""
    if isinstance(member, Variant):
        return {member.wire_name, *member.aliases}
    return {member.name, *member.aliases} | ({member.renamed.name} if member.renamed is not None else set())


def shape(thing: object) -> str:
    """What the JSON of something is, apart from what is inside of it."""
    match thing:
        case Scalar(name):
            return name
        case Opaque():
            return "json"
        case OptionalOf():
            return "an optional"
        case ListOf():
            return "a list"
        case ArrayOf(size=size):
            return f"an array of {size}"
        case TupleOf(items):
            return f"an array of {len(items)}"
        case Struct():
            return "an object"
        case Sum():
            return "a sum"
        case NoPayload():
            return "without payload"
    raise TypeError(thing)


def matched(olds: Iterable, news: Iterable, name: Callable, others: Callable[[object], set]) -> Iterator[tuple]:
    """Things of the same name; then those left over, if they have one of their other names in common; then the rest."""
    olds, news = list(olds), list(news)
    partner = {name(b): b for b in news}
    partners = {name(a): partner.get(name(a)) for a in olds}
    left = [b for b in news if name(b) not in partners]
    for a in olds:
        if partners[name(a)] is None:
            partners[name(a)] = close = next((b for b in left if others(a) & others(b)), None)
            left = [b for b in left if b is not close]
        yield a, partners[name(a)]
    yield from ((None, b) for b in left)


def _seen_through(thing: object, declared: dict[str, Declaration]) -> object:
    """Newtypes and secrets are on the wire what they wrap."""
    while True:
        match thing:
            case SecretOf(item):
                thing = item
            case Ref(name):
                thing = declared[name]
            case Newtype(type=type_):
                thing = type_
            case _:
                return thing


def _items(old: Type, new: Type) -> Iterator[tuple[Type, Type]]:
    """An array beside a tuple, which looks the same, has its item at every index."""
    count = max(len(children(old)), len(children(new)))
    return zip(*(children(t) * count if isinstance(t, ArrayOf) else children(t) for t in (old, new)))


def _not_null(type_: Type) -> Type:
    """Whether a key may be null is a question of the field, not of its type."""
    return type_.item if isinstance(type_, OptionalOf) else type_


def _content(sum_: Sum, variant: Variant) -> object:
    """The fields of a variant are on the wire what a struct of them would be."""
    if variant.fields is not None:
        return Struct(f"{sum_.name}.{variant.name}", variant.doc, variant.versions, variant.fields, place=variant.place)
    return NoPayload() if variant.type is None else variant.type
