# SPDX-License-Identifier: Apache-2.0
"""What a reviewer would say about a correct schema: docs, secrets, things that nobody uses, later fields that have no
bound or get lost without a word. All of it is a warning."""
from __future__ import annotations

import re
from collections.abc import Iterator

from ftgen.diagnostics import Report
from ftgen.draft import Draft, GroupUse
from ftgen.model import Declaration, Field, ListOf, OptionalOf, Place, Scalar, SecretOf, Struct, Sum, Type, Variant
from ftgen.passes.types import see_through
from ftgen.walk import all_owners, children, owners, reachable

_SECRET = re.compile(r"(^|_)(token|password|passwd|passphrase|secret|credentials?|key_material|(private|cancel)_key)"
                     r"(_hash)?$")


def check(draft: Draft, report: Report) -> Draft:
    for place, name, doc in _docs(draft):
        _doc(place, name, doc, report)
    for place, name, doc in _variant_docs(draft):
        _doc(place, name, doc, report, may_repeat=True)
    declared = draft.protocol.declarations()
    for declaration in declared.values():
        for rule in declaration.rules if isinstance(declaration, Struct) else ():
            _rule_message(draft.at(rule.place, "message"), rule.id, rule.message, report)
    since: dict[Place, int] = {}                    # a field of a group is as old as its oldest use
    for _, owner in all_owners(draft):
        for field in owner.fields:
            since[field.place] = min(field.versions.added, since.get(field.place, field.versions.added))
    for _, owner in all_owners(draft):
        for field in owner.fields:
            _secret(draft, field, declared, report)
            _unbounded(draft, field, since[field.place], report)
            _lost(draft, field, report)
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


def _doc(place: Place, name: str, doc: str, report: Report, may_repeat: bool = False) -> None:
    """`may_repeat`: the name of a variant, such as DropTable, can be all there is to say."""
    if not doc.strip(" ._-") or (_letters(doc) == _letters(name) and not may_repeat):
        report.add("FT601", place, f"the doc of '{name}' says nothing", "say what it means to the reader of the header")
    elif not doc.rstrip().endswith((".", "?", ":")):
        report.add("FT602", place, f"the doc of '{name}' does not end with a period")
    _ascii(place, f"the doc of '{name}'", doc, report)


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


def _secret(draft: Draft, field: Field, declared: dict[str, Declaration], report: Report) -> None:
    if _SECRET.search(field.name) and field.type != Scalar("bool") and not _holds_secret(field.type, declared):
        report.add("FT604", draft.at(field.place, "type"), f"'{field.name}' looks like a secret and is none",
                   "make it secret<string> or secret<u64>")


def _holds_secret(type_: Type, declared: dict[str, Declaration]) -> bool:
    inner = see_through(type_, declared)
    return isinstance(inner, SecretOf) or any(_holds_secret(child, declared) for child in children(inner))


def _unbounded(draft: Draft, field: Field, since: int, report: Report) -> None:
    """What the first version has is as its peers made it; what came later can be bounded from its first day."""
    if since <= draft.protocol.min_version and not field.when_set:
        return
    type_ = field.type.item if isinstance(field.type, OptionalOf) else field.type
    for key, may_be_long in (("max_bytes", type_ == Scalar("string")),
                             ("max_items", isinstance(type_, ListOf) and not field.flat)):
        if may_be_long and getattr(field, key) is None:
            report.add("FT607", draft.at(field.place, "type"), f"'{field.name}' may be as long as a frame",
                       f"say `{key}`; it cannot be lowered later")


def _lost(draft: Draft, field: Field, report: Report) -> None:
    if field.when_set and field.lossy is None:
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
