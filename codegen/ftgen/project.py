# SPDX-License-Identifier: Apache-2.0
"""The protocol as one version alone sees it.

    v1 = project(protocol, 1)           # v1.window == range(1, 2)
    frozen(protocol, 1)                 # what a lock holds: the same, and what its nodes read into fields it does not have

What the version does not have is gone, renamed keys have the name of that version, and nothing is left that speaks of
other versions. Types that cannot be reached from the envelope any more are gone as well. A decoder of the whole
protocol treats a message of version v as the decoder of `project(protocol, v)` does.

Nodes that are released with a version speak older ones, too. So in `frozen`, fields keep what they read as in messages
of versions before them (`absent`), and fields that were removed by then are kept for that alone: as fields that are
there in no version (`versions.never`), whose types may be gone. project(frozen(p, v), v) == project(p, v).
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ftgen.model import Declaration, Family, Field, Message, Protocol, Rule, Struct, Sum, Variant, Versions
from ftgen.unparse import expr_text
from ftgen.walk import map_fields, owners, reachable, with_names


def frozen(protocol: Protocol, version: int) -> Protocol:
    """`version` is one of `protocol.window`."""
    one = project(protocol, version)
    whole = protocol.declarations()
    return replace(one, families=tuple(replace(f, types=tuple(_with_absent(d, whole[d.name], version) for d in f.types))
                                       for f in one.families))


def _with_absent(declaration: Declaration, whole: Declaration, version: int) -> Declaration:
    """The members of `declaration` are those of `whole` that the version has, in their order."""
    all_fields = {owner.name: owner.fields for owner in owners(whole)}
    never = Versions(version, None, version)

    def fields(owner: Struct | Variant) -> Iterator[Field]:
        there = iter(owner.fields)
        for field in all_fields[owner.name]:
            if version in field.versions:
                yield replace(next(there), absent=field.absent)
            elif field.versions.added < version:
                yield replace(field, versions=never, aliases=(), lossy=None, renamed=None, derived=None)
    return map_fields(declaration, lambda owner: tuple(fields(owner)))


def project(protocol: Protocol, version: int) -> Protocol:
    """`version` is one of `protocol.window`."""
    families = tuple(replace(family, types=tuple(_declaration(d, version) for d in family.types if version in d.versions))
                     for family in protocol.families)
    families = _without_rows_of_enumerations(families)
    one = replace(protocol, min_version=version, current_version=version, families=families)
    one = replace(one, messages=_messages(one, version))
    if one.envelope is not None:
        kept = reachable(one)
        families = (replace(f, types=tuple(d for d in f.types if d.name in kept)) for f in families)
        one = replace(one, families=tuple(families))
    return replace(one, families=tuple(f for f in one.families if f.types))


def _declaration(declaration: Declaration, version: int) -> Declaration:
    here = Versions(version)
    declaration = replace(declaration, versions=here)
    if isinstance(declaration, Sum):
        declaration = _sum(declaration, version)
    if isinstance(declaration, Struct):
        names = _old_names(declaration, version)
        rules = (_rule(r, names, here) for r in declaration.rules if version in r.versions)
        declaration = replace(declaration, rules=tuple(rules))
    return map_fields(declaration, lambda owner: _fields(owner, version))


def _sum(sum_: Sum, version: int) -> Sum:
    """One that has no payloads in this version is an enumeration: no cell, and its default is its first unit."""
    one = replace(sum_, variants=tuple(replace(v, versions=Versions(version)) for v in sum_.variants
                                       if version in v.versions))
    if one.is_enumeration and not sum_.is_enumeration:
        one = replace(one, cell=False, variants=tuple(sorted(one.variants, key=lambda v: v.name != one.default)))
    return one


def _without_rows_of_enumerations(families: tuple[Family, ...]) -> tuple[Family, ...]:
    """Only cells have flat rows, which are a list on the wire."""
    declared = {d.name: d for family in families for d in family.types}

    def is_flat(field: Field) -> bool:
        return field.flat and declared[declared[field.type.item.name].fields[0].type.item.name].cell

    def of(declaration: Declaration) -> Declaration:
        return map_fields(declaration, lambda owner: tuple(replace(f, flat=is_flat(f)) for f in owner.fields))
    return tuple(replace(family, types=tuple(map(of, family.types))) for family in families)


def _fields(owner: Struct | Variant, version: int) -> tuple[Field, ...]:
    names = _old_names(owner, version)
    return tuple(replace(f, name=f.key(version), aliases=f.aliases if f.key(version) == f.name else (),
                         versions=Versions(version), absent=None, lossy=f.lossy if f.when_set else None, renamed=None,
                         derived=None if f.derived is None else with_names(f.derived, names))
                 for f in owner.fields if version in f.versions)


def _old_names(owner: Struct | Variant, version: int) -> dict[str, str]:
    return {f.name: f.key(version) for f in owner.fields if f.name != f.key(version)}


def _rule(rule: Rule, names: dict[str, str], versions: Versions) -> Rule:
    expr = with_names(rule.expr, names)
    return replace(rule, expr=expr, text=rule.text if expr == rule.expr else expr_text(expr), versions=versions)


def _messages(one: Protocol, version: int) -> tuple[Message, ...]:
    """Those of the version, with the paths that still lead somewhere; one that carries nothing any more is gone."""
    declared = one.declarations()

    def leads(path: tuple[str, ...]) -> bool:
        place = declared[one.envelope.type]
        found = next(f.type for f in place.fields if f.name == one.envelope.payload)
        for name in path:
            sum_ = declared[found.name]
            variant = next((v for v in sum_.variants if v.name == name), None)
            if variant is None:
                return False
            found = variant.type
        return True

    messages = (replace(m, versions=Versions(version), accepts=tuple(filter(leads, m.accepts)),
                        emits=tuple(filter(leads, m.emits)))
                for m in one.messages if version in m.versions)
    return tuple(m for m in messages if m.accepts)
