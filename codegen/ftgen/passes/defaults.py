# SPDX-License-Identifier: Apache-2.0
"""What is there when nothing was said: the default of a sum, the value of an absent key, and that of a field in the
messages of versions that do not have it."""
from __future__ import annotations

from dataclasses import replace

from ftgen.diagnostics import Report, did_you_mean
from ftgen.draft import Draft
from ftgen.model import (FLOATS, INTEGERS, Declaration, Field, ListOf, Missing, OptionalOf, Ref, Scalar, SecretOf, Sum,
                         Type, UnitName)
from ftgen.passes.types import see_through
from ftgen.walk import all_owners, field_place, map_fields


def settle(draft: Draft, report: Report) -> Draft:
    declared = draft.protocol.declarations()

    def fields_of(owner) -> tuple[Field, ...]:
        return tuple(_field(f, draft, declared, report) for f in owner.fields)

    def of(declaration: Declaration) -> Declaration:
        if isinstance(declaration, Sum):
            declaration = replace(declaration, default=_default(declaration, draft, report))
        return map_fields(declaration, fields_of)

    draft = draft.map_types(of)
    for _, owner in all_owners(draft):
        first = owner.fields[0] if owner.fields else None
        if first is not None and first.when_set and first.missing is not None and first.derived is None:
            report.add("FT412", field_place(draft, owner, first),
                       f"'{first.name}' is the first key of {owner.name} and may be absent",
                       "`when_set` keys stand behind one that is always written")
    return draft


def _default(declaration: Sum, draft: Draft, report: Report) -> str:
    names = [v.name for v in declaration.variants]
    if declaration.default is None:
        if declaration.variants[0].is_unit:
            return names[0]
        report.add("FT308", declaration.place, f"the sum {declaration.name} has no units and says no default",
                   f"add `default: {names[0]}`, or another variant")
        return names[0]
    name = declaration.default.text
    if name not in names:
        report.add("FT308", draft.at(declaration.place, "default"), f"{declaration.name} has no variant '{name}'",
                   did_you_mean(name, names, "name one of its variants"))
    elif declaration.is_enumeration and name != names[0]:
        report.add("FT308", draft.at(declaration.place, "default"),
                   f"the default of {declaration.name} is not its first unit",
                   f"an enumeration that nobody set is zero: put {name} first")
    return name


def _field(field: Field, draft: Draft, declared: dict[str, Declaration], report: Report) -> Field:
    optional = isinstance(field.type, OptionalOf)
    place = draft.at(field.place, "missing")
    if field.missing is not None:
        if field.derived is not None:
            report.add("FT507", place, f"'{field.name}' is derived and takes no `missing`",
                       "its value on the wire is dropped")
        elif optional:
            report.add("FT409", place, f"'{field.name}' is optional: absent, it is null",
                       "remove `missing`, or the optional")
        else:
            missing = _value(field.missing.value, see_through(field.type, declared), declared)
            if isinstance(missing, str):
                report.add("FT409", place, f"`missing` of '{field.name}' {missing}",
                           "it must be a value of the field's type")
            else:
                field = replace(field, missing=missing)
    elif optional:
        field = replace(field, missing=Missing(None))
    if field.absent is not None:
        field = _absent(field, draft, declared, report)
    if field.when_set and (field.missing is None or field.derived is not None):
        report.add("FT410", draft.at(field.place, "emit"), f"'{field.name}' is always set",
                   "`when_set` needs `missing` or an optional type, and no `derived`")
    return field


def _absent(field: Field, draft: Draft, declared: dict[str, Declaration], report: Report) -> Field:
    place = draft.at(field.place, "absent")
    if field.missing is not None or field.derived is not None:
        report.add("FT414", place, f"'{field.name}' has a value without its key already", "remove `absent`")
        return field
    absent = _value(field.absent.value, see_through(field.type, declared), declared)
    if isinstance(absent, str):
        report.add("FT409", place, f"`absent` of '{field.name}' {absent}", "it must be a value of the field's type")
        return field
    return replace(field, absent=absent)


def _value(value: object, type_: Type, declared: dict[str, Declaration]) -> Missing | str:
    """The value as one of the type, or what is wrong with it."""
    match type_:
        case SecretOf(item):
            return _value(value, item, declared)
        case Scalar("bool") if isinstance(value, bool):
            return Missing(value)
        case Scalar(name) if name in INTEGERS and isinstance(value, int) and not isinstance(value, bool):
            low, high = INTEGERS[name]
            return Missing(value) if low <= value <= high else f"is out of the range of {name}"
        case Scalar(name) if name in FLOATS and isinstance(value, int) and not isinstance(value, bool):
            return Missing(value) if abs(value) <= 2**24 else f"is more than {name} holds exactly"
        case Scalar("string") if isinstance(value, str):
            return Missing(value) if "\0" not in value else "has a zero byte, which ends a text in C++"
        case ListOf() if value == ():
            return Missing(value)
        case Ref(name) if isinstance(declaration := declared[name], Sum):
            units = [v.name for v in declaration.variants if v.is_unit]
            return Missing(UnitName(value)) if value in units else f"is no unit of {name}"
        case Scalar(name) | Ref(name):
            return f"is no value of {name}"
        case _:
            return "does not fit its type"
