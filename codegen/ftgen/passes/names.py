# SPDX-License-Identifier: Apache-2.0
"""Names: well-formed, declared once, without clashes. Two names clash if they differ in case or underscores only."""
from __future__ import annotations

import re
from collections.abc import Iterator

from ftgen.diagnostics import Report
from ftgen.draft import Draft
from ftgen.model import Field, Place, Struct, Sum, Variant
from ftgen.walk import all_owners, field_place

_SNAKE = (re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*"), "lower_snake_case")
_CAMEL = (re.compile(r"[A-Z][A-Za-z0-9]*"), "UpperCamelCase")
_MACROS = ("EOF", "INFINITY", "NAN", "NULL")       # of C and C++, in headers that nobody can do without
OWN = {"DecodeOptions", "DecodedFrame", "EncodeOptions", "EnvelopeGate", "FlatRows", "Frame", "FrameHeader", "FrameReader",
       "MessageType", "Phase", "RowsInPieces", "Version", "Wire"}                   # of the generated code
_UPPER = (re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*"), "UPPER_SNAKE_CASE")


def declared(draft: Draft, report: Report) -> Draft:
    """Before anything is resolved: every name as it stands in the files."""
    protocol = draft.protocol
    everything = [d for family in protocol.families for d in family.types]
    for kind, things in (("type", everything), ("group", draft.groups)):
        seen: dict[str, object] = {}
        for thing in things:
            first = seen.setdefault(_folded(thing.name), thing)
            if first is not thing:
                report.add("FT305", thing.place, f"the {kind} '{thing.name}' is declared twice",
                           f"the first is '{first.name}' at {first.place}")
    for group in draft.groups:
        _well_formed("group", group, _SNAKE, report)
        _fields_well_formed(draft, group, report)
    for declaration in everything:
        _well_formed("type", declaration, _CAMEL, report)
        if declaration.name in OWN:
            report.add("FT404", declaration.place, f"'{declaration.name}' is a name that generated code has for itself",
                       f"for example {declaration.name}Info")
        for variant in declaration.variants if isinstance(declaration, Sum) else ():
            _well_formed("variant", variant, _CAMEL, report)
        for rule in declaration.rules if isinstance(declaration, Struct) else ():
            _name_well_formed("rule", rule.id, draft.at(rule.place, "id"), _SNAKE, report)
    for _, owner in all_owners(draft):
        _fields_well_formed(draft, owner, report)
    for message in protocol.messages:
        _well_formed("message", message, _UPPER, report)
    for phase in protocol.phases:
        _name_well_formed("phase", phase.name, draft.at(protocol.name, "phases", phase.name), _SNAKE, report)
    return draft


def members(draft: Draft, report: Report) -> Draft:
    """After groups are expanded: the names side by side in one struct, sum or the transport."""
    protocol = draft.protocol
    for declaration, owner in all_owners(draft):
        places = {f.name: field_place(draft, owner, f) for f in owner.fields}
        _distinct("field", [(f.name, places[f.name] if f.group else f.place) for f in owner.fields], report)
        _spellings(draft, [(f.name, f, places[f.name]) for f in owner.fields], report)
    for declaration in protocol.declarations().values():
        if isinstance(declaration, Sum):
            _distinct("variant", [(v.name, v.place) for v in declaration.variants], report)
            _spellings(draft, [(v.wire_name, v, v.place) for v in declaration.variants], report)
            _reserved(draft, declaration, declaration.variants, report)
        elif isinstance(declaration, Struct):
            _reserved(draft, declaration, declaration.fields, report)
            _rule_ids(draft, declaration, report)
    _distinct("message", [(m.name, m.place) for m in protocol.messages], report)
    _distinct("phase", [(p.name, draft.at(protocol.name, "phases", p.name)) for p in protocol.phases], report)
    return draft


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


def _well_formed(kind: str, thing, style: tuple[re.Pattern, str], report: Report) -> None:
    _name_well_formed(kind, thing.name, thing.place, style, report)


def _name_well_formed(kind: str, name: str, place: Place, style: tuple[re.Pattern, str], report: Report) -> None:
    pattern, wanted = style
    if not pattern.fullmatch(name):
        report.add("FT404", place, f"'{name}' is no name for a {kind}", f"write it in {wanted}")
    elif name in _MACROS:
        report.add("FT404", place, f"'{name}' is a macro in C and C++", f"for example {name.capitalize()}")


def _fields_well_formed(draft: Draft, owner, report: Report) -> None:
    for field in owner.fields:
        if isinstance(field, Field):
            _well_formed("field", field, _SNAKE, report)
            if field.renamed is not None:               # a key of older versions, which are schemas of their own
                _name_well_formed("field", field.renamed.name, draft.at(field.place, "renamed", "from"), _SNAKE, report)


def _distinct(kind: str, named: list[tuple[str, Place]], report: Report) -> None:
    seen: dict[str, tuple[str, Place]] = {}
    for name, place in named:
        if (key := _folded(name)) in seen:
            first, where = seen[key]
            report.add("FT405", place, f"the {kind} '{name}' is there already", f"see '{first}' at {where}")
        else:
            seen[key] = name, place


def _spellings(draft: Draft, members_: list[tuple[str, Field | Variant, Place]], report: Report) -> None:
    """What stands on the wire: names and aliases of one object, which must all differ."""
    taken = {wire_name: member.name for wire_name, member, _ in members_}
    for _, member, place in members_:
        for spelling, where in _further(draft, member):
            if spelling in taken:
                report.add("FT407", where, f"'{spelling}' is a spelling of '{taken[spelling]}' already",
                           "remove one of them")
            taken.setdefault(spelling, member.name)


def _further(draft: Draft, member: Field | Variant) -> Iterator[tuple[str, Place]]:
    """The spellings beside the name."""
    for index, alias in enumerate(member.aliases):
        yield alias, draft.at(member.place, f"aliases[{index}]")
    if isinstance(member, Field) and member.renamed is not None:
        yield member.renamed.name, draft.at(member.place, "renamed", "from")


def _reserved(draft: Draft, declaration: Struct | Sum, members_: tuple, report: Report) -> None:
    for member in members_:
        place = field_place(draft, declaration, member) if isinstance(member, Field) else member.place
        for name in (member.name, *(spelling for spelling, _ in _further(draft, member))):
            if name in declaration.reserved:
                report.add("FT406", place, f"the name '{name}' is reserved in {declaration.name}",
                           "it meant something else once; choose another")


def _rule_ids(draft: Draft, declaration: Struct, report: Report) -> None:
    seen: set[str] = set()
    for rule in declaration.rules:
        if rule.id in seen:
            report.add("FT506", draft.at(rule.place, "id"), f"{declaration.name} has a rule '{rule.id}' already")
        seen.add(rule.id)
