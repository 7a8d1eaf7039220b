# SPDX-License-Identifier: Apache-2.0
import contextlib
import io
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from ftgen.cli import main
from tests.support import HEAD, SchemaTest


class CommandLine(SchemaTest):
    def setUp(self) -> None:
        super().setUp()
        self.out = self.folder.parent / "generated"
        self.schema = self.write("small.yaml", HEAD + "types:\n  A: {doc: A number., newtype: u8}\n")
        self.emitters = [SimpleNamespace(emit=lambda protocol: {f"{name}.txt": f"Made.\n{name}\n"
                                                                for name in protocol.declarations()})]

    def run_it(self, *arguments: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = main(arguments, self.emitters)
            except SystemExit as leaving:
                status = leaving.code
        return status, out.getvalue(), err.getvalue()

    def on_files(self, command: str) -> tuple[int, str, str]:
        return self.run_it(command, "--schema", str(self.schema), "--out", str(self.out))

    def test_generate_then_check(self) -> None:
        self.assertEqual((0, f"{self.out}: 2 files, 2 written, 0 removed\n", ""), self.on_files("generate"))
        self.assertEqual(0, self.on_files("check")[0])
        self.assertEqual((0, f"{self.out}: 2 files, 0 written, 0 removed\n", ""), self.on_files("generate"))

    def test_check_says_what_to_run(self) -> None:
        self.on_files("generate")
        self.schema.write_text(self.schema.read_text().replace("A:", "B:"))
        status, out, err = self.on_files("check")
        self.assertEqual((1, ""), (status, out))
        self.assertIn("generated/A.txt:1:1 FT703", err)
        self.assertIn("generated/B.txt:1:1 FT702", err)
        self.assertIn(f"run: ./dev ftgen generate --schema {self.schema} --out {self.out}\n", err)
        self.assertEqual(0, self.on_files("generate")[0])
        self.assertEqual(0, self.on_files("check")[0])

    def test_check_shows_the_difference(self) -> None:
        self.on_files("generate")
        (self.out / "A.txt").write_text("Made.\nby hand\n")
        status, _, err = self.on_files("check")
        self.assertEqual(1, status)
        self.assertIn("generated/A.txt:2:1 FT701", err)
        self.assertIn("\n-by hand\n+A\n", err)

    def test_foreign_files_are_refused_and_kept(self) -> None:
        self.on_files("generate")
        (self.out / "mine.txt").write_text("mine")
        for command in ("check", "generate"):
            status, _, err = self.on_files(command)
            self.assertEqual(1, status)
            self.assertIn("generated/mine.txt:1:1 FT704", err)
        self.assertTrue((self.out / "mine.txt").exists())

    def test_errors_of_the_schema_write_nothing(self) -> None:
        self.schema.write_text(self.schema.read_text().replace("u8", "u9").replace("number.", "number"))
        for command in ("generate", "check"):
            status, out, err = self.on_files(command)
            self.assertEqual((1, ""), (status, out))
            self.assertIn("schema/small.yaml:7:31 FT302", err)
        self.assertFalse(self.out.exists())

    def test_lint(self) -> None:
        self.assertEqual(0, self.run_it("lint", "--schema", str(self.schema))[0])
        self.schema.write_text(self.schema.read_text().replace("number.", "number"))
        status, _, err = self.run_it("lint", "--schema", str(self.schema))
        self.assertEqual(1, status)
        self.assertIn("FT602", err)
        self.assertEqual(0, self.on_files("generate")[0])

    def test_freeze_project_and_breaking(self) -> None:
        self.schema.write_text(HEAD.replace("current: 4", "current: 1") + """\
types:
  A:
    doc: A struct.
    fields:
      a: {type: u8, doc: A number.}
""")
        schema = ("--schema", str(self.schema))
        lock = self.folder / "lock" / "v1.json"
        self.assertEqual((1, "", f"ftgen: no version is frozen in {lock.parent}; `ftgen freeze` does it\n"),
                         self.run_it("breaking", *schema))
        self.assertEqual((0, f"{lock}: version 1 is frozen\n", ""), self.run_it("freeze", *schema))
        self.assertEqual((0, f"{lock}: version 1 was frozen, as it is\n", ""), self.run_it("freeze", *schema))
        self.assertEqual((0, "against version 1: nothing breaks\n", ""), self.run_it("breaking", *schema))

        self.schema.write_text(self.schema.read_text().replace("u8", "u16"))
        status, out, err = self.run_it("breaking", *schema)
        self.assertEqual((1, "against version 1: 1 found\n"), (status, out))
        self.assertIn("A.a", err)
        self.assertEqual(0, self.run_it("breaking", *schema, "--category", "WIRE")[0])
        status, _, err = self.run_it("freeze", *schema)
        self.assertEqual(1, status)
        self.assertIn("TYPE_CHANGED JSON A.a (version 1): was u8, is u16\n", err)
        self.assertIn("ftgen: nothing is frozen", err)

        project = self.folder / "one"
        self.assertEqual(0, self.run_it("project", *schema, "--version", "1", "--out", str(project))[0])
        status, _, err = self.run_it("project", *schema, "--version", "1", "--out", str(self.folder))
        self.assertEqual((1, f"ftgen: {self.folder} is not empty; choose a folder that is, or a new one\n"), (status, err))
        again = str(project / "small.yaml")
        self.assertEqual(0, self.run_it("breaking", *schema, "--against", again)[0])
        self.assertEqual(1, self.run_it("breaking", "--schema", again, "--against", str(lock))[0])
        for command in ("freeze", "project"):
            status, _, err = self.run_it(command, *schema, "--version", "2", *("--out", "x")[:2 * (command == "project")])
            self.assertEqual((1, "ftgen: there is no version 2: versions are 1 to 1\n"), (status, err))
        lock.write_text("{}")
        self.assertRegex(self.run_it("breaking", *schema)[2], r"^ftgen: .*v1\.json is no lock: ")

    def test_an_output_folder_that_cannot_be(self) -> None:
        self.out.write_text("a file")
        status, _, err = self.on_files("generate")
        self.assertEqual(1, status)
        self.assertRegex(err, r"^ftgen: .*generated.*: (File exists|Not a directory)\n$")

    def test_explain(self) -> None:
        status, out, _ = self.run_it("explain", "FT302")
        self.assertEqual(0, status)
        self.assertIn("Names are case-sensitive", out)
        self.assertIn("FT302  unknown type\n", self.run_it("explain")[1])
        for id_ in ("KEY_GONE", "key_gone"):
            status, out, _ = self.run_it("explain", id_)
            self.assertEqual(0, status)
            self.assertRegex(out, r"^KEY_GONE: a key was removed from a version that has it\n\nJSON: the payload")
        self.assertIn("KEY_GONE  a key was removed from a version that has it\n", self.run_it("explain")[1])
        self.assertEqual(2, self.run_it("explain", "FT999")[0])

    def test_output_that_goes_nowhere(self) -> None:
        """Nobody reads it, it is closed, or there is no room; and the error names no file."""
        for target, said in ((">&-", ""), (">/dev/full", "ftgen: output: No space left on device\n"), ("| true", "")):
            with self.subTest(target):
                command = f"{sys.executable} -m ftgen explain {target}"
                done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=Path(__file__).parents[1])
                self.assertEqual(("", said), (done.stdout, done.stderr))

    def test_usage(self) -> None:
        for arguments in ((), ("generat",), ("generate", "--unknown"), ("lint", "--out", "x")):
            with self.subTest(arguments):
                self.assertEqual(2, self.run_it(*arguments)[0])

    def test_two_emitters_do_not_write_the_same_file(self) -> None:
        self.emitters *= 2
        with self.assertRaises(ValueError):
            self.on_files("generate")
