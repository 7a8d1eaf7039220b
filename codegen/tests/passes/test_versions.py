# SPDX-License-Identifier: Apache-2.0
from ftgen.load import load
from ftgen.model import Versions
from tests.support import HEAD, SchemaTest


class VersionRanges(SchemaTest):
    def test_added_comes_from_the_outside(self) -> None:
        types = self.types("""\
  Old:
    doc: From the start.
    fields: {a: {type: u8, doc: As old.}, b: {type: u8, doc: Newer., added: 2, deprecated: 3, missing: 0}}
  New:
    doc: Newer.
    added: 2
    default: X
    variants:
      X: {doc: As its sum., type: u8}
      Y: {doc: Newest., added: 3, fields: {c: {type: Old, doc: As its variant.}}}
""")
        self.assertEqual([Versions(1), Versions(2, 3)], [f.versions for f in types["Old"].fields])
        self.assertEqual([Versions(2), Versions(3)], [v.versions for v in types["New"].variants])
        self.assertEqual(Versions(3), types["New"].variants[1].fields[0].versions)

    def test_added_may_lie_below_the_window(self) -> None:
        head = HEAD.replace("min: 1", "min: 2")
        protocol, found = load(self.write("small.yaml", head + "types: {A: {doc: Old., added: 1, newtype: u8}}\n"))
        self.assertEqual([], found)
        self.assertEqual(Versions(1), protocol.declarations()["A"].versions)

    def test_members_go_with_their_owner(self) -> None:
        self.types("""\
  Gone: {doc: Removed., removed: 3, newtype: u8}
  User: {doc: Removed as well., removed: 3, fields: {a: {type: Gone, doc: Goes with its struct.}}}
""")
        _, found = self.load("types:\n  A: {doc: Gone., removed: 2, fields: {a: {type: u8, doc: On., removed: 3}}}\n")
        self.assertEqual(["FT403"], [d.code for d in found])

    def test_a_rule_names_what_is_there(self) -> None:
        body = ("types:\n  A:\n    doc: Two numbers.\n    fields:\n      a: {type: u8, doc: Old.}\n"
                "      b: {type: u8, doc: New., added: 2, absent: 1}\n"
                "    rules: [{id: less, expr: a < b, message: wrong%s}]\n")
        _, found = self.load(body % "")
        self.assertEqual(["FT403"], [d.code for d in found])
        rule = self.good(body % ", added: 2").declarations()["A"].rules[0]
        self.assertEqual(Versions(2), rule.versions)

    def said(self, body: str) -> list[tuple[str, str, str]]:
        return [(d.code, d.message, d.hint) for d in self.load(body)[1]]

    def test_what_outlives_its_type_is_named(self) -> None:
        body = ("types:\n  A: {doc: Users., fields: {mode: {type: Mode, doc: New.}}}\n"
                "  Mode: {doc: Modes., %s, units: {doc: They., names: [One]}}\n")
        self.assertEqual([("FT403", "'mode' is there in version 1, 'Mode' only from 2 on", "say `added: 2`, or more")],
                         self.said(body % "added: 2"))
        self.assertEqual([("FT403", "'mode' is still there when 'Mode' is removed in version 2", "say `removed: 2`, or less")],
                         self.said(body % "removed: 2"))

    def test_what_is_gone_is_deleted_and_only_names_can_be_reserved(self) -> None:
        head = HEAD.replace("min: 1", "min: 2")
        body = """\
types:
  A:
    doc: Shrinks.
    fields: {a: {type: u8, doc: Stays.}, b: {type: u8, doc: Goes., removed: 2, absent: 0}}
    rules: [{id: big, expr: a > 1, message: a is small, removed: 2}]
  Old: {doc: Goes., removed: 2, newtype: u8}
"""
        _, found = load(self.write("small.yaml", head + body))
        self.assertEqual([("FT401", "'b'", "delete it, and put its name under `reserved`"), ("FT401", "'big'", "delete it"),
                          ("FT401", "'Old'", "delete it")],
                         [(d.code, d.message.split()[0], d.hint) for d in found if d.code == "FT401"])

    def test_an_old_name_is_a_name(self) -> None:
        """For it is one in the schema of its version."""
        body = 'types:\n  A: {doc: Changes., fields: {a: {type: u8, doc: New name., renamed: {from: "%s", in: 2}}}}\n'
        self.assertEqual([], self.said(body % "the_value"))
        for name in ("The Value!", "theValue", ""):
            self.assertIn("FT404" if name else "FT204", [code for code, _, _ in self.said(body % name)], name)
