# SPDX-License-Identifier: Apache-2.0
"""The protocol around the types, for C++: versions, limits, phases, messages, the envelope and its gate."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ftgen.lower.cpp_types import alternative, identifier
from ftgen.lower.versions import condition
from ftgen.model import Declaration, Message, Phase, Protocol, Ref, Struct, Sum


@dataclass(frozen=True)
class MessageView:
    name: str
    byte: str
    doc: str


@dataclass(frozen=True)
class Branch:
    """One variant of the payload: a byte, or an inner sum whose variants decide."""
    tag: str                                # "TransportPayload::Tag::FragmentResult"
    emitted: tuple[tuple[str | None, str], ...]     # (condition over `version`, message), when the variant alone decides
    accepted: tuple[str, ...]               # the messages that may carry it
    alternative: str                        # "TransportPayload::FragmentResult"
    inner: tuple["Branch", ...]


@dataclass(frozen=True)
class EnvelopeView:
    type: str
    family: str
    payload: str                            # the member
    payload_key: str                        # its key on the wire
    payload_type: str
    gate: tuple[str, ...]
    gate_mask: int
    payload_index: int
    version: str | None                     # the member that says which version the sender speaks


@dataclass(frozen=True)
class ProtocolView:
    doc: str
    min_version: int
    current_version: int
    depth: int
    budget_base: int
    budget_per_payload_byte: int
    max_payload: int
    alpn: str | None
    phases: tuple[Phase, ...]
    messages: tuple[MessageView, ...]
    branches: tuple[Branch, ...]
    envelope: EnvelopeView


def _branches(protocol: Protocol, payload: Sum, declarations: Mapping[str, Declaration],
              path: tuple[str, ...] = ()) -> tuple[Branch, ...]:
    branches = []
    for variant in payload.variants:
        here = (*path, variant.name)
        deeper = any(len(p) > len(here) and p[:len(here)] == here
                     for m in protocol.messages for p in (*m.accepts, *m.emits))
        inner: tuple[Branch, ...] = ()
        if deeper and isinstance(variant.type, Ref):
            inner = _branches(protocol, declarations[variant.type.name], declarations, here)
        emitted = [(condition(m.versions, protocol), m.name) for m in protocol.messages if _cover(m.emits, here)]
        if emitted:
            emitted[-1] = None, emitted[-1][1]          # in every version there is one, so the last needs no question
        accepted = tuple(_accepted(m, protocol) for m in protocol.messages if _cover(m.accepts, here))
        name = alternative(variant.name, payload.name)
        branches.append(Branch(f"{payload.name}::Tag::{name}", tuple(emitted), accepted, f"{payload.name}::{name}", inner))
    return tuple(branches)


def _accepted(message: Message, protocol: Protocol) -> str:
    there = condition(message.versions, protocol)
    is_it = f"type == MessageType::{message.name}"
    return is_it if there is None else f"({is_it} && {there})"


def _cover(paths: tuple[tuple[str, ...], ...], here: tuple[str, ...]) -> bool:
    """Whether one of the paths leads here, or to what this is a part of."""
    return any(here[:len(path)] == path for path in paths)


def folder(protocol: Protocol) -> str:
    """Where its headers are included from: `ft/kv/gen` for the namespace `ft::kv`. No two protocols of a program share it."""
    return "/".join((*protocol.namespace.split("::"), "gen"))


def view(protocol: Protocol) -> ProtocolView | None:
    """None for a schema that is types alone."""
    if protocol.envelope is None:
        return None
    declarations = protocol.declarations()
    envelope = declarations[protocol.envelope.type]
    assert isinstance(envelope, Struct)
    index = {f.name: i for i, f in enumerate(envelope.fields)}
    payload_field = envelope.fields[index[protocol.envelope.payload]]
    payload = declarations[payload_field.type.name]
    family = next(f.name for f in protocol.families if envelope in f.types)
    return ProtocolView(
        protocol.doc, protocol.min_version, protocol.current_version, protocol.limits.depth,
        protocol.limits.budget_base, protocol.limits.budget_per_payload_byte, protocol.frame.max_payload, protocol.alpn,
        tuple(replace(p, name=identifier(p.name)) for p in protocol.phases),
        tuple(MessageView(m.name, f"0x{m.byte:02x}", m.doc) for m in protocol.messages), _branches(protocol, payload, declarations),
        EnvelopeView(envelope.name, family, identifier(payload_field.name), payload_field.name, payload.name, protocol.envelope.gate,
                     sum(1 << index[n] for n in protocol.envelope.gate), index[protocol.envelope.payload],
                     protocol.envelope.version and identifier(protocol.envelope.version)))
