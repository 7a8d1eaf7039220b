# SPDX-License-Identifier: Apache-2.0
"""Ways through a model, written once: what is inside of a type, who has fields, and the fields changed."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ftgen.draft import Draft
from ftgen.model import (ArrayOf, Declaration, Field, ListOf, Newtype, OptionalOf, Place, Ref, SecretOf, Struct, Sum,
                         TupleOf, Type, Variant)


def children(type_: Type) -> tuple[Type, ...]:
    """The types that stand directly in the angle brackets of a type."""
    match type_:
        case ListOf(item) | OptionalOf(item) | ArrayOf(item) | SecretOf(item):
            return (item,)
        case TupleOf(items):
            return items
        case _:
            return ()


def references(type_: Type) -> tuple[str, ...]:
    """The names of the declared types in a type, from left to right."""
    own = (type_.name,) if isinstance(type_, Ref) else ()
    return own + tuple(name for child in children(type_) for name in references(child))


def owners(declaration: Declaration) -> Iterator[Struct | Variant]:
    """The struct itself, or the struct variants of a sum."""
    if isinstance(declaration, Struct):
        yield declaration
    elif isinstance(declaration, Sum):
        yield from (v for v in declaration.variants if v.fields is not None)


def all_owners(draft: Draft) -> Iterator[tuple[Declaration, Struct | Variant]]:
    for family in draft.protocol.families:
        for declaration in family.types:
            for owner in owners(declaration):
                yield declaration, owner


def map_fields(declaration: Declaration, change: Callable[[Struct | Variant], tuple]) -> Declaration:
    """The declaration with new fields for itself, or for each of its struct variants."""
    match declaration:
        case Struct():
            return replace(declaration, fields=change(declaration))
        case Sum():
            return replace(declaration, variants=tuple(
                v if v.fields is None else replace(v, fields=change(v)) for v in declaration.variants))
        case Newtype():
            return declaration


def field_place(draft: Draft, owner: Struct | Variant, field: Field) -> Place:
    """Where the owner says that it has the field: the field itself, or the use of the group that it came from."""
    return draft.at(owner.place, "fields", f"+{field.group}") if field.group else field.place
