# SPDX-License-Identifier: Apache-2.0
"""Everything that a Wireshark dissector must know of a protocol, as plain tables: `view(protocol)`; None if the schema
has no transport.

Types are keyed by how the schema spells them (`list<u64>`), a variant with fields by `Sum.Variant`. What the dissector
does with a kind of type stands in templates/lua/tree.lua. Filter names stand below the protocol's name: a field of the
envelope or of what a message carries has its own name (`id`), if all such fields of that name are shown alike; any
other has its type's in front (`some_struct.id`).

What pairs answers with requests is derived: the first unsigned number, not a secret, that all that questions and
answers carry has under one name. Without one, answers come in the order of the requests.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ftgen.model import (FLOATS, INTEGERS, ArrayOf, Declaration, Field, ListOf, Message, Newtype, Opaque, OptionalOf,
                         Protocol, Ref, Scalar, SecretOf, Struct, Sum, TupleOf, Type, Variant, Versions)


class Number(str):
    """A number as Lua spells it, among the facts of a type."""


# Dates and times are arrays of so many whole numbers.
_TEMPORALS = {"date": 2, "time": 4, "utc_offset": 3, "primitive_date_time": 6, "offset_date_time": 9}
# The greatest doubles that a text of the type may be nearest to. That of f32 lies half a step beyond its greatest
# number: some texts there round to that number, others to infinity, which a double does not tell.
_MOST = {"f32": Number("0x1.ffffffp+127"), "f64": Number("0x1.fffffffffffffp+1023")}
# What the dissector itself shows under the protocol's name; no field of the schema gets such a filter.
OWN = ("msg_type", "payload_len", "item", "request_in", "response_in", "response_time", "expert")


@dataclass(frozen=True)
class FieldView:
    key: str
    type: str
    filter: str
    doc: str
    required: bool
    spellings: tuple[str, ...]          # other keys that are read
    added: int | None                   # None: in every version of the window
    removed: int | None
    is_id: bool


@dataclass(frozen=True)
class VariantView:
    name: str                           # on the wire
    type: str | None                    # None: a unit
    spellings: tuple[str, ...]
    added: int | None
    removed: int | None

    @property
    def is_plain(self) -> bool:
        """A unit of which there is nothing to say but its name."""
        return (self.type, self.spellings, self.added, self.removed) == (None, (), None, None)


@dataclass(frozen=True)
class TypeView:
    """`facts` are Lua fields of the type's table: texts, numbers, truth values and lists of texts."""
    name: str
    kind: str
    facts: tuple[tuple[str, object], ...] = ()
    fields: tuple[FieldView, ...] = ()
    variants: tuple[VariantView, ...] = ()


@dataclass(frozen=True)
class FilterView:
    name: str
    label: str
    kind: str                           # the constructor: ProtoField.uint64 ...
    doc: str


@dataclass(frozen=True)
class MessageView:
    name: str
    byte: int
    sender: str
    accepts: tuple[str, ...]            # names on the wire, joined by dots
    unasked: bool
    doc: str
    added: int | None
    removed: int | None


@dataclass(frozen=True)
class View:
    name: str
    min_version: int
    current_version: int
    max_payload: int
    first_payload: int                  # the most in a connection's first frame
    depth: int
    alpn: str | None
    envelope: str
    first_key: str
    second_key: str | None              # behind it in every frame, if the value between them is a natural number
    version_key: str | None
    payload_key: str
    messages: tuple[MessageView, ...]
    types: tuple[TypeView, ...]
    filters: tuple[FilterView, ...]

    @property
    def opening(self) -> str:
        """How an envelope begins, for people."""
        keys = [f'"{key}"' for key in (self.first_key, self.second_key) if key is not None]
        return f"the key{'s' * (len(keys) - 1)} {' and '.join(keys)}"


def view(protocol: Protocol) -> View | None:
    return None if protocol.envelope is None else _Lowering(protocol).view()


def spell(type_: Type) -> str:
    """As the schema writes it."""
    match type_:
        case Scalar(name) | Ref(name):
            return name
        case Opaque():
            return "json"
        case ListOf(item):
            return f"list<{spell(item)}>"
        case OptionalOf(item):
            return f"optional<{spell(item)}>"
        case SecretOf(item):
            return f"secret<{spell(item)}>"
        case ArrayOf(item, size):
            return f"array<{spell(item)}, {size}>"
        case TupleOf(items):
            return f"tuple<{', '.join(map(spell, items))}>"


class _Lowering:
    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._declared: Mapping[str, Declaration] = protocol.declarations()
        envelope = self._declared[protocol.envelope.type]
        payload = next(f for f in envelope.fields if f.name == protocol.envelope.payload)
        self._payload = self._declared[payload.type.name]
        carried = tuple(self._carried(self._payload, ()))
        self._records = {name: fields for _, name, fields in carried}
        asked = [(m.sender, fields) for m in protocol.messages if not m.unasked for path, _, fields in carried
                 if any(path[:len(a)] == a for a in m.accepts)]
        self._id = self._common_number(asked)
        self._top = {envelope.name: envelope.fields, **self._records}
        self._short = self._short_names()
        self._types: dict[str, TypeView] = {}
        self._filters: dict[str, FilterView] = {}

    def view(self) -> View:
        protocol, envelope = self._protocol, self._declared[self._protocol.envelope.type]
        self._type(Ref(envelope.name))
        return View(protocol.name, protocol.min_version, protocol.current_version, protocol.frame.max_payload,
                    protocol.phases[0].max_payload, protocol.limits.depth, protocol.alpn, envelope.name,
                    envelope.fields[0].name, self._second_key(envelope.fields), protocol.envelope.version,
                    protocol.envelope.payload, tuple(map(self._message, protocol.messages)),
                    tuple(self._types[n] for n in sorted(self._types)),
                    tuple(self._filters[n] for n in sorted(self._filters)))

    # -- what messages carry -------------------------------------------------------------------------------------------

    def _carried(self, sum_: Sum, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, tuple[Field, ...]]]:
        """The path, the name and the fields of each struct that is all that a message carries."""
        for variant in sum_.variants:
            here = (*path, variant.name)
            target = self._declared.get(variant.type.name) if isinstance(variant.type, Ref) else None
            if variant.fields is not None:
                yield here, f"{sum_.name}.{variant.name}", variant.fields
            elif isinstance(target, Struct):
                yield here, target.name, target.fields
            elif isinstance(target, Sum) and any(
                    len(p) > len(here) and p[:len(here)] == here for m in self._protocol.messages for p in m.accepts):
                yield from self._carried(target, here)

    def _common_number(self, asked: list[tuple[str, tuple[Field, ...]]]) -> str | None:
        if {sender for sender, _ in asked} != {"client", "server"}:
            return None
        numbers = [[f.name for f in fields if self._is_unsigned(f.type)] for _, fields in asked]
        return next((name for name in numbers[0] if all(name in other for other in numbers)), None)

    def _second_key(self, fields: tuple[Field, ...]) -> str | None:
        if len(fields) < 2 or not self._is_unsigned(fields[0].type):
            return None
        second = fields[1]
        is_everywhere = self._range(second.versions) == (None, None) and second.renamed is None and not second.when_set
        return second.name if is_everywhere else None

    def _is_unsigned(self, type_: Type) -> bool:
        match self._see_through(type_):
            case Scalar(name):
                return name in INTEGERS and INTEGERS[name][0] == 0
            case _:
                return False

    def _message(self, message: Message) -> MessageView:
        return MessageView(message.name, message.byte, message.sender,
                           tuple(".".join(self._on_wire(path)) for path in message.accepts), message.unasked,
                           message.doc, *self._range(message.versions))

    def _on_wire(self, path: tuple[str, ...]) -> Iterator[str]:
        sum_ = self._payload
        for name in path:
            variant = next(v for v in sum_.variants if v.name == name)
            yield variant.wire_name
            sum_ = self._declared.get(variant.type.name) if isinstance(variant.type, Ref) else None

    # -- types ---------------------------------------------------------------------------------------------------------

    def _type(self, type_: Type) -> str:
        """The key of a type; it and all that it needs are in the table then."""
        name = spell(type_)
        if name not in self._types:
            self._types[name] = TypeView(name, "")      # a recursive type finds itself
            self._types[name] = self._described(name, type_)
        return name

    def _described(self, name: str, type_: Type) -> TypeView:
        match type_:
            case Scalar("month"):
                return TypeView(name, "integer", (("low", "1"), ("high", "12")))
            case Scalar(temporal) if temporal in _TEMPORALS:
                return TypeView(name, "array", (("item", self._type(Scalar("i32"))), ("size", _TEMPORALS[temporal]),
                                                ("on_one_line", True)))
            case Scalar(integer) if integer in INTEGERS:
                low, high = INTEGERS[integer]
                return TypeView(name, "integer", (("low", str(low)), ("high", str(high))))
            case Scalar() if name in FLOATS:
                return TypeView(name, "float", (("most", _MOST[name]),))
            case Scalar():
                return TypeView(name, name)
            case Opaque():
                return TypeView(name, "json")
            case SecretOf(item) | OptionalOf(item):
                kind = "secret" if isinstance(type_, SecretOf) else "optional"
                return TypeView(name, kind, (("item", self._type(item)),))
            case ListOf(item) | ArrayOf(item):
                facts = (("item", self._type(item)),)
                if isinstance(type_, ArrayOf):
                    facts += (("size", type_.size),)
                return TypeView(name, "array", facts + ((("on_one_line", True),) if self._is_number(item) else ()))
            case TupleOf(items):
                return TypeView(name, "tuple", (("items", tuple(map(self._type, items))),))
            case Ref(target):
                return self._declaration(self._declared[target])

    def _declaration(self, declaration: Declaration) -> TypeView:
        match declaration:
            case Newtype():
                return TypeView(declaration.name, "newtype", (("item", self._type(declaration.type)),))
            case Struct():
                return TypeView(declaration.name, "struct", fields=self._fields(declaration.name, declaration.fields))
            case Sum():
                return TypeView(declaration.name, "sum",
                                variants=tuple(self._variant(declaration, v) for v in declaration.variants))

    def _variant(self, sum_: Sum, variant: Variant) -> VariantView:
        type_ = None if variant.type is None else self._type(variant.type)
        if variant.fields is not None:
            type_ = f"{sum_.name}.{variant.name}"
            self._types[type_] = TypeView(type_, "struct", fields=self._fields(type_, variant.fields))
        return VariantView(variant.wire_name, type_, variant.aliases, *self._range(variant.versions))

    def _fields(self, owner: str, fields: tuple[Field, ...]) -> tuple[FieldView, ...]:
        return tuple(self._field(owner, f) for f in fields)

    def _field(self, owner: str, field: Field) -> FieldView:
        is_top = owner in self._top
        filter_ = field.name
        if not is_top or field.name not in self._short:
            filter_ = f"{'.'.join(_snake(part) for part in owner.split('.'))}.{field.name}"
        former = (field.renamed.name,) if field.renamed is not None else ()
        self._filters.setdefault(filter_, FilterView(filter_, field.name, self._shown_as(field.type),
                                                     f"{spell(field.type)}: {field.doc}"))
        return FieldView(field.name, self._type(field.type), filter_, field.doc,
                         field.missing is None and not isinstance(field.type, OptionalOf), (*field.aliases, *former),
                         *self._range(field.versions), owner in self._records and field.name == self._id)

    def _range(self, versions: Versions) -> tuple[int | None, int | None]:
        """Where the range is narrower than the window."""
        added, removed = versions.added, versions.removed
        return (added if added > self._protocol.min_version else None,
                removed if removed is not None and removed <= self._protocol.current_version else None)

    # -- how a field is shown ------------------------------------------------------------------------------------------

    def _short_names(self) -> set[str]:
        kinds: dict[str, set[str]] = {}
        for fields in self._top.values():
            for field in fields:
                kinds.setdefault(field.name, set()).add(self._shown_as(field.type))
        return {name for name, shown in kinds.items() if len(shown) == 1 and name not in OWN}

    def _see_through(self, type_: Type) -> Type:
        """What stands on the wire, if it is there."""
        while True:
            match type_:
                case OptionalOf(item):
                    type_ = item
                case Ref(name) if isinstance(self._declared[name], Newtype):
                    type_ = self._declared[name].type
                case _:
                    return type_

    def _shown_as(self, type_: Type) -> str:
        match self._see_through(type_):
            case Scalar("i128"):
                return "string"
            case Scalar(name) if name in INTEGERS:
                return "int64" if INTEGERS[name][0] < 0 else "uint64"
            case Scalar("month"):
                return "uint64"
            case Scalar(name) if name in FLOATS:
                return "double"
            case Scalar("bool"):
                return "bool"
            case Ref(name) if isinstance(self._declared[name], Struct):
                return "none"
            case ListOf(item) | ArrayOf(item) if not self._is_number(item):
                return "none"
            case TupleOf():
                return "none"
            case _:
                return "string"         # also a sum, as its variant's name, and lists of numbers

    def _is_number(self, type_: Type) -> bool:
        seen = type_
        while isinstance(seen, Ref) and isinstance(self._declared[seen.name], Newtype):
            seen = self._declared[seen.name].type
        return isinstance(seen, Scalar) and seen.name in (*INTEGERS, *FLOATS, "month")


def _snake(name: str) -> str:
    """Each capital but the first begins a word: ByDefault -> by_default."""
    return "".join("_" + c.lower() if c.isupper() and i else c.lower() for i, c in enumerate(name))
