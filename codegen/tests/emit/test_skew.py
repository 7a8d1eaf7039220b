# SPDX-License-Identifier: Apache-2.0
import unittest

from ftgen.emit import skew
from ftgen.load import load
from tests.support import HEAD, SchemaTest


class Page(SchemaTest):
    def page(self, versions: str, fields: str) -> str:
        head = HEAD.replace("{min: 1, current: 4}", versions)
        path = self.write("s.yaml", head + "types:\n  A:\n    doc: Changes.\n    fields:\n"
                          "      a: {type: u8, doc: Stays.}\n" + fields)
        protocol, found = load(path)
        self.assertEqual([], [str(d) for d in found])
        return skew.emit(protocol)["docs/SKEW.md"]

    def test_one_version_loses_nothing(self) -> None:
        page = self.page("{min: 3, current: 3}", "      b: {type: optional<u8>, emit: when_set, lossy: A hint., doc: Extends.}\n")
        self.assertIn("A receiver takes version 3 and no other.", page)
        self.assertIn("all 2 fields, variants and messages are kept.", page)
        self.assertIn("| `A.b` | Extends. | A hint. |", page)

    def test_two_versions(self) -> None:
        page = self.page("{min: 1, current: 2}", "      b: {type: u8, added: 2, absent: 7, doc: New.}\n"
                         "      c: {type: optional<u8>, added: 2, lossy: A *hint*., doc: New too.}\n"
                         "      d: {type: optional<u8>, removed: 2, doc: Old.}\n")
        self.assertIn("| 1 | 1 | 2 | 0 | 0 | 0 |\n| 1 | 2 | 2 | 2 | 0 | 0 |\n"
                      "| 2 | 1 | 2 | 0 | 1 | 1 |\n| 2 | 2 | 3 | 0 | 1 | 0 |\n", page)
        forth, back = page.split("### From version 1 to version 2")[1].split("### From version 2 to version 1")
        back, same = back.split("### From version 2 to version 2")
        self.assertIn("| field | `A.b` | defaulted | reads as `7` |\n"
                      "| field | `A.c` | defaulted | reads as `null` |\n", forth)
        self.assertNotIn("`A.d`", forth)
        self.assertIn("| field | `A.b` | refused | left out while it is `7` |\n"
                      "| field | `A.c` | lost | A \\*hint\\*. |\n", back)
        self.assertNotIn("`A.d`", back)
        self.assertIn("| field | `A.d` | refused | left out while it is `null` |\n", same)
        self.assertIn("There are no extension keys", same)


if __name__ == "__main__":
    unittest.main()
