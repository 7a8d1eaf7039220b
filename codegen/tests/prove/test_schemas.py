# SPDX-License-Identifier: Apache-2.0
"""Random schemas go through YAML, through projection and through every emitter; and what a version reads and writes is
what its projection reads and writes."""
import unittest
from random import Random

from ftgen import ir
from ftgen.emit import EMITTERS
from ftgen.oracle import Codec, Refused
from ftgen.project import project
from tests.prove.changes import as_loaded
from tests.prove.proof import difference
from tests.prove.schemas import schema
from tests.prove.values import Values, hints, loose

SEEDS = range(40)
EMITTED = SEEDS[:8]


class Schemas(unittest.TestCase):
    def test_they_are_legal_and_come_back_from_yaml_and_from_locks(self) -> None:
        for seed in SEEDS:
            with self.subTest(seed):
                protocol = schema(Random(seed))
                self.assertEqual(ir.dump(protocol), ir.dump(as_loaded(protocol)))
                self.assertEqual(protocol, ir.load(ir.dump(protocol)))

    def test_so_are_their_projections(self) -> None:
        for seed in SEEDS[::2]:
            protocol = schema(Random(seed))
            for version in protocol.window:
                with self.subTest(seed, version=version):
                    one = project(protocol, version)
                    self.assertEqual(ir.dump(one), ir.dump(as_loaded(one)))

    def test_every_emitter_takes_them(self) -> None:
        for seed in EMITTED:
            protocol = schema(Random(seed))
            for emitter in EMITTERS:
                with self.subTest(seed, emitter=emitter.__name__):
                    self.assertTrue(emitter.emit(protocol))

    def test_a_version_is_its_projection(self) -> None:
        tried = 0
        for seed in SEEDS:
            random = Random(seed)
            protocol = schema(random)
            for version in protocol.window:
                whole, one = Codec(protocol, version), Codec(project(protocol, version), version)
                values = Values(whole, random, hints([protocol]))
                for _ in range(8):
                    value = values.envelope()
                    frame, spelled = whole.encode_frame(value), loose(whole, random, value)
                    self.assertNotIsInstance(frame, Refused, seed)
                    self.assertIsNone(difference(whole, one, frame, canonical=True), (seed, version, frame))
                    if not isinstance(spelled, Refused):
                        tried += 1
                        read = whole.decode_frame(spelled)
                        self.assertNotIsInstance(read, Refused, (seed, version, spelled))
                        self.assertEqual(frame[5:], whole.encode_frame(read.envelope)[5:], (seed, version, spelled))
                        self.assertIsNone(difference(whole, one, spelled, canonical=False), (seed, version, spelled))
        self.assertGreater(tried, 400)


if __name__ == "__main__":
    unittest.main()
