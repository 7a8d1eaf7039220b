# SPDX-License-Identifier: Apache-2.0
import unittest

from ftgen.expr import MAX_DEPTH, MAX_PARTS, Mistake, parse
from ftgen.model import Binary, Call, Expr, Name, Number, This, Unary


def show(part: Expr) -> str:
    """With a pair of parentheses for each operation."""
    match part:
        case Number(value):
            return str(value)
        case Name(name):
            return name
        case This():
            return "this"
        case Call(function, args):
            return f"{function}({', '.join(map(show, args))})"
        case Unary(op, operand):
            return f"({op}{show(operand)})"
        case Binary(op, left, right):
            return f"({show(left)} {op} {show(right)})"


class Expressions(unittest.TestCase):
    def test_precedence_and_direction(self) -> None:
        for written, expected in (
                ("a || b && c", "(a || (b && c))"), ("a && b || c && d", "((a && b) || (c && d))"),
                ("a + b * c", "(a + (b * c))"), ("a - b - c", "((a - b) - c)"), ("(a - b) * c", "((a - b) * c)"),
                ("a + 1 < b * 2 && !c", "(((a + 1) < (b * 2)) && (!c))"), ("- - a", "(-(-a))"), ("!!a", "(!(!a))"),
                ("-a * b", "((-a) * b)"), ("a == b", "(a == b)"), ("a != b", "(a != b)"), ("a<=b", "(a <= b)"),
                ("all(xs, lo <= this && this < hi)", "all(xs, ((lo <= this) && (this < hi)))"),
                ("len(xs)+1", "(len(xs) + 1)")):
            with self.subTest(written):
                self.assertEqual(expected, show(parse(written).expr))

    def test_numbers(self) -> None:
        for written, value in (("0", 0), ("1_048_576", 2**20), ("64 MiB", 2**26), ("64MiB", 2**26), ("1 GiB", 2**30),
                               ("3KiB", 3072), ("007", 7)):
            with self.subTest(written):
                self.assertEqual(Number(value), parse(written).expr)

    def test_names_are_not_functions_or_units(self) -> None:
        self.assertEqual(Binary("<", Name("len"), Name("bytes")), parse("len < bytes").expr)
        self.assertEqual(Binary("<", Name("thisone"), Number(3)), parse("thisone < 3").expr)

    def test_offsets(self) -> None:
        parsed = parse("a + bb < len(c)")
        less = parsed.expr
        self.assertEqual([7, 2, 4, 9, 13], [parsed.offset(p) for p in
                                            (less, less.left, less.left.right, less.right, less.right.args[0])])

    def test_mistakes(self) -> None:
        for written, code, offset in (
                ("", "FT501", 0), ("a <", "FT501", 3), ("a b", "FT501", 2), ("a < b < c", "FT501", 6),
                ("(a", "FT501", 2),
                ("a)", "FT501", 1), ("f(a)", "FT502", 0), ("len()", "FT501", 4), ("len(a, b)", "FT501", 0),
                ("len a", "FT501", 4),
                ("all(a)", "FT501", 0), ("a ? b", "FT501", 2), ("1x", "FT501", 0), ("1 KB", "FT501", 2),
                ("a / b", "FT501", 2),
                ("9" * 40, "FT505", 0), ("a = b", "FT501", 2), ("$", "FT501", 0), ("a & b", "FT501", 2)):
            with self.subTest(written):
                found = parse(written)
                self.assertIsInstance(found, Mistake)
                self.assertEqual((code, offset), (found.code, found.offset))

    def test_bounds(self) -> None:
        self.assertNotIsInstance(parse("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH), Mistake)
        for deep in ("(" * 100_000, "-" * 100_000 + "a", "!" * (MAX_DEPTH + 1) + "a", "len(" * 50_000):
            self.assertIn("deep", parse(deep).message)
        self.assertIn("more than", parse(" + ".join("a" * MAX_PARTS)).message)
