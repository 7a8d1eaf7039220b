# SPDX-License-Identifier: Apache-2.0
"""Each rule has a folder cases/RULE_ID with the smallest old and new schema that show it, and what is said about them;
cases/compatible has pairs about which nothing is said. After a change of wording, run
`python3 -m tests.breaking.test_cases`, which writes what is said now."""
import unittest
from pathlib import Path

from ftgen.breaking import RULES, compare
from ftgen.load import load

CASES = Path(__file__).parent / "cases"
BREAKING = sorted(p for p in CASES.iterdir() if p.name != "compatible")
COMPATIBLE = sorted((CASES / "compatible").iterdir())


def findings(case: Path) -> str:
    protocols = []
    for name in ("old.yaml", "new.yaml"):
        protocol, diagnostics = load(case / name)
        if protocol is None:
            raise AssertionError("\n".join(map(str, diagnostics)))
        protocols.append(protocol)
    return "".join(f"{finding}\n" for finding in compare(*protocols))


class Cases(unittest.TestCase):
    maxDiff = None

    def test_each_rule_has_a_case(self) -> None:
        self.assertEqual(sorted(rule.id for rule in RULES), [case.name for case in BREAKING])

    def test_breaking(self) -> None:
        for case in BREAKING:
            with self.subTest(case.name):
                said = findings(case)
                self.assertIn(case.name, [line.split()[0] for line in said.splitlines()])
                self.assertEqual((case / "expected.txt").read_text(encoding="utf-8"), said)

    def test_compatible(self) -> None:
        self.assertGreater(len(COMPATIBLE), 20)
        for case in COMPATIBLE:
            with self.subTest(case.name):
                self.assertEqual("", findings(case))


if __name__ == "__main__":
    for folder in BREAKING:
        (folder / "expected.txt").write_text(findings(folder), encoding="utf-8")
