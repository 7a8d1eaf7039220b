# SPDX-License-Identifier: Apache-2.0
"""Rules and derived fields: parsed, typed, and turned into expressions of the model."""
from __future__ import annotations

from dataclasses import replace

from ftgen import expr, exprtypes
from ftgen.diagnostics import Report
from ftgen.draft import Draft
from ftgen.model import INTEGERS, Declaration, Field, Number, Rule, Scalar, Struct
from ftgen.source import Scalar as Text
from ftgen.walk import map_fields, names_in


def resolve(draft: Draft, report: Report) -> Draft:
    def fields_of(owner) -> tuple[Field, ...]:
        scope = {f.name: f for f in owner.fields}
        return tuple(f if f.derived is None else replace(f, derived=_derived(f, scope, report)) for f in owner.fields)

    def of(declaration: Declaration) -> Declaration:
        if isinstance(declaration, Struct):
            scope = {f.name: f for f in declaration.fields}
            declaration = replace(declaration, rules=tuple(_rule(r, scope, report) for r in declaration.rules))
        return map_fields(declaration, fields_of)

    return draft.map_types(of)


def _rule(rule: Rule, scope: dict[str, Field], report: Report) -> Rule:
    text: Text = rule.expr
    found, type_ = _typed(text, scope, report)
    if type_ is not None and not isinstance(type_, exprtypes.Bool):
        report.add("FT503", text.place, f"the rule '{rule.id}' is {type_}, not a condition",
                   "compare it with something")
    elif type_ is not None and not _looks_at_a_field(found):
        report.add("FT503", text.place, f"the rule '{rule.id}' is the same for every value", "name a field")
    return replace(rule, expr=found)


def _derived(field: Field, scope: dict[str, Field], report: Report) -> expr.Expr:
    text: Text = field.derived
    found, type_ = _typed(text, scope, report)
    if type_ is not None and not _looks_at_a_field(found):
        report.add("FT507", text.place, f"'{field.name}' is derived from nothing", "name a field")
        return found
    match field.type, type_:
        case _, None:
            pass
        case Scalar("bool"), exprtypes.Bool():
            pass
        case Scalar(name), exprtypes.Range(low, high) if name in INTEGERS:
            if low < INTEGERS[name][0] or high > INTEGERS[name][1]:
                report.add("FT505", text.place, f"the value may not fit into '{field.name}', a {name}",
                           "bound what it is computed from, for example by max_items")
        case Scalar(name), _ if name == "bool" or name in INTEGERS:
            report.add("FT507", text.place, f"'{field.name}' is a {name}, and this is {type_}")
        case _:
            report.add("FT507", text.place, f"'{field.name}' cannot be derived", "only integers and bools can")
    return found


def _looks_at_a_field(part: expr.Expr) -> bool:
    return next(names_in(part), None) is not None


def _typed(text: Text, scope: dict[str, Field], report: Report) -> tuple[expr.Expr, exprtypes.ExprType | None]:
    """The expression and its type; after a mistake, which is reported, a stand-in without a type."""
    parsed = expr.parse(text.text)
    result = parsed if isinstance(parsed, expr.Mistake) else exprtypes.check(parsed, scope)
    if isinstance(result, expr.Mistake):
        report.add(result.code, text.at(result.offset), result.message, result.hint)
        return Number(0), None
    return parsed.expr, result
