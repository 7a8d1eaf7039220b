# SPDX-License-Identifier: Apache-2.0
"""What the protocol reference says of each type and field; `reference(protocol)` is all that the template prints.

It speaks of the newest version, and notes at each thing which versions differ. All texts are Markdown on one line.
"""
from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from ftgen.lower.markdown import code, link, prose, slug, type_text
from ftgen.lower.skew import Subject, subjects
from ftgen.lower.values import Least, default
from ftgen.model import (Declaration, Family, Field, Missing, Newtype, Protocol, Rule, SecretOf, Struct, Sum, Type,
                         Variant, Versions)
from ftgen.oracle import Codec
from ftgen.walk import children, owners, references, used_types

MAX_EXAMPLE = 240                   # characters; a longer one is in the way
MAX_USERS = 8


@dataclass(frozen=True)
class FieldView:
    key: str
    type: str
    absent: str                     # "required", or what an absent key reads as
    meaning: str


@dataclass(frozen=True)
class RuleView:
    id: str
    text: str
    message: str
    note: str


@dataclass(frozen=True)
class VariantView:
    name: str
    payload: str
    meaning: str
    fields: tuple[FieldView, ...] | None = None


@dataclass(frozen=True)
class TypeView:
    name: str
    kind: str
    doc: str
    users: str
    example: str | None
    fields: tuple[FieldView, ...] = ()
    units: str = ""                 # the variants without payload, if there are any; `noted` are those with more to say
    noted: tuple[VariantView, ...] = ()
    variants: tuple[VariantView, ...] = ()
    rules: tuple[RuleView, ...] = ()


@dataclass(frozen=True)
class FamilyView:
    title: str
    slug: str
    doc: str
    types: tuple[TypeView, ...]


@dataclass(frozen=True)
class History:
    version: int
    changes: tuple[str, ...]


@dataclass(frozen=True)
class Reference:
    history: tuple[History, ...]    # of the versions behind the oldest in the window
    families: tuple[FamilyView, ...]
    secrets: tuple[str, ...]
    extensions: tuple[str, ...]

    @property
    def has_rules(self) -> bool:
        return any(type_.rules for family in self.families for type_ in family.types)


def reference(protocol: Protocol) -> Reference:
    return _Lowering(protocol).reference()


class _Lowering:
    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._declared = protocol.declarations()
        self._least = Least(Codec(protocol, protocol.current_version))
        self._users: dict[str, list[str]] = {name: [] for name in self._declared}
        for user, declaration in self._declared.items():
            for name in dict.fromkeys(n for t in used_types(declaration) for n in references(t)):
                self._users[name].append(user)

    def reference(self) -> Reference:
        families = tuple(self._family(f) for f in self._protocol.families if f.types)
        members = [m for d in self._declared.values() for m in _members(d)]
        secrets = tuple(text for text, type_, _ in members if _is_secret(type_))
        extensions = tuple(text for text, _, when_set in members if when_set)
        return Reference(_history(self._protocol), families, secrets, extensions)

    def _family(self, family: Family) -> FamilyView:
        title = f"Types of {family.name}"
        return FamilyView(title, slug(title), prose(family.doc), tuple(self._type(d) for d in family.types))

    def _type(self, declaration: Declaration) -> TypeView:
        doc = _joined(prose(declaration.doc), *self._versions(declaration.versions))
        common = (declaration.name, self._kind(declaration), doc, self._used_by(declaration.name),
                  self._example(declaration))
        match declaration:
            case Struct():
                rules = tuple(self._rule(r) for r in declaration.rules)
                return TypeView(*common, fields=self._fields(declaration.fields), rules=rules)
            case Newtype():
                return TypeView(*common)
            case Sum():
                units = [v for v in declaration.variants if v.is_unit]
                noted = tuple(self._variant(v) for v in units if v.doc != units[0].doc or self._notes(v))
                payloads = tuple(self._variant(v) for v in declaration.variants if not v.is_unit)
                return TypeView(*common, units=_units(units, declaration), noted=noted, variants=payloads)

    def _kind(self, declaration: Declaration) -> str:
        match declaration:
            case Struct():
                return "Object"
            case Newtype():
                return f"Written as {type_text(declaration.type)}; a type of its own in code"
            case Sum() if declaration.is_enumeration:
                return "Enumeration"
            case Sum():
                alone = ", or the name alone if the variant has no payload"
                return "Sum: an object with exactly one key, which names the variant" + (
                    alone if any(v.is_unit for v in declaration.variants) else "")

    def _used_by(self, name: str) -> str:
        users = ["itself" if user == name else link(user) for user in self._users[name]]
        more = f" and {len(users) - MAX_USERS} more" if len(users) > MAX_USERS else ""
        return ", ".join(users[:MAX_USERS]) + more

    def _example(self, declaration: Declaration) -> str | None:
        """None if the newest version does not have the type, or if it would be in the way."""
        if self._protocol.current_version not in declaration.versions:
            return None
        text = self._least.text(declaration.name)
        return code(text) if len(text) <= MAX_EXAMPLE else None

    def _variant(self, variant: Variant) -> VariantView:
        meaning = _joined(prose(variant.doc), *self._notes(variant))
        if variant.is_unit:
            return VariantView(_quoted(variant.wire_name), "", meaning)
        if variant.fields is None:
            return VariantView(_quoted(variant.wire_name), type_text(variant.type), meaning)
        return VariantView(_quoted(variant.wire_name), "object, below", meaning, self._fields(variant.fields))

    def _fields(self, fields: tuple[Field, ...]) -> tuple[FieldView, ...]:
        return tuple(FieldView(code(f.name), type_text(f.type), self._absent(f),
                               _joined(prose(f.doc), *self._field_notes(f))) for f in fields)

    def _absent(self, field: Field) -> str:
        return "required" if field.missing is None else code(self._default(field.missing, field))

    def _default(self, missing: Missing, field: Field) -> str:
        return json.dumps(default(missing, field.type, self._declared))

    def _rule(self, rule: Rule) -> RuleView:
        return RuleView(code(rule.id), code(rule.text), prose(rule.message), " ".join(self._versions(rule.versions)))

    # -- notes behind the doc -----------------------------------------------------------------------------------------

    def _field_notes(self, field: Field) -> list[str]:
        notes = []
        if field.max_items is not None:
            notes.append(f"At most {field.max_items} items.")
        if field.max_bytes is not None:
            notes.append(f"At most {field.max_bytes} bytes in UTF-8.")
        if field.derived is not None:
            notes.append("Derived: a writer computes it from the other keys, a reader drops it.")
        if field.when_set:
            notes.append("*Extension key*, written only when it is set.")
        notes += self._notes(field)
        if field.absent is not None:
            notes.append(f"Reads as {code(self._default(field.absent, field))} in messages of versions without it.")
        if field.lossy is not None:
            notes.append(f"Peers that do not know it do without: {prose(field.lossy)}")
        if field.renamed is not None:
            notes.append(f"Called {code(field.renamed.name)} before version {field.renamed.version}.")
        return notes

    def _notes(self, member: Field | Variant) -> list[str]:
        also = " or ".join(map(_quoted, member.aliases))
        return [*self._versions(member.versions), *([f"Also read as {also}."] if also else [])]

    def _versions(self, versions: Versions) -> list[str]:
        notes = []
        if versions.added > self._protocol.min_version:
            notes.append(f"Since version {versions.added}.")
        if versions.deprecated is not None:
            notes.append(f"Deprecated since version {versions.deprecated}.")
        if versions.removed is not None:
            notes.append(f"Removed in version {versions.removed}.")
        return notes


def _history(protocol: Protocol) -> tuple[History, ...]:
    every = tuple(subjects(protocol))
    return tuple(History(version, tuple(step for s in every for step in _steps(s, version)))
                 for version in protocol.window[1:])


def _steps(subject: Subject, version: int) -> Iterator[str]:
    """What the version did to it; what came and went with the type or variant around it goes without saying."""
    name = f"{subject.kind} {code(subject.path)}"
    if all(version in around and version - 1 in around for around in subject.within):
        versions, renamed = subject.thing.versions, getattr(subject.thing, "renamed", None)
        if versions.added == version:
            yield f"added: {name}"
        if renamed is not None and renamed.version == version:
            yield f"renamed: {name}, which was {code(renamed.name)}"
        if versions.deprecated == version:
            yield f"deprecated: {name}"
        if versions.removed == version:
            yield f"removed: {name}"


def _joined(*parts: str) -> str:
    return " ".join(p for p in parts if p)


def _quoted(name: str) -> str:
    return code(json.dumps(name, ensure_ascii=False))


def _units(units: list[Variant], sum_: Sum) -> str:
    if not units:
        return ""
    names = ", ".join(_quoted(v.wire_name) for v in units)
    return f"{'One of' if sum_.is_enumeration else 'Without payload'}: {names}. {prose(units[0].doc)}"


def _members(declaration: Declaration) -> Iterator[tuple[str, Type, bool]]:
    """(a link to where it stands, its type, whether it is an extension key) of all that has a type."""
    here = link(declaration.name)
    if isinstance(declaration, Newtype):
        yield here, declaration.type, False
    for variant in declaration.variants if isinstance(declaration, Sum) else ():
        if variant.type is not None:
            yield f"{here} {_quoted(variant.wire_name)}", variant.type, False
    for owner in owners(declaration):
        inside = "" if owner is declaration else " " + _quoted(owner.wire_name)
        yield from ((f"{here}{inside} {code(f.name)}", f.type, f.when_set) for f in owner.fields)


def _is_secret(type_: Type) -> bool:
    return isinstance(type_, SecretOf) or any(map(_is_secret, children(type_)))
