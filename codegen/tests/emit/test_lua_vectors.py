# SPDX-License-Identifier: Apache-2.0
"""The Wireshark dissector complains about those boundary vectors that a codec refuses, and about no others."""
from __future__ import annotations

import unittest

from ftgen.load import load
from ftgen.lower.vectors import frame_of, vectors_of
from tests.golden import FOLDER, REAL, REPOSITORY
from tests.pcap import Capture
from tests.wireshark import WiresharkTest

# Bounds, days of the calendar and rules are not judged.
UNJUDGED = {"out_of_range", "too_long", "too_many_items", "rule_violated"}
# Hardly an answer was asked for; unknown keys are allowed; a version outside of the window is for the gate to refuse.
NO_FAULT = {"unasked", "unknown_key", "version"}


class Vectors(WiresharkTest):
    def test_verdicts(self) -> None:
        for schema in (REAL, REPOSITORY / "examples" / "kv" / "kv.yaml", FOLDER / "messages" / "schema.yaml"):
            protocol, _ = load(schema)
            shark = self.shark(protocol)
            senders = {message.byte: message.sender for message in protocol.messages}
            capture, sent = Capture(), {}
            connection = capture.connect()
            for version in protocol.window if protocol.envelope.version else [protocol.current_version]:
                places, vectors = vectors_of(protocol, version)
                for vector in vectors:
                    frame = frame_of(places[vector["type"]], vector["json"], vector.get("byte"))
                    packet, *_ = connection.send(senders[frame[0]], frame)
                    sent[packet] = vector
            seen = shark.frames(capture, "-o", f"{protocol.name}.ports:9100")
            self.assertEqual(list(sent), [frame.packet for frame in seen])
            for frame in seen:
                vector = sent[frame.packet]
                if vector["verdict"] not in UNJUDGED:
                    with self.subTest(protocol.name, vector=vector["name"]):
                        self.assertEqual(vector["verdict"] != "ok", bool(set(frame.complaints) - NO_FAULT),
                                         (vector["json"][:200], frame.complaints))


if __name__ == "__main__":
    unittest.main()
