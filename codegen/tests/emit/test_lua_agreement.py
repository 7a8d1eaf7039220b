# SPDX-License-Identifier: Apache-2.0
"""One capture, seen by the Wireshark dissector, by ftdump, by a JSON reader and by somebody with nothing but the
protocol's reference: each field has the same name, place and value, and each message the same name and length.

The capture holds every key and variant there is: the golden frames, the boundary values that the schema gives, and the
example frames of the reference. The lines of Wireshark's tree are computed in labels.py, from what the schema says and
from what the reference says; whether a value has the form that the reference tells is asked in reference_walk.py.
"""
from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import tempfile
import unittest
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

from ftgen.emit import docs
from ftgen.load import load
from ftgen.lower.vectors import frame_of, vectors_of
from ftgen.model import Protocol
from tests.emit.labels import Labels, shown
from tests.emit.reference import Page, read
from tests.emit.reference_walk import HEADER, Walk
from tests.emit.wire_json import read_json, written
from tests.golden import REAL, REPOSITORY
from tests.pcap import Capture
from tests.wireshark import Frame, Item, WiresharkTest

DATA = REPOSITORY / "tests" / "data"
DIRECTIONS = {"client": "request", "server": "answer"}      # who sends it, and what ftdump calls it


def golden() -> list[bytes]:
    with open(DATA / "golden.jsonl", encoding="utf-8") as file:
        vectors = [json.loads(line) for line in file]
    return [base64.b64decode(v["frame"]) for v in vectors if v["expect"] == "identical"]


def boundaries(protocol: Protocol) -> list[bytes]:
    """Those that are written as they are read, but for JSON kept with white space, which a JSON reader drops."""
    places, vectors = vectors_of(protocol, protocol.current_version)
    frames = dict.fromkeys(frame_of(places[v["type"]], v.get("canonical", v["json"]), v.get("byte"))
                           for v in vectors if v["verdict"] == "ok")
    return [frame for frame in frames if written(read_json(frame[HEADER:])).encode() == frame[HEADER:]]


def ftdump() -> Path | None:
    folders = [os.environ.get("FT_TOOL_DIR"), REPOSITORY / "build" / "bin", REPOSITORY / "build" / "release" / "bin"]
    return next((p for f in folders if f and (p := Path(f) / "ftdump").is_file()), None)


class Agreement(WiresharkTest):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.protocol, _ = load(REAL)
        cls.text, = docs.emit(cls.protocol).values()
        cls.page = read(cls.text)
        cls.sent = [*golden(), *boundaries(cls.protocol), *(e.frame for e in cls.page.examples)]
        cls.envelopes = [read_json(frame[HEADER:]) for frame in cls.sent]
        cls.frames = cls.look(cls.sent)
        cls.shown = [shown(frame) for frame in cls.frames]

    @classmethod
    def look(cls, frames: list[bytes]) -> list[Frame]:
        capture = Capture()
        connection = capture.connect()
        senders = {message.byte: message.sender for message in cls.protocol.messages}
        for frame in frames:
            connection.send(senders[frame[0]], frame)
        return cls.shark(cls.protocol).frames(capture)

    def assert_agree(self, envelopes: list[dict]) -> None:
        by_schema = Labels(self.protocol.declarations(), self.protocol.envelope.type)
        by_reference = Labels(self.page.types, self.page.envelope)
        self.assertEqual(len(envelopes), len(self.frames))
        for envelope, lines in zip(envelopes, self.shown):
            self.assertEqual(by_schema.of(envelope), lines)
            self.assertEqual(by_reference.of(envelope), lines)

    def differences(self, page: Page) -> Iterator[str]:
        """What a page has against the capture, or says otherwise than Wireshark."""
        walk, labels = Walk(page), Labels(page.types, page.envelope)
        for data, envelope, frame, lines in zip(self.sent, self.envelopes, self.frames, self.shown, strict=True):
            if wrong := walk.frame(data):
                yield from wrong
                continue
            head = [f"msg_type: 0x{data[0]:02x} ({page.messages[data[0]].name})", f"payload_len: {len(data) - HEADER}"]
            for here, there in zip_longest([(0, label) for label in head] + labels.of(envelope),
                                           [(0, item.label) for item in frame.items[:2]] + lines):
                if here != there:
                    yield f"{here}, in Wireshark {there}"
        yield from (f"{place} is on the page, and in no frame" for place in sorted(walk.places() - walk.seen))

    def dumped(self, *arguments: str) -> list[dict]:
        program = ftdump()
        if program is None:
            self.skipTest("ftdump is not built (./dev build), or FT_TOOL_DIR does not say where")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "frames"
            file.write_bytes(b"".join(self.sent))
            done = subprocess.run([program, "--json", *arguments, file], capture_output=True, encoding="utf-8",
                                  timeout=60)
        self.assertEqual(0, done.returncode, done.stderr)
        return [read_json(line) for line in done.stdout.splitlines()]

    def items(self) -> list[Item]:
        return [item for frame in self.frames for top in frame.items for item in top.all()]

    def test_with_a_json_reader(self) -> None:
        self.assertGreater(len(self.sent), 2000)
        self.assert_agree(self.envelopes)

    def test_with_ftdump(self) -> None:
        records = self.dumped()
        self.assert_agree([record["envelope"] for record in records])
        walk = Walk(self.page)
        for data, record in zip(self.sent, records, strict=True):
            message = self.page.messages[data[0]]
            self.assertEqual((message.name, DIRECTIONS[message.sender], str(len(data)), "0"),
                             tuple(record[key] for key in ("type", "direction", "length", "unknown_keys")))
            self.assertEqual([], walk.envelope(record["envelope"], masked=True))

    def test_ftdump_leaves_nothing_out(self) -> None:
        """Labels end after some bytes; values and secrets go on."""
        self.assertEqual(self.envelopes, [record["envelope"] for record in self.dumped("--show-secrets")])

    def test_filters_see_the_labelled_value(self) -> None:
        seen = set()
        for item in self.items():
            name, _, text = item.label.partition(": ")
            if item.name.split(".")[-1] != name:
                continue
            if re.fullmatch(r"-?[0-9]+", text):
                self.assertEqual(text, item.value)
            elif re.fullmatch(r'"[ -!#-\[\]-~]*"', text):
                self.assertEqual(text[1:-1], item.value)
            elif text in ("true", "false"):
                self.assertIn(item.value, ("1", "True") if text == "true" else ("0", "False"))
            else:
                continue
            seen.add(item.name)
        self.assertGreater(len(seen), 100)

    def test_with_the_reference(self) -> None:
        self.assertGreater(len(self.page.examples), 4)
        self.assertGreater(len(Walk(self.page).places()), 1000)
        self.assertEqual([], list(self.differences(self.page)))

    def test_another_reference_differs(self) -> None:
        for good, bad in (
                ("| `rows_affected` | `u64` |", "| `rows_changed` | `u64` |"),
                ("| `txn_id` | `u64` |", "| `txn_id` | `u32` |"),
                ("| `isolation` | `string` |", "| `isolation` | `u64` |"),
                ("| `message` | `string` |", "| `message` | list of `string` |"),
                ("| `snapshot` | optional [", "| `snapshot` | ["),
                ("| `cancel_key` | **secret** `u64` |", "| `cancel_key` | `u64` |"),
                ("| array of 16 `u8` |", "| array of 15 `u8` |"),
                ("| `month` | 1 to 12 |", "| `month` | 1 to 11 |"),
                ("Written as `u64`;", "Written as `string`;"),
                ('`"Money"` | `i64`', '`"Cash"` | `i64`'),
                ('| `"Money"` | `i64` | Amount of money in the smallest unit of the currency. |\n', ""),
                ('One of: `"Inner"`, ', "One of: "),
                ("| `shard_id` |",
                 "| `more` | `u64` | `0` | *Extension key*, written only when it is set. |\n| `shard_id` |"),
                ("| `MSG_CANCEL_ACK` | `0x83` |", "| `MSG_CANCEL_ACK` | `0x84` |"),
                ("| `MSG_CANCEL_ACK` |", "| `MSG_ACK` |"),
                ("| never written | `FragmentResult.Error` |", "| never written | `CancelFragment` |"),
                ("at most 67108864 |", "at most 1000 |")):
            with self.subTest(bad):
                self.assertTrue(good in self.text, good)
                self.assertIsNotNone(next(self.differences(read(self.text.replace(good, bad))), None))


if __name__ == "__main__":
    unittest.main()
