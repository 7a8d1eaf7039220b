# SPDX-License-Identifier: Apache-2.0
"""The passes, in order: each takes a Draft and a Report, and returns a Draft that is closer to the finished model.

A pass reports everything that it finds. After a barrier the run ends if there were errors, so that later passes may
rely on what earlier ones established, and one mistake is not told five times.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ftgen.diagnostics import Report
from ftgen.draft import Draft
from ftgen.passes import (bounds, constraints, defaults, families, gaps, groups, layout, lint, names, recursion, transport,
                          types, versions)


@dataclass(frozen=True)
class Pass:
    name: str
    purpose: str
    run: Callable[[Draft, Report], Draft]
    barrier: bool = False


PASSES = (
    Pass("declared", "types and groups have good names and are declared once", names.declared, barrier=True),
    Pass("types", "type expressions become types, and every name in them is declared", types.resolve, barrier=True),
    Pass("groups", "fields of groups stand where the groups are used", groups.expand, barrier=True),
    Pass("defaults", "every sum has a default, `missing` and `emit` fit", defaults.settle, barrier=True),
    Pass("names", "members do not clash with each other, with aliases or with reserved names", names.members),
    Pass("recursion", "no type is infinitely large, and no default needs itself", recursion.check),
    Pass("families", "families stand on earlier ones only", families.check),
    Pass("bounds", "decode limits stand on types that they can limit", bounds.check),
    Pass("layout", "storage hints stand on types of the right shape", layout.check),
    Pass("constraints", "rules and derived fields are parsed and typed", constraints.resolve),
    Pass("versions", "version ranges are complete, in order, and inside those of what they need", versions.complete,
         barrier=True),
    Pass("gaps", "every version knows what to do without the things that it does not have", gaps.check),
    Pass("transport", "envelope, phases and messages fit the types", transport.check, barrier=True),
    Pass("lint", "docs, secrets, things that nobody uses", lint.check),
)


def run(draft: Draft, report: Report) -> Draft | None:
    """The finished draft, or None if there were errors."""
    for step in PASSES:
        draft = step.run(draft, report)
        if step.barrier and report.failed:
            return None
    return draft
