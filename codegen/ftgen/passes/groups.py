# SPDX-License-Identifier: Apache-2.0
"""Puts the fields of groups where the groups are used."""
from __future__ import annotations

from dataclasses import replace

from ftgen.diagnostics import Report, did_you_mean
from ftgen.draft import Draft, Group, GroupUse
from ftgen.model import Field
from ftgen.walk import all_owners, map_fields


def expand(draft: Draft, report: Report) -> Draft:
    names = [g.name for g in draft.groups]
    expanded: dict[str, tuple[Field, ...]] = {}

    def fields_of(owner) -> tuple[Field, ...]:
        fields: list[Field] = []
        for member in owner.fields:
            if not isinstance(member, GroupUse):
                fields.append(member)
            elif member.name in expanded:
                fields += (replace(f, group=f.group or member.name) for f in expanded[member.name])
            elif isinstance(owner, Group) and member.name in names:
                report.add("FT304", member.place, f"the group '{member.name}' does not stand before '{owner.name}'",
                           "move it up, or into a family that is included earlier")
            else:
                report.add("FT304", member.place, f"unknown group '{member.name}'",
                           did_you_mean(member.name, names, "declare it under `groups`"))
        return tuple(fields)

    for group in draft.groups:
        expanded[group.name] = fields_of(group)
    uses = tuple(m.name for _, owner in all_owners(draft) for m in owner.fields if isinstance(m, GroupUse))
    return replace(draft.map_types(lambda declaration: map_fields(declaration, fields_of)), group_uses=uses)
