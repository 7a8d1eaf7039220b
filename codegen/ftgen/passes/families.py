# SPDX-License-Identifier: Apache-2.0
"""Families stand on earlier ones: what a struct or variant holds, directly or in lists and the like, is declared by
then. And each has a file name of its own.

Sums may be held before they are declared, since a generated sum owns its payload through a pointer; those with `layout:
cell` may not.
"""
from __future__ import annotations

from ftgen.diagnostics import Report
from ftgen.draft import Draft
from ftgen.model import Declaration, Place, Sum, Type
from ftgen.walk import owners, references

_FILES = ("codec", "frames", "protocol", "validate", "version", "walk")      # generated for all families together
_PARTS = ("decode", "encode", "rows")                   # generated for each


def check(draft: Draft, report: Report) -> Draft:
    families = draft.protocol.families
    order = {d.name: index for index, family in enumerate(families) for d in family.types}
    declared = draft.protocol.declarations()
    taken = {*_FILES, *(f"{family.name}_{part}" for family in families for part in _PARTS)}
    for family in families:
        if family.name in taken:
            report.add("FT310", draft.at(family.name), f"'{family.name}' is the name of another generated file",
                       "rename the schema file")

    def uses(name: str, type_: Type, place: Place) -> None:
        for other in references(type_):
            if order[other] > order[name] and not _is_pointer(declared[other]):
                report.add("FT309", place, f"{name} holds {other}, of the later family '{families[order[other]].name}'",
                           "reorder `include`, or move one of the two types")

    for declaration in declared.values():
        for owner in owners(declaration):
            for field in owner.fields:
                uses(declaration.name, field.type, draft.at(field.place, "type"))
        for variant in declaration.variants if isinstance(declaration, Sum) else ():
            if variant.type is not None:
                uses(declaration.name, variant.type, draft.at(variant.place, "type"))
    return draft


def _is_pointer(declaration: Declaration) -> bool:
    return isinstance(declaration, Sum) and not declaration.cell
