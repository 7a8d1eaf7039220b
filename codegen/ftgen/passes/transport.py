# SPDX-License-Identifier: Apache-2.0
"""Envelope, phases and messages: they name things that exist, and every payload has exactly one message that carries
it."""
from __future__ import annotations

from collections.abc import Iterator

from ftgen.diagnostics import Report, did_you_mean
from ftgen.draft import Draft
from ftgen.model import Declaration, Message, Ref, Struct, Sum

Path = tuple[str, ...]


def check(draft: Draft, report: Report) -> Draft:
    protocol = draft.protocol
    if protocol.envelope is None:
        return draft
    for phase in protocol.phases:
        if phase.max_payload > protocol.max_payload:
            report.add("FT425", draft.at(protocol.name, "phases", phase.name, "max_payload"),
                       f"the phase '{phase.name}' allows more bytes than the frame, {protocol.max_payload}")
    _bytes(draft, report)
    payload = _envelope(draft, report)
    if payload is not None:
        _paths(draft, payload, report)
    return draft


def _bytes(draft: Draft, report: Report) -> None:
    seen: dict[int, Message] = {}
    for message in draft.protocol.messages:
        first = seen.setdefault(message.byte, message)
        if first is not message:
            report.add("FT420", draft.at(message.place, "byte"),
                       f"the byte 0x{message.byte:02x} is that of {first.name} already")


def _envelope(draft: Draft, report: Report) -> Sum | None:
    """The payload sum, if the envelope is one."""
    protocol, declared = draft.protocol, draft.protocol.declarations()
    envelope = protocol.envelope

    def wrong(key: str, message: str, hint: str = "") -> None:
        report.add("FT424", draft.at(protocol.name, "envelope", key), message, hint)

    struct = declared.get(envelope.type)
    if not isinstance(struct, Struct):
        return wrong("type", f"'{envelope.type}' is no struct",
                     did_you_mean(envelope.type, (name for name, d in declared.items() if isinstance(d, Struct))))
    names = [f.name for f in struct.fields]
    if envelope.payload not in names:
        return wrong("payload", f"{struct.name} has no field '{envelope.payload}'",
                     did_you_mean(envelope.payload, names))
    for index, name in enumerate(envelope.gate):
        if name not in names:
            wrong(f"gate[{index}]", f"{struct.name} has no field '{name}'", did_you_mean(name, names))
        elif names.index(name) >= names.index(envelope.payload):
            wrong(f"gate[{index}]", f"'{name}' does not stand before '{envelope.payload}' in {struct.name}",
                  "what is judged first must come first on the wire")
    type_ = struct.fields[names.index(envelope.payload)].type
    payload = declared.get(type_.name) if isinstance(type_, Ref) else None
    if not isinstance(payload, Sum) or payload.is_enumeration or payload.cell:
        return wrong("payload", f"'{envelope.payload}' holds no sum of messages",
                     "the messages carry the variants of a sum with payloads and the usual layout")
    return payload


def _paths(draft: Draft, payload: Sum, report: Report) -> None:
    leaves = list(_leaves(payload, draft.protocol.declarations()))
    emitted: dict[Path, list[str]] = {leaf: [] for leaf in leaves}
    complete = True
    for message in draft.protocol.messages:
        accepted = set()
        for key in ("accepts", "emits"):
            for index, path in enumerate(getattr(message, key)):
                place = draft.at(message.place, f"{key}[{index}]")
                covered = [leaf for leaf in leaves if leaf[:len(path)] == path]
                if not covered:
                    complete = False
                    known = dict.fromkeys(".".join(leaf[:n]) for leaf in leaves for n in (1, 2))
                    report.add("FT421", place, f"{payload.name} has no variant '{'.'.join(path)}'",
                               did_you_mean(".".join(path), known))
                elif key == "accepts":
                    accepted.update(covered)
                else:
                    for leaf in covered:
                        emitted[leaf].append(message.name)
                    if not accepted.issuperset(covered):
                        report.add("FT423", place, f"{message.name} emits {'.'.join(path)} and does not accept it",
                                   "add it to `accepts`")
    for leaf, by in emitted.items():
        if len(by) != 1 and complete:
            who = " and ".join(dict.fromkeys(by)) or "none"
            report.add("FT422", draft.at(draft.protocol.name, "messages"),
                       f"'{'.'.join(leaf)}' is emitted {len(by)} times, by {who}",
                       "exactly one message emits each variant")


def _leaves(payload: Sum, declared: dict[str, Declaration]) -> Iterator[Path]:
    """Each variant of the payload, or where that holds a sum with payloads, each variant of that one."""
    for variant in payload.variants:
        inner = declared[variant.type.name] if isinstance(variant.type, Ref) else None
        if isinstance(inner, Sum) and not inner.is_enumeration:
            yield from ((variant.name, v.name) for v in inner.variants)
        else:
            yield (variant.name,)
