# SPDX-License-Identifier: Apache-2.0
from ftgen.diagnostics import Severity
from tests.support import SchemaTest


class Bounds(SchemaTest):
    def test_a_renamed_field_is_two_keys(self) -> None:
        fields = "".join(f"      f{i}: {{type: u8, doc: A number.}}\n" for i in range(63))
        body = "types:\n  A:\n    doc: A struct.\n    fields:\n" + fields
        self.good(body + "      last: {type: u8, doc: A number.}\n")
        _, found = self.load(body + "      last: {type: u8, doc: A number., renamed: {from: old, in: 2}}\n")
        self.assertEqual(["FT413"], [d.code for d in found if d.severity is Severity.ERROR])
