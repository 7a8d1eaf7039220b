# SPDX-License-Identifier: Apache-2.0
import unittest

from ftgen.lower.markdown import code, link, prose, slug, type_text, window
from ftgen.model import ArrayOf, ListOf, Opaque, OptionalOf, Ref, Scalar, SecretOf, TupleOf


class Markdown(unittest.TestCase):
    def test_prose_is_never_markup(self) -> None:
        self.assertEqual(r"a \| b, \*c\*, \[d\], &lt;e>", prose("a | b,\n  *c*, [d], <e>"))
        self.assertEqual(r"see `*x* \| <y>` \*", prose("see `*x* | <y>` *"))

    def test_code_fits_in_a_table(self) -> None:
        self.assertEqual(r"`a \|\| b`", code("a || b"))

    def test_anchors(self) -> None:
        self.assertEqual(["the-frame", "types-of-data_type", "pglsn"],
                         [slug(s) for s in ("The frame", "Types of data_type", "PgLsn")])
        self.assertEqual("[PgLsn](#pglsn)", link("PgLsn"))

    def test_types_read_like_sentences(self) -> None:
        for type_, text in ((ListOf(OptionalOf(Ref("Id"))), "list of optional [Id](#id)"),
                            (ArrayOf(Scalar("u8"), 16), "array of 16 `u8`"), (Opaque(), "any JSON"),
                            (TupleOf((Scalar("time"), SecretOf(Scalar("string")))),
                             "tuple of (`time`, **secret** `string`)")):
            self.assertEqual(text, type_text(type_))

    def test_windows(self) -> None:
        self.assertEqual(["version 3 and no other", "versions 1 to 3"], [window(range(3, 4)), window(range(1, 4))])
