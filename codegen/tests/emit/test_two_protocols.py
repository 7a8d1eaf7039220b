# SPDX-License-Identifier: Apache-2.0
"""A second protocol, that of examples/kv, goes through the generator like the first, and stays out of its way."""
import contextlib
import io
import re
import tempfile
import unittest
from pathlib import Path

from ftgen import ir
from ftgen.cli import main
from ftgen.emit import cpp, fuzzkit
from ftgen.load import load
from ftgen.unparse import schema_files
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

    def test_a_schema_with_all_that_it_says_is_written_again(self) -> None:
        protocol, _ = load(KV / "kv.yaml")
        with tempfile.TemporaryDirectory() as folder:
            for name, text in schema_files(protocol).items():
                (Path(folder) / name).write_text(text, encoding="utf-8")
            again, _ = load(Path(folder) / "kv.yaml")
        self.assertEqual([True], [m.unasked for m in again.messages if m.unasked])
        self.assertEqual(ir.digest(protocol), ir.digest(again))
        self.assertEqual(protocol, ir.load(ir.dump(protocol)))

    def test_tables_for_mutators_fit_into_one_program(self) -> None:
        for schema, namespace in ((REAL, "ft::fuzz"), (KV / "kv.yaml", "ft::kv::fuzz")):
            protocol, _ = load(schema)
            shape = fuzzkit.emit(protocol)["fuzz/shape.hpp"]
            self.assertEqual([namespace], re.findall(r"^namespace (\S+) \{$", shape, re.M))
            bytes_ = ", ".join(f"0x{m.byte:02x}" for m in protocol.messages)
            self.assertIn(f"kMessages[] = {{{bytes_}}};", shape)

    def test_generated_code_includes_its_own_headers_alone(self) -> None:
        for path, text in generated(KV / "kv.yaml").items():
            others = [h for h in re.findall(r'#include "(\S*gen/\S*)"', text) if not h.startswith("ft/kv/gen/")]
            self.assertEqual([], others, path)


if __name__ == "__main__":
    unittest.main()
