# SPDX-License-Identifier: Apache-2.0
"""The edits of the trial: each is found, the table of what is lost says what they are about, and version 1 stays."""
from __future__ import annotations

import io
import tempfile
import unittest
from contextlib import redirect_stdout
from pathlib import Path

import make
from ftgen import breaking, ir
from ftgen.load import load
from ftgen.lock import folder_of, read
from ftgen.lower.skew import pairs
from ftgen.project import project

SCHEMA = make.REPOSITORY / "schema"


class Edits(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.file = self.folder / "a.yaml"
        self.file.write_text("one\ntwo\ntwo\n")

    def test_an_edit_that_is_not_found_once_changes_nothing(self) -> None:
        for find, times in (("three", 0), ("two", 2)):
            with self.assertRaisesRegex(make.Wrong, f"a.yaml: found {times} times instead of once:\n{find}"):
                make.edit(self.folder, [make.Edit("a.yaml", "one", "1"), make.Edit("a.yaml", find, "2")])
            self.assertEqual("one\ntwo\ntwo\n", self.file.read_text())

    def test_edits_of_one_file_are_made_in_turn(self) -> None:
        make.edit(self.folder, [make.Edit("a.yaml", "one\ntwo\n", "1\n"), make.Edit("a.yaml", "two", "2")])
        self.assertEqual("1\n2\n", self.file.read_text())

    def test_a_file_is_only_the_same_if_all_of_it_is(self) -> None:
        for folder, text in (("one", "a"), ("two", "a"), ("three", "b")):
            (self.folder / folder / "src").mkdir(parents=True)
            (self.folder / folder / "src" / "x.cpp").write_text(text)
        (self.folder / "two" / "src" / "y.cpp").write_text("")
        self.assertEqual([], make.different(self.folder / "one", self.folder / "one"))
        self.assertEqual(["src/y.cpp"], make.different(self.folder / "one", self.folder / "two"))
        self.assertEqual(["src/x.cpp"], make.different(self.folder / "one", self.folder / "three"))


class Trial(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        with redirect_stdout(io.StringIO()):
            make.codecs(Path(temporary.name))   # which insists on the C++ of version 1
        cls.protocol, found = load(Path(temporary.name) / "schema" / make.ROOT)
        assert found == [], found

    def test_version_1_is_the_frozen_one(self) -> None:
        frozen = read(folder_of(SCHEMA / make.ROOT))[1]
        self.assertEqual(ir.digest(frozen), ir.digest(project(self.protocol, 1)))
        self.assertEqual([], breaking.compare(frozen, self.protocol, breaking.Category.JSON))

    def test_the_table_of_what_is_lost(self) -> None:
        table = {(p.sender, p.receiver): {c.subject.path: c.outcome.value for c in p.changes}
                 for p in pairs(self.protocol)}
        self.assertEqual({
            (1, 1): {}, (2, 2): {"IndexColumnPlan.nulls_first": "refused"},
            (1, 2): {"FragmentRequest.priority": "defaulted", "PhysicalPlan.CreateSequence.if_not_exists": "defaulted"},
            (2, 1): {"FragmentRequest.priority": "lost", "PhysicalPlan.CreateSequence.if_not_exists": "refused",
                     "CatalogPrivilege.Maintain": "refused",
                     "PhysicalPlan.Reindex": "refused", "TransportPayload.DescribeFragment": "refused",
                     "MSG_DESCRIBE_FRAGMENT": "refused"}}, table)


if __name__ == "__main__":
    unittest.main()
