# SPDX-License-Identifier: Apache-2.0
"""Nodes -> Draft: puts what stands in the files into the classes of the model, and decides nothing.

Expects nodes that passed `structure.check`, so every key and kind is known to be right.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ftgen.draft import Draft, Group, GroupUse
from ftgen.model import (Declaration, Envelope, Family, Field, Frame, Limits, Message, Missing, Newtype, Phase, Place,
                         Protocol, Renamed, Rule, Struct, Sum, Variant, Versions)
from ftgen.source import Mapping, Node, Scalar, Sequence


@dataclass(frozen=True)
class SourceFile:
    family: str
    label: str
    node: Mapping


def parse(root: SourceFile, included: list[SourceFile]) -> Draft:
    """The families in the order of `include`, then that of the root file if it declares anything."""
    families = included + ([root] if root.node.get("types") or root.node.get("groups") else [])
    top = root.node
    protocol = Protocol(
        name=_text(top, "protocol"), doc=_text(top, "doc"), namespace=_text(top, "namespace"),
        min_version=_value(top, "versions", "min"), current_version=_value(top, "versions", "current"),
        limits=Limits(_text(top.get("limits"), "doc"), _value(top, "limits", "depth"),
                      _value(top, "limits", "budget", "base"), _value(top, "limits", "budget", "per_payload_byte")),
        families=tuple(Family(f.family, _text(f.node, "doc"), tuple(_types(f.node))) for f in families),
        frame=_frame(top.get("frame")), alpn=_text(top, "alpn"),
        phases=tuple(Phase(key.text, _text(node, "doc"), _value(node, "max_payload"))
                     for key, node in _entries(top, "phases")),
        envelope=_envelope(top.get("envelope")),
        messages=tuple(_message(key, node) for key, node in _entries(top, "messages")), place=top.place)
    files = [root, *included]
    return Draft(protocol, tuple(group for f in families for group in _groups(f.node)),
                 {f.family: f.label for f in files},
                 {step: place for f in files for step, place in _places(Place(f.label, 0, 0), f.node)})


# -- types -------------------------------------------------------------------------------------------------------------

def _groups(top: Mapping) -> Iterator[Group]:
    for key, node in _entries(top, "groups"):
        yield Group(key.text, _text(node, "doc"), _fields(node), key.place)


def _types(top: Mapping) -> Iterator[Declaration]:
    for key, node in _entries(top, "types"):
        common = {"name": key.text, "doc": _text(node, "doc"), "versions": _versions(node), "place": key.place}
        if node.get("fields"):
            yield Struct(**common, fields=_fields(node), rules=_rules(node), reserved=_texts(node, "reserved"))
        elif node.get("newtype"):
            yield Newtype(**common, type=node.get("newtype"))
        else:
            yield Sum(**common, variants=_variants(node), default=node.get("default"),
                      cell=_text(node, "layout") == "cell",
                      reserved=_texts(node, "reserved"))


def _variants(node: Mapping) -> tuple[Variant, ...]:
    wire_name = _snake if _text(node, "wire_case") == "snake" else str
    units = node.get("units")
    plain = () if units is None else tuple(
        _unit(name, units, wire_name) for name in units.get("names").items)
    return plain + tuple(
        Variant(key.text, wire_name(key.text), _text(v, "doc"), _versions(v),
                fields=_fields(v) if v.get("fields") else None,
                type=v.get("type"), aliases=_texts(v, "aliases"), place=key.place)
        for key, v in _entries(node, "variants"))


def _unit(node: Scalar | Mapping, units: Mapping, wire_name: Callable[[str], str]) -> Variant:
    """A name alone, or a mapping that says more than the name."""
    if isinstance(node, Scalar):
        return Variant(node.text, wire_name(node.text), _text(units, "doc"), Versions(None), place=node.place)
    name = _text(node, "name")
    return Variant(name, wire_name(name), _text(node, "doc") or _text(units, "doc"), _versions(node),
                   aliases=_texts(node, "aliases"), place=node.place)


def _snake(name: str) -> str:
    """Each capital but the first begins a word: ByDefault -> by_default."""
    return "".join("_" + c.lower() if c.isupper() and i else c.lower() for i, c in enumerate(name))


def _fields(node: Mapping) -> tuple[Field | GroupUse, ...]:
    return tuple(GroupUse(key.text[1:], key.place) if key.text.startswith("+") else _field(key, f)
                 for key, f in _entries(node, "fields"))


def _field(key: Scalar, node: Mapping) -> Field:
    return Field(key.text, node.get("type"), _text(node, "doc"), _versions(node), missing=_missing(node, "missing"),
                 aliases=_texts(node, "aliases"), when_set=_text(node, "emit") == "when_set",
                 derived=node.get("derived"),
                 max_items=_value(node, "max_items"), max_bytes=_value(node, "max_bytes"),
                 flat=_text(node, "layout") == "flat", absent=_missing(node, "absent"), lossy=_text(node, "lossy"),
                 renamed=_renamed(node.get("renamed")), place=key.place)


def _missing(node: Mapping, key: str) -> Missing | None:
    value = node.get(key)
    return None if value is None else Missing(() if isinstance(value, Sequence) else value.value)


def _renamed(node: Mapping | None) -> Renamed | None:
    return None if node is None else Renamed(_text(node, "from"), _value(node, "in"))


def _rules(node: Mapping) -> tuple[Rule, ...]:
    rules = node.get("rules")
    return () if rules is None else tuple(
        Rule(_text(r, "id"), r.get("expr"), _text(r, "expr"), _text(r, "message"), _versions(r), r.place)
        for r in rules.items)


def _versions(node: Mapping) -> Versions:
    return Versions(_value(node, "added"), _value(node, "deprecated"), _value(node, "removed"))


# -- the transport -----------------------------------------------------------------------------------------------------

def _frame(node: Mapping | None) -> Frame | None:
    return None if node is None else Frame(_text(node, "doc"), _value(node, "max_payload"))


def _envelope(node: Mapping | None) -> Envelope | None:
    if node is None:
        return None
    return Envelope(_text(node, "type"), _texts(node, "gate"), _text(node, "payload"), _text(node, "version"))


def _message(key: Scalar, node: Mapping) -> Message:
    def paths(name: str) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(text.split(".")) for text in _texts(node, name))
    return Message(key.text, _value(node, "byte"), _text(node, "from"), paths("accepts"), paths("emits"),
                   _text(node, "doc"), _versions(node), _value(node, "unasked") or False, key.place)


# -- reading nodes -----------------------------------------------------------------------------------------------------

def _value(node: Node | None, *path: str) -> object:
    for key in path:
        node = node.get(key) if node is not None else None
    return None if node is None else node.value


def _text(node: Mapping, key: str) -> str | None:
    found = node.get(key)
    return None if found is None else found.text


def _texts(node: Mapping, key: str) -> tuple[str, ...]:
    found = node.get(key)
    return () if found is None else tuple(item.text for item in found.items)


def _entries(node: Mapping, key: str) -> tuple[tuple[Scalar, Node], ...]:
    found = node.get(key)
    return () if found is None else found.entries


def _places(owner: Place, node: Node) -> Iterator[tuple[tuple[Place, str], Place]]:
    """Every attribute under its owner: a mapping behind a key is owned by the key, one in a list by itself."""
    for key, value in node.entries:
        if isinstance(value, Mapping):
            yield (owner, key.text), key.place
            yield from _places(key.place, value)
            continue
        yield (owner, key.text), value.place
        for index, item in enumerate(value.items if isinstance(value, Sequence) else ()):
            yield (owner, f"{key.text}[{index}]"), item.place
            if isinstance(item, Mapping):
                yield from _places(item.place, item)
