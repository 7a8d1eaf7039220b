# SPDX-License-Identifier: Apache-2.0
"""docs/protocol-bump.md is true: its commands print what it says, and its schema is that of the trial."""
from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import make
from cluster import PATIENCE, Cluster
from nodes import REPOSITORY, nodes

PAGE = (REPOSITORY / "docs" / "protocol-bump.md").read_text(encoding="utf-8")
NEEDED = ("cmake", "codegen/ftgen", "generated", "schema", "tests/trial")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.M | re.S)


class Page(unittest.TestCase):
    maxDiff = None

    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.copy = Path(temporary.name)
        for name in NEEDED:
            shutil.copytree(REPOSITORY / name, self.copy / name)

    def test_every_command_prints_what_the_page_says(self) -> None:
        shown = re.findall(r"^\$ (.*\n)((?:(?!\$ ).*\n)*)", "".join(blocks("console")), re.M)
        self.assertGreater(len(shown), 25)
        same = doctest.OutputChecker().check_output
        with Cluster(nodes()["v1"], 1) as old, Cluster(nodes()["v2"], 1) as new:
            for name, node in nodes().items():
                (self.copy / name).symlink_to(node.folder)
            token = self.copy / "token"
            token.touch(mode=0o600)
            token.write_text("".join((cluster.folder / "token").read_text() for cluster in (old, new)))
            variables = {"V1": old.workers[0].address, "V2": new.workers[0].address}
            for command, expected in shown:
                printed = self.run_in_copy(command, variables)
                with self.subTest(command):
                    # What differs is never more than a part of a line.
                    if not same(expected, printed, doctest.ELLIPSIS) or printed.count("\n") != expected.count("\n"):
                        self.assertEqual(expected, printed)

    def run_in_copy(self, command: str, variables: dict[str, str]) -> str:
        # The script only looks for packages before it does the same.
        command = command.replace("./dev ftgen", "cmake/ftgen-python -m ftgen")
        done = subprocess.run(["bash", "-c", command], cwd=self.copy, env={**os.environ, **variables}, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=4 * PATIENCE)
        return done.stdout

    def test_its_schema_is_that_of_the_trial(self) -> None:
        before = {line for path in (self.copy / "schema").glob("*.yaml") for line in path.read_text().splitlines()}
        make.edit(self.copy / "schema", make.edits())
        after = {line for path in (self.copy / "schema").glob("*.yaml") for line in path.read_text().splitlines()}
        shown = {line for block in blocks("yaml") for line in block.splitlines()}
        self.assertEqual(set(), shown - after, "these are not in the trial")
        self.assertEqual(set(), {line for line in after - before if line} - shown, "these are not on the page")


if __name__ == "__main__":
    unittest.main()
