# SPDX-License-Identifier: Apache-2.0
"""`ftgen check` as it is run: in a checkout, as a program, over what is really generated."""
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from ftgen import manifest
from tests.golden import REPOSITORY, SCHEMAS

MESSAGES = next(folder for folder in SCHEMAS if folder.name == "messages")


class Check(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.checkout = Path(temporary.name)
        (self.checkout / "schema").mkdir()
        shutil.copy(MESSAGES / "schema.yaml", self.checkout / "schema" / "fragment_transport.yaml")
        self.assertEqual(0, self.ftgen("generate")[0])
        self.header = self.checkout / "generated" / "include" / "ft" / "gen" / "messages.hpp"

    def ftgen(self, command: str) -> tuple[int, str]:
        done = subprocess.run([REPOSITORY / "cmake" / "ftgen-python", "-m", "ftgen", command], cwd=self.checkout,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout

    def refused(self, *words: str) -> None:
        before = {path: path.read_bytes() for path in self.checkout.rglob("*") if path.is_file()}
        status, said = self.ftgen("check")
        self.assertEqual(1, status, said)
        for word in words:
            self.assertIn(word, said)
        self.assertEqual(before, {path: path.read_bytes() for path in self.checkout.rglob("*") if path.is_file()})

    def repaired(self) -> None:
        self.assertEqual(0, self.ftgen("generate")[0])
        status, said = self.ftgen("check")
        self.assertEqual(0, status, said)

    def test_all_is_well(self) -> None:
        status, said = self.ftgen("check")
        self.assertEqual((0, "all up to date"), (status, said.strip().rsplit(", ", 1)[-1]))

    def test_changed_by_hand(self) -> None:
        self.header.write_text(self.header.read_text().replace("struct Letter {", "struct Letter final {"))
        self.refused("generated/include/ft/gen/messages.hpp:", "FT701", "-struct Letter final {", "+struct Letter {",
                     "run: ./dev ftgen generate\n")
        self.repaired()

    def test_schema_changed(self) -> None:
        schema = self.checkout / "schema" / "fragment_transport.yaml"
        schema.write_text(schema.read_text().replace("byte: 0x90", "byte: 0x91"))
        self.refused("generated/include/ft/gen/protocol.hpp:", "FT701", "run: ./dev ftgen generate\n")
        self.repaired()

    def test_missing(self) -> None:
        self.header.unlink()
        self.refused("generated/include/ft/gen/messages.hpp:1:1 FT702", "run: ./dev ftgen generate\n")
        self.repaired()

    def test_orphan(self) -> None:
        orphan = self.header.with_name("former.hpp")
        shutil.copy(self.header, orphan)
        with (self.checkout / "generated" / manifest.NAME).open("a") as listed:
            listed.write(f"{manifest.sum_of(orphan.read_bytes())}  include/ft/gen/former.hpp\n")
        self.refused("generated/include/ft/gen/former.hpp:1:1 FT703", "run: ./dev ftgen generate\n")
        self.repaired()
        self.assertFalse(orphan.exists())

    def test_foreign(self) -> None:
        foreign = self.checkout / "generated" / "notes.txt"
        foreign.write_text("mine\n")
        self.refused("generated/notes.txt:1:1 FT704", "move the file away", "run: ./dev ftgen generate\n")
        self.assertEqual(1, self.ftgen("generate")[0])
        self.assertEqual("mine\n", foreign.read_text())
        foreign.unlink()
        self.repaired()


if __name__ == "__main__":
    unittest.main()
