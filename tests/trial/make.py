# SPDX-License-Identifier: Apache-2.0
"""The trial's schema and codecs, out of schema/ and the edits in v2.yaml.

    cmake/ftgen-python tests/trial/make.py edit FOLDER      makes the edits in this copy of schema/
    cmake/ftgen-python tests/trial/make.py codecs FOLDER    FOLDER/{schema,both,v1,v2}: the edited schema, and the C++
                                                            of nodes that speak both versions, 1 alone, 2 alone

The codecs are made only if the edited schema is as it should be: nothing for lint to say, nothing broken for the nodes
of a frozen version, and the C++ of version 1 alone byte for byte what generated/ holds.
"""
from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml

from ftgen import cli
from ftgen.emit import cpp

REPOSITORY = Path(__file__).resolve().parents[2]
EDITS = Path(__file__).with_name("v2.yaml")
ROOT = "fragment_transport.yaml"


class Wrong(Exception):
    """What the trial is made of is not as it should be, in words for people."""


@dataclass(frozen=True)
class Edit:
    file: str
    find: str
    replace: str


def edits(path: Path = EDITS) -> list[Edit]:
    return [Edit(**each) for each in yaml.safe_load(path.read_text(encoding="utf-8"))]


def edit(folder: Path, changes: list[Edit]) -> None:
    """Makes the changes in a copy of schema/: all, or none."""
    texts: dict[str, str] = {}
    for change in changes:
        before = texts.get(change.file) or (folder / change.file).read_text(encoding="utf-8")
        found = before.count(change.find)
        if found != 1:
            raise Wrong(f"{folder / change.file}: found {found} times instead of once:\n{change.find}")
        texts[change.file] = before.replace(change.find, change.replace)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def codecs(folder: Path) -> None:
    schema = folder / "schema"
    shutil.rmtree(schema, ignore_errors=True)
    shutil.copytree(REPOSITORY / "schema", schema)
    edit(schema, edits())
    root = ["--schema", str(schema / ROOT)]
    _ftgen("lint", *root)
    _ftgen("breaking", *root)
    _ftgen("generate", *root, "--out", str(folder / "both"))
    for version in (1, 2):
        alone = folder / f"schema-v{version}"
        shutil.rmtree(alone, ignore_errors=True)
        _ftgen("project", *root, "--version", str(version), "--out", str(alone))
        _ftgen("generate", "--schema", str(alone / ROOT), "--out", str(folder / f"v{version}"))
    differing = different(folder / "v1", REPOSITORY / "generated")
    if differing:
        raise Wrong(f"version 1 of the trial is not version 1: {', '.join(differing)} differ from generated/")


def different(one: Path, other: Path) -> list[str]:
    """The C++ files that only one of the two has, or that are not the same."""
    files = {path.relative_to(top).as_posix() for top in (one, other) for part in ("include", "src")
             for path in (top / part).rglob("*") if path.is_file()}
    return sorted(name for name in files if _content(one / name) != _content(other / name))


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _ftgen(*arguments: str) -> None:
    """Of what there is to generate, the C++ alone."""
    if cli.main(arguments, emitters=(cpp,)) != 0:
        raise Wrong(f"ftgen {' '.join(arguments)} found something")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make.py", description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("edit", "codecs"))
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    try:
        if given.what == "edit":
            edit(given.folder, edits())
            print(f"{given.folder}: {len(edits())} edits")
        else:
            codecs(given.folder)
    except Wrong as wrong:
        print(f"make.py: {wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
