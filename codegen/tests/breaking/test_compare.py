# SPDX-License-Identifier: Apache-2.0
"""What no single pair of schemas shows: categories, order, versions that come and go step by step, recursion."""
import random
from dataclasses import replace
from pathlib import Path

from ftgen.breaking import RULES, Category, compare
from ftgen.load import load
from ftgen.model import Missing, Protocol, Renamed, Versions
from ftgen.project import project
from tests.breaking.edits import field, fields, maybe, number, then, type_, variant, versions, with_field, without_field
from tests.support import TRANSPORT, SchemaTest

GOLDEN = Path(__file__).parents[1] / "golden"

# Two types that hold each other, one of them in several places.
RECURSIVE = """\
types:
  Tree: {doc: A tree., fields: {label: {type: u32, doc: Its label.}, below: {type: list<Node>, doc: Below it.}}}
  Node:
    doc: A part of a tree.
    default: Leaf
    variants:
      Leaf: {doc: The end., type: u32}
      Inner: {doc: A part with parts., type: Tree}
      Two: {doc: Two of them., fields: {left: {type: Node, doc: One.}, right: {type: optional<Tree>, doc: Another.}}}
"""


def ids(old: Protocol, new: Protocol, category: Category = Category.SOURCE) -> list[str]:
    return [f"{f.rule} {f.path} {', '.join(map(str, f.versions)) or None}" for f in compare(old, new, category)]


class Compare(SchemaTest):
    maxDiff = None

    def setUp(self) -> None:
        super().setUp()
        self.base = versions(1, 1)(self.good(TRANSPORT))
        self.plain = versions(1, 1)(self.good("types:\n  A:\n    doc: Some.\n    fields:\n"
                                              "      id: {type: u64, doc: A number.}\n"
                                              "      size: {type: u32, doc: Another.}\n"))

    def test_rules_are_told_apart(self) -> None:
        self.assertEqual(len(RULES), len({rule.id for rule in RULES}))
        for rule in RULES:
            self.assertRegex(rule.id, "^[A-Z]+(_[A-Z]+)*$")
            self.assertTrue(rule.purpose)

    def test_a_category_includes_the_worse_ones(self) -> None:
        new = then(variant("Outcome.Done", lambda v: None),
                   lambda p: replace(p, messages=(replace(p.messages[0], byte=7), *p.messages[1:])))(self.base)
        wire, json = ["MESSAGE_BYTE_CHANGED message MSG_ASK 1"], ["VARIANT_GONE Outcome.Done 1"]
        self.assertEqual(wire, ids(self.base, new, Category.WIRE))
        self.assertEqual(wire + json, ids(self.base, new, Category.JSON))
        self.assertEqual(wire + json + ["VARIANT_NAME_GONE Outcome.Done None"], ids(self.base, new))

    def test_a_finding_reads_well(self) -> None:
        found = compare(self.plain, without_field("A.size")(self.plain), Category.JSON)
        self.assertEqual(["schema/small.yaml:7:3 KEY_GONE JSON A.size (version 1): the required key is gone\n"
                          "    hint: a new node leaves it out, an old one refuses that; remove it in a later version "
                          "(`removed`), or say in its new name what it was called (`renamed`)"], list(map(str, found)))

    def test_each_version_that_both_take_is_compared(self) -> None:
        old, new = versions(1, 3)(self.plain), then(versions(2, 4), without_field("A.size"))(self.plain)
        self.assertEqual(["VERSION_DROPPED small 1", "KEY_GONE A.size 2, 3"],
                         ids(old, new, Category.JSON))

    def test_without_a_common_version_only_the_window_speaks(self) -> None:
        old, new = versions(1, 2)(self.plain), then(versions(3, 4), without_field("A.size"))(self.plain)
        self.assertEqual(["VERSION_DROPPED small 1", "VERSION_DROPPED small 2"], ids(old, new, Category.JSON))

    def test_a_removal_step_by_step(self) -> None:
        """Removed in version 2, then version 1 is given up, then the field is deleted and its name reserved."""
        two = then(versions(1, 2), field("A.size", versions=Versions(1, None, 2), absent=Missing(0)))(self.plain)
        only = versions(2, 2)(two)
        gone = then(without_field("A.size"), type_("A", lambda d: replace(d, reserved=("size",))))(only)
        self.assertEqual([], ids(self.plain, two))
        self.assertEqual(["VERSION_DROPPED small 1"], ids(two, only))
        self.assertEqual([], ids(only, gone))
        self.assertEqual(["MEMBER_GONE A.size None"], ids(only, without_field("A.size")(only)))
        self.assertEqual(["VERSION_DROPPED small 1"], ids(two, gone))

    def test_a_rename_step_by_step(self) -> None:
        two = then(versions(1, 2), field("A.size", name="length", renamed=Renamed("size", 2)))(self.plain)
        only = then(versions(2, 2), field("A.length", renamed=None))(two)
        self.assertEqual([], ids(self.plain, two))
        self.assertEqual(["VERSION_DROPPED small 1"], ids(two, only))
        forgotten = field("A.length", renamed=None)(two)
        self.assertEqual(["KEY_ADDED_REQUIRED A.length 1", "KEY_GONE A.size 1"], ids(two, forgotten, Category.JSON))

    def test_an_alias_makes_a_renamed_key_known_one_way(self) -> None:
        new = field("A.size", name="length", aliases=("size",))(self.plain)
        found = compare(self.plain, new, Category.JSON)
        self.assertEqual(["KEY_RENAMED"], [f.rule for f in found])
        self.assertIn("a new node writes 'length', an old one does not know it", found[0].hint)
        self.assertNotIn("an old node writes", found[0].hint)
        found = compare(new, self.plain, Category.JSON)
        self.assertIn("an old node writes 'length', a new one does not know it", found[0].hint)

    def test_a_value_that_old_versions_read_as(self) -> None:
        """It is one whether it is called absent or missing."""
        extra = number("extra", versions=Versions(3), absent=Missing(7))
        old = then(versions(1, 3), with_field("A", extra))(self.plain)
        for change in ({"absent": Missing(9)}, {"absent": None, "missing": Missing(9)}):
            self.assertEqual(["ABSENT_VALUE_CHANGED A.extra 1, 2"],
                             ids(old, field("A.extra", **change)(old)))
        self.assertEqual([], ids(old, field("A.extra", absent=None, missing=Missing(7))(old)))
        only = versions(3, 3)
        self.assertEqual([], ids(only(old), then(only, field("A.extra", absent=Missing(9)))(old)))

    def test_recursive_types_are_compared_once(self) -> None:
        old = versions(1, 1)(self.good(RECURSIVE))
        self.assertEqual([], ids(old, old))
        new = field("Node.Two.right", when_set=True)(with_field("Tree", maybe("note"))(old))
        self.assertEqual(["WHEN_SET_CHANGED Node.Two.right 1", "KEY_ADDED_WRITTEN Tree.note 1"], ids(old, new))

    def test_a_type_of_another_name_is_compared_where_it_stands(self) -> None:
        new = versions(1, 1)(self.good(TRANSPORT.replace("Outcome", "Result2").replace("type: u64", "type: u32")))
        self.assertEqual(["TYPE_CHANGED Outcome (now Result2).Done 1"], ids(self.base, new, Category.JSON))

    def test_types_that_never_travel_matter_to_source_only(self) -> None:
        lonely = "  Lonely: {doc: Alone., fields: {a: {type: u8, doc: A number.}}}\n"
        old = versions(1, 1)(self.load(TRANSPORT + lonely)[0])
        self.assertEqual([], ids(old, field("Lonely.a", max_bytes=1, when_set=True)(old)))
        self.assertEqual(["MEMBER_GONE Lonely.a None"], ids(old, without_field("Lonely.a")(old)))

    def test_the_protocol_that_one_version_sees_says_the_same_there(self) -> None:
        """What is kept of a released version can be compared with what the schema has become."""
        two = then(versions(1, 2), field("A.size", name="length", renamed=Renamed("size", 2)),
                   with_field("A", number("extra", versions=Versions(2), absent=Missing(7))))(self.plain)
        self.assertEqual([], ids(project(two, 1), two, Category.JSON))
        self.assertEqual(["VERSION_DROPPED small 1"], ids(two, project(two, 2)))

    def test_schemas_that_have_nothing_in_common_can_be_compared(self) -> None:
        found = [load(path)[0] for path in sorted(GOLDEN.glob("*/schema.yaml"))]
        self.assertGreater(len(found), 5)
        for old in found:
            for new in found:
                self.assertEqual(old is new, not ids(old, new), f"{old.name}, {new.name}")

    def test_the_order_of_findings_does_not_depend_on_the_walk(self) -> None:
        old = versions(1, 1)(self.good(RECURSIVE))
        new = then(fields("Tree", lambda f: f[::-1]), field("Tree.label", max_items=3),
                   variant("Node.Leaf", lambda v: None))(old)
        expected = ids(old, new)
        self.assertEqual(4, len(expected))
        types = list(old.families[0].types)
        random.Random(1).shuffle(types)
        shuffled = replace(old, families=(replace(old.families[0], types=tuple(types)),))
        self.assertEqual(expected, ids(shuffled, new))
