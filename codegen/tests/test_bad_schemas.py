# SPDX-License-Identifier: Apache-2.0
"""Every schema in bad/ is refused with exactly the lines and codes that its first line names.

    # expect: 7 FT302, 9 FT303            (or `other_file.yaml:3 FT204` for an included file)
"""
import re
import unittest
from pathlib import Path

from ftgen.codes import CODES
from ftgen.load import load

BAD = Path(__file__).parent / "bad"
_EXPECT = re.compile(rb"# expect: (.*)")
_ONE = re.compile(r"(?:([a-z_]+\.yaml):)?([0-9]+) (FT[0-9]+)")
# What no schema file can show: too large a file has a unit test of its own, and FT7xx is about the output.
ELSEWHERE = {"FT108"} | {code for code in CODES if code.startswith("FT7")}


def expectations(path: Path) -> list[tuple[str, int, str]] | None:
    match = _EXPECT.match(path.read_bytes())
    if match is None:
        return None
    return [(m[1] or path.name, int(m[2]), m[3]) for m in map(_ONE.fullmatch, match[1].decode().split(", "))]


class BadSchemas(unittest.TestCase):
    maxDiff = None

    def test_each_is_refused_as_it_says(self) -> None:
        for path in sorted(BAD.glob("*.yaml")):
            expected = expectations(path)
            if expected is None:
                continue
            with self.subTest(path.name):
                protocol, found = load(path)
                self.assertEqual(sorted(expected),
                                 sorted((d.place.file.removeprefix("bad/"), d.place.line, d.code) for d in found),
                                 "\n".join(map(str, found)))
                if any(not CODES[code].lint for _, _, code in expected):
                    self.assertIsNone(protocol)
                else:
                    self.assertIsNotNone(protocol)

    def test_every_code_has_a_bad_schema(self) -> None:
        shown = {code for path in BAD.glob("*.yaml") for _, _, code in expectations(path) or ()}
        self.assertEqual(set(), set(CODES) - shown - ELSEWHERE)

    def test_companions_are_used(self) -> None:
        texts = {path: path.read_bytes() for path in BAD.glob("*.yaml")}
        for path in texts:
            if expectations(path) is None:
                self.assertTrue(any(re.search(rb"include: .*\b" + path.name.encode(), text) for text in texts.values()),
                                path.name)


if __name__ == "__main__":
    unittest.main()
