# SPDX-License-Identifier: Apache-2.0
"""What a type of the schema is in C++: its spelling, its headers, how accessors hand it out, its default value."""
from __future__ import annotations

from collections.abc import Mapping

from ftgen.lower.graph import components
from ftgen.model import (FLOATS, INTEGERS, TEMPORALS, ArrayOf, Declaration, Field, ListOf, Missing, Newtype, Opaque,
                         OptionalOf, Ref, Scalar, SecretOf, Struct, Sum, TupleOf, Type, UnitName, Variant)
from ftgen.walk import children

# spelling, header, and size and alignment where it can be copied byte by byte
_SCALARS = {
    "bool": ("bool", None, (1, 1)),
    "u8": ("std::uint8_t", "<cstdint>", (1, 1)), "u16": ("std::uint16_t", "<cstdint>", (2, 2)),
    "u32": ("std::uint32_t", "<cstdint>", (4, 4)), "u64": ("std::uint64_t", "<cstdint>", (8, 8)),
    "i32": ("std::int32_t", "<cstdint>", (4, 4)), "i64": ("std::int64_t", "<cstdint>", (8, 8)),
    "i128": ("ft::Int128", '"ft/core/int128.hpp"', (16, 8)),
    "f32": ("float", None, (4, 4)), "f64": ("double", None, (8, 8)),
    "string": ("std::string", "<string>", None),
    "date": ("ft::Date", '"ft/core/temporal.hpp"', (8, 4)), "time": ("ft::Time", '"ft/core/temporal.hpp"', (8, 4)),
    "utc_offset": ("ft::UtcOffset", '"ft/core/temporal.hpp"', (3, 1)),
    "primitive_date_time": ("ft::PrimitiveDateTime", '"ft/core/temporal.hpp"', (16, 4)),
    "offset_date_time": ("ft::OffsetDateTime", '"ft/core/temporal.hpp"', (16, 4)),
    "month": ("ft::Month", '"ft/core/temporal.hpp"', (1, 1)),
}

KEYWORDS = frozenset("""
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class compl
    concept const consteval constexpr constinit const_cast continue co_await co_return co_yield decltype default
    delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline int long
    mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register
    reinterpret_cast requires return short signed sizeof static static_assert static_cast struct switch template this
    thread_local throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t while xor
    xor_eq
""".split())


def identifier(name: str) -> str:
    return name + "_" if name in KEYWORDS else name


def alternative(variant: str, owner: str) -> str:
    """The name of a variant in C++: not that of its class, nor of what every such class has."""
    return variant + "_" if variant in (owner, "Tag", "F") else variant


def snake(name: str) -> str:
    """PgLsn becomes pg_lsn, MacAddr8 mac_addr8."""
    out = []
    for i, letter in enumerate(name):
        if letter.isupper() and i and (not name[i - 1].isupper() or (i + 1 < len(name) and name[i + 1].islower())):
            out.append("_")
        out.append(letter.lower())
    return "".join(out)


def literal(text: str) -> str:
    """Control characters are three octal digits each, which no digit behind them makes longer."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(f"\\{ord(c):03o}" if c < " " or c == "\x7f" else c for c in escaped) + '"'


def member_types(d: Declaration | Variant) -> list[Type]:
    """The types of what becomes a member; derived fields become none."""
    match d:
        case Sum(variants=variants):
            return [t for v in variants for t in member_types(v)]
        case Struct(fields=fields) | Variant(fields=tuple(fields)):
            return [f.type for f in fields if f.derived is None]
        case Newtype(type=type_) | Variant(type=type_):
            return [type_] if type_ is not None else []
    raise TypeError(d)


class Types:
    """Answers about types, given all declarations. Names of types are qualified: a nested struct may share one."""

    def __init__(self, declarations: Mapping[str, Declaration], namespace: str):
        self.declarations = declarations
        self.namespace = namespace
        graph = {d.name: [n for t in member_types(d) for n in self.members(t) if isinstance(declarations[n], Struct)]
                 for d in declarations.values() if isinstance(d, Struct)}
        self._knots = {name: frozenset(knot) for knot in components(graph) for name in knot}

    def knot(self, struct: str) -> frozenset[str]:
        """The struct and those that hold it and that it holds. Only through optionals: there a Box cuts the circle."""
        return self._knots.get(struct, frozenset())

    def qualified(self, name: str) -> str:
        return f"{self.namespace}::{name}"

    def boxed(self, t: Type, knot: frozenset[str]) -> bool:
        """Whether an optional of `t` keeps it in a Box, in a member of a struct of this knot."""
        return not knot.isdisjoint(self.members(t))

    def spelling(self, t: Type, knot: frozenset[str] = frozenset()) -> str:
        """`knot` is that of the struct whose member this is."""
        match t:
            case Scalar(name):
                return _SCALARS[name][0]
            case Opaque():
                return "ft::Json"
            case ListOf(item):
                return f"std::vector<{self.spelling(item)}>"
            case OptionalOf(item) if self.boxed(item, knot):
                return f"std::optional<ft::Box<{self.spelling(item)}>>"
            case OptionalOf(item):
                return f"std::optional<{self.spelling(item)}>"
            case ArrayOf(item, size):
                return f"std::array<{self.spelling(item, knot)}, {size}>"
            case TupleOf(items):
                return f"std::tuple<{', '.join(self.spelling(i, knot) for i in items)}>"
            case SecretOf(item):
                return f"ft::Secret<{self.spelling(item)}>"
            case Ref(name):
                return self.qualified(name)
        raise TypeError(t)

    def headers(self, t: Type, knot: frozenset[str] = frozenset()) -> set[str]:
        """Standard and runtime headers; generated ones follow from the names in it."""
        match t:
            case Scalar(name):
                return {_SCALARS[name][1]} - {None}
            case Opaque():
                return {'"ft/json/raw.hpp"'}
            case ListOf(item):
                return {"<vector>"} | self.headers(item)
            case OptionalOf(item):
                box = {'"ft/core/box.hpp"'} if self.boxed(item, knot) else set()
                return {"<optional>"} | box | self.headers(item, knot)
            case ArrayOf(item, _):
                return {"<array>"} | self.headers(item, knot)
            case TupleOf(items):
                return {"<tuple>"}.union(*(self.headers(i, knot) for i in items))
            case SecretOf(item):
                return {'"ft/core/secret.hpp"'} | self.headers(item)
        return set()

    def members(self, t: Type, knot: frozenset[str] = frozenset()) -> list[str]:
        """Declared types that must be complete where a struct of this knot has a member of type `t`."""
        match t:
            case Ref(name):
                return [name]
            case OptionalOf(item) if self.boxed(item, knot):
                return []
            case OptionalOf() | ArrayOf() | TupleOf() | SecretOf():
                return [name for child in children(t) for name in self.members(child, knot)]
        return []

    def in_place(self, t: Type) -> bool:
        """Whether a cell stores the payload in itself: it can be copied byte by byte, and is small."""
        layout = self._layout(t)
        return layout is not None and layout[0] <= 16

    def _layout(self, t: Type) -> tuple[int, int] | None:
        """Size and alignment of what can be copied byte by byte."""
        match t:
            case Scalar(name):
                return _SCALARS[name][2]
            case ArrayOf(item, count):
                layout = self._layout(item)
                return layout and (layout[0] * count, layout[1])
            case OptionalOf(item):
                return _record_layout([self._layout(item), (1, 1)])
            case Ref(name):
                declared = self.declarations[name]
                if isinstance(declared, Newtype):
                    return self._layout(declared.type)
                if isinstance(declared, Struct):
                    members = member_types(declared)
                    holds_itself = any(self.boxed(t, self.knot(name)) for t in members)
                    return None if holds_itself else _record_layout([self._layout(t) for t in members])
                return (1, 1) if isinstance(declared, Sum) and declared.is_enumeration else None
        return None

    def cell_view(self, t: Type, cell: str) -> str:
        """What the accessor of a cell returns; see ft/json/cell.hpp."""
        if t == Scalar("string"):
            return "std::string_view"
        if isinstance(t, Opaque):
            return "ft::JsonView"
        if t == ListOf(Scalar("u8")):
            return "std::span<const std::uint8_t>"
        if t == ListOf(Ref(cell)):
            return f"std::span<const {self.qualified(cell)}>"
        if isinstance(t, TupleOf) or self.in_place(t):
            return self.spelling(t)
        return f"const {self.spelling(t)}&"

    def cell_argument(self, t: Type, cell: str) -> str:
        view = self.cell_view(t, cell)
        return self.spelling(t) if view.endswith("&") else view

    def is_ordered(self, t: Type) -> bool:
        """Whether its values have an order in C++."""
        return isinstance(t, Scalar) and t.name not in TEMPORALS

    def is_plain(self, t: Type) -> bool:
        """Whether a copy of it is one of bytes."""
        return self._layout(t) is not None

    def initialiser(self, field: Field) -> str:
        """The default value of a member, braces included."""
        absent = field.missing or field.absent
        if absent is not None and absent.value not in (None, ()):
            return "{" + self._missing(field.type, absent) + "}"
        return self.default(field.type)

    @staticmethod
    def default(t: Type) -> str:
        match t:
            case ListOf():
                return ""           # braces would need the item to be complete
            case Scalar("bool"):
                return "{false}"
            case Scalar(name) if name in FLOATS or (name in INTEGERS and name != "i128"):
                return "{0}"
        return "{}"

    def _missing(self, t: Type, missing: Missing) -> str:
        if isinstance(t, SecretOf):
            return f"{self.spelling(t)}({self._missing(t.item, missing)})"
        if isinstance(t, Ref) and isinstance(self.declarations[t.name], Newtype):
            return self._missing(self.declarations[t.name].type, missing)
        match missing.value:
            case bool(value):
                return "true" if value else "false"
            case int(value) if t == Scalar("i128") and not -2**63 <= value < 2**63:
                high = f"ft::Int128::native_type{{{_integer(value >> 64)}}}"
                return f"ft::Int128::from_native({high} << 64 | {value % 2**64}U)"
            case int(value):
                return _integer(value)
            case str(value):
                return literal(value)
            case UnitName(name):
                declared = self.declarations[t.name]
                spelled = self.qualified(t.name)
                if isinstance(declared, Sum) and declared.cell:
                    return "" if name == declared.default else f"{spelled}::{alternative(name, t.name)}()"
                name = alternative(name, t.name)
                return f"{spelled}::{name}" if declared.is_enumeration else f"{spelled}::Tag::{name}"
        return ""


def _record_layout(parts: list[tuple[int, int] | None]) -> tuple[int, int] | None:
    """Members one after the other, as C++ aligns them."""
    if None in parts:
        return None
    end, widest = 0, 1
    for size, alignment in parts:
        end += -end % alignment + size
        widest = max(widest, alignment)
    return max(end + -end % widest, 1), widest


def _integer(value: int) -> str:
    """A literal of that value: those beyond the range of int64 are unsigned, and the lowest has none."""
    if value == -2**63:
        return f"{value + 1} - 1"
    return f"{value}U" if value >= 2**63 else str(value)


def is_generated_value(declaration: Declaration) -> bool:
    """Whether the C++ type must be complete where it is a member: structs and cells. Other sums are pointers."""
    return isinstance(declaration, Struct) or (isinstance(declaration, Sum) and declaration.cell)
