# SPDX-License-Identifier: Apache-2.0
"""A real frame for each thing that a message may carry, made by the oracle: `examples(protocol)`.

Each is the least there is in the newest version (`ftgen.lower.values`), but a secret text in a client's envelope is
"secret", because that is where credentials stand.
"""
from __future__ import annotations

from dataclasses import dataclass

from ftgen.lower.values import Least
from ftgen.model import Message, Protocol, Ref, Scalar, SecretOf
from ftgen.oracle import HEADER, Codec

_CREDENTIAL = SecretOf(Scalar("string"))


@dataclass(frozen=True)
class Example:
    message: Message
    path: tuple[str, ...]           # of variants below the payload sum
    frame: bytes

    @property
    def header(self) -> bytes:
        return self.frame[:HEADER]

    @property
    def payload(self) -> bytes:
        return self.frame[HEADER:]


def examples(protocol: Protocol) -> tuple[Example, ...]:
    """Empty for a set of types. A message that is only read carries what others write, under its own byte."""
    codec = Codec(protocol, protocol.current_version)
    return tuple(Example(message, path, _frame(codec, message, path)) for message in protocol.messages
                 if protocol.current_version in message.versions
                 for path in message.emits or message.accepts if _there(codec, path))


def _frame(codec: Codec, message: Message, path: tuple[str, ...]) -> bytes:
    envelope = codec.protocol.envelope
    declaration = codec.view.declaration(envelope.type)
    least = Least(codec)
    carried = next(f.type for f in declaration.fields if f.name == envelope.payload)
    value = least.of(Ref(envelope.type)) | {envelope.payload: least.of(carried, path)}
    if message.sender == "client":
        value |= {f.name: "secret" for f in declaration.fields if f.type == _CREDENTIAL}
    payload = codec.encode(envelope.type, value)
    return bytes([message.byte]) + len(payload).to_bytes(HEADER - 1, "little") + payload


def _there(codec: Codec, path: tuple[str, ...]) -> bool:
    """Whether the newest version has all of these variants."""
    envelope = codec.protocol.envelope
    type_ = next(f.type for f in codec.view.declaration(envelope.type).fields if f.name == envelope.payload)
    for name in path:
        variant = codec.view.variant(codec.view.declaration(type_.name), name)
        if not codec.view.has(variant):
            return False
        type_ = variant.type
    return True
