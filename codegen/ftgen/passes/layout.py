# SPDX-License-Identifier: Apache-2.0
"""Storage hints stand on types of the right shape: `cell` on a sum of small values, `flat` on a list of rows of such
cells."""
from __future__ import annotations

from ftgen.diagnostics import Report
from ftgen.draft import Draft
from ftgen.model import Declaration, Field, ListOf, Ref, Struct, Sum, Type
from ftgen.walk import all_owners


def check(draft: Draft, report: Report) -> Draft:
    declared = draft.protocol.declarations()
    for declaration in declared.values():
        if isinstance(declaration, Sum) and declaration.cell:
            place = draft.at(declaration.place, "layout")
            if declaration.is_enumeration:
                report.add("FT411", place, f"{declaration.name} has no payloads", "an enumeration needs no layout")
            elif spread := [v.name for v in declaration.variants if v.fields is not None]:
                report.add("FT411", place, f"the variant {spread[0]} of {declaration.name} has fields",
                           "give them a struct of their own, and the variant that type")
            elif not declaration.variants[0].is_unit or declaration.default != declaration.variants[0].name:
                report.add("FT411", place, f"the default of {declaration.name} is not its first unit",
                           "a cell that nobody filled is all zero")
    rows: dict[str, str] = {}                       # of each cell
    for _, owner in all_owners(draft):
        for field in owner.fields:
            if not field.flat:
                continue
            place = draft.at(field.place, "layout")
            if not _is_rows(field.type, declared):
                report.add("FT411", place, f"'{field.name}' is no list of rows of cells",
                           "its type must be list<Row>; Row has one required field, a list<C> without a limit; "
                           "C is a sum with `layout: cell`")
                continue
            row = field.type.item.name
            cell = declared[row].fields[0].type.item.name
            if rows.setdefault(cell, row) != row:
                report.add("FT411", place, f"{cell} has flat rows already, those of {rows[cell]}",
                           f"use {rows[cell]} here too")
    return draft


def _is_rows(type_: Type, declared: dict[str, Declaration]) -> bool:
    match type_:
        case ListOf(Ref(row)):
            match declared[row]:
                case Struct(fields=(Field(type=ListOf(Ref(cell)), missing=None, max_items=None),)):
                    return isinstance(declared[cell], Sum) and declared[cell].cell
    return False
