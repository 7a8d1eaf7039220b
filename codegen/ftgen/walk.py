# SPDX-License-Identifier: Apache-2.0
"""Ways through a model, written once: what is inside of a type, who has fields, and the fields changed."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from ftgen.draft import Draft
from ftgen.model import (ArrayOf, Binary, Call, Declaration, Expr, Field, ListOf, Name, Newtype, OptionalOf, Place,
                         Protocol, Ref, SecretOf, Struct, Sum, TupleOf, Type, Unary, Variant)


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


def names_in(expr: Expr) -> Iterator[str]:
    """The fields that an expression names, from left to right."""
    match expr:
        case Name(name):
            yield name
        case Call(_, args):
            for arg in args:
                yield from names_in(arg)
        case Unary(_, operand):
            yield from names_in(operand)
        case Binary(_, left, right):
            yield from names_in(left)
            yield from names_in(right)


def with_names(expr: Expr, names: Mapping[str, str]) -> Expr:
    """The expression with other names for the fields that `names` lists."""
    match expr:
        case Name(name):
            return Name(names.get(name, name))
        case Call(function, args):
            return Call(function, tuple(with_names(arg, names) for arg in args))
        case Unary(op, operand):
            return Unary(op, with_names(operand, names))
        case Binary(op, left, right):
            return Binary(op, with_names(left, names), with_names(right, names))
    return expr


def used_types(declaration: Declaration) -> Iterator[Type]:
    """Every type that its members have, from the first to the last."""
    match declaration:
        case Newtype(type=type_):
            yield type_
        case Struct(fields=fields):
            yield from (f.type for f in fields)
        case Sum(variants=variants):
            for variant in variants:
                yield from (f.type for f in variant.fields or ())
                if variant.type is not None:
                    yield variant.type


def reachable(protocol: Protocol) -> set[str]:
    """The declared types that an envelope can hold."""
    return reachable_from(protocol.declarations(), [Ref(protocol.envelope.type)])


def reachable_from(declared: Mapping[str, Declaration], types: Iterable[Type]) -> set[str]:
    """The declared types that values of these types can hold."""
    reached: set[str] = set()
    pending = [name for type_ in types for name in references(type_)]
    while pending:
        if (name := pending.pop()) not in reached:
            reached.add(name)
            pending += (used for type_ in used_types(declared[name]) for used in references(type_))
    return reached


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
