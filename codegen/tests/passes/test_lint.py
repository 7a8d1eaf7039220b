# SPDX-License-Identifier: Apache-2.0
from tests.support import TRANSPORT, SchemaTest


class Lint(SchemaTest):
    def codes(self, body: str) -> list[str]:
        protocol, found = self.load(body)
        self.assertIsNotNone(protocol, found)
        return [d.code for d in found]

    def test_everything_with_a_doc_is_looked_at(self) -> None:
        for doc in ("After it.", "A question.", "Accepted from old peers.", "What every frame holds.",
                    "The message.", "It went well."):
            self.assertIn(doc, TRANSPORT)
            self.assertEqual(["FT602"], self.codes(TRANSPORT.replace(doc, doc.rstrip("."))), doc)

    def test_docs_of_groups_and_families(self) -> None:
        _, found = self.load("""\
groups: {g: {doc: no period, fields: {a: {type: u8, doc: none either}}}}
types: {A: {doc: Two., fields: {+g: }}, B: {doc: Two., fields: {+g: }}}
""", other="doc: Nor here\n")
        self.assertEqual(["schema/other.yaml", "schema/small.yaml", "schema/small.yaml"],
                         sorted(d.place.file for d in found))
        self.assertEqual({"FT602"}, {d.code for d in found})

    def test_a_variant_may_be_its_own_doc(self) -> None:
        body = "types: {A: {doc: A sum., default: DropRole, variants: {DropRole: {doc: %s, type: string}}}}\n"
        self.assertEqual([], self.codes(body % "Drop role."))
        self.assertEqual(["FT601"], self.codes(body % "' '"))

    def test_a_set_of_types_has_no_unused_ones(self) -> None:
        self.assertEqual([], self.codes("types: {A: {doc: Alone., newtype: u8}}\n"))
        self.assertEqual(["FT606"], self.codes(TRANSPORT + "  A: {doc: Alone., newtype: u8}\n"))
