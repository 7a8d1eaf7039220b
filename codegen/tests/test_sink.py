# SPDX-License-Identifier: Apache-2.0
import tempfile
import unittest
from pathlib import Path

from ftgen import manifest
from ftgen.sink import MAX_DIFF_LINES, Compare, Disk, Memory

TOP = b"// Made.\n"
FILES = {"a.hpp": TOP + b"a\n", "deep/b.cpp": TOP + b"b\n"}


def listed(files: dict[str, bytes]) -> dict[str, bytes]:
    """With their manifest, as sinks get them."""
    lines = (f"{manifest.sum_of(content)}  {name}\n" for name, content in files.items())
    return {**files, manifest.NAME: "".join(lines).encode()}


class Sinks(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.out = Path(temporary.name) / "generated"

    def compare(self, files: dict[str, bytes]) -> tuple[list[tuple[str, str]], Compare]:
        compare = Compare(self.out, "./dev ftgen generate")
        return [(str(d.place), d.code) for d in compare.put(files)], compare

    def present(self) -> list[str]:
        return sorted(str(p.relative_to(self.out)) for p in self.out.rglob("*"))

    def test_disk_writes_what_changed(self) -> None:
        first = Disk(self.out)
        self.assertEqual([], first.put(listed(FILES)))
        self.assertEqual((3, 0), (first.written, first.removed))
        self.assertEqual(FILES["deep/b.cpp"], (self.out / "deep/b.cpp").read_bytes())
        before = (self.out / "a.hpp").stat().st_mtime_ns, (self.out / "a.hpp").stat().st_ino
        second = Disk(self.out)
        second.put(listed({**FILES, "deep/b.cpp": TOP + b"c\n"}))
        self.assertEqual((2, 0), (second.written, second.removed))
        self.assertEqual(before, ((self.out / "a.hpp").stat().st_mtime_ns, (self.out / "a.hpp").stat().st_ino))

    def test_disk_removes_orphans_and_their_folders_only(self) -> None:
        Disk(self.out).put(listed({**FILES, "old/deeper/c.cpp": TOP, "old/deeper/edited.cpp": TOP}))
        (self.out / "old/deeper/edited.cpp").write_text("by hand")
        (self.out / "notes.txt").write_text("mine")
        (self.out / "link").symlink_to(self.out / "a.hpp")
        disk = Disk(self.out)
        found = disk.put(listed({"a.hpp": FILES["a.hpp"]}))
        self.assertEqual(2, disk.removed)
        self.assertEqual(["MANIFEST", "a.hpp", "link", "notes.txt", "old", "old/deeper", "old/deeper/edited.cpp"],
                         self.present())
        self.assertEqual([(f"generated/{name}:1:1", "FT704") for name in ("link", "notes.txt", "old/deeper/edited.cpp")],
                         [(str(d.place), d.code) for d in found])

    def test_disk_touches_nothing_in_a_folder_that_is_not_its_own(self) -> None:
        (self.out / "src").mkdir(parents=True)
        (self.out / "src/main.cpp").write_text("int main() {}")
        Disk(self.out).put(FILES)
        self.assertEqual("int main() {}", (self.out / "src/main.cpp").read_text())

    def test_disk_does_not_write_over_files_that_are_not_its_own(self) -> None:
        """Nor beside them, so that there is no half of an output."""
        (self.out / "deep").mkdir(parents=True)
        for name in ("deep/b.cpp", manifest.NAME):
            (self.out / name).write_text("by hand")
        disk = Disk(self.out)
        found = [(str(d.place), d.code) for d in disk.put(listed(FILES))]
        self.assertEqual([("generated/MANIFEST:1:1", "FT704"), ("generated/deep/b.cpp:1:1", "FT704")], sorted(found))
        self.assertEqual(sorted([*found, ("generated/a.hpp:1:1", "FT702")]), sorted(self.compare(listed(FILES))[0]))
        self.assertEqual(0, disk.written)
        self.assertEqual(["MANIFEST", "deep", "deep/b.cpp"], self.present())
        self.assertEqual("by hand", (self.out / "deep/b.cpp").read_text())

    def test_disk_mends_what_it_once_wrote(self) -> None:
        Disk(self.out).put(listed(FILES))
        (self.out / "a.hpp").write_text("by hand")
        self.assertEqual([], Disk(self.out).put(listed(FILES)))
        self.assertEqual(FILES["a.hpp"], (self.out / "a.hpp").read_bytes())

    def test_compare_finds_every_difference_and_changes_nothing(self) -> None:
        Disk(self.out).put(listed({**FILES, "orphan.cpp": TOP}))
        (self.out / "foreign.txt").write_text("mine")
        before = self.present()
        found, compare = self.compare({**FILES, "a.hpp": TOP + b"changed\n", "new.cpp": TOP,
                                       manifest.NAME: (self.out / manifest.NAME).read_bytes()})
        self.assertEqual([("generated/a.hpp:2:1", "FT701"), ("generated/new.cpp:1:1", "FT702"),
                          ("generated/foreign.txt:1:1", "FT704"), ("generated/orphan.cpp:1:1", "FT703")], found)
        self.assertEqual(before, self.present())
        self.assertIn("-a", compare.diffs["a.hpp"])
        self.assertIn("+changed", compare.diffs["a.hpp"])

    def test_compare_is_content_with_what_disk_wrote(self) -> None:
        Disk(self.out).put(FILES)
        self.assertEqual([], self.compare(FILES)[0])

    def test_compare_of_nothing(self) -> None:
        self.assertEqual(["FT702", "FT702"], [code for _, code in self.compare(FILES)[0]])

    def test_diffs_are_bounded(self) -> None:
        Disk(self.out).put(listed({"a": TOP + b"".join(b"%d\n" % i for i in range(1000))}))
        _, compare = self.compare({"a": TOP + b"x" * 10_000 + b"\n"})
        self.assertEqual(MAX_DIFF_LINES + 1, len(compare.diffs["a"]))
        self.assertLess(max(map(len, compare.diffs["a"])), 200)
        self.assertRegex(compare.diffs["a"][-1], r"and \d+ more lines")

    def test_bytes_count(self) -> None:
        Disk(self.out).put(listed({"a": TOP}))
        for content in (TOP.replace(b"\n", b"\r\n"), TOP + b"\xff"):
            (self.out / "a").write_bytes(content)
            found, compare = self.compare(listed({"a": TOP}))
            self.assertEqual(["FT701"], [code for _, code in found])
            self.assertTrue(compare.diffs["a"])

    def test_memory(self) -> None:
        memory = Memory()
        self.assertEqual([], memory.put(FILES))
        self.assertEqual(FILES, memory.files)

    def test_emitters_are_held_to_their_contract(self) -> None:
        for files in ({"/etc/a": TOP}, {"../a": TOP}, {"a/../b": TOP}, {"./a": TOP}):
            for sink in (Memory(), Disk(self.out), Compare(self.out, "")):
                with self.subTest(files=files, sink=sink), self.assertRaises(ValueError):
                    sink.put(files)
        self.assertFalse(self.out.exists())
