# SPDX-License-Identifier: Apache-2.0
"""Small changes of a finished model, written as one would say them; `then` puts them in a row.

    change(field("FragmentRequest.txn_id", type=Scalar("u32")))(protocol)

Paths are those of findings: Type, Type.field, Sum.Variant, Sum.Variant.field. An edit that finds nothing to change is a
mistake in the test, and fails.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ftgen.model import Declaration, Family, Field, Missing, OptionalOf, Protocol, Rule, Scalar, Variant, Versions

Edit = Callable[[Protocol], Protocol]


def then(*edits: Edit) -> Edit:
    def all_of_them(protocol: Protocol) -> Protocol:
        for edit in edits:
            protocol = edit(protocol)
        return protocol
    return all_of_them


def protocol(**changes: object) -> Edit:
    return lambda p: replace(p, **changes)


def versions(low: int, high: int) -> Edit:
    return protocol(min_version=low, current_version=high)


def frame(**changes: object) -> Edit:
    return lambda p: replace(p, frame=replace(p.frame, **changes))


def limits(**changes: int) -> Edit:
    return lambda p: replace(p, limits=replace(p.limits, **changes))


def envelope(**changes: object) -> Edit:
    return lambda p: replace(p, envelope=replace(p.envelope, **changes))


def phase(name: str, /, **changes: object) -> Edit:
    return lambda p: replace(p, phases=_changed(p.phases, name, lambda x: replace(x, **changes)))


def message(name: str, /, **changes: object) -> Edit:
    return lambda p: replace(p, messages=_changed(p.messages, name, lambda m: replace(m, **changes)))


def without_message(name: str) -> Edit:
    return lambda p: replace(p, messages=_changed(p.messages, name, lambda m: None))


def with_message(new: object) -> Edit:
    return lambda p: replace(p, messages=(*p.messages, new))


def type_(name: str, change: Callable[[Declaration], Declaration]) -> Edit:
    def edit(p: Protocol) -> Protocol:
        home = next(f for f in p.families if any(d.name == name for d in f.types))
        return replace(p, families=tuple(replace(f, types=_changed(f.types, name, change)) if f is home else f
                                         for f in p.families))
    return edit


def with_type(new: Declaration, family: str) -> Edit:
    return lambda p: replace(p, families=_changed(p.families, family, lambda f: replace(f, types=(*f.types, new))))


def families(change: Callable[[tuple[Family, ...]], tuple[Family, ...]]) -> Edit:
    return lambda p: replace(p, families=change(p.families))


def fields(path: str, change: Callable[[tuple[Field, ...]], tuple[Field, ...]]) -> Edit:
    """Of a struct or of a struct variant."""
    name, *inner = path.split(".")
    if not inner:
        return type_(name, lambda d: replace(d, fields=change(d.fields)))
    return variant(path, lambda v: replace(v, fields=change(v.fields)))


def field(path: str, /, **changes: object) -> Edit:
    owner, name = path.rsplit(".", 1)
    return fields(owner, lambda old: _changed(old, name, lambda f: replace(f, **changes)))


def without_field(path: str) -> Edit:
    owner, name = path.rsplit(".", 1)
    return fields(owner, lambda old: _changed(old, name, lambda f: None))


def with_field(owner: str, new: Field, at: int | None = None) -> Edit:
    return fields(owner, lambda old: (*old[:at], new, *([] if at is None else old[at:])))


def variant(path: str, change: Callable[[Variant], Variant | None]) -> Edit:
    owner, name = path.split(".")
    return type_(owner, lambda d: replace(d, variants=_changed(d.variants, name, change)))


def with_variant(owner: str, new: Variant) -> Edit:
    """Units come first."""
    return type_(owner, lambda d: replace(d, variants=tuple(
        sorted((*d.variants, new), key=lambda v: not v.is_unit))))


def rule(path: str, change: Callable[[Rule], Rule | None]) -> Edit:
    owner, name = path.split(".")
    return type_(owner, lambda d: replace(d, rules=_changed(d.rules, name, change)))


def number(name: str, type_name: str = "u32", **more: object) -> Field:
    return Field(name, Scalar(type_name), "A number.", more.pop("versions", Versions(1)), **more)


def maybe(name: str, **more: object) -> Field:
    return Field(name, OptionalOf(Scalar("u32")), "A number.", more.pop("versions", Versions(1)), missing=Missing(None),
                 **more)


def unit(name: str, **more: object) -> Variant:
    return Variant(name, name, "A unit.", more.pop("versions", Versions(1)), **more)


def _changed(things: tuple, name: str, change: Callable) -> tuple:
    """The thing of that name changed, or gone if the change says None."""
    if not any(_name(thing) == name for thing in things):
        raise AssertionError(f"there is no {name}")
    return tuple(new for thing in things if (new := change(thing) if _name(thing) == name else thing) is not None)


def _name(thing: object) -> str:
    return thing.id if isinstance(thing, Rule) else thing.name
