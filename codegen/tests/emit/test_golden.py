# SPDX-License-Identifier: Apache-2.0
"""What the golden schemas become is what is checked in; where that lies is told in tests/golden/__init__.py."""
import os
import shutil
import unittest

from ftgen.sink import Compare, Disk, Memory
from tests.golden import FOLDER, SCHEMAS, generate

UPDATE = "FT_UPDATE_GOLDEN"
COMMAND = f"{UPDATE}=1 cmake/ftgen-python -m unittest discover -s codegen/tests -t codegen -k Golden"


class Golden(unittest.TestCase):
    maxDiff = None

    def test_output_is_as_checked_in(self) -> None:
        self.assertGreater(len(SCHEMAS), 12)
        for folder in SCHEMAS:
            with self.subTest(folder.name):
                memory = Memory()
                self.assertEqual([], memory.put(generate(folder / "schema.yaml")))
                expected = folder / "expected"
                if os.environ.get(UPDATE):
                    shutil.rmtree(expected, ignore_errors=True)
                    self.assertEqual([], Disk(expected).put(memory.files))
                compare = Compare(expected, COMMAND)
                found = compare.put(memory.files)
                diffs = [line for diff in compare.diffs.values() for line in diff]
                self.assertEqual([], found, "\n".join([*map(str, found), *diffs]))

    def test_each_folder_is_whole(self) -> None:
        for folder in FOLDER.iterdir():
            if folder.is_dir() and folder.name != "__pycache__":
                with self.subTest(folder.name):
                    self.assertIn(folder, SCHEMAS)
                    self.assertTrue((folder / "main.cpp").is_file())


if __name__ == "__main__":
    unittest.main()
