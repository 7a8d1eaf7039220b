# SPDX-License-Identifier: Apache-2.0
"""MANIFEST: which files the generator wrote, their sums, and the digest of the schema that they came from.

Its lines are those of sha256sum, so `cd generated && sha256sum -c MANIFEST` tells whether a copy is whole.
"""
from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from ftgen.emit.banner import banner
from ftgen.ir import digest
from ftgen.model import Protocol

NAME = "MANIFEST"
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def make(protocol: Protocol, files: Mapping[str, bytes]) -> bytes:
    head = [f"# {banner(protocol)}",
            f"# Schema {protocol.name}, versions {protocol.min_version} to {protocol.current_version}, digest {digest(protocol)}",
            "# The digest is that of the meaning: docs have no part in it."]
    return "".join(f"{line}\n" for line in head + [f"{sum_of(files[name])}  {name}" for name in sorted(files)]).encode()


def read(folder: Path) -> dict[str, str]:
    """{path: sum} of what was written into the folder the last time; nothing if there is no manifest that can be read."""
    try:
        text = (folder / NAME).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    return {match[2]: match[1] for match in map(_LINE.fullmatch, text.splitlines()) if match}


def sum_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
