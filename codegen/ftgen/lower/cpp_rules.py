# SPDX-License-Identifier: Apache-2.0
"""Rules as C++: expressions of the rule language, and who validates what.

Integers are compared as 128-bit ones (`ft::wide`), so that no comparison and no sum of u64 overflows.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ftgen.lower.cpp_types import Types, identifier, literal
from ftgen.lower.graph import ordered
from ftgen.lower.versions import condition
from ftgen.model import (Binary, Call, Expr, Field, Name, Number, OptionalOf, Protocol, Ref, Rule, Scalar, Struct,
                         This, Type, Unary)


@dataclass(frozen=True)
class _Operand:
    """What a name or `this` stands for."""
    cpp: str
    type: Type


class _Printer:
    def __init__(self, fields: Mapping[str, Field]):
        self.fields = fields

    def text(self, e: Expr, this: _Operand | None = None, depth: int = 0) -> str:
        """`this` is the element of the enclosing `all`, `depth` the number of those."""
        match e:
            case Number(value):
                return _number(value)
            case Name() | This():
                return _value(self._operand(e, this))
            case Call("len" | "bytes", (subject,)):
                return f"ft::wide({self._operand(subject, this).cpp}.size())"
            case Call("blank", (subject,)):
                return f"ft::is_blank({self._operand(subject, this).cpp})"
            case Call("all", (subject, condition)):
                return self._all(self._operand(subject, this), condition, depth)
            case Unary(op, operand):
                return f"{op}({self.text(operand, this, depth)})"
            case Binary(op, left, right):
                return f"({self.text(left, this, depth)} {op} {self.text(right, this, depth)})"
        raise TypeError(e)

    def _operand(self, e: Expr, this: _Operand | None) -> _Operand:
        return this if isinstance(e, This) else _Operand(f"v.{identifier(e.name)}", self.fields[e.name].type)

    def _all(self, items: _Operand, condition: Expr, depth: int) -> str:
        element = _Operand(f"element{depth + 1}" if depth else "element", items.type.item)
        inner = self.text(condition, element, depth + 1)
        parameter = f"const auto& {element.cpp}" if _looks_at_this(condition) else "const auto&"
        return f"std::all_of({items.cpp}.begin(), {items.cpp}.end(), [&]({parameter}) {{ return {inner}; }})"


def _value(operand: _Operand) -> str:
    match operand.type:
        case Scalar("bool"):
            return operand.cpp
        case Scalar("i128"):
            return f"{operand.cpp}.native()"
    return f"ft::wide({operand.cpp})"


def _number(value: int) -> str:
    """C++ has no literal above 64 bits."""
    if value < 2**64:
        return f"ft::wide({value}U)"
    return f"(ft::wide({value >> 64}U) << 64 | ft::wide({value % 2**64}U))"


def _looks_at_this(e: Expr) -> bool:
    """Whether the condition of an `all` uses its own element; that of an `all` inside it is another."""
    match e:
        case This():
            return True
        case Call("all", _):
            return False
        case Call(_, args):
            return any(map(_looks_at_this, args))
        case Unary(_, operand):
            return _looks_at_this(operand)
        case Binary(_, left, right):
            return _looks_at_this(left) or _looks_at_this(right)
    return False


def expression(e: Expr, fields: Mapping[str, Field]) -> str:
    """The C++ expression over `v`, an object with these fields."""
    return _Printer(fields).text(e)


@dataclass(frozen=True)
class Check:
    id: str
    condition: str
    text: str
    message: str
    known: str | None               # the condition, over `version`, under which the rule holds; None: always


@dataclass(frozen=True)
class Nested:
    member: str
    key: str
    optional: bool
    value: str                      # the struct, once it is known to be there


@dataclass(frozen=True)
class Validator:
    """What validates one struct: its own rules in order, then the structs in its fields."""
    name: str
    family: str
    checks: tuple[Check, ...]
    nested: tuple[Nested, ...]


def validators(protocol: Protocol) -> tuple[Validator, ...]:
    """Of every struct that has rules, or that holds one that has, directly or as an optional; the held ones first."""
    structs = {d.name: d for d in protocol.declarations().values() if isinstance(d, Struct)}
    families = {d.name: f.name for f in protocol.families for d in f.types}
    types = Types(protocol.declarations(), protocol.namespace)
    held = {name: [t for f in s.fields if (t := _held(f)) in structs] for name, s in structs.items()}
    ruled = {name for name, s in structs.items() if s.rules}
    while grown := {name for name in held if name not in ruled and not ruled.isdisjoint(held[name])}:
        ruled |= grown

    def nested(f: Field, owner: str) -> Nested:
        member, optional = identifier(f.name), isinstance(f.type, OptionalOf)
        boxed = optional and types.boxed(f.type.item, types.knot(owner))
        return Nested(member, f.name, optional, f"{'*' * (optional + boxed)}v.{member}")

    def check(r: Rule, fields: Mapping[str, Field]) -> Check:
        return Check(r.id, expression(r.expr, fields), r.text, literal(r.message), condition(r.versions, protocol))

    def validator(s: Struct) -> Validator:
        fields = {f.name: f for f in s.fields}
        return Validator(s.name, families[s.name], tuple(check(r, fields) for r in s.rules),
                         tuple(nested(f, s.name) for f in s.fields if _held(f) in ruled))

    return tuple(validator(structs[name]) for name in ordered(held) if name in ruled)


def _held(field: Field) -> str | None:
    """The type that the field holds directly or as an optional."""
    held = field.type.item if isinstance(field.type, OptionalOf) else field.type
    return held.name if isinstance(held, Ref) else None
