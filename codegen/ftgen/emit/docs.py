# SPDX-License-Identifier: Apache-2.0
"""The protocol reference, `docs/PROTOCOL.md`: frames, messages and every type, for people who have never seen them.

What it says is decided in `ftgen.lower.docs`; its examples are made in `ftgen.lower.examples`.
"""
from __future__ import annotations

from ftgen.emit.markdown import page
from ftgen.lower.docs import reference
from ftgen.lower.examples import examples
from ftgen.model import Protocol


def emit(protocol: Protocol) -> dict[str, str]:
    text = page(protocol, "PROTOCOL.md.j2", reference=reference(protocol), examples=examples(protocol))
    return {"docs/PROTOCOL.md": text}
