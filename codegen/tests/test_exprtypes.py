# SPDX-License-Identifier: Apache-2.0
import unittest

from ftgen.expr import Mistake, parse
from ftgen.exprtypes import Bool, Range, check
from ftgen.model import Field, ListOf, Number, OptionalOf, Ref, Scalar, SecretOf, TupleOf, Versions

FIELDS = {name: Field(name, type_, "", Versions(1), **more) for name, type_, more in (
    ("small", Scalar("u8"), {}), ("signed", Scalar("i32"), {}), ("big", Scalar("u64"), {}),
    ("wide", Scalar("i128"), {}),
    ("flag", Scalar("bool"), {}), ("name", Scalar("string"), {"max_bytes": 64}), ("text", Scalar("string"), {}),
    ("ids", ListOf(Scalar("u64")), {}), ("few", ListOf(Scalar("u8")), {"max_items": 5}),
    ("names", ListOf(Scalar("string")), {}),
    ("lists", ListOf(ListOf(Scalar("u8"))), {}), ("maybe", OptionalOf(Scalar("u8")), {}),
    ("key", SecretOf(Scalar("u64")), {}),
    ("real", Scalar("f64"), {}), ("id", Ref("Id"), {}), ("pair", TupleOf((Scalar("u8"), Scalar("u8"))), {}),
    ("count", Scalar("u8"), {"derived": Number(1)}))}


class ExpressionTypes(unittest.TestCase):
    def test_ranges(self) -> None:
        for written, low, high in (
                ("small", 0, 255), ("signed", -2**31, 2**31 - 1), ("small + 1", 1, 256), ("1 - small", -254, 1),
                ("-small", -255, 0), ("small * signed", -2**31 * 255, (2**31 - 1) * 255),
                ("-signed * -2", -2**32, 2**32 - 2),
                ("len(few) * 8", 0, 40), ("len(ids)", 0, 2**64 - 1), ("bytes(name)", 0, 64),
                ("bytes(text)", 0, 2**64 - 1)):
            with self.subTest(written):
                self.assertEqual(Range(low, high), check(parse(written), FIELDS))

    def test_conditions(self) -> None:
        for written in ("small < big", "flag", "!flag", "flag == (small < 3)", "flag != flag", "blank(name)",
                        "all(ids, this < big)",
                        "all(names, !blank(this) && bytes(this) <= 64)", "all(lists, len(this) < 3)",
                        "all(few, all(ids, this < big))",
                        "wide == big", "-2 <= signed"):
            with self.subTest(written):
                self.assertEqual(Bool(), check(parse(written), FIELDS))

    def test_mistakes(self) -> None:
        for written, code, offset in (
                ("nothing", "FT502", 0), ("this", "FT502", 0), ("all(ids, this < 3) && this < 3", "FT502", 22),
                ("small && flag", "FT503", 0), ("flag + 1", "FT503", 0), ("1 + flag", "FT503", 4),
                ("flag == 1", "FT503", 8),
                ("1 == flag", "FT503", 5), ("flag < flag", "FT503", 0), ("len(small)", "FT503", 4),
                ("len(name)", "FT503", 4),
                ("bytes(ids)", "FT503", 6), ("blank(3)", "FT503", 6), ("all(name, true)", "FT503", 4),
                ("all(lists, all(this, flag))",
                                                                                                  "FT503", 15),
                ("all(ids, this)", "FT503", 9), ("name == name", "FT503", 0), ("len(ids + ids)", "FT503", 8),
                ("-flag", "FT503", 1),
                ("maybe < 3", "FT504", 0), ("key == 0", "FT504", 0), ("real < 3", "FT504", 0), ("id == 3", "FT504", 0),
                ("len(pair)", "FT504", 4), ("count < 3", "FT504", 0), ("wide + 1 < 3", "FT505", 5),
                ("-wide < 3", "FT505", 0),
                ("big * big < 3", "FT505", 4), ("170141183460469231731687303715884105728 < 3", "FT505", 0)):
            with self.subTest(written):
                found = check(parse(written), FIELDS)
                self.assertIsInstance(found, Mistake, found)
                self.assertEqual((code, offset), (found.code, found.offset))

    def test_nested_comparisons_take_linear_time(self) -> None:
        written = "flag"
        for _ in range(30):
            written = f"({written}) == flag"
        self.assertEqual(Bool(), check(parse(written), FIELDS))
