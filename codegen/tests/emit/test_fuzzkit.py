# SPDX-License-Identifier: Apache-2.0
"""The fuzz kit: seeds that cover the schema, a dictionary that libFuzzer reads, a table of the shape."""
import re
import unittest

from ftgen.emit import fuzzkit
from ftgen.load import load
from ftgen.lower.places import Texts
from ftgen.lower.shape import rows
from ftgen.oracle import Codec, Refused
from ftgen.walk import owners
from tests.golden import REAL
from tests.support import TRANSPORT, SchemaTest

# What FuzzerUtil.cpp of LLVM takes as a line of a dictionary.
ENTRY = re.compile(rb'"(?:[^"\\]|\\["\\]|\\x[0-9a-f]{2})+"')


class RealKit(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.protocol, _ = load(REAL)
        cls.files = fuzzkit.emit(cls.protocol)
        cls.seeds = {name: frame for name, frame in cls.files.items() if name.startswith("fuzz/corpus/")}

    def test_few_small_seeds(self) -> None:
        self.assertLess(len(self.seeds), 300)
        self.assertGreater(len(self.seeds), 100)
        self.assertLess(sum(map(len, self.seeds.values())), 200_000)

    def test_the_seeds_have_every_key_and_every_way_to_be_refused(self) -> None:
        codec = Codec(self.protocol, self.protocol.current_version)
        decoded = [codec.decode_frame(frame) for frame in self.seeds.values()]
        codes = {d.code for d in decoded if isinstance(d, Refused)}
        self.assertLessEqual({"missing_key", "duplicate_key", "unknown_variant", "wrong_type", "out_of_range",
                              "message_type_mismatch"}, codes)
        text = b"".join(f for f, d in zip(self.seeds.values(), decoded) if not isinstance(d, Refused)).decode("latin-1")
        for declaration in self.protocol.declarations().values():
            for owner in owners(declaration):
                for field in owner.fields:
                    self.assertIn(f'"{field.name}":', text, owner.name)
            for variant in getattr(declaration, "variants", ()):
                if not variant.is_unit:
                    self.assertIn(f'{{"{variant.wire_name}":', text)

    def test_the_dictionary_is_one(self) -> None:
        first, *entries = self.files["fuzz/fragment_transport.dict"].encode().splitlines()
        self.assertTrue(first.startswith(b"# "))
        self.assertGreater(len(entries), 500)
        for entry in entries:
            self.assertIsNotNone(ENTRY.fullmatch(entry), entry)

    def test_the_shape_is_closed(self) -> None:
        table = rows(Texts(Codec(self.protocol, 1)))
        self.assertEqual(["version", "auth_token", "payload"], [m.name for m in table[0].members])
        for row in table:
            for member in row.members:
                self.assertTrue(member.row is None and row.kind == "sum" or 0 <= member.row < len(table))
            if row.kind in ("optional", "list"):
                self.assertEqual(1, len(row.members))


class SmallKit(SchemaTest):
    def test_a_protocol_of_types_alone_has_none(self) -> None:
        self.assertEqual({}, fuzzkit.emit(self.good("types: {Id: {doc: A number., newtype: u64}}")))

    def test_it_is_named_as_the_protocol(self) -> None:
        files = fuzzkit.emit(self.good(TRANSPORT))
        self.assertIn("fuzz/small.dict", files)
        self.assertIn('{"Answer", 4}', files["fuzz/shape.hpp"])


if __name__ == "__main__":
    unittest.main()
