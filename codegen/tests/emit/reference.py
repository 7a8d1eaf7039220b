# SPDX-License-Identifier: Apache-2.0
"""Reads a protocol's reference (`docs/PROTOCOL.md`), as a person would who has nothing but this page.

    page = read(text)
    page.types["Row"]               # the same Struct, Sum or Newtype as in the schema's model, without docs and rules
    page.forms["u8"](value)         # whether JSON has the form of a built-in type (forms.py)
    page.messages[0x81].accepts     # (("FragmentResult", "Success"), ...)
    page.examples                   # the example frames, as bytes

What is not understood raises ValueError: no sentence of a type's section, and no cell of its tables but `meaning`, is
passed over. Units stand before the other variants of a sum, as they do on the page.
"""
from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ftgen.model import (ArrayOf, Declaration, Field, ListOf, Missing, Newtype, Opaque, OptionalOf, Ref, Scalar,
                         SecretOf, Struct, Sum, TupleOf, Type, Variant, Versions)
from tests.emit.forms import Form, read_forms
from tests.emit.wire_json import read_json

FIRST = 0                           # the version in which is what came before the oldest that the page speaks of
_ALONE = ", or the name alone if the variant has no payload"
_KIND = re.compile(r"(Object|Enumeration|Written as (?P<type>.+); a type of its own in code|"
                   rf"Sum: an object with exactly one key, which names the variant(?P<alone>{_ALONE})?)\."
                   r"(?: Used by [^`]*\.)?(?: Smallest value: (?P<smallest>`.*`))?")
_UNITS = re.compile(r'(?:One of|Without payload): ((?:`"[^`]*"`(?:, )?)+)\. .*')
_EXAMPLE = re.compile(r"`(\w+)`(?:, read and never written,)? with `([\w.]+)`, (\d+) bytes of payload:\n\n"
                      r"```text\n([0-9a-f ]+)\n(.*)\n```\n")


@dataclass(frozen=True)
class Message:
    name: str
    byte: int
    sender: str                     # "client" or "server"
    emits: tuple[tuple[str, ...], ...]
    accepts: tuple[tuple[str, ...], ...]
    versions: Versions


@dataclass(frozen=True)
class Example:
    message: str
    path: tuple[str, ...]           # of variants: what it carries
    size: int                       # of the payload, as the page says
    frame: bytes


@dataclass(frozen=True)
class Page:
    version: int                    # the newest
    forms: dict[str, Form]
    types: dict[str, Declaration]
    smallest: dict[str, str]        # JSON, by the type's name
    messages: dict[int, Message] = field(default_factory=dict)      # by their byte; none on a page of types only
    envelope: str = ""              # type
    payload: str = ""               # its key
    max_payload: int = 0
    examples: tuple[Example, ...] = ()


def read(text: str) -> Page:
    before, *families = re.split(r"^## Types of .*\n", text, flags=re.MULTILINE)
    chapters = dict(_sections("#+", before))
    window = _find(r"A receiver takes versions? (?:\d+ to )?(\d+)", before)
    forms = read_forms((names, meaning) for names, meaning in _rows(chapters["Built-in types"]))
    types, smallest = {}, {}
    for name, body in (section for family in families for section in _sections("###", family)):
        types[name], example = _TypeReader(name, forms).read(body)
        if example is not None:
            smallest[name] = example
    page = Page(int(window[1]), forms, types, smallest)
    return _with_transport(page, chapters) if "The messages" in chapters else page


def _with_transport(page: Page, chapters: dict[str, str]) -> Page:
    frame, messages = chapters["The frame"], chapters["The messages"]
    read_messages = [
        Message(_code(name), int(_code(byte), 16), sender, _paths(emits), _paths(accepts), _versions(meaning))
        for name, byte, sender, emits, accepts, meaning in _rows(messages)]
    examples = tuple(Example(name, tuple(path.split(".")), int(size), bytes.fromhex(header) + payload.encode())
                     for name, path, size, header, payload in _EXAMPLE.findall(chapters["Example frames"]))
    if 2 * len(examples) != chapters["Example frames"].count("```"):
        raise ValueError("an example frame in another layout")
    return replace(
        page, messages={m.byte: m for m in read_messages}, examples=examples,
        envelope=_find(r"\| 5 \| length \| payload \| one \[(\w+)\]\(#\w+\) as JSON in UTF-8 \|", frame)[1],
        payload=_find(r"What a message carries is the key `(\w+)` of its", messages)[1],
        max_payload=int(_find(r"\| 1 \| 4 \| .* \| unsigned, little-endian; at most (\d+) \|", frame)[1]))


def _paths(cell: str) -> tuple[tuple[str, ...], ...]:
    return () if cell == "never written" else tuple(tuple(_code(path).split(".")) for path in cell.split(", "))


class _TypeReader:
    """One section: a doc, the line of the kind, then tables, lists of units, and heads of variants with keys."""

    def __init__(self, name: str, forms: dict[str, Form]) -> None:
        self._name = name
        self._forms = forms
        self._fields: tuple[Field, ...] = ()
        self._variants: dict[str, Variant] = {}

    def read(self, body: str) -> tuple[Declaration, str | None]:
        """The type, and its smallest value."""
        doc, kind, *rest = body.strip("\n").split("\n\n")
        found = _KIND.fullmatch(kind)
        if found is None:
            raise ValueError(f"{self._name}: {kind}")
        owner = None
        for paragraph in rest:
            if head := re.match(r"\*\*`(.*?)`\*\*: ", paragraph):
                owner = json.loads(head[1])
            else:
                self._paragraph(owner, paragraph)
        declaration = self._declaration(found, _versions(doc))
        return declaration, found["smallest"] and _code(found["smallest"])

    def _declaration(self, kind: re.Match, versions: Versions) -> Declaration:
        variants = tuple(self._variants.values())
        units = [v.is_unit for v in variants]
        match kind[1].split()[0]:
            case "Object" if not variants:
                return Struct(self._name, "", versions, self._fields)
            case "Written" if not variants and not self._fields:
                return Newtype(self._name, "", versions, self._type(kind["type"]))
            case "Enumeration" if not self._fields and units and all(units):
                return Sum(self._name, "", versions, variants, "")
            case "Sum:" if not self._fields and not all(units) and any(units) == (kind["alone"] is not None):
                return Sum(self._name, "", versions, variants, "")
        raise ValueError(f"{self._name} is no {kind[1]}")

    def _paragraph(self, owner: str | None, text: str) -> None:
        if found := _UNITS.fullmatch(text):
            for name in map(json.loads, re.findall(r"`(.*?)`", found[1])):
                self._variants[name] = Variant(name, name, "", Versions(FIRST))
        elif text.startswith("| variant |"):
            for name, payload, meaning in _rows(text):
                self._variant(json.loads(_code(name)), payload, _versions(meaning))
        elif text.startswith("| key |") or text == "No keys.":
            fields = tuple(self._field(*cells) for cells in _rows(text))
            if owner is None:
                self._fields = fields
            else:
                self._variants[owner] = replace(self._variants[owner], fields=fields)
        elif not (text == "Rules, in this order:" or text.startswith("| rule |")):
            raise ValueError(f"{self._name}: {text}")

    def _variant(self, name: str, payload: str, versions: Versions) -> None:
        if not payload:                                 # more about a unit
            self._variants[name] = replace(self._variants[name], versions=versions)
        elif payload == "object, below":
            self._variants[name] = Variant(name, name, "", versions, fields=())
        else:
            self._variants[name] = Variant(name, name, "", versions, type=self._type(payload))

    def _field(self, key: str, type_: str, absent: str, meaning: str) -> Field:
        missing = None if absent == "required" else Missing(read_json(_code(absent)))
        return Field(_code(key), self._type(type_), "", _versions(meaning), missing,
                     when_set="*Extension key*, written only when it is set." in meaning)

    def _type(self, text: str) -> Type:
        type_, rest = self._leading_type(text)
        if rest:
            raise ValueError(f"{self._name}: {rest} behind a type")
        return type_

    def _leading_type(self, text: str) -> tuple[Type, str]:
        """A type, and what stands behind it."""
        for words, generic in (("list of ", ListOf), ("optional ", OptionalOf), ("**secret** ", SecretOf)):
            if text.startswith(words):
                item, rest = self._leading_type(text.removeprefix(words))
                return generic(item), rest
        if text.startswith("any JSON"):
            return Opaque(), text.removeprefix("any JSON")
        if (found := re.match(r"`(\w+)`", text)) and found[1] in self._forms:
            return Scalar(found[1]), text[found.end():]
        if found := re.match(r"\[(\w+)\]\(#\w+\)", text):
            return Ref(found[1]), text[found.end():]
        if found := re.match(r"array of (\d+) ", text):
            item, rest = self._leading_type(text[found.end():])
            return ArrayOf(item, int(found[1])), rest
        if text.startswith("tuple of ("):
            items, rest = [], ", " + text.removeprefix("tuple of (")
            while rest.startswith(", "):
                item, rest = self._leading_type(rest[2:])
                items.append(item)
            if rest.startswith(")"):
                return TupleOf(tuple(items)), rest[1:]
        raise ValueError(f"{self._name}: no type: {text}")


# -- Markdown ----------------------------------------------------------------------------------------------------------

def _sections(level: str, text: str) -> Iterator[tuple[str, str]]:
    """(heading, body)"""
    parts = re.split(rf"^{level} (.*)\n", text, flags=re.MULTILINE)
    return zip(parts[1::2], parts[2::2])


def _rows(text: str) -> list[list[str]]:
    """The cells of each row of a table, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def _code(text: str) -> str:
    if not re.fullmatch("`[^`]*`", text):
        raise ValueError(f"no code: {text}")
    return text[1:-1].replace("\\|", "|")


def _find(pattern: str, text: str) -> re.Match:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"the page does not say: {pattern}")
    return found


def _versions(text: str) -> Versions:
    """In which versions a thing is, by the notes behind what it means."""
    added, removed = re.search(r"Since version (\d+)\.", text), re.search(r"Removed in version (\d+)\.", text)
    return Versions(int(added[1]) if added else FIRST, None, int(removed[1]) if removed else None)
