# SPDX-License-Identifier: Apache-2.0
"""The front half of the generator: `load(root)` reads a schema and returns the checked Protocol and what is to be said
about it.

    protocol, diagnostics = load(Path("schema/fragment_transport.yaml"))

The protocol is None if any diagnostic is an error; warnings are for `ftgen lint`. Places name files as the user does,
from the folder above that of the root file (`schema/value.yaml:3:5`), so the outcome does not depend on where the
checkout lies.
"""
from __future__ import annotations

from pathlib import Path

from ftgen import passes, source, structure
from ftgen.diagnostics import Diagnostic, Report
from ftgen.draft import Draft
from ftgen.model import Protocol
from ftgen.parse import SourceFile, parse


def load(root: Path) -> tuple[Protocol | None, list[Diagnostic]]:
    report = Report()
    draft = _draft(root, report)
    draft = passes.run(draft, report) if draft is not None else None
    return (draft.protocol if draft is not None else None), report.sorted()


def _draft(root: Path, report: Report) -> Draft | None:
    """What stands in the files, or None if one is not as it must be; a mistake in one does not hide the others."""
    folder = root.absolute().parent
    label = f"{folder.name}/{root.name}" if root.name else str(root)
    top = source.read(root, label, report)
    if top is None or not structure.check(top, "root", report):
        return None
    name = top.get("protocol").text
    included: list[SourceFile] = []
    seen = {name}
    for item in top.get("include").items if top.get("include") else ():
        family = item.text.removesuffix(".yaml")
        if family in seen:
            report.add("FT207", item.place, f"the family '{family}' is there already", "include each file once")
            continue
        seen.add(family)
        label = f"{folder.name}/{item.text}"
        node = source.read(folder / item.text, label, report, item.place)
        if node is not None and structure.check(node, "family", report):
            included.append(SourceFile(family, label, node))
    if report.failed:
        return None
    return parse(SourceFile(name, label, top), included)
