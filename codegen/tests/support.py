# SPDX-License-Identifier: Apache-2.0
"""What several tests need: schemas written into a temporary folder, loaded, and taken away."""
from __future__ import annotations

import tempfile
import unittest
from pathlib import Path

from ftgen.diagnostics import Diagnostic, Report, Severity
from ftgen.load import load
from ftgen.model import Declaration, Place, Protocol
from ftgen.source import Scalar

HEAD = """\
protocol: small
doc: A schema for a test.
namespace: ft::small
versions: {min: 1, current: 4}
limits: {doc: Small., depth: 16, budget: {base: 1024, per_payload_byte: 8}}
"""

TRANSPORT = """\
frame: {doc: The header., max_payload: 1000}
alpn: small/1
phases:
  open: {doc: Before the token., max_payload: 10}
  shut: {doc: After it., max_payload: 1000}
envelope: {type: Envelope, gate: [version], payload: payload}
messages:
  MSG_ASK: {byte: 0x01, from: client, accepts: [Ask], emits: [Ask], doc: A question.}
  MSG_ANSWER: {byte: 0x81, from: server, accepts: [Answer], emits: [Answer], doc: All answers.}
  MSG_FAILED: {byte: 0x82, from: server, accepts: [Answer.Failed], emits: [], doc: Accepted from old peers.}
types:
  Envelope:
    doc: What every frame holds.
    fields: {version: {type: u8, doc: Of the sender.}, payload: {type: Payload, doc: The message.}}
  Payload:
    doc: One of the messages.
    default: Ask
    variants: {Ask: {doc: Asks., type: string}, Answer: {doc: Answers., type: Outcome}}
  Outcome:
    doc: How it went.
    default: Failed
    variants: {Done: {doc: It went well., type: u64}, Failed: {doc: It went wrong., type: string}}
"""


def text(value: str) -> Scalar:
    """A scalar as if it stood at the start of a file."""
    return Scalar(Place("t.yaml", 1, 1), value, True, True)


def codes(report: Report) -> list[str]:
    return [d.code for d in report.sorted()]


class SchemaTest(unittest.TestCase):
    """Loads schemas from text; `self.folder` lives as long as one test."""

    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name) / "schema"
        self.folder.mkdir()

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def load(self, body: str, **families: str) -> tuple[Protocol | None, list[Diagnostic]]:
        """A root file of HEAD and the body; families are further files."""
        for name, content in families.items():
            self.write(f"{name}.yaml", content)
        include = f"include: [{', '.join(f'{name}.yaml' for name in families)}]\n" if families else ""
        return load(self.write("small.yaml", HEAD + include + body))

    def good(self, body: str, **families: str) -> Protocol:
        """Of a schema without errors; what lint says of it is for the tests of lint."""
        protocol, found = self.load(body, **families)
        self.assertEqual([], [str(d) for d in found if d.severity is Severity.ERROR])
        return protocol

    def types(self, body: str) -> dict[str, Declaration]:
        return self.good("types:\n" + body).declarations()
