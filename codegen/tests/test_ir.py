# SPDX-License-Identifier: Apache-2.0
import dataclasses
from pathlib import Path

from ftgen import ir
from ftgen.load import load
from ftgen.model import Frame
from ftgen.unparse import schema_files
from tests.support import TRANSPORT, SchemaTest
from tests.test_load import EVERYTHING

OWN = Path(__file__).parents[2] / "schema" / "fragment_transport.yaml"
BODIES = (EVERYTHING, TRANSPORT.replace("payload: payload}", "payload: payload, version: version}"))


class Json(SchemaTest):
    def test_a_protocol_survives(self) -> None:
        for protocol in (*map(self.good, BODIES), load(OWN)[0]):
            again = ir.load(ir.dump(protocol))
            self.assertEqual(ir.dump(protocol), ir.dump(again))
            self.assertEqual(schema_files(protocol), schema_files(again))

    def test_the_digest_is_that_of_the_meaning(self) -> None:
        protocol = self.good(EVERYTHING)
        first = ir.digest(protocol)
        self.assertEqual(first, ir.digest(self.good("\n\n" + EVERYTHING.replace("doc: How to scan.", "doc: How a scan goes."))))
        self.assertNotEqual(first, ir.digest(self.good(EVERYTHING.replace("max_items: 10", "max_items: 11"))))
        self.assertNotEqual(first, ir.digest(dataclasses.replace(protocol, frame=Frame("The header.", 999))))

    def test_other_json_is_refused(self) -> None:
        for text in ("", "{}", "[]", "1", '{"kind": "Protocol"}', '{"kind": "Nothing"}', '{"kind": "Name", "name": "a"}',
                     "[" * 100_000):
            with self.subTest(text[:20]), self.assertRaises(ValueError):
                ir.load(text)
