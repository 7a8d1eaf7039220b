# SPDX-License-Identifier: Apache-2.0
"""What a reviewer would say about a correct schema: docs, secrets, things that nobody uses. All of it is a warning."""
from __future__ import annotations

import re
from collections.abc import Iterator

from ftgen.diagnostics import Report
from ftgen.draft import Draft, GroupUse
from ftgen.model import Declaration, Field, Newtype, Place, Scalar, SecretOf, Sum, Type
from ftgen.passes.types import see_through
from ftgen.walk import all_owners, children, owners, references

_SECRET = re.compile(r"(^|_)(token|password|passwd|passphrase|secret|credentials?|key_material|(private|cancel)_key)"
                     r"(_hash)?$")


def check(draft: Draft, report: Report) -> Draft:
    for place, name, doc in _docs(draft):
        _doc(place, name, doc, report)
    for place, name, doc in _variant_docs(draft):
        _doc(place, name, doc, report, may_repeat=True)
    declared = draft.protocol.declarations()
    for _, owner in all_owners(draft):
        for field in owner.fields:
            _secret(draft, field, declared, report)
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
            where = draft.at(declaration.place, "units") if variant.is_unit else variant.place
            yield draft.at(where, "doc"), declaration.name if variant.is_unit else variant.name, variant.doc


def _doc(place: Place, name: str, doc: str, report: Report, may_repeat: bool = False) -> None:
    """`may_repeat`: the name of a variant, such as DropTable, can be all there is to say."""
    if not doc.strip(" ._-") or (_letters(doc) == _letters(name) and not may_repeat):
        report.add("FT601", place, f"the doc of '{name}' says nothing", "say what it means to the reader of the header")
    elif not doc.rstrip().endswith((".", "?", ":")):
        report.add("FT602", place, f"the doc of '{name}' does not end with a period")
    if not doc.isascii():
        odd = next(c for c in doc if not c.isascii())
        report.add("FT603", place, f"the doc of '{name}' holds '{odd}'", "write it in ASCII")


def _letters(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _secret(draft: Draft, field: Field, declared: dict[str, Declaration], report: Report) -> None:
    if _SECRET.search(field.name) and field.type != Scalar("bool") and not _holds_secret(field.type, declared):
        report.add("FT604", draft.at(field.place, "type"), f"'{field.name}' looks like a secret and is none",
                   "make it secret<string> or secret<u64>")


def _holds_secret(type_: Type, declared: dict[str, Declaration]) -> bool:
    inner = see_through(type_, declared)
    return isinstance(inner, SecretOf) or any(_holds_secret(child, declared) for child in children(inner))


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
    declared = draft.protocol.declarations()
    reached: set[str] = set()
    pending = [draft.protocol.envelope.type]
    while pending:
        if (name := pending.pop()) not in reached:
            reached.add(name)
            pending += _uses(declared[name])
    for declaration in declared.values():
        if declaration.name not in reached:
            report.add("FT606", declaration.place, f"the envelope never holds {declaration.name}",
                       "remove it, or use it")


def _uses(declaration: Declaration) -> list[str]:
    types = [f.type for owner in owners(declaration) for f in owner.fields]
    if isinstance(declaration, Sum):
        types += [v.type for v in declaration.variants if v.type is not None]
    elif isinstance(declaration, Newtype):
        types.append(declaration.type)
    return [name for t in types for name in references(t)]
