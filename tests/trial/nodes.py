# SPDX-License-Identifier: Apache-2.0
"""The nodes of the trial, as its tests find them: built programs, and the schema that each was made of.

    for node in nodes(): node.answers(frames, version=1)        # what its ftconform says
    node.program("ftworker")

The build tells where they are: FT_TOOL_DIR has the programs of version 1, FT_TRIAL_DIR those of the trial.
"""
from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ftgen.load import load
from ftgen.model import Protocol
from ftgen.project import project

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Node:
    name: str
    protocol: Protocol
    folder: Path

    @property
    def window(self) -> range:
        return self.protocol.window

    def program(self, name: str) -> Path:
        return self.folder / name

    def answers(self, frames: Sequence[bytes], version: int | None = None) -> list[dict]:
        """What it makes of frames, one by one; `version` is the one to write them in again."""
        wanted = {} if version is None else {"version": version}
        asked = "".join(json.dumps({"frame": base64.b64encode(frame).decode(), **wanted}) + "\n" for frame in frames)
        done = subprocess.run([self.program("ftconform")], input=asked, capture_output=True, text=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]


@cache
def edited() -> Protocol:
    """The trial's schema, with both versions."""
    protocol, found = load(_trial() / "gen" / "schema" / "fragment_transport.yaml")
    assert protocol is not None, found
    return protocol


@cache
def nodes() -> dict[str, Node]:
    both = edited()
    return {"v1": Node("v1", project(both, 1), Path(os.environ["FT_TOOL_DIR"])),
            "both": Node("both", both, _trial() / "both"),
            "v2": Node("v2", project(both, 2), _trial() / "v2")}


def _trial() -> Path:
    return Path(os.environ["FT_TRIAL_DIR"])
