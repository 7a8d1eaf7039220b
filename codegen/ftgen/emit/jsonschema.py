# SPDX-License-Identifier: Apache-2.0
"""JSON Schema: one file for each version of the window, `jsonschema/NAME-vN.json`. What it says is decided in
`ftgen.lower.jsonschema`."""
from __future__ import annotations

import json

from ftgen.emit.banner import banner
from ftgen.lower import jsonschema
from ftgen.model import Protocol
from ftgen.project import project


def emit(protocol: Protocol) -> dict[str, str]:
    return {f"jsonschema/{protocol.name}-v{version}.json": _text(protocol, version) for version in protocol.window}


def _text(protocol: Protocol, version: int) -> str:
    document = {"$comment": banner(protocol), **jsonschema.lower(project(protocol, version))}
    return json.dumps(document, indent=1) + "\n"
