# SPDX-License-Identifier: Apache-2.0
"""Decisions of the lowering that the golden schemas do not show, or not by themselves."""
import unittest

from ftgen.lower.cpp_types import Types, alternative, identifier, literal, snake
from ftgen.model import ArrayOf, ListOf, OptionalOf, Ref, Scalar, SecretOf, TupleOf
from tests.support import SchemaTest


class Spelling(unittest.TestCase):
    def test_identifiers(self) -> None:
        self.assertEqual(["union_", "value"], [identifier(n) for n in ("union", "value")])
        self.assertEqual(["Tag_", "F_", "Sum_", "Value"], [alternative(n, "Sum") for n in ("Tag", "F", "Sum", "Value")])
        self.assertEqual(["pg_lsn", "mac_addr8", "uuid", "a_json_b"],
                         [snake(n) for n in ("PgLsn", "MacAddr8", "UUID", "AJsonB")])
        self.assertEqual(r'"a\"b\\"', literal('a"b\\'))
        self.assertEqual(r'"\0129\177"', literal("\n9\x7f"))


class Cells(SchemaTest):
    def setUp(self) -> None:
        super().setUp()
        self.types_ = Types(self.types("""\
  Kind: {doc: An enumeration., units: {doc: One., names: [A, B]}}
  Id: {doc: A number., newtype: u64}
  Name: {doc: A text., newtype: string}
  Packed: {doc: Without gaps., fields: {a: {type: u8, doc: One., missing: 0}, b: {type: "array<u8, 15>", doc: Two.}}}
  Gaps: {doc: With gaps., fields: {a: {type: u8, doc: One.}, b: {type: u64, doc: Two.}, c: {type: u8, doc: Three.}}}
  Dates:
    doc: Aligned to four.
    fields: {a: {type: u32, doc: One.}, b: {type: date, doc: Two.}, c: {type: u32, doc: Three.}}
  Texts: {doc: Owns memory., fields: {a: {type: string, doc: One.}}}
  Chain: {doc: Holds itself., fields: {a: {type: optional<Chain>, doc: One.}}}
  Empty: {doc: Nothing., fields: {}}
"""), "ft")

    def test_what_lies_in_place(self) -> None:
        for small in (Scalar("i128"), Scalar("utc_offset"), Ref("Kind"), Ref("Id"), Ref("Packed"), Ref("Dates"),
                      Ref("Empty"), ArrayOf(Scalar("u32"), 4), OptionalOf(Scalar("u64")), OptionalOf(Ref("Kind"))):
            with self.subTest(small):
                self.assertTrue(self.types_.in_place(small))
        for large in (Scalar("string"), Ref("Name"), Ref("Gaps"), Ref("Texts"), Ref("Chain"), ArrayOf(Scalar("u8"), 17),
                      OptionalOf(Scalar("i128")), ListOf(Scalar("u8")), SecretOf(Scalar("u8"))):
            with self.subTest(large):
                self.assertFalse(self.types_.in_place(large))

    def test_how_a_cell_hands_out_what_it_holds(self) -> None:
        self.assertEqual("ft::Id", self.types_.cell_view(Ref("Id"), "Cell"))
        self.assertEqual("const ft::Gaps&", self.types_.cell_view(Ref("Gaps"), "Cell"))
        self.assertEqual("ft::Gaps", self.types_.cell_argument(Ref("Gaps"), "Cell"))
        self.assertEqual("std::string_view", self.types_.cell_argument(Scalar("string"), "Cell"))
        pair = TupleOf((Scalar("bool"), Scalar("f32")))
        self.assertEqual("std::tuple<bool, float>", self.types_.cell_view(pair, "Cell"))

    def test_knots(self) -> None:
        chain = self.types_.knot("Chain")
        self.assertEqual("std::optional<ft::Box<ft::Chain>>", self.types_.spelling(OptionalOf(Ref("Chain")), chain))
        self.assertEqual("std::optional<ft::Chain>", self.types_.spelling(OptionalOf(Ref("Chain"))))
        self.assertEqual("std::tuple<std::optional<ft::Box<ft::Chain>>, std::vector<ft::Chain>>",
                         self.types_.spelling(TupleOf((OptionalOf(Ref("Chain")), ListOf(Ref("Chain")))), chain))


if __name__ == "__main__":
    unittest.main()
