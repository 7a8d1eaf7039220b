# SPDX-License-Identifier: Apache-2.0
import re

from ftgen.emit import cpp
from ftgen.load import load
from ftgen.passes.names import OWN
from tests.golden import REAL, SCHEMAS
from tests.support import SchemaTest

DECLARED = re.compile(r"^(?:enum class|struct|class|using) (?:ft::wire::)?([A-Z]\w*)", re.MULTILINE)


class Names(SchemaTest):
    def test_wire_case(self) -> None:
        types = self.types("  A: {doc: One., wire_case: snake, units: {doc: B., names: [Local, ByDefault, L2Norm]}}\n")
        self.assertEqual(["local", "by_default", "l2_norm"], [v.wire_name for v in types["A"].variants])

    def test_words_of_programming_languages_are_names(self) -> None:
        types = self.types("""\
  Null:
    doc: A struct.
    fields: {union: {type: u8, doc: A.}, on: {type: u8, doc: B.}, null: {type: u8, doc: C.}}
  Yes: {doc: A sum., units: {doc: Units., names: [Null, No, True]}}
""")
        self.assertEqual(["union", "on", "null"], [f.name for f in types["Null"].fields])
        self.assertEqual(["Null", "No", "True"], [v.name for v in types["Yes"].variants])

    def test_a_clash_within_a_group_is_shown_where_the_group_is_used(self) -> None:
        _, found = self.load("""\
groups:
  g: {doc: Recurs., fields: {a: {type: u8, doc: A.}}}
types:
  A:
    doc: A struct.
    reserved: [a]
    fields:
      b: {type: u8, doc: B., aliases: [a]}
      +g:
""")
        self.assertEqual([("FT407", 13), ("FT406", 13), ("FT406", 14)], [(d.code, d.place.line) for d in sorted(
            found, key=lambda d: (d.place.line, -int(d.code[2:])))])

    def test_what_generated_code_declares_for_itself_is_no_type_of_a_schema(self) -> None:
        own = set()
        for schema in (*(folder / "schema.yaml" for folder in SCHEMAS), REAL):
            protocol, _ = load(schema)
            for path, text in cpp.emit(protocol).items():
                if path.endswith(".hpp") and path.startswith("include/"):
                    own.update(set(DECLARED.findall(text)) - set(protocol.declarations()))
        self.assertEqual(set(OWN), own)
        for name in OWN:
            _, diagnostics = self.load(f"types: {{{name}: {{doc: A type., newtype: u8}}}}\n")
            self.assertIn("FT404", [d.code for d in diagnostics])
