# SPDX-License-Identifier: Apache-2.0
from dataclasses import replace

from ftgen import ir
from ftgen.expr import parse
from ftgen.load import load
from ftgen.model import Missing
from ftgen.unparse import expr_text, schema_files
from tests.breaking.edits import fields
from tests.support import SchemaTest
from tests.test_ir import BODIES, OWN


class Unparse(SchemaTest):
    def test_what_is_written_is_read_as_the_same(self) -> None:
        for protocol in (*map(self.good, BODIES), load(OWN)[0]):
            for name, text in schema_files(protocol).items():
                self.write(name, text)
            again, found = load(self.folder / f"{protocol.name}.yaml")
            self.assertEqual([], [str(d) for d in found if not d.code.startswith("FT6")])
            self.assertEqual(ir.dump(protocol).splitlines(), ir.dump(again).splitlines())

    def test_any_character_comes_back(self) -> None:
        text = "\\\\ud83d \U0001f600\u00e9\u2028\x7f\t\n\"# {x}: - %s"
        body = "types:\n  A: {doc: A type., fields: {a: {type: string, doc: A text., missing: \"x\"}}}\n"
        protocol = fields("A", lambda old: (replace(old[0], doc=text, missing=Missing(text)),))(self.good(body))
        for name, content in schema_files(protocol).items():
            self.write(name, content)
        again, _ = load(self.folder / f"{protocol.name}.yaml")
        self.assertEqual(protocol, again)

    def test_expressions_keep_their_meaning(self) -> None:
        for text in ("a", "1 + 2 * a", "(1 + 2) * a", "!(a < 1 && b < 2) || -a == -(1 + b)", "all(c, this < a) && len(c) > 1"):
            expr = parse(text).expr
            self.assertEqual(expr, parse(expr_text(expr)).expr, text)
