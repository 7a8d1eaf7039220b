# SPDX-License-Identifier: Apache-2.0
"""The commands of docs/your-own-protocol.md, as they stand there, on the files that stand there.

Those that build or run C++ are in BUILDING: the tests install.kv and KvExample do the same with examples/kv.
"""
from __future__ import annotations

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from tests.golden import REPOSITORY

PAGE = (REPOSITORY / "docs" / "your-own-protocol.md").read_text(encoding="utf-8")
KV = REPOSITORY / "examples" / "kv"
BUILDING = [
    "./dev build", "cmake --install build/release --prefix ~/ft",
    "cmake -B ~/kv/build -S ~/kv -DCMAKE_PREFIX_PATH=~/ft && cmake --build ~/kv/build", "cd ~/kv/build",
    "./kv_server 127.0.0.1:9200 &", "./kv_client 127.0.0.1:9200 watch col 2 &",
    "./kv_client 127.0.0.1:9200 put color red", "./kv_client 127.0.0.1:9200 put color blue",
    './kv_client 127.0.0.1:9200 put "" nothing', "kill %1"]
GENERATED = re.compile(r"`((?:ft/kv/gen/|docs/|wireshark/|jsonschema/|vectors/|fuzz/)[^`]*)`")


def commands() -> list[str]:
    """All lines of the blocks, without what they print, and what the text tells to type."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.M | re.S)
    typed = [re.sub(r"\s+# .*", "", line) for block in blocks for line in block.splitlines()]
    prose = re.sub(r"^```.*?^```$", "", PAGE, flags=re.M | re.S)
    return typed + re.findall(r"`(\./dev ftgen [^`]*--schema[^`]*)`", prose)


class Page(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.home = Path(temporary.name)
        (self.home / "kv").mkdir()
        for block in re.finditer(r"^```(?:yaml|cmake|cpp)\n(.*?)^```$", PAGE, re.M | re.S):
            *_, name = re.findall(r"`~/(kv/\w+\.\w+)`", PAGE[:block.start()])
            (self.home / name).write_text(block[1], encoding="utf-8")

    def run_here(self, command: str) -> subprocess.CompletedProcess:
        # The script only looks for packages before it does the same.
        command = command.replace("./dev ftgen", "cmake/ftgen-python -m ftgen")
        return subprocess.run(["bash", "-c", command], cwd=REPOSITORY, env={**os.environ, "HOME": str(self.home)},
                              text=True, capture_output=True, timeout=120)

    def test_the_files_are_those_of_the_example(self) -> None:
        files = {p.name for p in (self.home / "kv").iterdir()}
        self.assertEqual({p.name for p in KV.iterdir() if p.is_file()}, files)
        for name in files:
            self.assertEqual((KV / name).read_text(encoding="utf-8"),
                             (self.home / "kv" / name).read_text(encoding="utf-8"), name)

    def test_every_command_works_or_is_built_elsewhere(self) -> None:
        every = commands()
        self.assertEqual(BUILDING, [c for c in every if not c.startswith("./dev ftgen")])
        ours = [c for c in every if c.startswith("./dev ftgen")]
        self.assertEqual(["lint", "generate", "freeze", "breaking"], [c.split()[2] for c in ours])
        for command in ours:
            done = self.run_here(command)
            self.assertEqual((0, ""), (done.returncode, done.stderr), f"{command}: {done.stdout}")
        check = ours[1].replace("generate", "check", 1)     # "`./dev ftgen check` with the same options"
        self.assertEqual(0, self.run_here(check).returncode)
        generated = self.home / "kv" / "generated"
        for name in GENERATED.findall(PAGE):
            self.assertTrue((generated / name).exists() or (generated / "include" / name).exists(), name)
        schema = self.home / "kv" / "kv.yaml"
        schema.write_text(schema.read_text().replace("prefix: {type: string,", "prefix: {type: u8,"))
        self.assertNotEqual(0, self.run_here(check).returncode)
        self.assertNotEqual(0, self.run_here(ours[3]).returncode)


if __name__ == "__main__":
    unittest.main()
