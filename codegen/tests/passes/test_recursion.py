# SPDX-License-Identifier: Apache-2.0
import unittest

from ftgen.passes.recursion import cycles
from tests.support import SchemaTest


class Cycles(unittest.TestCase):
    def test_one_for_each_knot(self) -> None:
        self.assertEqual([], cycles({"a": ["b"], "b": ["c"], "c": []}))
        self.assertEqual([["a"]], cycles({"a": ["a"]}))
        self.assertEqual([["a", "b"], ["d"]], cycles({"a": ["b"], "b": ["a"], "c": ["a", "d"], "d": ["d"]}))
        self.assertEqual([["b", "c"]], cycles({"a": ["b"], "b": ["c"], "c": ["b"]}))

    def test_long_chains(self) -> None:
        chain = {str(i): [str(i + 1)] for i in range(2000)}
        self.assertEqual([], cycles({**chain, "2000": []}))
        self.assertEqual(2001, len(cycles({**chain, "2000": ["0"]})[0]))


class Recursion(SchemaTest):
    def test_what_may_hold_itself(self) -> None:
        self.types("""\
  Tree:
    doc: Through a list.
    fields: {children: {type: list<Tree>, doc: Below.}, pair: {type: "tuple<u8, Next>", doc: More.}}
  Next: {doc: Through an optional., fields: {next: {type: optional<Tree>, doc: The next.}}}
  Plan:
    doc: Through a sum.
    default: Leaf
    variants: {Leaf: {doc: Ends., type: u8}, Both: {doc: Two., type: "array<Plan, 2>"}}
""")

    def test_a_default_may_lead_through_other_sums(self) -> None:
        _, found = self.load("""\
types:
  A: {doc: One., default: B, variants: {B: {doc: Needs the other., type: C}}}
  C: {doc: Two., default: D, variants: {D: {doc: Needs the first., type: A}, E: {doc: Ends., type: u8}}}
""")
        self.assertEqual([("FT307", "the default of A needs itself: A -> C -> A")],
                         [(d.code, d.message) for d in found])
