# SPDX-License-Identifier: Apache-2.0
"""Type expressions become types. Runs before groups are expanded, so that a mistake in a group is told once."""
from __future__ import annotations

from dataclasses import replace

from ftgen import typeexpr
from ftgen.diagnostics import Report
from ftgen.draft import Draft, Group
from ftgen.model import (Declaration, Field, ListOf, Newtype, Opaque, OptionalOf, Place, Scalar, Sum,
                         Type)
from ftgen.source import Scalar as Text
from ftgen.walk import children, map_fields, references


def resolve(draft: Draft, report: Report) -> Draft:
    declared = draft.protocol.declarations()
    texts: dict[Place, Type] = {}                   # what was resolved, by where it stands

    def of(text: Text) -> Type:
        return texts.setdefault(text.place, typeexpr.parse(text, declared, report) or Opaque())

    def of_fields(owner) -> tuple:
        return tuple(replace(f, type=of(f.type)) if isinstance(f, Field) else f for f in owner.fields)

    def of_declaration(declaration: Declaration) -> Declaration:
        if isinstance(declaration, Newtype):
            return replace(declaration, type=of(declaration.type))
        if isinstance(declaration, Sum):
            declaration = replace(declaration, variants=tuple(
                v if v.type is None else replace(v, type=of(v.type)) for v in declaration.variants))
        return map_fields(declaration, of_fields)

    groups: tuple[Group, ...] = tuple(replace(g, fields=of_fields(g)) for g in draft.groups)
    draft = replace(draft.map_types(of_declaration), groups=groups)
    declared = draft.protocol.declarations()
    for declaration in declared.values():
        if isinstance(declaration, Newtype):
            place = draft.at(declaration.place, "newtype")
            if isinstance(declaration.type, OptionalOf):
                report.add("FT303", place, f"{declaration.name} would be null",
                           f"wrap the type inside, and write optional<{declaration.name}> where it may be absent")
            for name in dict.fromkeys(references(declaration.type)):
                report.add("FT303", place, f"{declaration.name} wraps {name}, a declared type",
                           f"use {name} itself, or a struct with one field")
    for place, type_ in texts.items():
        _no_double_null(type_, declared, place, report)
        _no_bare_bools(type_, place, report)
    return draft


def _no_bare_bools(type_: Type, place: Place, report: Report) -> None:
    if type_ == ListOf(Scalar("bool")):
        report.add("FT303", place, "a list of bare bools",
                   "declare a newtype of bool, or an enumeration, and list that")
    for child in children(type_):
        _no_bare_bools(child, place, report)


def _no_double_null(type_: Type, declared: dict[str, Declaration], place: Place, report: Report) -> None:
    if isinstance(type_, OptionalOf) and _may_be_null(type_.item, declared):
        report.add("FT303", place, "the inside of this optional can be null already",
                   "an absent value and a null inside could not be told apart; take the optional away")
    for child in children(type_):
        _no_double_null(child, declared, place, report)


def _may_be_null(type_: Type, declared: dict[str, Declaration]) -> bool:
    return isinstance(see_through(type_, declared), (OptionalOf, Opaque))


def see_through(type_: Type, declared: dict[str, Declaration]) -> Type:
    """The type inside of newtypes, or the type itself."""
    seen: set[str] = set()
    while (name := getattr(type_, "name", None)) in declared and name not in seen:
        seen.add(name)
        declaration = declared[name]
        if not isinstance(declaration, Newtype):
            break
        type_ = declaration.type
    return type_
