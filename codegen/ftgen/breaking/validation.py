# SPDX-License-Identifier: Apache-2.0
"""Which rules messages are held to, as far as it does not stand in the rules themselves.

Whoever serves a message validates the struct that it carries, and the structs in the fields of that one, but not the
fields of a variant. So rules begin to count when the fields of a message become a struct, and cease when they become
fields.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ftgen.model import Declaration, Field, OptionalOf, Ref, Rule, Struct, Variant
from ftgen.oracle.rules import evaluate
from ftgen.walk import names_in

Declared = Mapping[str, Declaration]


def moved(old: Variant, before: Declared, new: Variant, now: Declared) -> Iterator[tuple[Rule | None, Rule | None]]:
    """Rules of the structs inside that a message was held to (first), or is held to (second), and that the other schema
    does not look at. The rules of the struct that it carries are not among them: a variant has none to pair them with."""
    was, is_ = _struct(old.type, before), _struct(new.type, now)
    if old.fields is not None and is_ is not None:
        yield from ((None, rule) for rule in _inside(is_.fields, now, {is_.name}))
    if was is not None and new.fields is not None:
        yield from ((rule, None) for rule in _inside(was.fields, before, {was.name}))


def fulfilled_without(rule: Rule, keys: Iterable[Field]) -> bool:
    """Whether the rule looks at these keys alone, and holds when none of them is there."""
    read_as = {f.name: f.missing.value for f in keys if f.missing is not None}
    return read_as.keys() >= set(names_in(rule.expr)) and bool(evaluate(rule.expr, read_as))


def _inside(fields: Iterable[Field], declared: Declared, met: set[str]) -> Iterator[Rule]:
    for field in fields:
        struct = _struct(field.type.item if isinstance(field.type, OptionalOf) else field.type, declared)
        if struct is not None and struct.name not in met:
            met.add(struct.name)
            yield from struct.rules
            yield from _inside(struct.fields, declared, met)


def _struct(type_: object, declared: Declared) -> Struct | None:
    declaration = declared.get(type_.name) if isinstance(type_, Ref) else None
    return declaration if isinstance(declaration, Struct) else None
