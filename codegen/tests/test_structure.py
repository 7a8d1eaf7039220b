# SPDX-License-Identifier: Apache-2.0
"""Shapes; bad/ has more of them. Here: the meta schema is itself valid, and messages say what was found."""
import json
import unittest
from pathlib import Path

import ftgen
import jsonschema

from tests.support import SchemaTest


class MetaSchema(unittest.TestCase):
    def test_it_is_a_json_schema(self) -> None:
        meta = json.loads((Path(ftgen.__file__).parent / "meta.json").read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(meta)
        unused = {name for name in meta["$defs"] if f'"#/$defs/{name}"' not in json.dumps(meta)}
        self.assertEqual({"root", "family"}, unused)


class Structure(SchemaTest):
    def test_messages(self) -> None:
        for body, code, message in (
                ("types: {A: {doc: A., newtype: true}}\n", "FT203",
                 "'newtype' must be a text, not the truth value true"),
                ("types: {A: {doc: A., newtype: [u8]}}\n", "FT203", "'newtype' must be a text, not a list"),
                ("types: {A: {doc: , newtype: u8}}\n", "FT203", "'doc' must be a text, not nothing"),
                ("types: {A: 3}\n", "FT203", "'A' must be a mapping, not the number 3"),
                ("types: {A: {doc: A., newtype: u8, added: 0}}\n", "FT204", "'added' must be at least 1"),
                ("types: {A: {doc: A., newtype: u8, added: x}}\n", "FT203",
                 "'added' must be an integer, not the text 'x'"),
                ("typos: {}\n", "FT201", "the file has no key 'typos'"),
                ("types: {A: {doc: A., units: {doc: A., names: []}}}\n", "FT204", "'names' must not be empty")):
            with self.subTest(body):
                protocol, found = self.load(body)
                self.assertIsNone(protocol)
                self.assertEqual([(code, message)], [(d.code, d.message) for d in found])
