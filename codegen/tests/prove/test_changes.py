# SPDX-License-Identifier: Apache-2.0
"""`breaking` reports every change that breaks, and gives no alarm for one that fits, which the oracle proves to fit."""
import unittest
from collections import Counter
from collections.abc import Iterator
from random import Random

from ftgen.breaking import Category, compare
from ftgen.load import load
from ftgen.model import Protocol
from tests.breaking.test_edits import COMPATIBLE
from tests.golden import REAL
from tests.prove import breaks, fits
from tests.prove.changes import Change, random_change
from tests.prove.proof import UNSEEN, Trial
from tests.prove.schemas import schema

SEEDS = range(110)
# A rule may stand where nobody runs it, and a value that tells may be rare.
WITNESSED = 0.85


def changes(breaking: bool) -> Iterator[tuple[int, Random, Protocol, Change]]:
    for seed in SEEDS:
        random = Random(seed)
        protocol = schema(random)
        change = random_change(random, protocol, breaking)
        if change is not None:
            yield seed, random, protocol, change


class Changes(unittest.TestCase):
    def test_what_fits_is_no_finding_and_no_misunderstanding(self) -> None:
        tried: Counter[str] = Counter()
        for seed, random, old, change in changes(breaking=False):
            with self.subTest(seed, change=change.name):
                tried.update(change.name.split(" and "))
                self.assertEqual([], [str(f) for f in compare(old, change.protocol, Category.JSON)])
                trial = Trial(old, change.protocol, random)
                self.assertIsNone(trial.misunderstanding(count=6))
                if seed % 10 == 0:
                    self.assertIsNone(trial.at_edges())
        self.assertGreater(len(tried), 0.8 * len(fits.KINDS), tried)

    def test_what_breaks_is_reported_and_most_of_it_has_a_witness(self) -> None:
        tried: Counter[str] = Counter()
        seen, unseen = [], []
        for seed, random, old, change in changes(breaking=True):
            with self.subTest(seed, change=change.name):
                tried[change.name] += 1
                rules = {f.rule for f in compare(old, change.protocol, Category.JSON)}
                self.assertTrue(rules & change.rules, f"{change.rules} were expected, and there are {rules}")
                if not rules & UNSEEN and seed % 3 == 0:
                    witness = Trial(old, change.protocol, random).witness(count=20)
                    (unseen if witness is None else seen).append(change.name)
        self.assertGreater(len(tried), 0.6 * len(breaks.KINDS), tried)
        self.assertGreater(len(seen), WITNESSED * len(seen + unseen), unseen)

    def test_the_compatible_edits_of_the_real_schema_are_no_misunderstanding(self) -> None:
        real, _ = load(REAL)
        for name, edit in COMPATIBLE:
            with self.subTest(name):
                self.assertIsNone(Trial(real, edit(real), Random(1)).misunderstanding(count=3))


if __name__ == "__main__":
    unittest.main()
