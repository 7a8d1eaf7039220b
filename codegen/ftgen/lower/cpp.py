# SPDX-License-Identifier: Apache-2.0
"""Decides everything about the C++ of a protocol; the templates only print what stands here.

A *record* is what becomes a C++ struct and a JSON object: a struct of the schema, or a variant of a sum (then it is
nested in the sum's class). Records and cells of a family are ordered so that whatever is a member stands before its
owner. Structs that hold each other through an optional get a Box there. A family gives two headers: `fwd/F.hpp` with
what is complete by itself (enumerations, newtypes, the classes of sums) and `F.hpp` with the records.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ftgen.lower import names
from ftgen.lower.cpp_protocol import folder
from ftgen.lower.cpp_rules import expression
from ftgen.lower.cpp_types import Types, alternative, identifier, is_generated_value, literal, member_types, snake
from ftgen.lower.graph import components, ordered
from ftgen.lower.versions import condition
from ftgen.model import (Declaration, Family, Field, ListOf, Newtype, OptionalOf, Protocol, Struct, Sum, Type, Variant,
                         Versions)
from ftgen.walk import owners, references

_NO_NAMES = (("", 255),)        # a table has an entry; this one says, like the empty slots, that the key is unknown


@dataclass(frozen=True)
class Member:
    """A field as a member of the struct."""
    name: str
    type: str
    initialiser: str
    doc: str


@dataclass(frozen=True)
class Key:
    """A field as a key of the object. One that was renamed is two keys, which no version has both."""
    name: str
    index: int
    decode: str                     # an expression over `p`, `out`, `r`
    read: str                       # the literal in front of the value, as the decoder in canonical order meets it
    written: str                    # and as it is written
    value: str                      # what is written, over `v`; a member, or what the key is derived from
    when_set: str | None            # the condition, over `v`, under which the key is written
    known: str | None               # the condition, over `version`, under which the key is there; None: always
    refused: str | None             # over both: a value that the version has no key for, and may not do without


@dataclass(frozen=True)
class Masks:
    """Of the keys of a record, one bit for each index, in the versions below `before`."""
    before: int
    required: int
    known: int


@dataclass(frozen=True)
class Record:
    cpp: str                        # qualified name: "PhysicalPlan::SeqScan"
    name: str                       # unqualified: "SeqScan"
    mangled: str                    # "PhysicalPlan_SeqScan"
    doc: str
    owner: str | None               # the sum whose alternative this is
    members: tuple[Member, ...]
    keys: tuple[Key, ...]           # in wire order
    names: names.NameTable | None
    required: int                   # of the newest version, as
    known: int
    older: tuple[Masks, ...]        # others, from the oldest on
    derives: bool
    children: tuple[str, ...]       # members that a tree walk visits
    value: bool                     # the alternative is its `value` alone, not an object

    is_cell = False

    @property
    def asks_version(self) -> bool:
        return any(key.known is not None or key.refused is not None for key in self.keys)


@dataclass(frozen=True)
class Alternative:
    name: str
    wire: str
    doc: str
    unit: bool
    index: int
    record: Record | None           # of an alternative with payload, unless the sum is a cell
    known: str | None               # the condition, over `version`, under which it is there; None: always
    payload: str = "ft::Unit"       # of a cell
    view: str = ""
    argument: str = ""
    accessor: str = ""


@dataclass(frozen=True)
class Choice:
    """A sum: `kind` is "enum", "sum" or "cell"."""
    name: str
    doc: str
    kind: str
    alternatives: tuple[Alternative, ...]
    default: Alternative
    names: names.NameTable
    unit_words: tuple[int, ...]     # one bit per alternative, 64 a word
    ranges: tuple[str, ...]         # of versions, one per alternative; none if all are there in every version

    is_cell = True                  # among the values of a header; other kinds do not stand there

    @property
    def cpp(self) -> str:
        return self.name

    @property
    def payloads(self) -> tuple[Alternative, ...]:
        return tuple(a for a in self.alternatives if not a.unit)

    @property
    def units(self) -> tuple[Alternative, ...]:
        return tuple(a for a in self.alternatives if a.unit)


@dataclass(frozen=True)
class Wrapper:
    name: str
    doc: str
    type: str
    initialiser: str
    ordered: bool                   # by <=>
    plain: bool                     # a copy is one of bytes


@dataclass(frozen=True)
class Rows:
    """A list of a row struct in one block: the codec that both sides share."""
    row: str                        # the struct, "Row"
    key: str                        # its one key, "values"
    cell: str
    open: str                       # how a canonical row begins
    names: names.NameTable


@dataclass(frozen=True)
class Unit:
    """What one family becomes."""
    name: str
    doc: str
    wrappers: tuple[Wrapper, ...]
    choices: tuple[Choice, ...]
    values: tuple[Record | Choice, ...]     # records and cells, each behind what it holds
    structs: tuple[Record, ...]             # records that stand alone
    rows: tuple[Rows, ...]
    forward_headers: tuple[str, ...]
    headers: tuple[str, ...]

    @property
    def enums(self):
        return tuple(c for c in self.choices if c.kind == "enum")

    @property
    def sums(self):
        return tuple(c for c in self.choices if c.kind == "sum")

    @property
    def cells(self):
        return tuple(c for c in self.choices if c.kind == "cell")

    @property
    def records(self):
        return tuple(v for v in self.values if not v.is_cell)

    @property
    def derives(self) -> bool:
        return any(record.derives for record in self.records)


class Lowering:
    def __init__(self, protocol: Protocol):
        self.protocol = protocol
        self.declarations = protocol.declarations()
        self.types = Types(self.declarations, protocol.namespace)
        self.family_of = {d.name: f.name for f in protocol.families for d in f.types}
        self.flat_rows = {f.type.item.name for d in self.declarations.values() for owner in owners(d)
                          for f in owner.fields if f.flat}

    # -- records -------------------------------------------------------------------------------------------------------

    def _member(self, field: Field, knot: frozenset[str]) -> Member:
        return Member(identifier(field.name), self._spelled(field, knot), self.types.initialiser(field), field.doc)

    def _spelled(self, field: Field, knot: frozenset[str]) -> str:
        return self._flat(field.type) if field.flat else self.types.spelling(field.type, knot)

    def _keys(self, fields: tuple[Field, ...], knot: frozenset[str]) -> Iterator[tuple[Key, Field, Versions]]:
        """With the field of each, and the versions in which it is there."""
        named = {f.name: f for f in fields}
        index = 0
        for position, field in enumerate(fields):
            for name, versions in _spellings(field):
                yield self._key(field, name, versions, index, position == 0, named, knot), field, versions
                index += 1

    def _key(self, field: Field, name: str, versions: Versions, index: int, first: bool,
             named: Mapping[str, Field], knot: frozenset[str]) -> Key:
        spelled = self._spelled(field, knot)
        value = f"v.{identifier(field.name)}"
        differs = self._differs(field.type, value, f"{spelled}{self.types.initialiser(field)}")
        if field.derived is not None:
            value = self._derived(field, spelled, named)
        known, refused = condition(versions, self.protocol), None
        if known is not None and field.lossy is None and field.derived is None and name == field.name:
            there = condition(field.versions, self.protocol)
            refused = there and f"!({there}) && {differs}"
        key = f'"{name}":'
        return Key(name, index, self._decode(field, spelled), literal(key if first else "," + key),
                   literal(("{" if first else ",") + key), value, differs if field.when_set else None, known, refused)

    @staticmethod
    def _differs(t: Type, value: str, absent: str) -> str:
        match t:
            case OptionalOf():
                return f"{value}.has_value()"
            case ListOf():
                return f"!{value}.empty()"
        return f"!({value} == {absent})"

    @staticmethod
    def _decode(field: Field, spelled: str) -> str:
        if field.derived is not None:
            return f"json::decode_and_drop<{spelled}>(p, r)"
        target = f"out.{identifier(field.name)}"
        if field.max_items is None and field.max_bytes is None:
            return f"decode(p, {target}, r)"
        read, limit = "decode_list", field.max_items
        if limit is None:
            read, limit = "decode_string", field.max_bytes
        if not isinstance(field.type, OptionalOf):
            return f"json::{read}(p, {target}, r, {limit})"
        return (f'json::starts_with(json::skip_space(p), "null") ? json::skip_space(p) + 4 '
                f": json::{read}(p, {target}.emplace(), r, {limit})")

    def _flat(self, t: Type) -> str:
        return f"ft::FlatRows<{self.types.qualified(self._row_cell(t))}>"

    def _row_cell(self, t: Type) -> str:
        return self.declarations[t.item.name].fields[0].type.item.name

    @staticmethod
    def _derived(field: Field, spelled: str, fields: Mapping[str, Field]) -> str:
        value = expression(field.derived, fields)
        return f"ft::Int128::from_native({value})" if spelled == "ft::Int128" else f"static_cast<{spelled}>({value})"

    def _record(self, name: str, doc: str, fields: Iterable[Field], owner: str | None = None) -> Record:
        fields = tuple(fields)
        knot = self.types.knot(name) if owner is None else frozenset()
        cpp, mangled = (f"{owner}::{name}", f"{owner}_{name}") if owner else (name, name)
        keys = tuple(self._keys(fields, knot))
        spellings = [(s, key.index) for key, field, _ in keys
                     for s in (key.name, *(field.aliases if key.name == field.name else ()))]
        *older, newest = self._masks(keys)
        kept = [f for f in fields if f.derived is None]
        children = tuple(identifier(f.name) for f in kept if not f.flat and self._has_children(f.type))
        return Record(cpp, name, mangled, doc, owner, tuple(self._member(f, knot) for f in kept),
                      tuple(key for key, _, _ in keys), names.table(spellings or _NO_NAMES), newest.required, newest.known,
                      tuple(older), len(kept) < len(fields), children, False)

    def _masks(self, keys: tuple[tuple[Key, Field, Versions], ...]) -> list[Masks]:
        """Of the versions of the window, those that are alike together."""
        found: list[Masks] = []
        for version in self.protocol.window:
            here = [(key.index, field) for key, field, versions in keys if version in versions]
            masks = Masks(version + 1, sum(1 << i for i, field in here if field.missing is None),
                          sum(1 << i for i, _ in here))
            if found and (found[-1].required, found[-1].known) == (masks.required, masks.known):
                found.pop()
            found.append(masks)
        return found

    def _has_children(self, t: Type) -> bool:
        """Whether there is a struct or a sum with payloads in it."""
        found = [self.declarations[n] for n in references(t)]
        return any(isinstance(d, Struct) or (isinstance(d, Sum) and not d.is_enumeration) for d in found)

    def _value_record(self, variant: Variant, owner: str) -> Record:
        """An alternative whose payload is one value: a struct with the member `value`, which is its JSON."""
        name = alternative(variant.name, owner)
        member = Member("value", self.types.spelling(variant.type), self.types.default(variant.type), "The payload.")
        children = ("value",) if self._has_children(variant.type) else ()
        return Record(f"{owner}::{name}", name, f"{owner}_{name}", variant.doc, owner, (member,), (), None, 0, 0, (), False,
                      children, True)

    # -- sums ----------------------------------------------------------------------------------------------------------

    def _choice(self, s: Sum) -> Choice:
        kind = "enum" if s.is_enumeration else "cell" if s.cell else "sum"
        alternatives = []
        for index, variant in enumerate(s.variants):
            name = alternative(variant.name, s.name)
            common = (name, variant.wire_name, variant.doc, variant.is_unit, index)
            known = condition(variant.versions, self.protocol)
            if variant.is_unit:
                alternatives.append(Alternative(*common, None, known))
            elif s.cell:
                alternatives.append(Alternative(*common, None, known, self.types.spelling(variant.type),
                                                self.types.cell_view(variant.type, s.name),
                                                self.types.cell_argument(variant.type, s.name),
                                                "as_" + snake(variant.name)))
            elif variant.fields is not None:
                alternatives.append(Alternative(*common, self._record(name, variant.doc, variant.fields, s.name), known))
            else:
                alternatives.append(Alternative(*common, self._value_record(variant, s.name), known))
        spellings = [(w, i) for i, v in enumerate(s.variants) for w in (v.wire_name, *v.aliases)]
        words = [0] * ((len(s.variants) + 63) // 64)
        for i, v in enumerate(s.variants):
            words[i // 64] |= v.is_unit << (i % 64)
        default = next(a for a, v in zip(alternatives, s.variants) if v.name == s.default)
        ranges = [f"{{{v.versions.added}, {v.versions.removed or 0}}}" for v in s.variants]
        ranges = tuple(ranges) if any(a.known for a in alternatives) else ()
        return Choice(s.name, s.doc, kind, tuple(alternatives), default, names.table(spellings), tuple(words), ranges)

    # -- families ------------------------------------------------------------------------------------------------------

    def family(self, family: Family) -> Unit:
        choices = tuple(self._choice(d) for d in family.types if isinstance(d, Sum))
        structs = tuple(self._record(d.name, d.doc, d.fields) for d in family.types if isinstance(d, Struct))
        wrappers = tuple(self._wrapper(d) for d in family.types if isinstance(d, Newtype))
        cells = [c for c in choices if c.kind == "cell"]
        alternatives = [a.record for c in choices for a in c.alternatives if a.record]
        values = {v.cpp: v for v in [*cells, *structs, *alternatives]}
        schema = {d.name: d for d in family.types}
        schema |= {a.record.cpp: v for c in choices for a, v in zip(c.alternatives, schema[c.name].variants)
                   if a.record is not None}
        order = tuple(values[name] for name in self._members_first({name: schema[name] for name in values}))
        rows = tuple(self._rows(d) for d in family.types if d.name in self.flat_rows)
        return Unit(family.name, family.doc, wrappers, choices, order, structs, rows,
                    self._forward_headers(family), self._headers(family))

    def _members_first(self, values: Mapping[str, Declaration | Variant]) -> list[str]:
        """An order in which every member's type is complete; what lists hold stands before too where it can."""
        graph = {name: [n for t in member_types(d) for n in references(t) if n in values and n != name]
                 for name, d in values.items()}
        circle = {name: number for number, circle in enumerate(components(graph)) for name in circle}
        for name, d in values.items():
            needed = {n for t in member_types(d) for n in self.types.members(t, self.types.knot(name))}
            graph[name] = [n for n in graph[name] if n in needed or circle[n] != circle[name]]
        return ordered(graph)

    def _wrapper(self, d: Newtype) -> Wrapper:
        return Wrapper(d.name, d.doc, self.types.spelling(d.type), self.types.default(d.type),
                       self.types.is_ordered(d.type), self.types.is_plain(d.type))

    def _rows(self, d: Struct) -> Rows:
        field = d.fields[0]
        return Rows(d.name, field.name, field.type.item.name, literal('{"%s":[' % field.name),
                    names.table([(s, 0) for s in (field.name, *field.aliases)]))

    def _forward_headers(self, family: Family) -> tuple[str, ...]:
        found = {"<cstdint>", "<string_view>"}
        for d in family.types:
            if isinstance(d, Newtype):
                found |= self.types.headers(d.type) | {"<compare>"}
                found |= set() if self.types.is_plain(d.type) else {"<utility>"}
            elif isinstance(d, Sum) and not d.is_enumeration:
                found |= {"<concepts>", "<utility>"}
        return _sorted_headers(found)

    def _headers(self, family: Family) -> tuple[str, ...]:
        found = {f'"{folder(self.protocol)}/fwd/{family.name}.hpp"'}
        for d in family.types:
            for t in () if isinstance(d, Newtype) else member_types(d):
                found |= self.types.headers(t, self.types.knot(d.name))
                for name in references(t):
                    if self.family_of[name] != family.name:
                        whole = is_generated_value(self.declarations[name])
                        found.add(self._generated("" if whole else "fwd/", name))
            if isinstance(d, Sum) and d.cell:
                found |= {'"ft/json/cell.hpp"', "<span>", "<string_view>"}
            if any(f.flat for owner in owners(d) for f in owner.fields):
                found.add('"ft/json/flat_rows.hpp"')
        return _sorted_headers(found)

    def _generated(self, part: str, name: str) -> str:
        return f'"{folder(self.protocol)}/{part}{self.family_of[name]}.hpp"'


def _spellings(field: Field) -> Iterator[tuple[str, Versions]]:
    """The names of its key, the older one first, each with the versions that call it so."""
    versions = field.versions
    if field.renamed is not None:
        yield field.renamed.name, replace(versions, removed=field.renamed.version)
        versions = replace(versions, added=field.renamed.version)
    yield field.name, versions


def _sorted_headers(found: set[str]) -> tuple[str, ...]:
    return (*sorted(h for h in found if h.startswith("<")), *sorted(h for h in found if not h.startswith("<")))


def lower(protocol: Protocol) -> tuple[Unit, ...]:
    lowering = Lowering(protocol)
    return tuple(lowering.family(f) for f in protocol.families)
