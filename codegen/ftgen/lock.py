# SPDX-License-Identifier: Apache-2.0
"""Released versions, frozen: `lock/vN.json` beside the schema holds version N as it was when it was released.

A lock is the projection of the schema to its version. It is written once and never altered: what nodes of that version
send and accept cannot be changed any more by changing a file here. `ftgen breaking` holds the schema against all locks. A
lock goes, by hand, when the last node of its version has gone.
"""
from __future__ import annotations

import re
from pathlib import Path

from ftgen import ir
from ftgen.model import Protocol
from ftgen.project import project

_NAME = re.compile(r"v([1-9][0-9]*)\.json")


class Altered(Exception):
    """The version is frozen, and the schema says something else of it now."""


class Unreadable(Exception):
    """A file that is no lock."""


def folder_of(schema: Path) -> Path:
    return schema.parent / "lock"


def freeze(protocol: Protocol, version: int, folder: Path) -> tuple[Path, bool]:
    """Where the lock of the version lies, and whether it was written now. Raises Altered; OSError, Unreadable for a lock
    that cannot be read."""
    path = folder / f"v{version}.json"
    released = project(protocol, version)
    if path.exists():
        if ir.digest(read_one(path)) != ir.digest(released):
            raise Altered(path)
        return path, False
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(ir.dump(released), encoding="utf-8")
    return path, True


def read(folder: Path) -> dict[int, Protocol]:
    """All locks, by version. OSError, Unreadable for one that cannot be read."""
    paths = {int(match[1]): path for path in folder.glob("*") if (match := _NAME.fullmatch(path.name)) is not None}
    return {version: read_one(path) for version, path in sorted(paths.items())}


def read_one(path: Path) -> Protocol:
    try:
        return ir.load(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Unreadable(f"{path} is no lock: {error}") from error
