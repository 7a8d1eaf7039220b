# SPDX-License-Identifier: Apache-2.0
"""The shape of a protocol's messages as a table, for programs that change messages knowing what they are.

Every type, declared or not, is a row; rows refer to each other by number, and row 0 is the envelope. Newtypes and
secrets are what they wrap. Members that the version does not have are left out.
"""
from __future__ import annotations

from dataclasses import dataclass

from ftgen.lower.edges import edges
from ftgen.lower.places import Texts, written
from ftgen.model import (ArrayOf, Field, ListOf, OptionalOf, Ref, SecretOf, Struct, Sum, TupleOf, Type, Variant)


@dataclass(frozen=True)
class Member:
    """A field, a variant, or (without a name) an item. A unit has no row."""
    name: str
    row: int | None


@dataclass(frozen=True)
class Row:
    kind: str                       # scalar, optional, list, tuple, object, sum
    least: str                      # JSON
    members: tuple[Member, ...]
    edges: tuple[str, ...]          # JSON, good and bad


def rows(texts: Texts) -> list[Row]:
    return _Table(texts).rows


class _Table:
    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._numbers: dict[object, int] = {}
        self.rows: list[Row | None] = []
        self._row(Ref(texts.codec.protocol.envelope.type), None)

    def _row(self, type_: Type, field: Field | None) -> int:
        type_ = self._texts.view.resolve(type_)
        if isinstance(type_, SecretOf):
            return self._row(type_.item, field)
        limits = (field.max_items, field.max_bytes) if field is not None else (None, None)
        return self._numbered((type_, limits), lambda: self._of_type(type_, field))

    def _numbered(self, key: object, make) -> int:
        """The number is known before the row is made: types may hold themselves."""
        if key not in self._numbers:
            number = self._numbers[key] = len(self.rows)
            self.rows.append(None)
            self.rows[number] = make()
        return self._numbers[key]

    def _of_type(self, type_: Type, field: Field | None) -> Row:
        texts = self._texts
        least = texts.least_of(type_)
        tried = tuple(dict.fromkeys(text for _, text in edges(texts, type_, field)))
        match type_:
            case OptionalOf(item):
                return Row("optional", least, (Member("", self._row(item, field)),), ())
            case ListOf(item):
                return Row("list", least, (Member("", self._row(item, None)),), tried)
            case ArrayOf(item, size):
                return Row("tuple", least, (Member("", self._row(item, None)),) * size, tried)
            case TupleOf(items):
                return Row("tuple", least, tuple(Member("", self._row(item, None)) for item in items), tried)
            case Ref(name):
                match texts.view.declaration(name):
                    case Struct() as struct:
                        return self._object(struct)
                    case Sum() as sum_:
                        here = filter(texts.view.has, sum_.variants)
                        return Row("sum", least, tuple(self._variant(sum_, v) for v in here), ())
            case _:
                return Row("scalar", least, (), tried)

    def _object(self, owner: Struct | Variant) -> Row:
        least = written(self._texts.fields(owner, self._texts.lawful(owner)))
        return Row("object", least, tuple(Member(f.name, self._row(f.type, f)) for f in owner.fields
                                            if self._texts.view.has(f)), ())

    def _variant(self, sum_: Sum, variant: Variant) -> Member:
        if variant.is_unit:
            return Member(variant.wire_name, None)
        if variant.fields is None:
            return Member(variant.wire_name, self._row(variant.type, None))
        return Member(variant.wire_name, self._numbered((sum_.name, variant.name), lambda: self._object(variant)))
