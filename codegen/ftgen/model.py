# SPDX-License-Identifier: Apache-2.0
"""The intermediate representation: what a schema says, checked and resolved, and nothing about any output language.

Everything is a frozen dataclass; tuples instead of lists; order is the order on the wire. `place` fields say where in the
YAML a thing stands and take no part in comparison. Passes (`ftgen.passes`) turn the first, raw Protocol into one for which holds:
groups are expanded, every Ref names a declared type, every `added` is a number, every sum has a default, rules are typed.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Union


@dataclass(frozen=True)
class Place:
    """Where something stands in a schema file; line and column count from 1."""
    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


NOWHERE = Place("<none>", 0, 0)


def _place():
    return field(default=NOWHERE, compare=False, repr=False)


# -- type expressions ---------------------------------------------------------------------------------------------------

INTEGERS = {"u8": (0, 2**8 - 1), "u16": (0, 2**16 - 1), "u32": (0, 2**32 - 1), "u64": (0, 2**64 - 1),
            "i32": (-2**31, 2**31 - 1), "i64": (-2**63, 2**63 - 1), "i128": (-2**127, 2**127 - 1)}
FLOATS = ("f32", "f64")
TEMPORALS = ("date", "time", "utc_offset", "primitive_date_time", "offset_date_time", "month")
SCALARS = ("bool", *INTEGERS, *FLOATS, "string", *TEMPORALS)


@dataclass(frozen=True)
class Scalar:
    name: str                       # one of SCALARS


@dataclass(frozen=True)
class Opaque:
    """Any JSON value, kept as text."""


@dataclass(frozen=True)
class ListOf:
    item: "Type"


@dataclass(frozen=True)
class OptionalOf:
    item: "Type"


@dataclass(frozen=True)
class ArrayOf:
    item: "Type"
    size: int


@dataclass(frozen=True)
class TupleOf:
    items: tuple["Type", ...]


@dataclass(frozen=True)
class SecretOf:
    item: "Type"                    # Scalar string or an unsigned integer


@dataclass(frozen=True)
class Ref:
    name: str


Type = Union[Scalar, Opaque, ListOf, OptionalOf, ArrayOf, TupleOf, SecretOf, Ref]


# -- rule expressions ---------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Number:
    value: int


@dataclass(frozen=True)
class Name:
    """A field of the struct that the rule belongs to."""
    name: str


@dataclass(frozen=True)
class This:
    """The element that the enclosing `all` looks at."""


@dataclass(frozen=True)
class Call:
    """len, bytes, blank (one argument: a Name) and all (a Name and a condition)."""
    function: str
    args: tuple["Expr", ...]


@dataclass(frozen=True)
class Unary:
    op: str                         # "!" or "-"
    operand: "Expr"


@dataclass(frozen=True)
class Binary:
    op: str                         # && || == != < <= > >= + - *
    left: "Expr"
    right: "Expr"


Expr = Union[Number, Name, This, Call, Unary, Binary]


# -- declarations -------------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Versions:
    """The versions in which a thing is there: from `added` on, up to `removed`, which does not have it any more."""
    added: int
    deprecated: int | None = None
    removed: int | None = None

    def __contains__(self, version: int) -> bool:
        return self.added <= version and (self.removed is None or version < self.removed)

    @property
    def never(self) -> bool:
        return self.removed is not None and self.removed <= self.added


@dataclass(frozen=True)
class Rule:
    id: str
    expr: Expr
    text: str                       # the expression as written
    message: str
    versions: Versions
    place: Place = _place()


@dataclass(frozen=True)
class Missing:
    """What an absent key reads as: None (null), bool, int, str, () for an empty list, or UnitName for a unit."""
    value: object


@dataclass(frozen=True)
class UnitName:
    name: str


@dataclass(frozen=True)
class Renamed:
    """What the key was called in the versions before `version`."""
    name: str
    version: int


@dataclass(frozen=True)
class Field:
    name: str
    type: Type
    doc: str
    versions: Versions
    missing: Missing | None = None  # None: the key is required
    aliases: tuple[str, ...] = ()
    when_set: bool = False
    derived: Expr | None = None
    max_items: int | None = None
    max_bytes: int | None = None
    flat: bool = False
    absent: Missing | None = None   # what a required field reads as in messages of versions that do not have it
    lossy: str | None = None        # why a version that does not have it may do without
    renamed: Renamed | None = None
    group: str | None = None        # the group it came from
    place: Place = _place()

    def key(self, version: int) -> str:
        """What it is called on the wire in a version."""
        return self.renamed.name if self.renamed is not None and version < self.renamed.version else self.name


@dataclass(frozen=True)
class Variant:
    """`fields` (a struct variant), `type` (newtype or tuple variant) or neither (a unit)."""
    name: str
    wire_name: str
    doc: str
    versions: Versions
    fields: tuple[Field, ...] | None = None
    type: Type | None = None
    aliases: tuple[str, ...] = ()
    place: Place = _place()

    @property
    def is_unit(self) -> bool:
        return self.fields is None and self.type is None


@dataclass(frozen=True)
class Struct:
    name: str
    doc: str
    versions: Versions
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...] = ()
    reserved: tuple[str, ...] = ()
    place: Place = _place()


@dataclass(frozen=True)
class Sum:
    name: str
    doc: str
    versions: Versions
    variants: tuple[Variant, ...]
    default: str
    cell: bool = False
    reserved: tuple[str, ...] = ()
    place: Place = _place()

    @property
    def is_enumeration(self) -> bool:
        return all(v.is_unit for v in self.variants)


@dataclass(frozen=True)
class Newtype:
    name: str
    doc: str
    versions: Versions
    type: Type
    place: Place = _place()


Declaration = Union[Struct, Sum, Newtype]


@dataclass(frozen=True)
class Family:
    """The types of one schema file."""
    name: str
    doc: str
    types: tuple[Declaration, ...]


# -- the protocol around the types --------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Limits:
    doc: str
    depth: int
    budget_base: int
    budget_per_payload_byte: int


@dataclass(frozen=True)
class Frame:
    doc: str
    max_payload: int


@dataclass(frozen=True)
class Phase:
    name: str
    doc: str
    max_payload: int


@dataclass(frozen=True)
class Envelope:
    type: str
    gate: tuple[str, ...]
    payload: str
    version: str | None = None      # the field that says which version the sender speaks


@dataclass(frozen=True)
class Message:
    """`accepts` and `emits` are paths of variants below the payload sum: ("FragmentResult", "Error")."""
    name: str
    byte: int
    sender: str                     # "client" or "server"
    accepts: tuple[tuple[str, ...], ...]
    emits: tuple[tuple[str, ...], ...]
    doc: str
    versions: Versions
    unasked: bool = False           # answers nothing, and nothing answers it
    place: Place = _place()


@dataclass(frozen=True)
class Protocol:
    name: str
    doc: str
    namespace: str
    min_version: int
    current_version: int
    limits: Limits
    families: tuple[Family, ...]
    frame: Frame | None = None      # None, and so are those below: types only
    alpn: str | None = None         # what TLS calls the protocol
    phases: tuple[Phase, ...] = ()
    envelope: Envelope | None = None
    messages: tuple[Message, ...] = ()
    place: Place = _place()

    @property
    def window(self) -> range:
        """The versions that a receiver takes."""
        return range(self.min_version, self.current_version + 1)

    def declarations(self) -> dict[str, Declaration]:
        return {d.name: d for family in self.families for d in family.types}
