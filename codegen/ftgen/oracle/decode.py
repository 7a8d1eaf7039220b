# SPDX-License-Identifier: Apache-2.0
"""From JSON to values, as the schema says. The order in which mistakes are found is the order of the text; what only
the end of an object shows (a key that is missing) is found there.
"""
from __future__ import annotations

from ftgen.model import (FLOATS, INTEGERS, ArrayOf, Envelope, Field, ListOf, Newtype, Opaque, OptionalOf, Ref, Scalar,
                         SecretOf,
                         Struct, Sum, TupleOf, Type, Variant)
from ftgen.oracle import numbers, temporal
from ftgen.oracle.tokens import Reader
from ftgen.oracle.values import Raw, Tagged
from ftgen.oracle.view import View

_RANGES = {**INTEGERS, "i8": (-2**7, 2**7 - 1)}     # of which components of times are made
_LONGEST = 40                       # digits: what is longer fits no type, and Python refuses to read thousands


class Decoder:
    """One decode of one text."""

    def __init__(self, view: View, reader: Reader) -> None:
        self._view = view
        self._reader = reader

    def whole(self, type_: Type) -> object:
        """A value, and nothing but white space around it."""
        value = self._value(type_)
        self._reader.end_of_text()
        return value

    def whole_envelope(self, envelope: Envelope) -> dict:
        """The same for the outermost struct. The payload is built behind the fields of the gate: if it stands in front
        of one it is passed over, checked as JSON only, and built at the end."""
        value = self._object(self._view.declaration(envelope.type), envelope)
        self._reader.end_of_text()
        return value

    # -- kinds of types -----------------------------------------------------------------------------------------------

    def _value(self, type_: Type, field: Field | None = None) -> object:
        """`field` brings the limits of a list or string that stands in it directly, or as an optional."""
        r = self._reader
        r.space()
        match type_:
            case Scalar("bool"):
                return self._bool()
            case Scalar("string"):
                return self._string(field)
            case Scalar("month"):
                return self._month()
            case Scalar(name) if name in INTEGERS:
                return self._i128() if name == "i128" else self._integer(name)
            case Scalar(name) if name in FLOATS:
                return self._float(name)
            case Scalar(name):
                return self._temporal(name)
            case Opaque():
                begin = r.at
                r.skip(finite=True)
                return Raw(r.text[begin:r.at].decode())
            case OptionalOf(item):
                if not r.stands(b"null"):
                    return self._value(item, field)
                r.at += 4
                return None
            case SecretOf(item):
                return self._value(item, field)
            case ListOf(item):
                return self._list(item, field)
            case ArrayOf(item, size):
                return self._exactly([item] * size)
            case TupleOf(items):
                return self._exactly(items)
            case Ref(name):
                return self._declared(name, field)

    def _declared(self, name: str, field: Field | None) -> object:
        match self._view.declaration(name):
            case Newtype(type=type_):
                return self._value(type_, field)
            case Struct() as struct:
                return self._object(struct)
            case Sum() as sum_:
                return self._sum(sum_)

    # -- scalars ------------------------------------------------------------------------------------------------------

    def _bool(self) -> bool:
        r = self._reader
        for word, value in ((b"true", True), (b"false", False)):
            if r.stands(word):
                r.at += len(word)
                return value
        r.fail_value()

    def _integer(self, name: str) -> int:
        r, begin = self._reader, self._reader.at
        end = self._digits()
        if r.text[end] in b".eE":
            r.fail("wrong_type", begin)
        low, high = _RANGES[name]
        negative_zero = r.text[begin:end] == b"-0"
        value = None if negative_zero or end - begin > _LONGEST else int(r.text[begin:end])
        if value is None or not low <= value <= high:
            r.fail("out_of_range", begin)
        r.at = end
        return value

    def _i128(self) -> int:
        """Unlike the others it takes -0, and is out of range before a fraction makes it no integer."""
        r, begin = self._reader, self._reader.at
        end = self._digits()
        low, high = _RANGES["i128"]
        value = int(r.text[begin:end]) if end - begin <= _LONGEST else None
        if value is None or not low <= value <= high:
            r.fail("out_of_range", begin)
        if r.text[end] in b".eE":
            r.fail("wrong_type", end)
        r.at = end
        return value

    def _digits(self) -> int:
        """Where the integer that begins here ends."""
        r, begin = self._reader, self._reader.at
        if r.byte not in b"-0123456789":
            r.fail_value()
        first = begin + (r.byte == ord("-"))
        end = r.digits(first)
        if end == first or (r.text[first] == ord("0") and end - first > 1):
            r.fail("invalid_number", begin)
        return end

    def _float(self, name: str) -> float:
        r = self._reader
        if r.byte not in b"-0123456789":
            r.fail_value()
        end, good = r.number()
        if not good:
            r.fail("invalid_number")
        value = numbers.read(r.text[r.at:end].decode(), name)
        if value is None:
            r.fail("out_of_range")
        r.at = end
        return value

    def _string(self, field: Field | None) -> str:
        r, begin = self._reader, self._reader.at
        if r.byte != ord('"'):
            r.fail_value()
        text = r.string()
        if field is not None and field.max_bytes is not None and len(text.encode()) > field.max_bytes:
            r.fail("too_long", begin)
        return text

    def _month(self) -> int:
        begin = self._reader.at
        number = self._integer("u8")
        if not 1 <= number <= 12:
            self._reader.fail("out_of_range", begin)
        return number

    def _temporal(self, name: str) -> list[int]:
        begin = self._reader.at
        read = self._exactly([Scalar(type_) for type_ in temporal.COMPONENTS[name].values()], self._component)
        parts = temporal.aligned(dict(zip(temporal.COMPONENTS[name], read)))
        if not temporal.exists(parts):
            self._reader.fail("out_of_range", begin)
        return list(parts.values())

    def _component(self, type_: Scalar) -> int:
        self._reader.space()
        return self._integer(type_.name)

    # -- arrays -------------------------------------------------------------------------------------------------------

    def _list(self, item: Type, field: Field | None) -> list:
        r = self._reader
        limit = field.max_items if field is not None else None
        values: list = []
        r.open(b"[")
        if r.take(b"]"):
            r.close()
            return values
        more = True
        while more:
            if limit is not None and len(values) >= limit:
                r.fail("too_many_items")
            r.path.append(f"[{len(values)}]")
            values.append(self._value(item))
            r.path.pop()
            more = r.next_item()
        return values

    def _exactly(self, types, item=None) -> list:
        r = self._reader
        values: list = []
        r.open(b"[")
        for type_ in types:
            r.space()
            if r.byte == ord("]"):
                r.fail("wrong_length")
            r.path.append(f"[{len(values)}]")
            values.append((item or self._value)(type_))
            r.path.pop()
            behind = r.at
            if r.next_item() != (len(values) < len(types)):
                r.fail("wrong_length", behind)
        return values

    # -- objects ------------------------------------------------------------------------------------------------------

    def _object(self, owner: Struct | Variant, gated: Envelope | None = None) -> dict:
        r, keys = self._reader, self._view.keys(owner)
        seen: dict[str, object] = {}
        later: int | None = None    # where the payload stands that waits for the gate
        r.open(b"{")
        first = True
        while not r.take(b"}"):
            if not first:
                r.expect(b",")
                r.space()
            first = False
            field, key_at = self._key(keys)
            if field is None:
                r.skip(finite=False)
                continue
            if field.name in seen:
                r.fail("duplicate_key", key_at)
            r.path.append(f".{field.key(self._view.version)}")
            if gated and field.name == gated.payload and not all(name in seen for name in gated.gate):
                later = r.at
                seen[field.name] = r.skip(finite=False)
            else:
                seen[field.name] = self._value(field.type, field)
            r.path.pop()
        self._complete(owner, seen)
        r.close()
        if later is not None:
            self._build_later(gated, seen, later)
        return seen

    def _key(self, keys: dict[str, Field]) -> tuple[Field | None, int]:
        r, at = self._reader, self._reader.at
        if r.byte != ord('"'):
            r.fail("syntax")
        field = keys.get(r.string())
        r.expect(b":")
        r.space()
        return field, at

    def _complete(self, owner: Struct | Variant, seen: dict[str, object]) -> None:
        """The fields whose keys were not there; and without those that are derived."""
        for field in owner.fields:
            if field.name not in seen:
                if self._view.has(field) and field.missing is None:
                    self._reader.fail("missing_key", self._reader.at - 1)
                seen[field.name] = self._view.without_key(field)
            if field.derived is not None:
                del seen[field.name]

    def _build_later(self, gated: Envelope, seen: dict[str, object], at: int) -> None:
        r, end = self._reader, self._reader.at
        field = self._view.keys(self._view.declaration(gated.type))[gated.payload]
        r.back_into(at)
        r.path.append(f".{field.key(self._view.version)}")
        seen[field.name] = self._value(field.type, field)
        r.path.pop()
        r.close()
        r.at = end

    # -- sums ---------------------------------------------------------------------------------------------------------

    def _sum(self, sum_: Sum) -> Tagged:
        r, begin = self._reader, self._reader.at
        variants = self._view.variants(sum_)
        if r.byte == ord('"'):
            variant = self._variant(variants)
            if not variant.is_unit:
                r.fail("wrong_type", begin)
            return Tagged(variant.name)
        r.open(b"{")
        if r.byte != ord('"'):
            if r.byte == ord("}"):
                r.fail("wrong_type", begin)
            r.fail("syntax")
        variant = self._variant(variants)
        r.expect(b":")
        r.space()
        payload = self._payload(variant)
        r.space()
        if r.byte == ord(","):
            r.fail("wrong_type")
        r.expect(b"}")
        r.close()
        return Tagged(variant.name, payload)

    def _variant(self, variants: dict[str, Variant]) -> Variant:
        r, at = self._reader, self._reader.at
        variant = variants.get(r.string())
        if variant is None:
            r.fail("unknown_variant", at)
        return variant

    def _payload(self, variant: Variant) -> object:
        r = self._reader
        if variant.is_unit:
            if not r.stands(b"null"):
                r.fail_value()
            r.at += 4
            return None
        r.path.append(f".{variant.wire_name}")
        payload = self._object(variant) if variant.fields is not None else self._value(variant.type)
        r.path.pop()
        return payload
