# SPDX-License-Identifier: Apache-2.0
import unittest

from ftgen.diagnostics import Report
from ftgen.model import ArrayOf, ListOf, Opaque, OptionalOf, Ref, Scalar, SecretOf, TupleOf
from ftgen.typeexpr import parse
from tests.support import text


class TypeExpressions(unittest.TestCase):
    def test_all_forms(self) -> None:
        u8, string = Scalar("u8"), Scalar("string")
        for written, expected in (
                ("u8", u8), ("json", Opaque()), ("Plan", Ref("Plan")), ("list<u8>", ListOf(u8)),
                ("optional<list<Plan>>", OptionalOf(ListOf(Ref("Plan")))), ("array<u8, 16>", ArrayOf(u8, 16)),
                ("tuple<string,u8,Plan>", TupleOf((string, u8, Ref("Plan")))), ("secret<string>", SecretOf(string)),
                (" list < optional < u8 > > ", ListOf(OptionalOf(u8))), ("secret<u64>", SecretOf(Scalar("u64")))):
            with self.subTest(written):
                report = Report()
                self.assertEqual(expected, parse(text(written), ("Plan",), report))
                self.assertEqual([], report.sorted())

    def test_mistakes_have_a_column(self) -> None:
        for written, code, column in (
                ("", "FT301", 1), ("list<>", "FT301", 6), ("list<u8,u8>", "FT301", 8), ("<u8>", "FT301", 1),
                ("u8<u8>", "FT301", 3),
                ("list<u8> ;", "FT301", 10), ("array<u8, n>", "FT301", 11), ("tuple<u8, >", "FT301", 11),
                ("Plan<u8>", "FT301", 5),
                ("optional<Plam>", "FT302", 10), ("string_", "FT302", 1), ("plan", "FT302", 1),
                ("array<u8, 65537>", "FT303", 11), ("tuple<u8>", "FT303", 1), ("secret<secret<u8>>", "FT303", 1),
                ("list<" * 500, "FT301", 41)):
            with self.subTest(written):
                report = Report()
                self.assertIsNone(parse(text(written), ("Plan",), report))
                found, = report.sorted()
                self.assertEqual((code, column), (found.code, found.place.column))

    def test_the_hint_names_what_was_meant(self) -> None:
        report = Report()
        parse(text("list<phisicalplan>"), ("LogicalPlan", "PhysicalPlan"), report)
        self.assertEqual("did you mean 'PhysicalPlan'?", report.sorted()[0].hint)
