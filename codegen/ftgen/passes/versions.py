# SPDX-License-Identifier: Apache-2.0
"""Version ranges: fills in `added` from the outside in; checks that nothing exists before or after what it needs."""
from __future__ import annotations

from dataclasses import replace

from ftgen.diagnostics import Report
from ftgen.draft import Draft
from ftgen.model import (Declaration, Expr, Field, Message, Newtype, Place, Protocol, Rule, Struct, Sum, Type, Variant,
                         Versions)
from ftgen.walk import map_fields, names_in, references


def complete(draft: Draft, report: Report) -> Draft:
    protocol = draft.protocol
    if protocol.min_version > protocol.current_version:
        report.add("FT402", draft.at(protocol.name, "versions", "min"),
                   f"versions.min {protocol.min_version} is above versions.current {protocol.current_version}")
        return _all_filled(draft)
    draft = _all_filled(draft)
    for message in draft.protocol.messages:
        _in_order(draft, message, message.name, report)
    declared = draft.protocol.declarations()
    for declaration in declared.values():
        _in_order(draft, declaration, declaration.name, report)
        if isinstance(declaration, Newtype):
            _inside(draft, declaration, "newtype", declaration.type, declared, report)
        for variant in declaration.variants if isinstance(declaration, Sum) else ():
            _member(draft, variant, declaration, report)
            if variant.type is not None:
                _inside(draft, variant, "type", variant.type, declared, report)
            _fields(draft, variant, declared, report)
        if isinstance(declaration, Struct):
            _fields(draft, declaration, declared, report)
            for rule in declaration.rules:
                _rule(draft, rule, declaration, report)
    return draft


def _all_filled(draft: Draft) -> Draft:
    protocol = draft.protocol
    draft = draft.map_types(lambda declaration: _filled(declaration, protocol))
    return draft.with_protocol(messages=tuple(_with_added(m, protocol.min_version) for m in protocol.messages))


def _with_added(thing, added: int):
    versions = thing.versions
    return thing if versions.added is not None else replace(thing, versions=replace(versions, added=added))


def _filled(declaration: Declaration, protocol: Protocol) -> Declaration:
    declaration = _with_added(declaration, protocol.min_version)
    added = declaration.versions.added
    if isinstance(declaration, Sum):
        declaration = replace(declaration, variants=tuple(_with_added(v, added) for v in declaration.variants))
    if isinstance(declaration, Struct):
        declaration = replace(declaration, rules=tuple(_with_added(r, added) for r in declaration.rules))
    return map_fields(declaration, lambda owner: tuple(_with_added(f, owner.versions.added) for f in owner.fields))


def _in_order(draft: Draft, thing: Declaration | Variant | Field | Message | Rule, name: str, report: Report) -> None:
    low, high = draft.protocol.min_version, draft.protocol.current_version
    versions = thing.versions
    for key in ("added", "deprecated", "removed"):
        value = getattr(versions, key)
        if value is not None and value > high:
            report.add("FT401", draft.at(thing.place, key),
                       f"'{name}': {key} {value} is above versions.current {high}",
                       "raise versions.current first")
    if versions.removed is not None and versions.removed <= low:
        report.add("FT401", draft.at(thing.place, "removed"),
                   f"'{name}' is gone from every version that is still taken",
                   "delete it, and put its name under `reserved`" if isinstance(thing, (Field, Variant)) else "delete it")
    steps = [("added", versions.added), ("deprecated", versions.deprecated), ("removed", versions.removed)]
    known = [(key, value) for key, value in steps if value is not None]
    for (first, one), (second, two) in zip(known, known[1:]):
        if one >= two and not (second == "removed" and two <= low):
            report.add("FT402", draft.at(thing.place, second),
                       f"'{name}': {second} {two} is not above {first} {one}")


def _member(draft: Draft, member: Variant | Field, owner: Declaration | Variant, report: Report) -> None:
    _in_order(draft, member, member.name, report)
    _covered(draft.at(member.place, "added"), f"'{member.name}'", member.versions, f"'{owner.name}'", owner.versions,
             report,
             is_part=True)


def _field(draft: Draft, field: Field, owner: Declaration | Variant, declared: dict[str, Declaration],
           report: Report) -> None:
    _member(draft, field, owner, report)
    removed = field.versions.removed or owner.versions.removed
    _inside(draft, replace(field, versions=replace(field.versions, removed=removed)), "type", field.type, declared,
            report)


def _fields(draft: Draft, owner: Struct | Variant, declared: dict[str, Declaration], report: Report) -> None:
    for field in owner.fields or ():
        _field(draft, field, owner, declared, report)
        if field.derived is not None:
            _names_there(draft.at(field.place, "derived"), field.name, field.versions, field.derived, owner, report)


def _rule(draft: Draft, rule: Rule, owner: Struct, report: Report) -> None:
    _in_order(draft, rule, rule.id, report)
    _names_there(draft.at(rule.place, "expr"), rule.id, rule.versions, rule.expr, owner, report)


def _names_there(place: Place, what: str, there: Versions, expr: Expr, owner: Struct | Variant, report: Report) -> None:
    """An expression looks at fields that exist whenever it is asked."""
    fields = {f.name: f for f in owner.fields}
    for name in dict.fromkeys(names_in(expr)):
        if name in fields:
            _covered(place, f"'{what}'", there, f"'{name}'", fields[name].versions, report)


def _inside(draft: Draft, thing, key: str, type_: Type, declared: dict[str, Declaration], report: Report) -> None:
    for name in references(type_):
        _covered(draft.at(thing.place, key), f"'{thing.name}'", thing.versions, f"'{name}'", declared[name].versions, report)


def _covered(place: Place, what: str, inner: Versions, needs: str, outer: Versions, report: Report,
             is_part=False) -> None:
    if inner.added < outer.added:
        report.add("FT403", place, f"{what} is there in version {inner.added}, {needs} only from {outer.added} on",
                   f"say `added: {outer.added}`, or more")
    end = inner.removed
    if outer.removed is not None and (end > outer.removed if end else not is_part):
        report.add("FT403", place, f"{what} is still there when {needs} is removed in version {outer.removed}",
                   f"say `removed: {outer.removed}`, or less")
