# SPDX-License-Identifier: Apache-2.0
"""A second protocol, that of examples/kv, goes through the generator like the first, and stays out of its way."""
import contextlib
import io
import re
import unittest
from pathlib import Path

from ftgen.cli import main
from ftgen.emit import cpp
from ftgen.load import load
from tests.golden import REAL, REPOSITORY

KV = REPOSITORY / "examples" / "kv"


def generated(schema: Path) -> dict[str, str]:
    protocol, found = load(schema)
    assert protocol is not None, found
    return cpp.emit(protocol)


class TwoProtocols(unittest.TestCase):
    def test_the_checked_in_files_are_up_to_date(self) -> None:
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            status = main(["check", "--schema", str(KV / "kv.yaml"), "--out", str(KV / "generated")])
        self.assertEqual(0, status, said.getvalue())

    def test_the_schema_has_no_flaw(self) -> None:
        self.assertEqual([], load(KV / "kv.yaml")[1])

    def test_no_header_has_the_path_of_another_protocol(self) -> None:
        first, second = ({p for p in generated(s) if p.startswith("include/")} for s in (REAL, KV / "kv.yaml"))
        self.assertTrue(first and all(path.startswith("include/ft/gen/") for path in first), first)
        self.assertTrue(second and all(path.startswith("include/ft/kv/gen/") for path in second), second)

    def test_generated_code_includes_its_own_headers_alone(self) -> None:
        for path, text in generated(KV / "kv.yaml").items():
            others = [h for h in re.findall(r'#include "(\S*gen/\S*)"', text) if not h.startswith("ft/kv/gen/")]
            self.assertEqual([], others, path)


if __name__ == "__main__":
    unittest.main()
