# SPDX-License-Identifier: Apache-2.0
"""The differential fuzzer itself: it sees a difference when there is one, and its frames follow from the seed."""
import json
import tempfile
import unittest
from pathlib import Path
from random import Random

from ftgen.load import load
from ftgen.oracle import HEADER, Codec, Refused
from tests.golden import REAL
from tests.oracle import differ
from tests.oracle.mutate import mutate, parse

# Answers as ftconform does, and finds every frame good.
YES = """#!/bin/sh
while read -r line; do echo '{"id": 0, "ok": true, "consumed": 9, "canonical": "", "broken": null}'; done
"""


class Differ(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.protocol, _ = load(REAL)
        cls.golden = differ.golden_frames()

    def test_a_program_that_says_something_else_is_found(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "yes"
            program.write_text(YES)
            program.chmod(0o755)
            found = list(differ.differences(self.protocol, program, self.golden[:20]))
        self.assertEqual(self.golden[:20], [frame for frame, _, _ in found])

    def test_frames_follow_from_the_seed(self) -> None:
        one, same, other = (list(differ.changed_frames(self.golden, seed, 50)) for seed in (1, 1, 2))
        self.assertEqual(one, same)
        self.assertNotEqual(one, other)
        self.assertEqual(list(differ.frames_of_numbers(self.protocol, 1, 9)),
                         list(differ.frames_of_numbers(self.protocol, 1, 9)))

    def test_the_changes_break_much_and_not_all(self) -> None:
        codec = Codec(self.protocol, self.protocol.current_version)
        decoded = [codec.decode_frame(frame) for frame in differ.changed_frames(self.golden, 3, 1500)]
        codes = {d.code for d in decoded if isinstance(d, Refused)}
        self.assertGreater(sum(not isinstance(d, Refused) for d in decoded), 150)
        self.assertLessEqual({"missing_key", "duplicate_key", "wrong_type", "out_of_range", "unknown_variant", "syntax",
                              "unexpected_end", "invalid_utf8", "invalid_escape", "control_character"}, codes)
        numbers = [codec.decode_frame(f) for f in differ.frames_of_numbers(self.protocol, 3, 200)]
        self.assertGreater(sum(not isinstance(d, Refused) for d in numbers), 100)


class Mutating(unittest.TestCase):
    def test_an_unchanged_tree_writes_what_was_read(self) -> None:
        for frame in differ.golden_frames()[::40]:
            text = frame[HEADER:].decode()
            self.assertEqual(json.loads(text), json.loads(parse(text).write(Random(1), loose=True)))

    def test_a_text_of_one_value_can_be_changed(self) -> None:
        for seed in range(200):
            self.assertIsInstance(mutate(Random(seed), b"7", [b"[]"]), bytes)


if __name__ == "__main__":
    unittest.main()
