# SPDX-License-Identifier: Apache-2.0
"""What becomes of a message on its way between two versions, by the table of ftgen.lower.skew and nothing else.

    trip = Table(protocol).travel(envelope, sender=2, receiver=1)
    trip.value          # what the receiver holds, in the oracle's values
    trip.refused        # the names of what the encoder must not write; then nothing is sent
    trip.seen           # {(path, outcome)} of all that was not simply kept
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ftgen.lower.skew import Outcome, outcome, subjects
from ftgen.model import (ArrayOf, ListOf, Newtype, OptionalOf, Protocol, Ref, Struct, Sum, TupleOf, Type, Variant)
from ftgen.oracle import Tagged


@dataclass
class Trip:
    sender: int
    receiver: int
    value: Any = None
    refused: list[str] = field(default_factory=list)
    seen: set[tuple[str, Outcome]] = field(default_factory=set)


class Table:
    def __init__(self, protocol: Protocol) -> None:
        self._envelope = Ref(protocol.envelope.type)
        self._declared = protocol.declarations()
        self._subjects = {subject.path: subject for subject in subjects(protocol)}

    def travel(self, envelope: dict, sender: int, receiver: int) -> Trip:
        trip = Trip(sender, receiver)
        trip.value = self._of(self._envelope, envelope, trip)
        return trip

    def _of(self, type_: Type, value: Any, trip: Trip) -> Any:
        if value is None:
            return None
        match type_:
            case OptionalOf(item):
                return self._of(item, value, trip)
            case ListOf(item) | ArrayOf(item):
                return [self._of(item, each, trip) for each in value]
            case TupleOf(items):
                return [self._of(item, each, trip) for item, each in zip(items, value, strict=True)]
            case Ref(name):
                match self._declared[name]:
                    case Newtype(type=inner):
                        return self._of(inner, value, trip)
                    case Struct() as struct:
                        return self._fields(struct, name, value, trip)
                    case Sum() as sum_:
                        return self._variant(sum_, value, trip)
        return value

    def _fields(self, owner: Struct | Variant, path: str, value: dict, trip: Trip) -> dict:
        there = {}
        for each in owner.fields:
            if each.derived is not None:
                continue
            subject = self._subjects[f"{path}.{each.name}"]
            fate, held = outcome(subject, trip.sender, trip.receiver), value[each.name]
            if fate is Outcome.KEPT:
                there[each.name] = self._of(each.type, held, trip)
                continue
            there[each.name] = subject.default
            if held != subject.default:
                if fate is Outcome.REFUSED:
                    trip.refused.append(each.name)
                assert fate in (Outcome.REFUSED, Outcome.LOST), (subject.path, fate, held)
            if fate is Outcome.DEFAULTED or held != subject.default:
                trip.seen.add((subject.path, fate))
        return there

    def _variant(self, sum_: Sum, value: Tagged, trip: Trip) -> Tagged:
        variant = next(v for v in sum_.variants if v.name == value.variant)
        path = f"{sum_.name}.{variant.name}"
        fate = outcome(self._subjects[path], trip.sender, trip.receiver)
        if fate is not Outcome.KEPT:
            trip.refused.append(variant.wire_name)
            trip.seen.add((path, fate))
            return value
        if variant.fields is not None:
            return Tagged(variant.name, self._fields(variant, path, value.payload, trip))
        return value if variant.type is None else Tagged(variant.name, self._of(variant.type, value.payload, trip))
