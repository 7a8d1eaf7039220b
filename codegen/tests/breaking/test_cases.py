# SPDX-License-Identifier: Apache-2.0
"""Each rule has a folder cases/RULE_ID with the smallest old and new schema that show it: all versions of the old one
are frozen, the new one takes its place, and expected.txt is what `breaking` says then. cases/compatible has pairs
about which nothing is said. After a change of wording, run `python3 -m tests.breaking.test_cases`, which writes what
is said now."""
import contextlib
import io
import shutil
import tempfile
import unittest
from pathlib import Path

from ftgen.breaking import RULES, compare
from ftgen.cli import main
from ftgen.load import load

CASES = Path(__file__).parent / "cases"
BREAKING = sorted(p for p in CASES.iterdir() if p.name != "compatible")
COMPATIBLE = sorted((CASES / "compatible").iterdir())


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(arguments)
    return status, out.getvalue(), err.getvalue()


def findings(case: Path) -> str:
    """What the commands of a release, an edit and a check of it print."""
    with tempfile.TemporaryDirectory() as folder:
        schema = Path(folder) / "schema" / "small.yaml"
        shutil.copytree(case, schema.parent)
        shutil.copy(case / "old.yaml", schema)
        status, _, said = run("freeze", "--schema", str(schema))
        if status != 0:
            raise AssertionError(said)
        shutil.copy(case / "new.yaml", schema)
        status, out, said = run("breaking", "--category", "SOURCE", "--schema", str(schema))
        return said + out


def directly(case: Path) -> list[str]:
    protocols = []
    for name in ("old.yaml", "new.yaml"):
        protocol, diagnostics = load(case / name)
        if protocol is None:
            raise AssertionError("\n".join(map(str, diagnostics)))
        protocols.append(protocol)
    return list(map(str, compare(*protocols)))


class Cases(unittest.TestCase):
    maxDiff = None

    def test_each_rule_has_a_case(self) -> None:
        self.assertEqual(sorted(rule.id for rule in RULES), [case.name for case in BREAKING])

    def test_breaking(self) -> None:
        for case in BREAKING:
            with self.subTest(case.name):
                said = findings(case)
                self.assertIn(f" {case.name} ", said)
                self.assertEqual((case / "expected.txt").read_text(encoding="utf-8"), said)

    def test_every_hint_has_a_remedy(self) -> None:
        """After which nodes misunderstand each other comes what to do."""
        for case in BREAKING:
            for hint in findings(case).split("    hint: ")[1:]:
                with self.subTest(case.name):
                    self.assertTrue("; " in hint or "C++ that" in hint, hint)

    def test_compatible(self) -> None:
        self.assertGreater(len(COMPATIBLE), 20)
        for case in COMPATIBLE:
            with self.subTest(case.name):
                self.assertEqual([], directly(case))


if __name__ == "__main__":
    for folder in BREAKING:
        (folder / "expected.txt").write_text(findings(folder), encoding="utf-8")
