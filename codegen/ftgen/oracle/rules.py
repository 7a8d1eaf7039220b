# SPDX-License-Identifier: Apache-2.0
"""Rules and derived fields, evaluated; and the first rule that a value breaks.

Rules run in order, those of a struct before those of the structs that its fields hold, directly or as an optional;
lists and sums are not entered.
"""
from __future__ import annotations

import operator

from ftgen.model import Binary, Call, Expr, Name, Number, OptionalOf, Ref, Struct, This, Unary
from ftgen.oracle.values import Refused
from ftgen.oracle.view import View

# Unicode's White_Space, which is not what Python's isspace() means.
_WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"

_OPERATORS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
              ">=": operator.ge,
              "+": operator.add, "-": operator.sub, "*": operator.mul}


def evaluate(part: Expr, fields: dict[str, object], this: object = None) -> object:
    """The value of an expression over a struct; `this` is the element that an enclosing `all` looks at."""
    match part:
        case Number(value):
            return value
        case Name(name):
            return fields[name]
        case This():
            return this
        case Unary("!", operand):
            return not evaluate(operand, fields, this)
        case Unary(_, operand):
            return -evaluate(operand, fields, this)
        case Binary("&&", left, right):
            return evaluate(left, fields, this) and evaluate(right, fields, this)
        case Binary("||", left, right):
            return evaluate(left, fields, this) or evaluate(right, fields, this)
        case Binary(op, left, right):
            return _OPERATORS[op](evaluate(left, fields, this), evaluate(right, fields, this))
        case Call("all", (items, condition)):
            return all(evaluate(condition, fields, item) for item in evaluate(items, fields, this))
        case Call("len", (items,)):
            return len(evaluate(items, fields, this))
        case Call("bytes", (text,)):
            return len(evaluate(text, fields, this).encode())
        case Call(_, (text,)):
            return not evaluate(text, fields, this).strip(_WHITE_SPACE)


def first_broken(view: View, struct: Struct, value: dict, path: str = "$") -> Refused | None:
    for rule in struct.rules:
        if view.version in rule.versions and not evaluate(rule.expr, value):
            return Refused("rule_violated", path, message=rule.message)
    for field, inner in held_structs(view, struct):
        if value.get(field) is not None:
            broken = first_broken(view, inner, value[field], f"{path}.{field}")
            if broken is not None:
                return broken
    return None


def held_structs(view: View, struct: Struct) -> list[tuple[str, Struct]]:
    """The fields whose structs are validated with this one."""
    found = []
    for field in struct.fields:
        type_ = field.type.item if isinstance(field.type, OptionalOf) else field.type
        declaration = view.declaration(type_.name) if isinstance(type_, Ref) else None
        if isinstance(declaration, Struct) and view.has(field):
            found.append((field.name, declaration))
    return found
