# SPDX-License-Identifier: Apache-2.0
"""The golden schemas' C++ compiles without a warning under g++ and clang, and their programs find it does what it should.

Each schema is a program of its own, for all generated code has the same paths. To save time a schema's files are
compiled as one; those of SEPARATE are compiled one by one, so that a file that does not include what it needs is noticed.
"""
import subprocess
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.golden import FOLDER, REPOSITORY, SCHEMAS

COMPILERS = ("g++", "clang++-14")
FLAGS = ("-std=c++20", "-O0", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror")
SEPARATE = ("cells", "families", "messages")
JOBS = 2
RUNTIME = REPOSITORY / "runtime"


class Compile(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls) -> None:
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.build = Path(temporary.name)
        steps = [(COMPILERS[0], f, cls.build / f"runtime-{room}-{f.stem}.o", [f"-I{RUNTIME / 'src'}"])
                 for room in ("core", "json") for f in sorted((RUNTIME / "src" / room).glob("*.cpp")) if f.stem != "tree"]
        cls.runtime = [step[2] for step in steps]
        cls.objects: dict[tuple[str, str], list[Path]] = {}
        for compiler in COMPILERS:
            for folder in SCHEMAS:
                objects = cls.objects[compiler, folder.name] = []
                for source in cls._sources(folder):
                    objects.append(cls.build / f"{compiler}-{folder.name}-{source.stem}.o")
                    steps.append((compiler, source, objects[-1], [f"-I{folder / 'expected' / 'include'}"]))
        with ThreadPoolExecutor(JOBS) as pool:
            cls.said = dict(zip((step[2] for step in steps), pool.map(lambda step: cls._compile(*step), steps)))

    @classmethod
    def _sources(cls, folder: Path) -> list[Path]:
        sources = [*sorted((folder / "expected" / "src").glob("*.cpp")), folder / "main.cpp"]
        if folder.name in SEPARATE:
            return sources
        whole = cls.build / f"{folder.name}.cpp"
        whole.write_text("".join(f'#include "{source}"\n' for source in sources))
        return [whole]

    @staticmethod
    def _compile(compiler: str, source: Path, target: Path, extra: list[str]) -> str:
        command = [compiler, *FLAGS, f"-I{FOLDER}", f"-I{RUNTIME / 'include'}", *extra, "-c", source, "-o", target]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        return "" if done.returncode == 0 else f"{source}:\n{done.stderr[:4000]}"

    def test_the_runtime_compiles(self) -> None:
        self.assertTrue(self.runtime)
        self.assertEqual("", "".join(self.said[o] for o in self.runtime))

    def test_each_program_is_content(self) -> None:
        for (compiler, schema), objects in self.objects.items():
            with self.subTest(schema, compiler=compiler):
                self.assertEqual("", "".join(self.said[o] for o in objects))
                program = self.build / f"{compiler}-{schema}"
                linked = subprocess.run([compiler, *objects, *self.runtime, "-o", program],
                                        capture_output=True, text=True)
                self.assertEqual((0, ""), (linked.returncode, linked.stderr[:4000]))
                ran = subprocess.run([program], capture_output=True, text=True, timeout=60)
                self.assertEqual(0, ran.returncode, ran.stdout + ran.stderr)
                self.assertRegex(ran.stdout, r"^[1-9]\d* checks, 0 failed\n$")


if __name__ == "__main__":
    unittest.main()
