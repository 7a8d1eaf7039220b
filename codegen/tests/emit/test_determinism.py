# SPDX-License-Identifier: Apache-2.0
"""The same schema gives the same bytes: whatever the hash seed, and wherever the generator is started."""
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from tests.golden import REAL, REPOSITORY, SCHEMAS

# Prints a digest of every file that every schema gives.
_PROGRAM = """
import hashlib, sys
from pathlib import Path
from ftgen.emit import EMITTERS
from ftgen.load import load
for name in sys.argv[1:]:
    protocol, found = load(Path(name))
    for emitter in EMITTERS:
        for path, text in emitter.emit(protocol).items():
            content = text.encode() if isinstance(text, str) else text
            print(protocol.name, path, hashlib.sha256(content).hexdigest())
"""


class Determinism(unittest.TestCase):
    def digests(self, seed: str, folder: Path, schemas: list[str]) -> list[str]:
        done = subprocess.run([sys.executable, "-c", _PROGRAM, *schemas], cwd=folder, capture_output=True, text=True,
                              env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(REPOSITORY / "codegen")})
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return done.stdout.splitlines()

    def test_hash_seed_and_folder_do_not_matter(self) -> None:
        schemas = [REAL, *(folder / "schema.yaml" for folder in SCHEMAS)]
        first = self.digests("0", REPOSITORY, [str(s.relative_to(REPOSITORY)) for s in schemas])
        with tempfile.TemporaryDirectory() as elsewhere:
            second = self.digests("4711", Path(elsewhere), [str(s) for s in schemas])
        self.assertGreater(len(first), 100)
        self.assertEqual(first, second)


if __name__ == "__main__":
    unittest.main()
