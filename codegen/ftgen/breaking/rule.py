# SPDX-License-Identifier: Apache-2.0
"""What a rule is, what it looks at, and what it finds.

A rule is a record: it belongs to a category and is asked about one kind of paired element in one view of the two
schemas. Its handler yields a `Said` for each thing that breaks; walking, sorting and merging are not its business.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum

from ftgen.model import NOWHERE, Place


class Category(IntEnum):
    """What breaks, the worst first; asking for one includes those before it."""
    WIRE = 1
    JSON = 2
    SOURCE = 3


CATEGORIES = {
    Category.WIRE: "frames, versions and limits; nodes do not get as far as the payload",
    Category.JSON: "the payload; one node refuses or misreads what the other writes, or writes it in other bytes",
    Category.SOURCE: "C++ that uses the generated headers does not compile any more",
}


class View(Enum):
    VERSION = "version"             # both schemas as one version sees them, paired by where things stand on the wire
    WINDOW = "window"               # both as they are, paired in the same way: what no single version tells
    NAMES = "names"                 # both as they are, paired by the names that C++ sees
    LOCKS = "locks"                 # a lock beside the schema that it belongs to


@dataclass(frozen=True)
class Pair:
    """An element of the old schema and its counterpart; None where there is none."""
    view: View
    kind: str
    path: str
    old: object
    new: object
    versions: range                 # that both schemas take; in View.VERSION the one that is looked at
    place: Place = NOWHERE          # of the element, or of what it was in, in the new schema

    @property
    def case(self) -> str:
        """What rules are registered for: "field", "field gone" or "field added"."""
        return self.kind + (" gone" if self.new is None else " added" if self.old is None else "")


@dataclass(frozen=True)
class Said:
    """What it was and what it is (None: not there), and which mix of nodes misunderstands."""
    old: str | None
    new: str | None
    hint: str
    version: int | None = None      # where a handler knows it better than the view


@dataclass(frozen=True)
class Rule:
    id: str
    category: Category
    view: View
    case: str
    purpose: str
    handler: Callable[[Pair], Iterable[Said]]


@dataclass(frozen=True)
class Finding:
    rule: str
    category: Category
    path: str
    versions: tuple[int, ...]       # none: it is so in all versions, or no matter of versions
    old: str | None
    new: str | None
    hint: str
    place: Place = field(default=NOWHERE, compare=False)

    def __str__(self) -> str:
        place = "" if self.place == NOWHERE else f"{self.place} "
        several = "s" if len(self.versions) > 1 else ""
        versions = f" (version{several} {', '.join(map(str, self.versions))})" if self.versions else ""
        return f"{place}{self.rule} {self.category.name} {self.path}{versions}: {self._what()}\n    hint: {self.hint}"

    def _what(self) -> str:
        if self.new is None:
            return f"{self.old} is gone"
        return f"{self.new} is new" if self.old is None else f"was {self.old}, is {self.new}"


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """What is said of several versions is said once; the worst comes first."""
    versions: dict[Finding, set[int]] = {}
    for finding in findings:
        versions.setdefault(replace(finding, versions=()), set()).update(finding.versions)
    found = [replace(finding, versions=tuple(sorted(those))) for finding, those in versions.items()]
    return sorted(found, key=lambda f: (f.category, f.versions, f.path, f.rule, f.old or "", f.new or "", f.hint))
