# SPDX-License-Identifier: Apache-2.0
"""What happens to each field, variant and message between builds of two versions of the window.

    for pair in pairs(protocol):            # every (sender, receiver) of the window
        for change in pair.changes: ...     # what is not simply kept
    extension_keys(protocol)                # what older builds of one version may pass over

A build of a version has all that came with it or before, what was removed too: the C++ member stays as long as a
version with it is spoken. The two speak the lower of their versions: an older node knows no other, and a newer one
encodes for its peer. Hence

    kept       what the sender sets is what the receiver reads
    defaulted  the sender has never heard of the field; the receiver reads the value that stands for it
    refused    the version that they speak does not have it, and the sender's encoder reports an error if it is set
    lost       the version that they speak does not have it, and `lossy` says why the encoder may leave it out

Variants and messages that the sender has never heard of are never sent, and appear nowhere. So do messages whose
payload has another byte in the version that is spoken, and the members of types and variants that it does not have,
because they share the fate of what holds them.
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
    carried: tuple[Versions, ...] = ()  # of the variants that a message emits


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
    """None: nothing is sent and nothing is to be read, or what holds it is not there."""
    spoken, versions = min(sender, receiver), subject.thing.versions
    if any(spoken not in v for v in subject.within):
        return None
    if getattr(subject.thing, "derived", None) is not None:     # each side derives it anew
        return Outcome.KEPT if versions.added <= max(sender, receiver) else None
    if sender < versions.added:
        return Outcome.DEFAULTED if subject.kind == "field" and versions.added <= receiver else None
    if spoken in versions:
        return Outcome.KEPT
    if any(spoken in v for v in subject.carried):
        return None
    return Outcome.LOST if getattr(subject.thing, "lossy", None) else Outcome.REFUSED


def extension_keys(protocol: Protocol) -> tuple[Subject, ...]:
    """Keys that are written only when set, so that they may have joined a version that was in use already: builds of
    that version from before pass over them as unknown. Those that came with a later version are not among them."""
    return tuple(s for s in subjects(protocol)
                 if s.kind == "field" and s.thing.when_set and s.thing.versions.added <= protocol.min_version)


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
    yield from (Subject("message", m.name, m, carried=tuple(_carried(m, protocol))) for m in protocol.messages)


def _carried(message: Message, protocol: Protocol) -> Iterator[Versions]:
    declared = protocol.declarations()
    for path in message.emits:
        place = next(f.type for f in declared[protocol.envelope.type].fields if f.name == protocol.envelope.payload)
        for name in path:
            variant = next(v for v in declared[place.name].variants if v.name == name)
            place = variant.type
        yield variant.versions


def _default(field: Field, declared: dict[str, Declaration]) -> object:
    missing = field.missing or field.absent
    return None if missing is None else default(missing, field.type, declared)


def _pair(every: tuple[Subject, ...], sender: int, receiver: int) -> Pair:
    changes = [Change(s, o) for s in every if (o := outcome(s, sender, receiver)) is not None]
    return Pair(sender, receiver, dict(Counter(c.outcome for c in changes)),
                tuple(c for c in changes if c.outcome is not Outcome.KEPT))
