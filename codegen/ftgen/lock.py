# SPDX-License-Identifier: Apache-2.0
"""Released versions, frozen: `lock/vN.json` beside the schema holds version N as it was when it was released.

A lock is what `ftgen.project.frozen` says of its version. What nodes of that version send and accept cannot be changed
any more by changing a file here, so nothing in a lock is ever altered; but a key that joins the version later (`emit:
when_set`), which those nodes pass over, is added to it. `ftgen breaking` holds the schema against all locks. A lock
goes, by hand, when the last node of its version has gone.
"""
from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from ftgen import ir
from ftgen.breaking import Category, compare
from ftgen.breaking.locks import unfrozen
from ftgen.model import Declaration, Family, Field, Protocol, Struct
from ftgen.project import frozen, project
from ftgen.sink import write_whole
from ftgen.walk import map_fields, reachable_from

_NAME = re.compile(r"v([1-9][0-9]*)\.json")


class Unreadable(Exception):
    """A file that is no lock."""


class Clash(Exception):
    """Keys cannot be added to a lock, in words for the user."""


def folder_of(schema: Path) -> Path:
    return schema.parent / "lock"


def path_of(version: int, folder: Path) -> Path:
    return folder / f"v{version}.json"


def freeze(protocol: Protocol, version: int, folder: Path) -> Path:
    """Writes the lock of a version that has none. OSError goes to the caller, and leaves no part of a file."""
    path = path_of(version, folder)
    write_whole(path, ir.dump(frozen(protocol, version)).encode())
    return path


def extend(lock: Protocol, protocol: Protocol, folder: Path) -> list[str]:
    """Adds the keys that have joined the version of a lock with which the schema is compatible, and returns their
    names. Raises Clash; OSError goes to the caller."""
    keys = list(unfrozen(lock, protocol))
    if not keys:
        return []
    path = path_of(lock.current_version, folder)
    extended = _with_keys(lock, protocol, keys)
    if compare(extended, protocol, Category.JSON):
        raise Clash(f"{path}: types of the keys to be added have names that others had there; choose other ones")
    write_whole(path, ir.dump(extended).encode())
    return [f"{owner.name}.{field.name}" for _, owner, field in keys]


def _with_keys(lock: Protocol, protocol: Protocol, keys: list[tuple[Struct, Struct, Field]]) -> Protocol:
    """Types keep their names in the lock; those that only the keys need come from the schema."""
    joined: dict[str, list[tuple[Struct, Field]]] = {}
    for owner, now, field in keys:
        joined.setdefault(owner.name, []).append((now, field))

    def of(declaration: Declaration) -> Declaration:
        def fields(owner) -> tuple[Field, ...]:
            name = owner.name if owner is declaration else f"{declaration.name}.{owner.name}"
            found = owner.fields
            for now, field in joined.get(name, ()):
                found = _inserted(found, field, now)
            return found
        return map_fields(declaration, fields)

    one = project(protocol, lock.current_version)
    needed = reachable_from(one.declarations(), (field.type for _, _, field in keys)) - lock.declarations().keys()
    families = {f.name: replace(f, types=tuple(map(of, f.types))) for f in lock.families}
    for family in one.families:
        types = tuple(d for d in family.types if d.name in needed)
        home = families.get(family.name, Family(family.name, family.doc, ()))
        if types:
            families[family.name] = replace(home, types=home.types + types)
    return replace(lock, families=tuple(families.values()))


def _inserted(fields: tuple[Field, ...], field: Field, now: Struct) -> tuple[Field, ...]:
    """Behind those that it stands behind in the schema."""
    names = [f.name for f in now.fields]
    before = set(names[:names.index(field.name)])
    at = 1 + max((i for i, f in enumerate(fields) if f.name in before), default=-1)
    return (*fields[:at], field, *fields[at:])


def read(folder: Path) -> dict[int, Protocol]:
    """All locks, by version. OSError, Unreadable for one that cannot be read."""
    paths = {int(match[1]): path for path in folder.glob("*") if (match := _NAME.fullmatch(path.name)) is not None}
    return {version: read_one(path) for version, path in sorted(paths.items())}


def read_one(path: Path) -> Protocol:
    try:
        return ir.load(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Unreadable(f"{path} is no lock: {error}") from error
