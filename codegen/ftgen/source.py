# SPDX-License-Identifier: Apache-2.0
"""Reads one YAML file into nodes that know where they stand. `read(path, label, report)` returns a Mapping or None.

The YAML of a schema is small on purpose: mappings, sequences, scalars. Duplicate keys, anchors, aliases, tags,
directives and merge keys are refused, so that a file means what it seems to mean. A scalar becomes a number (`12`,
`1_000`, `0x81`), a truth value (`true`, `false`), nothing (empty, `null`, `~`) or else text: there is no `yes`, `off`
or octal. Keys are text. Limits: a file of MAX_BYTES, nested MAX_DEPTH deep.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Union

import yaml

from ftgen.diagnostics import Report
from ftgen.model import Place

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32

_LOADER = yaml.SafeLoader            # not libyaml's: it is faster, but disagrees about `{+group:}`, and may be absent
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff]|\r(?!\n)")
_INTEGER = re.compile(r"-?(?:0|[1-9](?:_?[0-9]){0,59})|0x(?:_?[0-9A-Fa-f]){1,40}")
_WORDS = {"true": True, "false": False, "": None, "null": None, "~": None}


@dataclass(frozen=True)
class Scalar:
    place: Place                    # of its first character, behind a quotation mark
    text: str
    plain: bool                     # written without quotation marks, `|` or `>`
    verbatim: bool                  # stands in the file as `text` says, so that offsets in it are columns

    @property
    def value(self) -> None | bool | int | str:
        if not self.plain:
            return self.text
        if _INTEGER.fullmatch(self.text):
            return int(self.text.replace("_", ""), 0)
        return _WORDS.get(self.text, self.text)

    def at(self, offset: int) -> Place:
        """The place of a character of the text; that of the whole text where this is not known."""
        column = self.place.column + offset if self.verbatim else self.place.column
        return Place(self.place.file, self.place.line, column)


@dataclass(frozen=True)
class Sequence:
    place: Place
    items: tuple["Node", ...]


@dataclass(frozen=True)
class Mapping:
    place: Place
    entries: tuple[tuple[Scalar, "Node"], ...]

    def get(self, key: str) -> "Node | None":
        return next((value for name, value in self.entries if name.text == key), None)


Node = Union[Scalar, Sequence, Mapping]


def plain(node: Node) -> object:
    """The node as dict, list and scalars, for the meta schema."""
    if isinstance(node, Mapping):
        return {key.text: plain(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value


def read(path: Path, label: str, report: Report, asked_at: Place | None = None) -> Mapping | None:
    """The mapping in the file. `label` names the file in places; `asked_at` is where the file was included."""
    text = _text(path, label, report, asked_at)
    if text is None:
        return None
    builder = _Builder(text, label, report)
    try:
        root = builder.build(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(label, mark.line + 1, mark.column + 1) if mark else Place(label, 1, 1)
        report.add("FT105", place, f"not YAML: {error.problem or error.context}",
                   "a text that holds ': ', '#' or starts with one of []{}>|*&!%@` must stand in quotation marks")
        return None
    except yaml.YAMLError as error:
        report.add("FT105", Place(label, 1, 1), "not YAML: " + str(error).splitlines()[0])
        return None
    if builder.broken:
        return None
    if root is None:
        report.add("FT104", Place(label, 1, 1), "the file is empty", "a schema file holds one mapping")
        return None
    if not isinstance(root, Mapping):
        report.add("FT203", root.place, "a schema file must hold a mapping", "start with `protocol:` or `doc:`")
        return None
    return root


def _text(path: Path, label: str, report: Report, asked_at: Place | None) -> str | None:
    start = Place(label, 1, 1)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        report.add("FT101", asked_at or start, f"cannot read {label}: {reason}", "check the path and its permissions")
        return None
    if len(data) > MAX_BYTES:
        report.add("FT108", start, f"the file is larger than {MAX_BYTES} bytes", "split it into families")
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[:error.start].decode("utf-8")
        report.add("FT102", _place_of(before, len(before), label), "the file is not UTF-8", "save it as UTF-8")
        return None
    if (bad := _FORBIDDEN.search(text)) is not None:
        report.add("FT102", _place_of(text, bad.start(), label), f"character U+{ord(bad[0]):04X} may not stand here",
                   "remove it; lines end with a line feed")
        return None
    if "\t" in text:
        report.add("FT103", _place_of(text, text.index("\t"), label), "a tab", "indent with spaces")
        return None
    return text


def _place_of(text: str, index: int, label: str) -> Place:
    line_start = text.rfind("\n", 0, index) + 1
    return Place(label, text.count("\n", 0, index) + 1, index - line_start + 1)


class _Builder:
    """Folds parser events into nodes, with a stack of its own: the depth of the input is not the depth of our calls."""

    def __init__(self, text: str, label: str, report: Report) -> None:
        self._lines = text.split("\n")
        self._label = label
        self._report = report
        self.broken = False

    def build(self, events) -> Node | None:
        stack: list[tuple[Place, bool, list[Node]]] = []       # place, is it a mapping, what is in it so far
        root: Node | None = None
        for event in events:
            place = Place(self._label, event.start_mark.line + 1, event.start_mark.column + 1)
            node: Node | None = None
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None or event.version or event.tags:
                    self._refuse("FT104" if root is not None else "FT107", place,
                                 "a second document" if root is not None else "a directive",
                                 "a schema file holds one document")
                    return None
            elif isinstance(event, yaml.AliasEvent):
                self._refuse("FT107", place, f"the alias '*{event.anchor}'", "write the value again, or use a group")
                node = Scalar(place, "", False, False)
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                self._no_extras(event, place)
                if len(stack) == MAX_DEPTH:
                    self._refuse("FT108", place, f"nested more than {MAX_DEPTH} deep", "no schema needs that")
                    return None
                stack.append((place, isinstance(event, yaml.MappingStartEvent), []))
            elif isinstance(event, yaml.ScalarEvent):
                self._no_extras(event, place)
                node = self._scalar(event, place)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                start, is_mapping, parts = stack.pop()
                node = self._mapping(start, parts) if is_mapping else Sequence(start, tuple(parts))
            if node is not None:
                if stack:
                    stack[-1][2].append(node)
                else:
                    root = node
        if isinstance(root, Scalar) and root.value is None and not self.broken:
            return None
        return root

    def _scalar(self, event, place: Place) -> Scalar:
        quoted = event.style in ("'", '"')
        if quoted:
            place = Place(place.file, place.line, place.column + 1)
        verbatim = event.style not in ("|",
                                       ">") and self._lines[place.line - 1].startswith(event.value, place.column - 1)
        if any("\ud800" <= character <= "\udfff" for character in event.value):
            self._refuse("FT102", place, "half of a surrogate pair", "write the character itself")
        return Scalar(place, event.value, not event.style, verbatim)

    def _mapping(self, start: Place, parts: list[Node]) -> Mapping:
        entries: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(parts[::2], parts[1::2]):
            if not isinstance(key, Scalar):
                self._refuse("FT105", key.place, "a key must be a word", "quote a text that starts with [ or {")
            elif key.text == "<<" and key.plain:
                self._refuse("FT107", key.place, "a merge key", "use a group: `+name:`")
            elif key.text in entries:
                first = entries[key.text][0].place
                self._refuse("FT106", key.place, f"the key '{key.text}' stands here twice",
                             f"the first is in line {first.line}")
            else:
                entries[key.text] = (key, value)
        return Mapping(start, tuple(entries.values()))

    def _no_extras(self, event, place: Place) -> None:
        if event.anchor is not None:
            self._refuse("FT107", place, f"the anchor '&{event.anchor}'", "write the value again, or use a group")
        if event.tag is not None:
            self._refuse("FT107", place, f"the tag '{event.tag}'", "values need no tags here; remove it")

    def _refuse(self, code: str, place: Place, message: str, hint: str) -> None:
        self.broken = True
        self._report.add(code, place, message, hint)
