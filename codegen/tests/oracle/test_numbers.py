# SPDX-License-Identifier: Apache-2.0
"""Floats: read to the nearest, written with the fewest digits, in the layout of the wire."""
import random
import struct
import unittest

from ftgen.oracle.numbers import read, write


class Writing(unittest.TestCase):
    def test_layout(self) -> None:
        for kind, value, text in (
                ("f64", 0.0, "0.0"), ("f64", -0.0, "-0.0"), ("f64", 1.0, "1.0"), ("f64", 1e-5, "0.00001"),
                ("f64", 9.5e-6, "9.5e-6"),
                ("f64", 1e15, "1000000000000000.0"), ("f64", 1e16, "1e+16"), ("f64", 123.456, "123.456"),
                ("f64", 1.7976931348623157e308, "1.7976931348623157e+308"), ("f64", 5e-324, "5e-324"),
                ("f32", 1234567936.0, "1234568000.0"), ("f32", 1e-6, None), ("f32", 2.0**-149, "1e-45"),
                ("f32", float(2**128 - 2**104), "3.4028235e+38"), ("f32", 1e13, "1e+13"),
                ("f32", -16777216.0, "-16777216.0")):
            with self.subTest(kind=kind, value=value):
                value = read(repr(value), kind)
                self.assertEqual(text if text is not None else "0.000001", write(value, kind))

    def test_all_that_is_written_reads_back(self) -> None:
        source = random.Random(3)
        for _ in range(3000):
            for kind, code, size in (("f32", "<f", 4), ("f64", "<d", 8)):
                value = struct.unpack(code, source.randbytes(size))[0]
                if value - value == 0:
                    self.assertEqual(value, read(write(value, kind), kind))

    def test_of_two_as_near_the_even_one(self) -> None:
        self.assertEqual(["-363942.62", "303339.88"], [write(value, "f32") for value in (-363942.625, 303339.875)])

    def test_a_power_of_two_takes_no_more_digits_than_it_must(self) -> None:
        self.assertEqual("9.8607613e-32", write(2.0**-103, "f32"))


class Reading(unittest.TestCase):
    def test_ranges(self) -> None:
        self.assertIsNone(read("1e309", "f64"))
        self.assertIsNone(read("3.4028235677973367e38", "f32"))
        self.assertEqual(float(2**128 - 2**104), read("3.4028235677973366e38", "f32"))
        self.assertEqual("-0.0", write(read("-1e-400", "f64"), "f64"))
        self.assertEqual("0.0", write(read("1e-60", "f32"), "f32"))

    def test_an_f32_is_rounded_once(self) -> None:
        # As a double this is 1 + 2^-24, half way between two floats; the text lies above, or below.
        self.assertEqual(1 + 2**-23, read("1.00000005960464477540", "f32"))
        self.assertEqual(1.0, read("1.000000059604644775390625", "f32"))
        self.assertEqual(1.0, read("1.00000005960464477538", "f32"))


if __name__ == "__main__":
    unittest.main()
