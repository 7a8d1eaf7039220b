# SPDX-License-Identifier: Apache-2.0
"""The door of the oracle: one codec for one version of a protocol."""
from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

from ftgen.model import Message, Protocol, Ref, Struct, Sum, Variant
from ftgen.oracle import rules
from ftgen.oracle.decode import Decoder
from ftgen.oracle.encode import Encoder
from ftgen.oracle.tokens import Reader
from ftgen.oracle.values import Refused, Tagged
from ftgen.oracle.view import View

HEADER = 5                          # bytes: the message, and the length of the payload, least byte first


@dataclass(frozen=True)
class Frame:
    message: Message
    envelope: dict
    consumed: int


class Codec:
    """What the messages of one version of a protocol mean. Whatever is wrong with them is returned, as a Refused."""

    def __init__(self, protocol: Protocol, version: int) -> None:
        self.protocol = protocol
        self.view = View(protocol, version)
        # A container takes five calls at most, and Python's own stack is not used up by them.
        sys.setrecursionlimit(max(sys.getrecursionlimit(), 1000 + 6 * protocol.limits.depth))

    # -- values -------------------------------------------------------------------------------------------------------

    def decode(self, name: str, text: bytes) -> object | Refused:
        """The text of a value of a declared type."""
        return _returned(lambda: self._decoder(text).whole(Ref(name)))

    def encode(self, name: str, value: object) -> bytes | Refused:
        return _returned(lambda: Encoder(self.view, self.protocol.limits.depth).whole(Ref(name), value))

    def validate(self, name: str, value: dict) -> Refused | None:
        """The first rule of a declared struct that is broken."""
        return rules.first_broken(self.view, self.view.declaration(name), value)

    # -- whole messages; only of a protocol with an envelope ----------------------------------------------------------

    def decode_frame(self, frame: bytes) -> Frame | Refused:
        """The first frame of some bytes. Offsets count from the start of the frame."""
        return _returned(lambda: self._frame(frame))

    def encode_frame(self, envelope: dict) -> bytes | Refused:
        payload = self.encode(self.protocol.envelope.type, envelope)
        if isinstance(payload, Refused):
            return payload
        if len(payload) > self.protocol.frame.max_payload:
            return Refused("output_too_large", "$")
        return bytes([self.emits(envelope).byte]) + len(payload).to_bytes(4, "little") + payload

    def validate_frame(self, envelope: dict) -> Refused | None:
        """The first rule that the payload breaks; paths begin at the envelope."""
        field = self.protocol.envelope.payload
        payload = envelope[field]
        variant = self._variant(self._payload_sum(), payload)
        declaration = self.view.declaration(variant.type.name) if isinstance(variant.type, Ref) else None
        if not isinstance(declaration, Struct):
            return None
        return rules.first_broken(self.view, declaration, payload.payload, f"$.{field}.{variant.wire_name}")

    def emits(self, envelope: dict) -> Message:
        """The message that carries this payload."""
        leaf = self._leaf(envelope)
        return next(m for m in self.protocol.messages if self.view.version in m.versions and _covers(m.emits, leaf))

    def accepts(self, message: Message, envelope: dict) -> bool:
        """Whether a frame of this message may carry it."""
        return self.view.version in message.versions and _covers(message.accepts, self._leaf(envelope))

    # -- parts --------------------------------------------------------------------------------------------------------

    def _decoder(self, text: bytes) -> Decoder:
        return Decoder(self.view, Reader(text, self.protocol.limits.depth))

    def _frame(self, frame: bytes) -> Frame:
        if len(frame) < HEADER:
            raise Refused("incomplete_header", "", len(frame))
        # A header does not tell the version: that it has no such message shows when the payload has been read.
        message = next((m for m in self.protocol.messages if m.byte == frame[0]), None)
        if message is None:
            raise Refused("unknown_message_type", "", 0)
        end = HEADER + int.from_bytes(frame[1:HEADER], "little")
        if end - HEADER > self.protocol.frame.max_payload:
            raise Refused("payload_too_large", "", 1)
        if len(frame) < end:
            raise Refused("incomplete_payload", "", len(frame))
        envelope = _returned(lambda: self._decoder(frame[HEADER:end]).whole_envelope(self.protocol.envelope))
        if isinstance(envelope, Refused):
            raise Refused(envelope.code, envelope.path, envelope.offset + HEADER)
        if not self.accepts(message, envelope):
            raise Refused("message_type_mismatch", f"$.{self.protocol.envelope.payload}", 0)
        return Frame(message, envelope, end)

    def _payload_sum(self) -> Sum:
        envelope = self.view.declaration(self.protocol.envelope.type)
        payload = next(f for f in envelope.fields if f.name == self.protocol.envelope.payload)
        return self.view.declaration(payload.type.name)

    def _variant(self, sum_: Sum, value: Tagged) -> Variant:
        return self.view.variant(sum_, value.variant)

    def _leaf(self, envelope: dict) -> tuple[str, ...]:
        """The variants of the payload from the outside in, as far as messages may tell them apart."""
        value = envelope[self.protocol.envelope.payload]
        variant = self._variant(self._payload_sum(), value)
        inner = self.view.declaration(variant.type.name) if isinstance(variant.type, Ref) else None
        return (variant.name, value.payload.variant) if isinstance(inner, Sum) else (variant.name,)


def _covers(paths: tuple[tuple[str, ...], ...], leaf: tuple[str, ...]) -> bool:
    return any(leaf[:len(path)] == path for path in paths)


def _returned(work: Callable[[], object]) -> object:
    try:
        return work()
    except Refused as refused:
        return refused
