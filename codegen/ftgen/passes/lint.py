# SPDX-License-Identifier: Apache-2.0
"""What a reviewer would say about a correct schema: docs, secrets, things that nobody uses, later fields that have no
bound or get lost without a word. All of it is a warning."""
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ftgen.diagnostics import Report
from ftgen.draft import Draft, GroupUse
from ftgen.model import (INTEGERS, Declaration, Field, ListOf, OptionalOf, Place, Scalar, SecretOf, Struct, Sum, Type,
                         Variant)
from ftgen.passes.types import see_through
from ftgen.walk import all_owners, children, owners, reachable

_SECRET = re.compile(r"(^|_)(token|password|passwd|passphrase|secret|credential|key_material|"
                     r"(access|api|cancel|encryption|private|secret|signing)_key)s?(_hash(es)?)?$")
_NUMBERS = set(map(Scalar, INTEGERS))


def check(draft: Draft, report: Report) -> Draft:
    for place, name, doc in _docs(draft):
        _doc(place, f"the doc of '{name}'", name, doc, report)
    for place, name, doc in _variant_docs(draft):
        _doc(place, f"the doc of '{name}'", "", doc, report)
    declared = draft.protocol.declarations()
    for declaration in declared.values():
        for rule in declaration.rules if isinstance(declaration, Struct) else ():
            _rule_message(draft.at(rule.place, "message"), rule.id, rule.message, report)
    since: dict[Place, int] = {}                    # a field of a group is as old as its oldest use
    for _, owner in all_owners(draft):
        for field in owner.fields:
            since[field.place] = min(field.versions.added, since.get(field.place, field.versions.added))
    later = {f.place for _, owner in all_owners(draft) for f in owner.fields
             if any(v in owner.versions and v not in f.versions for v in draft.protocol.window)}
    for _, owner in all_owners(draft):
        for field in owner.fields:
            _secret(draft.at(field.place, "type"), field.name, field.type, declared, report)
            if field.when_set or since[field.place] > draft.protocol.min_version:
                _unbounded(draft, field, declared, report)
            _lost(draft, field, field.place in later, report)
    for declaration in declared.values():
        for variant in declaration.variants if isinstance(declaration, Sum) else ():
            if variant.type is not None:
                _payload(draft, variant, declared, report)
    _unused_groups(draft, report)
    _unused_types(draft, report)
    return draft


def _docs(draft: Draft) -> Iterator[tuple[Place, str, str]]:
    """(place of the doc, the name that it documents, the doc), of everything but variants."""
    protocol = draft.protocol
    yield draft.at(protocol.name, "doc"), protocol.name, protocol.doc
    for phase in protocol.phases:
        yield draft.at(protocol.name, "phases", phase.name, "doc"), phase.name, phase.doc
    for message in protocol.messages:
        yield draft.at(message.place, "doc"), message.name, message.doc
    for group in draft.groups:
        yield draft.at(group.place, "doc"), group.name, group.doc
        yield from ((draft.at(f.place, "doc"), f.name, f.doc) for f in group.fields if isinstance(f, Field))
    for family in protocol.families:
        if family.name != protocol.name:
            yield draft.at(family.name, "doc"), family.name, family.doc
        for declaration in family.types:
            yield draft.at(declaration.place, "doc"), declaration.name, declaration.doc
            for owner in owners(declaration):
                yield from ((draft.at(f.place, "doc"), f.name, f.doc) for f in owner.fields if f.group is None)


def _variant_docs(draft: Draft) -> Iterator[tuple[Place, str, str]]:
    for declaration in draft.protocol.declarations().values():
        for variant in declaration.variants if isinstance(declaration, Sum) else ():
            name = variant.name if _has_own_doc(draft, variant) else declaration.name
            where = variant.place if _has_own_doc(draft, variant) else draft.at(declaration.place, "units")
            yield draft.at(where, "doc"), name, variant.doc


def _has_own_doc(draft: Draft, variant: Variant) -> bool:
    """Units may share one."""
    return not variant.is_unit or draft.at(variant.place, "doc") != variant.place


def _doc(place: Place, what: str, name: str, doc: str, report: Report) -> None:
    """A doc that repeats the name says nothing; that of a variant, such as DropTable, can be all there is to say, and
    has none here."""
    if not _letters(doc) or _letters(doc) == _letters(name):
        report.add("FT601", place, f"{what} says nothing", "say what it means to the reader of the header")
    elif not doc.rstrip().endswith((".", "?", ":")):
        report.add("FT602", place, f"{what} does not end with a period")
    _ascii(place, what, doc, report)


def _rule_message(place: Place, name: str, message: str, report: Report) -> None:
    """It stands in a sentence of the peer's, so it needs no period."""
    if not message.strip(" ._-"):
        report.add("FT601", place, f"the message of the rule '{name}' says nothing", "say what the sender has to mend")
    _ascii(place, f"the message of the rule '{name}'", message, report)


def _ascii(place: Place, what: str, text: str, report: Report) -> None:
    if not text.isascii():
        odd = next(c for c in text if not c.isascii())
        report.add("FT603", place, f"{what} holds '{odd}'", "write it in ASCII")


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _secret(place: Place, name: str, type_: Type, declared: dict[str, Declaration], report: Report) -> None:
    """What has fields of its own is judged by their names."""
    if _SECRET.search(name) and any(t == Scalar("string") or t in _NUMBERS for t in _parts(type_, declared)):
        report.add("FT604", place, f"'{name}' looks like a secret and is none", "make it secret<string> or secret<u64>")


def _parts(type_: Type, declared: dict[str, Declaration]) -> Iterator[Type]:
    """The type, and what is in it, seen through newtypes, up to what has fields or variants, or is secret."""
    inner = see_through(type_, declared)
    yield inner
    if not isinstance(inner, SecretOf):
        for child in children(inner):
            yield from _parts(child, declared)


def _unbounded(draft: Draft, field: Field, declared: dict[str, Declaration], report: Report) -> None:
    """What the first version has is as its peers made it; what came later can be bounded from its first day."""
    place, type_ = draft.at(field.place, "type"), field.type.item if isinstance(field.type, OptionalOf) else field.type
    key = "max_bytes" if type_ == Scalar("string") else "max_items" if isinstance(type_, ListOf) and not field.flat else None
    if key is not None and getattr(field, key) is None:
        report.add("FT607", place, f"'{field.name}' may be as long as a frame", f"say `{key}`; it cannot be lowered later")
    else:
        _nothing_long(place, field.name, list(_parts(type_, declared))[key is not None or field.flat:], report)


def _payload(draft: Draft, variant: Variant, declared: dict[str, Declaration], report: Report) -> None:
    """What a variant holds without fields."""
    place = draft.at(variant.place, "type")
    _secret(place, re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", variant.name).lower(), variant.type, declared, report)
    if variant.versions.added > draft.protocol.min_version:
        _nothing_long(place, variant.name, _parts(variant.type, declared), report)


def _nothing_long(place: Place, name: str, parts: Iterable[Type], report: Report) -> None:
    if any(part == Scalar("string") or isinstance(part, ListOf) for part in parts):
        report.add("FT607", place, f"'{name}' holds what may be as long as a frame",
                   "put it into a field of its own, where `max_bytes` or `max_items` bounds it; it cannot be lowered later")


def _lost(draft: Draft, field: Field, later: bool, report: Report) -> None:
    """`later`: some version is without it."""
    if field.lossy is not None:
        _doc(draft.at(field.place, "lossy"), f"the reason why '{field.name}' may be lost", field.name, field.lossy, report)
        if not (later or field.when_set):
            report.add("FT609", draft.at(field.place, "lossy"), f"every version has '{field.name}', so it is never lost",
                       "remove `lossy`")
    elif field.when_set:
        report.add("FT608", draft.at(field.place, "emit"),
                   f"older nodes of the same version pass over '{field.name}' unseen",
                   "say in `lossy` why that does no harm")


def _unused_groups(draft: Draft, report: Report) -> None:
    used = set(draft.group_uses)
    for group in reversed(draft.groups):            # a group is used by later ones only
        if group.name in used:
            used.update(member.name for member in group.fields if isinstance(member, GroupUse))
        else:
            report.add("FT605", group.place, f"nobody uses the group '{group.name}'", "remove it")


def _unused_types(draft: Draft, report: Report) -> None:
    if draft.protocol.envelope is None:
        return                                      # a set of types: all of them may be roots
    reached = reachable(draft.protocol)
    for declaration in draft.protocol.declarations().values():
        if declaration.name not in reached:
            report.add("FT606", declaration.place, f"the envelope never holds {declaration.name}",
                       "remove it, or use it")
