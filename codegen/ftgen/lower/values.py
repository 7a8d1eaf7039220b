# SPDX-License-Identifier: Apache-2.0
"""Values that the schema alone gives: what an absent key reads as, and the least value of a type.

    default(field.missing, field.type, declared)    # JSON: [], 0, "Float32" ...
    least = Least(Codec(protocol, version))
    least.of(type)                                  # a value for the oracle: zeros, empty texts, defaults of sums
    least.of(type, ("Answer", "Failed"))            # the same with these variants on the way
    least.text("Snapshot")                          # its canonical JSON

A least value keeps the rules of its structs, if a short search finds how; `Codec.validate` tells whether it did. A least
envelope says which version it is of.
"""
from __future__ import annotations

from typing import Any

from ftgen.lower.broken_rules import broken_alone
from ftgen.model import (INTEGERS, ArrayOf, Declaration, ListOf, Missing, Newtype, Opaque, OptionalOf, Ref, Scalar,
                         SecretOf, Struct, Sum, TupleOf, Type, UnitName, Variant)
from ftgen.oracle import Codec, Raw, Tagged

_DATE, _TIME, _OFFSET = [1970, 1], [0, 0, 0, 0], [0, 0, 0]
_SCALARS = {"bool": False, "f32": 0.0, "f64": 0.0, "string": "", "month": 1, "date": _DATE, "time": _TIME,
            "utc_offset": _OFFSET, "primitive_date_time": _DATE + _TIME,
            "offset_date_time": _DATE + _TIME + _OFFSET, **dict.fromkeys(INTEGERS, 0)}


def default(missing: Missing, type_: Type, declared: dict[str, Declaration]) -> Any:
    """The JSON that stands for an absent key."""
    match missing.value:
        case ():
            return []
        case UnitName(name):
            return next(v.wire_name for v in declared[type_.name].variants if v.name == name)
        case value:
            return value


class Least:
    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._view = codec.view

    def text(self, name: str) -> str:
        return self._codec.encode(name, self.of(Ref(name))).decode()

    def of(self, type_: Type, path: tuple[str, ...] = ()) -> Any:
        match type_:
            case Scalar(name):
                return _SCALARS[name]
            case Opaque():
                return Raw("null")
            case OptionalOf():
                return None
            case ListOf():
                return []
            case ArrayOf(item, size):
                return [self.of(item)] * size
            case TupleOf(items):
                return [self.of(item) for item in items]
            case SecretOf(item):
                return self.of(item)
            case Ref(name):
                return self._declaration(self._view.declaration(name), path)

    def _declaration(self, declaration: Declaration, path: tuple[str, ...]) -> Any:
        match declaration:
            case Struct():
                value = self.fields(declaration) | self._said(declaration)
                return broken_alone(self._view, declaration, value, None) or value
            case Newtype():
                return self.of(declaration.type)
            case Sum():
                variant = self._view.variant(declaration, path[0] if path else declaration.default)
                return Tagged(variant.name, self._payload(variant, path[1:]))

    def _said(self, struct: Struct) -> dict[str, int]:
        envelope = self._codec.protocol.envelope
        says = envelope is not None and envelope.version is not None and envelope.type == struct.name
        return {envelope.version: self._view.version} if says else {}

    def _payload(self, variant: Variant, path: tuple[str, ...]) -> Any:
        if variant.fields is not None:
            return self.fields(variant)
        return None if variant.type is None else self.of(variant.type, path)

    def fields(self, owner: Struct | Variant) -> dict[str, Any]:
        """Whatever the rules say. A key that may be absent, or is not in this version, holds what it reads as then."""
        return {f.name: self.of(f.type) if f.missing is None and self._view.has(f) else self._view.without_key(f)
                for f in owner.fields if f.derived is None}
