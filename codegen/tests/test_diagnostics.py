# SPDX-License-Identifier: Apache-2.0
import re
import unittest

from ftgen.codes import CODES, explain
from ftgen.diagnostics import Report, Severity, did_you_mean
from ftgen.model import Place


class Diagnostics(unittest.TestCase):
    def test_text(self) -> None:
        report = Report()
        report.add("FT302", Place("schema/a.yaml", 3, 9), "unknown type 'u46'", "did you mean 'u64'?")
        report.add("FT106", Place("schema/a.yaml", 2, 1), "the key 'a' stands here twice")
        self.assertEqual(["schema/a.yaml:2:1 FT106 the key 'a' stands here twice",
                          "schema/a.yaml:3:9 FT302 unknown type 'u46'\n    hint: did you mean 'u64'?"],
                         [str(d) for d in report.sorted()])

    def test_the_same_is_told_once(self) -> None:
        report = Report()
        for _ in range(3):
            report.add("FT302", Place("a", 1, 1), "unknown")
        self.assertEqual(1, len(report.sorted()))

    def test_lint_is_a_warning_and_no_failure(self) -> None:
        report = Report()
        report.add("FT602", Place("a", 1, 1), "no period")
        self.assertFalse(report.failed)
        self.assertIs(Severity.WARNING, report.sorted()[0].severity)
        report.add("FT302", Place("a", 1, 1), "unknown")
        self.assertTrue(report.failed)

    def test_did_you_mean(self) -> None:
        self.assertEqual("did you mean 'PhysicalPlan'?", did_you_mean("Physicalplan", ["LogicalPlan", "PhysicalPlan"]))
        self.assertEqual("otherwise", did_you_mean("xyz", ["LogicalPlan"], "otherwise"))
        self.assertEqual("", did_you_mean("x", []))

    def test_codes_are_well_formed_and_explained(self) -> None:
        for code, entry in CODES.items():
            self.assertRegex(code, r"^FT[1-7][0-9]{2}$")
            self.assertGreater(len(entry.text), 40, code)
            self.assertTrue(re.search(r"[.`]$", entry.text), code)
        self.assertTrue(explain("ft302").startswith("FT302: unknown type\n\nThe name is"))
        self.assertIsNone(explain("FT000"))
