# SPDX-License-Identifier: Apache-2.0
"""Errors as data. Everything that reads a schema takes a `Report` and adds to it; nothing throws for bad input.

    report = Report()
    report.add("FT302", place, "unknown type 'u46'", "did you mean 'u64'?")
    if report.failed: ...
    for diagnostic in report.sorted(): print(diagnostic)

The codes and what they mean stand in `codes.py`. The same thing is reported once, however often it is met (the fields
of a group are met in every struct that uses it).
"""
from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from ftgen.codes import CODES
from ftgen.model import Place


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"             # what `ftgen lint` refuses and `ftgen generate` lets pass


@dataclass(frozen=True)
class Diagnostic:
    place: Place
    code: str
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        head = f"{self.place} {self.code} {self.message}"
        return f"{head}\n    hint: {self.hint}" if self.hint else head


class Report:
    """Collects diagnostics in the order in which they are found."""

    def __init__(self) -> None:
        self._found: dict[Diagnostic, None] = {}

    def add(self, code: str, place: Place, message: str, hint: str = "") -> None:
        severity = Severity.WARNING if CODES[code].lint else Severity.ERROR
        self._found[Diagnostic(place, code, message, hint, severity)] = None

    @property
    def failed(self) -> bool:
        return any(d.severity is Severity.ERROR for d in self._found)

    def sorted(self) -> list[Diagnostic]:
        """By place; files in the order in which they were first complained about."""
        files = list(dict.fromkeys(d.place.file for d in self._found))
        return sorted(self._found, key=lambda d: (files.index(d.place.file), d.place.line, d.place.column, d.code))


def did_you_mean(word: str, candidates: Iterable[str], otherwise: str = "") -> str:
    """A hint that names the candidate closest to a misspelt word."""
    candidates = list(candidates)
    folded = {c.lower(): c for c in reversed(candidates)}
    close = difflib.get_close_matches(word.lower(), folded, n=1, cutoff=0.75)
    return f"did you mean '{folded[close[0]]}'?" if close else otherwise
