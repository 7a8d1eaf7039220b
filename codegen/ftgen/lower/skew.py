# SPDX-License-Identifier: Apache-2.0
"""What happens to each field, variant and message between two versions of the window.

    for pair in pairs(protocol):            # every (sender, receiver) of the window
        for change in pair.changes: ...     # what is not simply kept
    extension_keys(protocol)                # what older builds of one version pass over

The two speak the lower of their versions: an older node knows no other, and a newer one encodes for its peer. Hence

    kept       what the sender sets is what the receiver reads
    defaulted  the sender does not have the field; the receiver reads the value that stands for it
    refused    the receiver does not have it, and the sender's encoder reports an error if it is set
    lost       the receiver does not have it, and `lossy` says why the encoder may leave it out

Variants and messages that the sender does not have are never sent, and appear nowhere; so do the members of types and
variants that one of the two does not have, because they share the fate of what holds them.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from ftgen.lower.values import default
from ftgen.model import Declaration, Field, Message, Protocol, Sum, Variant, Versions
from ftgen.walk import owners


class Outcome(Enum):
    KEPT = "kept"
    DEFAULTED = "defaulted"
    REFUSED = "refused"
    LOST = "lost"


@dataclass(frozen=True)
class Subject:
    """What may come and go. `path` is what people call it: Struct.field, Sum.Variant.field, Sum.Variant, MSG_NAME."""
    kind: str                       # "field", "variant" or "message"
    path: str
    thing: Field | Variant | Message
    within: tuple[Versions, ...] = ()   # of the type, and the variant, that it is a member of
    default: object = None          # the JSON that a field reads as where it is not


@dataclass(frozen=True)
class Change:
    subject: Subject
    outcome: Outcome


@dataclass(frozen=True)
class Pair:
    sender: int
    receiver: int
    counts: dict[Outcome, int]
    changes: tuple[Change, ...]     # all that is not kept


def pairs(protocol: Protocol) -> tuple[Pair, ...]:
    every = tuple(subjects(protocol))
    return tuple(_pair(every, sender, receiver) for sender in protocol.window for receiver in protocol.window)


def outcome(subject: Subject, sender: int, receiver: int) -> Outcome | None:
    """None: nothing is sent and nothing is to be read, or one of the two does not even have what holds it."""
    if any(sender not in v or (receiver < sender and receiver not in v) for v in subject.within):
        return None
    versions = subject.thing.versions
    if getattr(subject.thing, "derived", None) is not None:
        return Outcome.KEPT if sender in versions or receiver in versions else None    # each side derives it anew
    if sender in versions:
        # A newer receiver reads a message in the sender's version, so it still finds what has been removed since.
        if receiver in versions or sender < receiver:
            return Outcome.KEPT
        return Outcome.LOST if getattr(subject.thing, "lossy", None) else Outcome.REFUSED
    return Outcome.DEFAULTED if subject.kind == "field" and receiver in versions else None


def extension_keys(protocol: Protocol) -> tuple[Subject, ...]:
    """Keys that are written only when set, so that they may join a version that is in use already: builds of that
    version from before pass over them as unknown."""
    return tuple(s for s in subjects(protocol) if s.kind == "field" and s.thing.when_set)


def subjects(protocol: Protocol) -> Iterator[Subject]:
    """In the order of the schema; messages come last."""
    declared = protocol.declarations()
    for declaration in declared.values():
        path, within = declaration.name, (declaration.versions,)
        if isinstance(declaration, Sum):
            yield from (Subject("variant", f"{path}.{v.name}", v, within) for v in declaration.variants)
        for owner in owners(declaration):
            if owner is not declaration:
                path, within = f"{declaration.name}.{owner.name}", (declaration.versions, owner.versions)
            yield from (Subject("field", f"{path}.{f.name}", f, within, _default(f, declared)) for f in owner.fields)
    yield from (Subject("message", m.name, m) for m in protocol.messages)


def _default(field: Field, declared: dict[str, Declaration]) -> object:
    missing = field.missing or field.absent
    return None if missing is None else default(missing, field.type, declared)


def _pair(every: tuple[Subject, ...], sender: int, receiver: int) -> Pair:
    changes = [Change(s, o) for s in every if (o := outcome(s, sender, receiver)) is not None]
    return Pair(sender, receiver, dict(Counter(c.outcome for c in changes)),
                tuple(c for c in changes if c.outcome is not Outcome.KEPT))
