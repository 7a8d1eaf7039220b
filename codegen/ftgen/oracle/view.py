# SPDX-License-Identifier: Apache-2.0
"""The declarations as the messages of one version show them: which keys and variants there are, and how they are
spelt."""
from __future__ import annotations

from ftgen.model import FLOATS, Field, Missing, Newtype, Protocol, Ref, Scalar, Struct, Sum, Type, UnitName, Variant
from ftgen.oracle.values import Tagged


class View:
    def __init__(self, protocol: Protocol, version: int) -> None:
        self.version = version
        self._declared = protocol.declarations()
        self._keys: dict[int, dict[str, Field]] = {}            # by the id of an owner, which the protocol keeps alive
        self._variants: dict[str, dict[str, Variant]] = {}

    def declaration(self, name: str) -> Struct | Sum | Newtype:
        return self._declared[name]

    def resolve(self, type_: Type) -> Type:
        """What stands behind newtypes."""
        while isinstance(type_, Ref) and isinstance(self._declared[type_.name], Newtype):
            type_ = self._declared[type_.name].type
        return type_

    def has(self, member: Field | Variant) -> bool:
        return self.version in member.versions

    def keys(self, owner: Struct | Variant) -> dict[str, Field]:
        """Every spelling of every key that this version reads. A renamed key has the name of the version; its aliases
        are those of the new name."""
        if id(owner) not in self._keys:
            self._keys[id(owner)] = {spelling: field for field in owner.fields if self.has(field)
                                     for spelling in self._spellings(field)}
        return self._keys[id(owner)]

    def _spellings(self, field: Field) -> tuple[str, ...]:
        key = field.key(self.version)
        return (key, *field.aliases) if key == field.name else (key,)

    def variants(self, sum_: Sum) -> dict[str, Variant]:
        if sum_.name not in self._variants:
            self._variants[sum_.name] = {spelling: variant for variant in sum_.variants if self.has(variant)
                                         for spelling in (variant.wire_name, *variant.aliases)}
        return self._variants[sum_.name]

    def variant(self, sum_: Sum, name: str) -> Variant:
        return next(v for v in sum_.variants if v.name == name)

    def without_key(self, field: Field) -> object:
        """What the field reads as when its key is not there: in a version that has it, or in one that does not."""
        missing = field.missing or field.absent or Missing(None)
        return _value(missing.value, self.resolve(field.type))


def _value(value: object, type_: Type) -> object:
    match value:
        case UnitName(name):
            return Tagged(name)
        case ():
            return []
        case int() if isinstance(type_, Scalar) and type_.name in FLOATS:
            return float(value)
        case _:
            return value
