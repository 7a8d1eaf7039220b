# SPDX-License-Identifier: Apache-2.0
"""Where generated files go: {relative path: text} into Disk, Memory or Compare, so that checking is generating
elsewhere.

The output folder belongs to the generator, and its MANIFEST, one of the files, lists what the generator wrote there. A
file in the folder that it lists and that is not generated any more is an orphan, unless it was changed since; one that
it does not list is foreign. Disk removes orphans and never touches foreign files, wherever it is pointed at: if one
has the name of a file that is generated, nothing is written at all. A sink returns what it found as diagnostics, none
if all is well.
"""
from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ftgen import manifest
from ftgen.diagnostics import Diagnostic, Report
from ftgen.model import Place

MAX_DIFF_LINES = 40                 # for each file
MAX_DIFF_WIDTH = 160

Files = Mapping[str, bytes]


@dataclass
class Memory:
    """Keeps the files; for tests and for those who want the text."""
    files: dict[str, bytes] = field(default_factory=dict)

    def put(self, files: Files) -> list[Diagnostic]:
        _verify(files)
        self.files = dict(files)
        return []


@dataclass
class Disk:
    """Writes what changed and removes orphans. Each file is replaced in one step, the manifest first, so that what
    comes after it is known to be the generator's; OSError goes to the caller."""
    folder: Path
    written: int = 0
    removed: int = 0

    def put(self, files: Files) -> list[Diagnostic]:
        _verify(files)
        written_before = manifest.read(self.folder)
        report = Report()
        changed = [(name, content) for name, content in files.items() if _read(self.folder / name) != content]
        for name, _ in changed:
            if _is_in_the_way(self.folder, name, written_before):
                _foreign(report, self.folder, name)
        if report.sorted():
            return report.sorted()
        for name, content in sorted(changed, key=lambda file: (file[0] != manifest.NAME, file)):
            write_whole(self.folder / name, content)
            self.written += 1
        for name in _extra(self.folder, files):
            path = self.folder / name
            if _is_ours(path, written_before.get(name)):
                path.unlink()
                _remove_empty(path.parent, self.folder)
                self.removed += 1
            else:
                _foreign(report, self.folder, name)
        return report.sorted()


@dataclass
class Compare:
    """Changes nothing and reports every difference; `diffs` holds a bounded unified diff for each changed file."""
    folder: Path
    command: str                    # what brings the folder up to date
    diffs: dict[str, list[str]] = field(default_factory=dict)

    def put(self, files: Files) -> list[Diagnostic]:
        _verify(files)
        report = Report()
        written_before = manifest.read(self.folder)
        for name, content in sorted(files.items()):
            found = _read(self.folder / name)
            if found is None:
                report.add("FT702", _place(self.folder, name), "the file is missing", f"run: {self.command}")
            elif found != content:
                line, self.diffs[name] = _diff(name, _lines(found), _lines(content))
                if _is_in_the_way(self.folder, name, written_before):
                    _foreign(report, self.folder, name)
                else:
                    report.add("FT701", _place(self.folder, name, line), "the file is out of date", f"run: {self.command}")
        for name in _extra(self.folder, files):
            if _is_ours(self.folder / name, written_before.get(name)):
                report.add("FT703", _place(self.folder, name), "nothing generates this file any more",
                           f"run: {self.command}")
            else:
                _foreign(report, self.folder, name)
        return report.sorted()


def write_whole(path: Path, content: bytes) -> None:
    """In one step: what was there stays until all of the new is written. OSError goes to the caller."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _verify(files: Files) -> None:
    """Guards against mistakes of an emitter, not of a user."""
    for name in files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or str(path) != name:
            raise ValueError(f"an emitter made the path {name!r}")


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _is_ours(path: Path, written: str | None) -> bool:
    """Whether it is what the generator wrote there, as its sum in the manifest says."""
    return written is not None and not path.is_symlink() and path.is_file() and manifest.sum_of(path.read_bytes()) == written


def _is_in_the_way(folder: Path, name: str, written: Mapping[str, str]) -> bool:
    """Whether it is there, and the generator has never written a file of that name."""
    return (folder / name).is_file() and name not in written and not (name == manifest.NAME and written)


def _lines(content: bytes) -> list[str]:
    return content.decode("utf-8", "replace").splitlines()


def _extra(folder: Path, files: Files) -> Iterator[str]:
    """Every file below the folder that is not generated, tracked by version control or not."""
    found = []
    for parent, folders, names in os.walk(folder):
        links = [d for d in folders if (Path(parent) / d).is_symlink()]
        found += (str((Path(parent) / name).relative_to(folder).as_posix()) for name in [*names, *links])
    return (name for name in sorted(found) if name not in files)


def _remove_empty(folder: Path, top: Path) -> None:
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _place(folder: Path, name: str, line: int = 1) -> Place:
    return Place(f"{folder.name}/{name}", line, 1)


def _foreign(report: Report, folder: Path, name: str) -> None:
    report.add("FT704", _place(folder, name), "the generator did not write this file",
               f"{folder.name}/ belongs to the generator: move the file away, or delete it")


def _diff(name: str, old: list[str], new: list[str]) -> tuple[int, list[str]]:
    """The first line that differs, and the bounded diff from what is there to what should be there."""
    same = next((i for i, (a, b) in enumerate(zip(old, new)) if a != b), min(len(old), len(new)))
    lines = [line[:MAX_DIFF_WIDTH]
             for line in difflib.unified_diff(old, new, f"{name} (there)", f"{name} (generated)", lineterm="")]
    if not lines:
        lines = ["the files differ in line ends only"]
    if len(lines) > MAX_DIFF_LINES:
        lines = [*lines[:MAX_DIFF_LINES], f"... and {len(lines) - MAX_DIFF_LINES} more lines"]
    return same + 1, lines
