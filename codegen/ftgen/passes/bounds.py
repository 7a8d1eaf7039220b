# SPDX-License-Identifier: Apache-2.0
"""Decode limits stand on types that they can limit, and nothing has more members than the codec counts."""
from __future__ import annotations

from ftgen.diagnostics import Report
from ftgen.draft import Draft
from ftgen.model import Field, ListOf, OptionalOf, Scalar, Sum
from ftgen.walk import all_owners

MAX_FIELDS = 64                     # of one object: a bit each of one word
MAX_SPELLINGS = 254                 # of one object or sum, names and aliases: one byte counts them


def check(draft: Draft, report: Report) -> Draft:
    for _, owner in all_owners(draft):
        keys = len(owner.fields) + sum(f.renamed is not None for f in owner.fields)
        if keys > MAX_FIELDS:
            report.add("FT413", owner.place,
                       f"{owner.name} has {keys} fields, old names included; {MAX_FIELDS} are possible")
        _spellings(owner, owner.fields, report)
        for field in owner.fields:
            type_ = field.type.item if isinstance(field.type, OptionalOf) else field.type
            if field.max_items is not None and (field.flat or not isinstance(type_, ListOf)):
                report.add("FT408", draft.at(field.place, "max_items"),
                           f"'{field.name}' is no list, or one of flat rows",
                           "`max_items` limits a list")
            if field.max_bytes is not None and type_ != Scalar("string"):
                report.add("FT408", draft.at(field.place, "max_bytes"), f"'{field.name}' is no string",
                           "`max_bytes` limits a string")
            _within_its_limit(draft, field, report)
    for declaration in draft.protocol.declarations().values():
        if isinstance(declaration, Sum):
            _spellings(declaration, declaration.variants, report)
    return draft


def _within_its_limit(draft: Draft, field: Field, report: Report) -> None:
    """What a field reads as may be written by the next node."""
    for key in ("missing", "absent"):
        value = getattr(field, key) and getattr(field, key).value
        if isinstance(value, str) and field.max_bytes is not None and len(value.encode()) > field.max_bytes:
            report.add("FT409", draft.at(field.place, key), f"`{key}` of '{field.name}' is longer than its `max_bytes`",
                       "who wrote it would be refused")


def _spellings(owner, members: tuple, report: Report) -> None:
    count = sum(1 + len(member.aliases) + (getattr(member, "renamed", None) is not None) for member in members)
    if count > MAX_SPELLINGS:
        report.add("FT413", owner.place,
                   f"the members of {owner.name} have {count} spellings; {MAX_SPELLINGS} are possible")
