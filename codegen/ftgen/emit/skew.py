# SPDX-License-Identifier: Apache-2.0
"""What nodes of different versions lose on each other: `docs/SKEW.md`, decided in `ftgen.lower.skew`."""
from __future__ import annotations

import json

from ftgen.emit.markdown import page
from ftgen.lower import skew
from ftgen.lower.markdown import code, prose
from ftgen.model import Protocol


def emit(protocol: Protocol) -> dict[str, str]:
    return {"docs/SKEW.md": page(protocol, "SKEW.md.j2", pairs=skew.pairs(protocol), outcomes=list(skew.Outcome),
                                 extensions=skew.extension_keys(protocol), note=_note)}


def _note(change: skew.Change) -> str:
    thing = change.subject.thing
    match change.outcome:
        case skew.Outcome.DEFAULTED:
            return f"reads as {code(json.dumps(change.subject.default))}"
        case skew.Outcome.LOST:
            return prose(thing.lossy)
        case skew.Outcome.REFUSED if change.subject.kind == "field":
            return f"left out while it is {code(json.dumps(change.subject.default))}"
        case _:
            return "the encoder reports an error"
