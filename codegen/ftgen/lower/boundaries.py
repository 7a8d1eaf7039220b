# SPDX-License-Identifier: Apache-2.0
"""What is tried of each type: every field at its edges; required ones absent and null; all others absent at once; keys
unknown, twice and in another order; every variant, well and badly written; every rule broken alone.

    for case in cases(texts, declaration): ...      # Case: a name, the JSON of a value of the declared type

The other members are least. What the cases come to is for the oracle to say.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ftgen.lower.broken_rules import broken_alone, rules_of
from ftgen.lower.edges import edges
from ftgen.lower.places import Texts, written
from ftgen.model import Declaration, Field, Newtype, OptionalOf, Ref, Struct, Sum, Variant
from ftgen.walk import references

NOBODYS_KEY = "nobody knows this key"


@dataclass(frozen=True)
class Case:
    name: str
    json: str


def cases(texts: Texts, declaration: Declaration) -> Iterator[Case]:
    name = declaration.name
    match declaration:
        case Struct():
            yield from _object(texts, declaration, name, "{}")
        case Newtype():
            yield from (Case(f"{name}/{case}", text) for case, text in edges(texts, Ref(name)))
        case Sum():
            yield from _sum(texts, declaration)


# -- objects ----------------------------------------------------------------------------------------------------------

def _object(texts: Texts, owner: Struct | Variant, name: str, around: str) -> Iterator[Case]:
    """`around`: what stands around the object, which takes the place of `{}`."""
    def case(what: str, json: str) -> Case:
        return Case(f"{name}/{what}", around.replace("{}", json))

    lawful = texts.lawful(owner)
    fields = texts.fields(owner, lawful)
    least = written(fields)
    yield case("least", least)
    yield case("any_order", written({NOBODYS_KEY: '[{"a":null},1e999]', **dict(reversed(fields.items()))}))
    if optional := {f.key(texts.view.version) for f in owner.fields if f.missing is not None}:
        yield case("all_absent", written({key: text for key, text in fields.items() if key not in optional}))
    if fields:
        key, text = next(iter(fields.items()))
        yield case("duplicate_key", f'{least[:-1]},"{key}":{text}}}')
        yield case("array", "[]")
    if isinstance(owner, Struct):
        for rule in rules_of(texts.view, owner):
            broken = broken_alone(texts.view, owner, lawful, rule)
            if broken is not None:
                yield case(f"rule/{rule.id}", written(texts.fields(owner, broken)))
    for field in owner.fields:
        if texts.view.has(field):
            yield from (case(f"{field.name}/{what}", json) for what, json in _field(texts, owner, lawful, field))
        else:
            yield case(f"{field.name}/not_in_version", f'{least[:-1]}{"," if fields else ""}"{field.name}":null}}')


def _field(texts: Texts, owner: Struct | Variant, lawful: dict, field: Field) -> Iterator[tuple[str, str]]:
    def with_text(text: str) -> dict[str, str]:
        return texts.fields(owner, lawful, {field.name: text})

    version = texts.view.version
    present = with_text(texts.least_of(_inner(field)))
    if field.missing is None:
        yield "absent", written({key: text for key, text in present.items() if key != field.key(version)})
        yield "null", written(with_text("null"))
    elif not references(field.type):                # what it refers to is tried in its own place
        yield "set", written(present)
    for spelling in sorted(k for k, f in texts.view.keys(owner).items() if f is field and k != field.key(version)):
        yield f"as_{spelling}", written({spelling if key == field.key(version) else key: text
                                         for key, text in present.items()})
    yield from ((case, written(with_text(text))) for case, text in edges(texts, field.type, field))


def _inner(field: Field):
    return field.type.item if isinstance(field.type, OptionalOf) else field.type


# -- sums -------------------------------------------------------------------------------------------------------------

def _sum(texts: Texts, sum_: Sum) -> Iterator[Case]:
    here = [v for v in sum_.variants if texts.view.has(v)]
    units = [v for v in here if v.is_unit]
    others = [v for v in here if not v.is_unit]
    for variant in sum_.variants:
        name = f"{sum_.name}.{variant.name}"
        if variant not in here:
            yield Case(f"{name}/not_in_version", f'"{variant.wire_name}"')
        elif variant.is_unit:
            yield Case(name, f'"{variant.wire_name}"')
        elif variant.fields is not None:
            yield from _object(texts, variant, name, f'{{"{variant.wire_name}":{{}}}}')
        else:
            tried = (("least", texts.least_of(variant.type)), *edges(texts, variant.type))
            yield from (Case(f"{name}/{case}", f'{{"{variant.wire_name}":{text}}}') for case, text in tried)
        if variant in here:
            yield from (Case(f"{name}/as_{alias}", _as(texts, variant, alias)) for alias in variant.aliases)
    yield Case(f"{sum_.name}/unknown_variant", '"NobodyKnowsThisVariant"')
    yield Case(f"{sum_.name}/no_variant", "{}")
    if units:
        first = units[0].wire_name
        yield Case(f"{sum_.name}/unit_in_object", f'{{"{first}":null}}')
        yield Case(f"{sum_.name}/unit_with_payload", f'{{"{first}":1}}')
    if others:
        text = _as(texts, others[0], others[0].wire_name)
        yield Case(f"{sum_.name}/payload_lacking", f'"{others[0].wire_name}"')
        yield Case(f"{sum_.name}/two_variants", f"{text[:-1]},{text[1:]}")


def _as(texts: Texts, variant: Variant, spelling: str) -> str:
    """The least value of a variant."""
    if variant.is_unit:
        return f'"{spelling}"'
    payload = (written(texts.fields(variant, texts.lawful(variant))) if variant.fields is not None
               else texts.least_of(variant.type))
    return f'{{"{spelling}":{payload}}}'
