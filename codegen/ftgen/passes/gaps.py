# SPDX-License-Identifier: Apache-2.0
"""What a version does without the things that it does not have: a field reads as a value, which the versions with the
field can say; a key has another name; the default of a sum and the first key of an object are always there."""
from __future__ import annotations

from ftgen.diagnostics import Report
from ftgen.draft import Draft
from ftgen.model import Field, Struct, Sum, UnitName, Variant
from ftgen.walk import all_owners, field_place


def check(draft: Draft, report: Report) -> Draft:
    for _, owner in all_owners(draft):
        for index, field in enumerate(owner.fields):
            _field(draft, owner, field, index == 0, report)
    for declaration in draft.protocol.declarations().values():
        if isinstance(declaration, Sum):
            _default_stays(draft, declaration, report)
    return draft


def _field(draft: Draft, owner: Struct | Variant, field: Field, first: bool, report: Report) -> None:
    place = field_place(draft, owner, field)
    gaps = [v for v in draft.protocol.window if v in owner.versions and v not in field.versions]
    if gaps and first:
        report.add("FT412", place,
                   f"'{field.name}' is the first key of {owner.name}, and version {gaps[0]} does not have it",
                   "let a key that every version has stand before it")
    if gaps and field.missing is None and field.absent is None and field.derived is None:
        report.add("FT414", place, f"'{field.name}' must be there, and version {gaps[0]} does not have it",
                   "say what it reads as in such a message: `absent: VALUE`, or give it a `missing` value")
    elif not gaps and field.absent is not None:
        report.add("FT414", draft.at(field.place, "absent"),
                   f"every version has '{field.name}', so `absent` says nothing", "remove it")
    if field.renamed is not None:
        _renamed(draft, field, report)
    for key in ("missing", "absent"):
        _can_be_said(draft, field, key, report)


def _can_be_said(draft: Draft, field: Field, key: str, report: Report) -> None:
    value = getattr(field, key)
    if value is None or not isinstance(value.value, UnitName):
        return
    sum_ = draft.protocol.declarations()[field.type.name]
    unit = next(v for v in sum_.variants if v.name == value.value.name)
    for version in draft.protocol.window:
        if version in field.versions and version not in unit.versions:
            report.add("FT415", draft.at(field.place, key),
                       f"version {version} has '{field.name}', and not '{unit.name}', which it reads as",
                       "choose a unit that is there as long as the field is")
            return


def _renamed(draft: Draft, field: Field, report: Report) -> None:
    version, low, high = field.renamed.version, draft.protocol.min_version, draft.protocol.current_version
    place = draft.at(field.place, "renamed", "in")
    if not low < version <= high:
        report.add("FT401", place, f"'{field.name}' was renamed in version {version}, and versions are {low}..{high}",
                   "raise versions.current first" if version > high else "nobody knows the old name: remove `renamed`")
    elif version <= field.versions.added:
        report.add("FT402", place, f"'{field.name}' was renamed before it was added, in {field.versions.added}")


def _default_stays(draft: Draft, declaration: Sum, report: Report) -> None:
    default = next((v for v in declaration.variants if v.name == declaration.default), None)
    for version in draft.protocol.window:
        if default is not None and version in declaration.versions and version not in default.versions:
            report.add("FT415", draft.at(declaration.place, "default"),
                       f"version {version} does not have '{default.name}', the default of {declaration.name}",
                       "choose a default that is there as long as the sum is")
            return
