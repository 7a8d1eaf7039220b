# SPDX-License-Identifier: Apache-2.0
"""One capture, seen by the Wireshark dissector, by ftdump and by a JSON reader: each field has the same name, place and
value, and the protocol's reference has a row for each name.

The labels of Wireshark's tree are computed here from the JSON and the schema, in the way that tree.lua tells.
"""
from __future__ import annotations

import base64
import functools
import json
import os
import re
import subprocess
import tempfile
import unittest
from collections.abc import Iterator
from pathlib import Path

from ftgen.emit import docs
from ftgen.load import load
from ftgen.model import (FLOATS, INTEGERS, ArrayOf, Field, ListOf, Newtype, Opaque, OptionalOf, Protocol, Ref, Scalar,
                         SecretOf, Struct, Sum, TupleOf, Type)
from tests.golden import REAL, REPOSITORY
from tests.pcap import Capture
from tests.wireshark import Frame, Item, WiresharkTest

DATA = REPOSITORY / "tests" / "data"
LONGEST = 160


class Number(str):
    """A number as it stands in the text."""


read_json = functools.partial(json.loads, parse_int=Number, parse_float=Number)


def written(value: object) -> str:
    """The JSON text of a value, its numbers as they were."""
    match value:
        case Number():
            return str(value)
        case list():
            return "[" + ",".join(map(written, value)) + "]"
        case dict():
            return "{" + ",".join(f"{written(k)}:{written(v)}" for k, v in value.items()) + "}"
        case _:
            return json.dumps(value, ensure_ascii=False)


class Labels:
    """The lines that a tree should have: (depth, label)."""

    def __init__(self, protocol: Protocol) -> None:
        self._declared = protocol.declarations()
        self._envelope = self._declared[protocol.envelope.type]

    def of(self, envelope: dict) -> list[tuple[int, str]]:
        return list(self._members(0, self._envelope.fields, envelope))

    def _members(self, depth: int, fields: tuple[Field, ...], value: dict) -> Iterator[tuple[int, str]]:
        types = {f.name: f.type for f in fields}
        for key, member in value.items():
            yield from self._value(depth, key, types[key], member, True)

    def _value(self, depth: int, name: str, type_: Type, value: object, is_field: bool) -> Iterator[tuple[int, str]]:
        match type_:
            case SecretOf():
                yield depth, f'{name}: "***"'
            case OptionalOf(item) if value is not None:
                yield from self._value(depth, name, item, value, is_field)
            case Ref(target) if isinstance(declaration := self._declared[target], Newtype):
                yield from self._value(depth, name, declaration.type, value, is_field)
            case Ref(target) if isinstance(declaration := self._declared[target], Struct):
                yield depth, name
                yield from self._members(depth + 1, declaration.fields, value)
            case Ref(target):
                yield from self._sum(depth, name, self._declared[target], value, is_field)
            case ListOf(item) | ArrayOf(item) if value and not self._is_number(item):
                yield from self._items(depth, name, [item] * len(value), value)
            case TupleOf(items):
                yield from self._items(depth, name, list(items), value)
            case Scalar() | Opaque() | OptionalOf() | ListOf() | ArrayOf():
                text = written(value)
                size = len(text.encode())
                if size > LONGEST:
                    text = text.encode()[:LONGEST].decode("utf-8", "ignore") + f"... ({size} bytes)"
                yield depth, f"{name}: {text}".replace("\x7f", r"\x7f")     # tshark's own escape

    def _items(self, depth: int, name: str, types: list[Type], values: list) -> Iterator[tuple[int, str]]:
        yield depth, f"{name} [{len(values)}]"
        for i, (type_, value) in enumerate(zip(types, values, strict=True)):
            yield from self._value(depth + 1, f"[{i}]", type_, value, False)

    def _sum(self, depth: int, name: str, sum_: Sum, value: object, is_field: bool) -> Iterator[tuple[int, str]]:
        if isinstance(value, str):
            yield depth, f"{name}: {written(value)}"
            return
        (tag, content), = value.items()
        variant = next(v for v in sum_.variants if v.wire_name == tag)
        declaration = self._declared.get(variant.type.name) if isinstance(variant.type, Ref) else None
        fields = declaration.fields if isinstance(declaration, Struct) else variant.fields
        if fields is not None or is_field:
            yield depth, f"{name}: {tag}"
            if fields is not None:
                yield from self._members(depth + 1, fields, content)
            else:
                yield from self._value(depth + 1, tag, variant.type, content, False)
        else:
            yield from self._value(depth, f"{name}: {tag}", variant.type, content, False)

    def _is_number(self, type_: Type) -> bool:
        while isinstance(type_, Ref) and isinstance(self._declared[type_.name], Newtype):
            type_ = self._declared[type_.name].type
        return isinstance(type_, Scalar) and type_.name in (*INTEGERS, *FLOATS, "month")


def shown(frame: Frame) -> list[tuple[int, str]]:
    """The lines of a frame's tree, without the header's and the links."""
    own = ("msg_type", "payload_len", "request_in", "response_in", "response_time")

    def lines(items, depth: int) -> Iterator[tuple[int, str]]:
        for item in items:
            if item.name.partition(".")[2] not in own and not item.name.startswith("_ws.expert"):
                yield depth, item.label
                yield from lines(item.items, depth + 1)
    return list(lines(frame.items, 0))


def golden() -> list[bytes]:
    with open(DATA / "golden.jsonl", encoding="utf-8") as file:
        vectors = [json.loads(line) for line in file]
    return [base64.b64decode(v["frame"]) for v in vectors if v["expect"] == "identical"]


def ftdump() -> Path | None:
    folders = [os.environ.get("FT_TOOL_DIR"), REPOSITORY / "build" / "bin", REPOSITORY / "build" / "release" / "bin"]
    return next((p for f in folders if f and (p := Path(f) / "ftdump").is_file()), None)


class Agreement(WiresharkTest):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.protocol, _ = load(REAL)
        cls.sent = golden()

        cls.frames = cls.look(cls.sent)

    @classmethod
    def look(cls, frames: list[bytes]) -> list[Frame]:
        capture = Capture()
        connection = capture.connect()
        for frame in frames:
            connection.send("client" if frame[0] < 0x80 else "server", frame)
        return cls.shark(cls.protocol).frames(capture)

    def assert_agree(self, envelopes: list[dict]) -> None:
        labels = Labels(self.protocol)
        self.assertEqual(len(envelopes), len(self.frames))
        for envelope, frame in zip(envelopes, self.frames):
            self.assertEqual(labels.of(envelope), shown(frame))

    def items(self) -> list[Item]:
        return [item for frame in self.frames for top in frame.items for item in top.all()]

    def test_with_a_json_reader(self) -> None:
        self.assertGreater(len(self.sent), 1000)
        self.assert_agree([read_json(frame[5:]) for frame in self.sent])

    def test_with_ftdump(self) -> None:
        program = ftdump()
        if program is None:
            self.skipTest("ftdump is not built (./dev build), or FT_TOOL_DIR does not say where")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "frames"
            file.write_bytes(b"".join(self.sent))
            done = subprocess.run([program, "--json", file], capture_output=True, encoding="utf-8", timeout=60)
        self.assertEqual(0, done.returncode, done.stderr)
        self.assert_agree([read_json(line)["envelope"] for line in done.stdout.splitlines()])

    def test_filters_see_the_labelled_value(self) -> None:
        seen = set()
        for item in self.items():
            name, _, text = item.label.partition(": ")
            if item.name.split(".")[-1] != name:
                continue
            if re.fullmatch(r"-?[0-9]+", text):
                self.assertEqual(text, item.value)
            elif re.fullmatch(r'"[ -!#-\[\]-~]*"', text):
                self.assertEqual(text[1:-1], item.value)
            elif text in ("true", "false"):
                self.assertIn(item.value, ("1", "True") if text == "true" else ("0", "False"))
            else:
                continue
            seen.add(item.name)
        self.assertGreater(len(seen), 100)

    def test_with_the_reference(self) -> None:
        text, = docs.emit(self.protocol).values()
        rows = set(re.findall(r"^\| `([a-z][a-z0-9_]*)` \|", text, re.MULTILINE))
        names = set(re.findall(r'`"([A-Z][A-Za-z0-9]*)"`', text))
        plain = {label.partition('"')[0] for frame in self.frames for _, label in shown(frame)}     # without texts
        shown_keys = {key for label in plain for key in re.findall(r"^[a-z][a-z0-9_]*", label)}
        variants = {name for label in plain for name in re.findall(r"(?<=: )[A-Z][A-Za-z0-9]*(?=$|: )", label)}
        self.assertGreater(len(shown_keys), 100)
        self.assertGreater(len(variants), 50)
        self.assertEqual(set(), shown_keys - rows)
        self.assertEqual(set(), variants - names)


if __name__ == "__main__":
    unittest.main()
