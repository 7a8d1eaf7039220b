# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema of the own protocol against recorded frames: it takes what decodes, and refuses what does not as far
as JSON Schema can tell. MISSES lists what it cannot tell, so that a schema that takes too much is noticed."""
import base64
import json
import sys
import unittest
from collections.abc import Iterator

from jsonschema import Draft202012Validator

from ftgen.emit import jsonschema
from ftgen.load import load
from ftgen.walk import owners
from tests.golden import REAL, REPOSITORY, SCHEMAS

DATA = REPOSITORY / "tests" / "data"
DEPTH = 20_000                      # of Python's stack: a validator calls itself a dozen times for each bracket

# Refused by a decoder, for a reason that JSON Schema does not know: depth, keys that stand twice, how a number is
# spelt, numbers in opaque JSON, halves of surrogate pairs.
MISSES = ("K depth", "duplicate key version", "duplicate key written with escape", "two keys", "struct variant dup",
          "version (u8) = -0", "request_id (u64) = 1.0", "Int (i32) = -0", "Int (i32) = 0.0", "BigInt (i64) = -0",
          "Numeric coefficient (i128) = 1.0", "Numeric coefficient (i128) = 1e3", "Double = NaN", "Date float",
          "lone high then text", "high + high", "lone low \\udc00", "Jsonb = 1E400", "Jsonb = Infinity")


def recorded(name: str) -> Iterator[tuple[dict, int, object]]:
    """(the record, the message byte, the payload) of each frame that is whole and JSON."""
    for line in (DATA / f"{name}.jsonl").read_text().splitlines():
        record = json.loads(line)
        frame = base64.b64decode(record["frame"])
        end = 5 + int.from_bytes(frame[1:5], "little")
        try:
            payload = json.loads(frame[5:end])
        except ValueError:
            continue
        if end <= len(frame):
            yield record, frame[0], payload


class Recorded(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.addClassCleanup(sys.setrecursionlimit, sys.getrecursionlimit())
        sys.setrecursionlimit(DEPTH)
        cls.protocol, _ = load(REAL)
        text, = jsonschema.emit(cls.protocol).values()
        cls.schema = json.loads(text)
        cls.envelope = Draft202012Validator(cls.schema)
        cls.messages = {m.byte: Draft202012Validator({**cls.schema, "$ref": f"#/$defs/{m.name}"})
                        for m in cls.protocol.messages}

    def test_it_is_a_schema(self) -> None:
        Draft202012Validator.check_schema(self.schema)

    def test_it_takes_what_decodes(self) -> None:
        count = 0
        for record, _, payload in (*recorded("golden"), *recorded("decode")):
            if record["expect"] != "reject":
                count += 1
                if not self.envelope.is_valid(payload):
                    self.fail(f"{record['name']}: {next(self.envelope.iter_errors(payload)).message[:500]}")
        self.assertGreater(count, 1200)

    def test_it_refuses_what_does_not_decode(self) -> None:
        refused, taken = [], set()
        for record, byte, payload in recorded("decode"):
            if record["expect"] == "reject" and byte in self.messages:
                if self.messages[byte].is_valid(payload):
                    taken.add(record["section"] if record["section"] in MISSES else record["name"])
                else:
                    refused.append(record["name"])
        self.assertEqual(set(MISSES), taken)
        self.assertGreater(len(refused), 100)

    def test_every_name_has_its_place(self) -> None:
        for declaration in self.protocol.declarations().values():
            definition = self.schema["$defs"][declaration.name]
            self.assertEqual(declaration.doc, definition["description"])
            keys = set(_keys(definition))
            for owner in owners(declaration):
                self.assertLessEqual({f.name for f in owner.fields}, keys)
            for variant in getattr(declaration, "variants", ()):
                self.assertIn(variant.wire_name, keys)


class EverySchema(unittest.TestCase):
    def test_one_file_for_each_version(self) -> None:
        for folder in SCHEMAS:
            protocol, _ = load(folder / "schema.yaml")
            files = jsonschema.emit(protocol)
            self.assertEqual([f"jsonschema/{protocol.name}-v{v}.json" for v in protocol.window], list(files))
            for text in files.values():
                schema = json.loads(text)
                Draft202012Validator.check_schema(schema)
                for reference in _references(schema):
                    self.assertIn(reference.removeprefix("#/$defs/"), schema["$defs"])


def _keys(schema: object) -> Iterator[str]:
    """Every key and name that a schema speaks of."""
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
        yield from schema.get("enum", ())
        schema = list(schema.values())
    if isinstance(schema, list):
        for inner in schema:
            yield from _keys(inner)


def _references(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        schema = list(schema.values())
    if isinstance(schema, list):
        for inner in schema:
            yield from _references(inner)


if __name__ == "__main__":
    unittest.main()
