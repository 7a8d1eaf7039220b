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
