# SPDX-License-Identifier: Apache-2.0
"""Envelope, phases and messages: they name things that exist, and in every version each payload has exactly one message
that carries it."""
from __future__ import annotations

from collections.abc import Callable, Iterator

from ftgen.diagnostics import Report, did_you_mean
from ftgen.draft import Draft
from ftgen.model import Declaration, Envelope, Message, Place, Ref, Scalar, Struct, Sum, Variant

Path = tuple[str, ...]


def check(draft: Draft, report: Report) -> Draft:
    protocol = draft.protocol
    if protocol.envelope is None:
        return draft
    for phase in protocol.phases:
        if phase.max_payload > protocol.frame.max_payload:
            report.add("FT425", draft.at(protocol.name, "phases", phase.name, "max_payload"),
                       f"the phase '{phase.name}' allows more bytes than the frame, {protocol.frame.max_payload}")
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
    for field in struct.fields:
        if field.versions != struct.versions or field.renamed is not None:
            report.add("FT424", field.place, f"'{field.name}' is not in every version",
                       "the envelope is read before the version is known: put the field into the payload")
    names = [f.name for f in struct.fields]
    if envelope.payload not in names:
        return wrong("payload", f"{struct.name} has no field '{envelope.payload}'",
                     did_you_mean(envelope.payload, names))
    if envelope.version is not None:
        _version_field(struct, envelope, wrong)
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


def _version_field(struct: Struct, envelope: Envelope, wrong: Callable[..., None]) -> None:
    field = next((f for f in struct.fields if f.name == envelope.version), None)
    if field is None or field.type != Scalar("u8"):
        wrong("version", f"{struct.name} has no field '{envelope.version}' of type u8",
              did_you_mean(envelope.version, (f.name for f in struct.fields if f.type == Scalar("u8"))))
    elif field.name not in envelope.gate:
        wrong("version", f"'{field.name}' is not in the gate", "the version is judged before the payload is built")


def _paths(draft: Draft, payload: Sum, report: Report) -> None:
    leaves = dict(_leaves(payload, draft.protocol.declarations()))
    emitted: dict[Path, list[Message]] = {leaf: [] for leaf in leaves}
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
                    continue
                if len(path) > 1:
                    _told_apart(draft, payload, path, place, report)
                if key == "accepts":
                    accepted.update(covered)
                else:
                    for leaf in covered:
                        emitted[leaf].append(message)
                    if not accepted.issuperset(covered):
                        report.add("FT423", place, f"{message.name} emits {'.'.join(path)} and does not accept it",
                                   "add it to `accepts`")
    for leaf, by in emitted.items() if complete else ():
        _emitted_once(draft, leaf, leaves[leaf], by, report)


def _told_apart(draft: Draft, payload: Sum, path: Path, place: Place, report: Report) -> None:
    """The sum inside is one with payloads in every version, or its variants are no leaves there."""
    variant = next(v for v in payload.variants if v.name == path[0])
    inner = draft.protocol.declarations()[variant.type.name]
    for version in draft.protocol.window:
        if version in variant.versions and all(v.is_unit for v in inner.variants if version in v.versions):
            report.add("FT421", place,
                       f"'{'.'.join(path)}' is a unit of {inner.name}, an enumeration in version {version}",
                       f"name '{path[0]}' alone, or give {inner.name} a variant with a payload that is always there")
            return


def _emitted_once(draft: Draft, leaf: Path, variants: tuple[Variant, ...], by: list[Message], report: Report) -> None:
    protocol = draft.protocol
    for version in protocol.window:
        if not all(version in variant.versions for variant in variants):
            continue
        now = [m.name for m in by if version in m.versions]
        if len(now) != 1:
            when = "" if len(protocol.window) == 1 else f" in version {version}"
            place, hint = draft.at(protocol.name, "messages"), "exactly one message emits each variant"
            if by and not now:              # there is one, in other versions
                key = "added" if version < by[0].versions.added else "removed"
                place, hint = variants[-1].place, f"say `{key}: {getattr(by[0].versions, key)}` here too, as {by[0].name} does"
            report.add("FT422", place, f"'{'.'.join(leaf)}' is emitted {len(now)} times{when}, by "
                       f"{' and '.join(dict.fromkeys(now)) or 'none'}", hint)
            return


def _leaves(payload: Sum, declared: dict[str, Declaration]) -> Iterator[tuple[Path, tuple[Variant, ...]]]:
    """Each variant of the payload, or where that holds a sum with payloads, each variant of that one; with the
    variants that must be there for it."""
    for variant in payload.variants:
        inner = declared[variant.type.name] if isinstance(variant.type, Ref) else None
        if isinstance(inner, Sum) and not inner.is_enumeration:
            yield from (((variant.name, v.name), (variant, v)) for v in inner.variants)
        else:
            yield (variant.name,), (variant,)
