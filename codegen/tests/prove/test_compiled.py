# SPDX-License-Identifier: Apache-2.0
"""The generated C++ of random schemas, old and compatibly changed, compiled: each says of every frame what the oracle
says, and what old nodes write, new ones read and write again byte for byte."""
import tempfile
import unittest
from pathlib import Path
from random import Random

from ftgen.model import Protocol
from ftgen.oracle import Codec, Refused
from tests.prove.changes import random_change
from tests.prove.program import Compiler, Question, ask, disagreements, questions
from tests.prove.proof import Trial
from tests.prove.schemas import schema

SEEDS = (2, 9)
COUNT = 60


def old_and_new(seed: int, changes: int = 3) -> tuple[Protocol, Protocol, Random]:
    """A protocol, and the same after some compatible changes."""
    random = Random(seed)
    old = new = schema(random)
    while changes > 0:
        change = random_change(random, new, breaking=False)
        if change is not None:
            new, changes = change.protocol, changes - 1
    return old, new, random


class Pair:
    """Both codecs of a seed, compiled; `misunderstandings` runs them against the oracle and each other."""

    def __init__(self, compiler: Compiler, seed: int) -> None:
        self.old, self.new, self._random = old_and_new(seed)
        self._programs = [compiler.program(f"{name}{seed}", protocol)
                          for name, protocol in (("old", self.old), ("new", self.new))]

    def misunderstandings(self) -> list[object]:
        found: list[object] = []
        asked: list[list[Question]] = []
        both = [{v: Codec(protocol, v) for v in protocol.window} for protocol in (self.old, self.new)]
        for codecs, program in zip(both, self._programs):
            asked.append(list(questions(codecs, self._random, COUNT)))
            found += disagreements(program, codecs, asked[-1])
        # What one makes of the other's frames is what the oracle makes of them.
        shared = [v for v in both[0] if v in both[1]]
        for codecs, program, others in zip(both, self._programs, reversed(asked)):
            found += disagreements(program, codecs, [q for q in others if q.sender in shared and q.version in shared])
        trial = Trial(self.old, self.new, self._random)
        found += filter(None, [trial.misunderstanding(COUNT)])
        for version in shared:
            written = [Question(version, version, f) for f in trial.frames(version, COUNT, by_new=False)]
            found += [(question, said) for question, said in zip(written, ask(self._programs[1], written), strict=True)
                      if bytes.fromhex(said[2])[5:] != question.frame[5:]]
        return found


class Compiled(unittest.TestCase):
    maxDiff = None

    def test_old_and_new_code_understand_each_other_as_the_oracle_says(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            compiler = Compiler(Path(folder))
            for seed in SEEDS:
                with self.subTest(seed):
                    self.assertEqual([], Pair(compiler, seed).misunderstandings())

    def test_questions_are_of_all_kinds(self) -> None:
        protocol = schema(Random(SEEDS[0]))
        codecs = {v: Codec(protocol, v) for v in protocol.window}
        frames = [(q, codecs[q.sender].decode_frame(q.frame)) for q in questions(codecs, Random(1), COUNT)]
        refused = [q for q, said in frames if isinstance(said, Refused)]
        self.assertGreater(len(refused), 20)
        self.assertGreater(len(frames) - len(refused), COUNT)


if __name__ == "__main__":
    unittest.main()
