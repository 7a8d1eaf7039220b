# SPDX-License-Identifier: Apache-2.0
"""SOURCE: C++ that uses the generated headers and stops compiling. Pairs what has one name in C++, with rules on that.

A member may go by a declared rename, and a member or variant by reserving its name: who did that knows. What a later
version adds or removes is looked at as well, since the headers hold all versions. The kinds, and what is paired:

    protocol                    Protocol
    message, phase, variant     Message, Phase, Variant
    home, kind, member          of a type its family, what it is; of a member its type; all as text
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator

from ftgen.breaking.rule import Category, Pair, Rule, Said, View
from ftgen.model import Declaration, Field, Newtype, Place, Protocol, Struct, Sum, Variant
from ftgen.unparse import type_text
from ftgen.walk import owners

Element = tuple[str, str, object, object, Place]    # kind, path, old, new, where that stands in the new schema


def by_name(old: Protocol, new: Protocol, versions: range) -> Iterator[Pair]:
    for kind, path, a, b, place in _names(old, new):
        yield Pair(View.NAMES, kind, path, a, b, versions, place)


def _names(old: Protocol, new: Protocol) -> Iterator[Element]:
    declared = new.declarations()
    yield "protocol", old.name, old, new, new.place
    yield from _same("message", "message ", _by_name(old.messages), _by_name(new.messages), new.place)
    yield from _same("phase", "phase ", _by_name(old.phases), _by_name(new.phases), new.place)
    homes = [{d.name: f"family {f.name}" for f in protocol.families for d in f.types} for protocol in (old, new)]
    for name, home in homes[0].items():
        yield "home", name, home, homes[1].get(name), declared[name].place if name in declared else new.place
    for name, declaration in old.declarations().items():
        if name in declared:
            yield "kind", name, _kind(declaration), _kind(declared[name]), declared[name].place
            if type(declaration) is type(declared[name]):
                yield from _inside(declaration, declared[name])


def _inside(old: Declaration, new: Declaration) -> Iterator[Element]:
    if isinstance(old, Newtype):
        yield "member", old.name, type_text(old.type), type_text(new.type), new.place
        return
    reserved = set(new.reserved)
    if isinstance(old, Sum):
        variants = {n: v for n, v in _by_name(old.variants).items() if n not in reserved}
        others = _by_name(new.variants)
        yield from _same("variant", f"{old.name}.", variants, others, new.place)
        yield from (("member", f"{old.name}.{n}", _payload(v), _payload(others[n]), others[n].place)
                    for n, v in variants.items() if n in others)
    others = _by_name(owners(new))
    for owner in owners(old):
        if owner.name in others:
            path = old.name if owner is old else f"{old.name}.{owner.name}"
            yield from _members(f"{path}.", owner, others[owner.name], reserved)


def _members(path: str, old: Struct | Variant, new: Struct | Variant,
             reserved: set[str]) -> Iterator[Element]:
    """A member may go by a declared rename, or when its name is reserved; a derived field is none."""
    members = {f.name: f for f in new.fields if f.derived is None}
    renamed = {f.renamed.name: f for f in members.values() if f.renamed is not None}
    for field in old.fields:
        now = members.get(field.name) or renamed.get(field.name)
        if field.derived is None and (now is not None or field.name not in reserved):
            yield ("member", path + field.name, _member(field), None if now is None else _member(now),
                   new.place if now is None else now.place)


def _same(kind: str, prefix: str, old: dict, new: dict, around: Place) -> Iterator[Element]:
    for name in dict.fromkeys([*old, *new]):
        yield kind, prefix + name, old.get(name), new.get(name), getattr(new.get(name), "place", around)


def _by_name(things: Iterable) -> dict:
    return {thing.name: thing for thing in things}


def _kind(declaration: Declaration) -> str:
    match declaration:
        case Sum(cell=True):
            return "a sum with the layout of a cell"
        case Sum():
            return "an enumeration" if declaration.is_enumeration else "a sum"
        case Struct():
            return "a struct"
        case Newtype():
            return "a newtype"
    raise TypeError(declaration)


def _payload(variant: Variant) -> str:
    if variant.fields is not None:
        return "fields"
    return "a unit" if variant.type is None else type_text(variant.type)


def _member(field: Field) -> str:
    return type_text(field.type) + (" in flat layout" if field.flat else "")


# -- rules -------------------------------------------------------------------------------------------------------------

def _namespace(pair: Pair) -> Iterator[Said]:
    if pair.old.namespace != pair.new.namespace:
        yield Said(f"namespace {pair.old.namespace}", f"namespace {pair.new.namespace}",
                   "every use has to be renamed; put it back")


def _differs(hint: str):
    def handler(pair: Pair) -> Iterator[Said]:
        if pair.old != pair.new:
            yield Said(pair.old, pair.new, hint)
    return handler


def _gone(what: str, hint: str):
    return lambda pair: [Said(what, None, hint)]


def _added(what: str, hint: str):
    return lambda pair: [Said(None, what, hint)]


def _rule(id_: str, case: str, purpose: str, handler) -> Rule:
    return Rule(id_, Category.SOURCE, View.NAMES, case, purpose, handler)


RULES = (
    _rule("NAMESPACE_CHANGED", "protocol", "the namespace of all generated code", _namespace),
    _rule("TYPE_NAME_GONE", "home gone", "a type was removed or renamed",
          _gone("the type", "C++ that names it does not compile")),
    _rule("TYPE_MOVED", "home", "a type moved to another family, whose header differs",
          _differs("C++ that includes the header of its old family may not find it")),
    _rule("TYPE_KIND_CHANGED", "kind", "a struct became a sum, an enumeration got payloads, ...",
          _differs("C++ that uses the type does not compile")),
    _rule("MEMBER_GONE", "member gone", "a field was removed or renamed without saying so",
          _gone("the member", "C++ that uses it does not compile; declare a rename (`renamed`), or reserve the name")),
    _rule("MEMBER_TYPE_CHANGED", "member", "a member, payload or newtype has another type in C++",
          _differs("C++ that reads or sets it may not compile")),
    _rule("VARIANT_NAME_GONE", "variant gone", "a variant was removed or renamed",
          _gone("the variant", "C++ that names it does not compile; reserve the name if that is meant")),
    _rule("VARIANT_NAME_ADDED", "variant added", "a variant was added, in whatever version",
          _added("the variant", "C++ that handles every variant of the sum is not complete any more")),
    _rule("MESSAGE_NAME_GONE", "message gone", "the constant of a message was removed or renamed",
          _gone("the constant", "C++ that names it does not compile")),
    _rule("PHASE_NAME_GONE", "phase gone", "the constant of a phase was removed or renamed",
          _gone("the constant", "C++ that names it does not compile")),
)
