# SPDX-License-Identifier: Apache-2.0
"""Version ranges: fills in `added` from the outside in; checks that nothing exists before or after what it needs."""
from __future__ import annotations

from dataclasses import replace

from ftgen.diagnostics import Report
from ftgen.draft import Draft
from ftgen.model import Declaration, Field, Newtype, Place, Protocol, Sum, Type, Variant, Versions
from ftgen.walk import map_fields, references


def complete(draft: Draft, report: Report) -> Draft:
    protocol = draft.protocol
    if protocol.min_version > protocol.current_version:
        report.add("FT402", draft.at(protocol.name, "versions", "min"),
                   f"versions.min {protocol.min_version} is above versions.current {protocol.current_version}")
        return draft.map_types(lambda declaration: _filled(declaration, protocol))
    draft = draft.map_types(lambda declaration: _filled(declaration, protocol))
    declared = draft.protocol.declarations()
    for declaration in declared.values():
        _in_order(draft, declaration, report)
        if isinstance(declaration, Newtype):
            _inside(draft, declaration, "newtype", declaration.type, declared, report)
        for variant in declaration.variants if isinstance(declaration, Sum) else ():
            _member(draft, variant, declaration, report)
            if variant.type is not None:
                _inside(draft, variant, "type", variant.type, declared, report)
            for field in variant.fields or ():
                _field(draft, field, variant, declared, report)
        for field in getattr(declaration, "fields", ()):
            _field(draft, field, declaration, declared, report)
    return draft


def _filled(declaration: Declaration, protocol: Protocol) -> Declaration:
    def fill(thing, added: int):
        versions = thing.versions
        return replace(thing, versions=Versions(added if versions.added is None else versions.added,
                                                versions.deprecated, versions.removed))
    declaration = fill(declaration, protocol.min_version)
    if isinstance(declaration, Sum):
        declaration = replace(declaration,
                              variants=tuple(fill(v, declaration.versions.added) for v in declaration.variants))
    return map_fields(declaration, lambda owner: tuple(fill(f, owner.versions.added) for f in owner.fields))


def _in_order(draft: Draft, thing: Declaration | Variant | Field, report: Report) -> None:
    low, high = draft.protocol.min_version, draft.protocol.current_version
    versions = thing.versions
    for key in ("added", "deprecated", "removed"):
        value = getattr(versions, key)
        if value is not None and value > high:
            report.add("FT401", draft.at(thing.place, key),
                       f"'{thing.name}': {key} {value} is above versions.current {high}",
                       "raise versions.current first")
    if versions.removed is not None and versions.removed <= low:
        report.add("FT401", draft.at(thing.place, "removed"),
                   f"'{thing.name}' is gone from every version that is still taken",
                   "delete it, and put its name under `reserved`")
    steps = [("added", versions.added), ("deprecated", versions.deprecated), ("removed", versions.removed)]
    known = [(key, value) for key, value in steps if value is not None]
    for (first, one), (second, two) in zip(known, known[1:]):
        if one >= two and not (second == "removed" and two <= low):
            report.add("FT402", draft.at(thing.place, second),
                       f"'{thing.name}': {second} {two} is not above {first} {one}")


def _member(draft: Draft, member: Variant | Field, owner: Declaration | Variant, report: Report) -> None:
    _in_order(draft, member, report)
    _covered(draft.at(member.place, "added"), f"'{member.name}'", member.versions, f"'{owner.name}'", owner.versions,
             report,
             is_part=True)


def _field(draft: Draft, field: Field, owner: Declaration | Variant, declared: dict[str, Declaration],
           report: Report) -> None:
    _member(draft, field, owner, report)
    removed = field.versions.removed or owner.versions.removed
    _inside(draft, replace(field, versions=replace(field.versions, removed=removed)), "type", field.type, declared,
            report)


def _inside(draft: Draft, thing, key: str, type_: Type, declared: dict[str, Declaration], report: Report) -> None:
    for name in references(type_):
        _covered(draft.at(thing.place, key), f"'{thing.name}'", thing.versions, name, declared[name].versions, report)


def _covered(place: Place, what: str, inner: Versions, needs: str, outer: Versions, report: Report,
             is_part=False) -> None:
    if inner.added < outer.added:
        report.add("FT403", place, f"{what} is there in version {inner.added}, {needs} only from {outer.added} on",
                   f"say `added: {outer.added}`, or more")
    end = inner.removed
    if outer.removed is not None and (end > outer.removed if end else not is_part):
        report.add("FT403", place, f"{what} is still there when {needs} is removed in version {outer.removed}",
                   f"say `removed: {outer.removed}`, or less")
