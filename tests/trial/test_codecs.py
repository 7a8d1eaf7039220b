# SPDX-License-Identifier: Apache-2.0
"""Every node of the trial with every other: what one writes, the other reads, as the table of skew says; and what the
oracle says of changed messages of both versions, the generated code says too."""
from __future__ import annotations

import base64
import json
import unittest
from itertools import product

from ftgen.lower.skew import pairs
from ftgen.lower.vectors import frame_of, vectors_of
from ftgen.oracle import Codec, Refused
from nodes import REPOSITORY, Node, edited, nodes
from tests.oracle.differ import changed_frames, differences, golden_frames
from travel import Table, Trip

CHANGED = 3000                      # messages, of each node


def frames_of(node: Node, version: int) -> list[bytes]:
    """The boundary vectors of the node's own schema."""
    places, vectors = vectors_of(node.protocol, version)
    return [frame_of(places[v["type"]], v["json"], v.get("byte")) for v in vectors]


def recorded(name: str) -> list[bytes]:
    lines = (REPOSITORY / "tests" / "data" / name).read_text(encoding="utf-8").splitlines()
    return [base64.b64decode(json.loads(line)["frame"]) for line in lines]


class OneAndBoth(unittest.TestCase):
    def test_version_1_is_the_same_to_both(self) -> None:
        frames = recorded("golden.jsonl") + recorded("decode.jsonl") + frames_of(nodes()["v1"], 1)
        old, new = (nodes()[name].answers(frames) for name in ("v1", "both"))
        self.assertGreater(sum(answer["ok"] for answer in old), 2000)
        self.assertEqual([], [(frame, a, b) for frame, a, b in zip(frames, old, new, strict=True) if a != b])


class Oracle(unittest.TestCase):
    """The generated code of several versions, and the codec that reads the schema."""

    def test_both_say_the_same_of_all_boundaries_and_of_changed_messages(self) -> None:
        boundaries = [frame for version in edited().window for frame in frames_of(nodes()["both"], version)]
        codecs = {version: Codec(edited(), version) for version in edited().window}
        good = golden_frames() + [f for f in boundaries if not isinstance(codecs[2].decode_frame(f), Refused)]
        for name in ("both", "v2"):
            with self.subTest(name):
                node = nodes()[name]
                frames = boundaries + list(changed_frames(good, 7, CHANGED))
                self.assertEqual([], list(differences(node.protocol, node.program("ftconform"), frames)))

    def test_a_message_byte_of_another_version(self) -> None:
        texts = [json.dumps({"version": version, "auth_token": "", "payload": {payload: {"request_id": 1}}}).encode()
                 for version in (1, 2) for payload in ("DescribeFragment", "CancelFragment")]
        frames = [bytes([4]) + len(text).to_bytes(4, "little") + text for text in texts]
        said = {name: [answer.get("code") for answer in nodes()[name].answers(frames)] for name in nodes()}
        self.assertEqual({"v1": ["unknown_message_type"] * 4,
                          "both": ["unknown_variant", "message_type_mismatch", None, "message_type_mismatch"],
                          "v2": [None, "message_type_mismatch", None, "message_type_mismatch"]}, said)
        both = nodes()["both"]
        self.assertEqual([], list(differences(both.protocol, both.program("ftconform"), frames)))

    def test_a_bound_is_that_of_the_sender(self) -> None:
        place = vectors_of(edited(), 2)[0]["FragmentRequest"]
        frames = []
        for version in (1, 2):
            text = Codec(edited(), version).encode("FragmentRequest", self.request(place)).decode()
            before = place.before.replace('"version":2', f'"version":{version}')
            payload = f"{before}{text}{place.after}".encode()
            frames.append(bytes([1]) + len(payload).to_bytes(4, "little") + payload)
        broken = [answer["broken"] for answer in nodes()["both"].answers(frames)]
        self.assertEqual("max_temp_bytes must be at most 1073741824 (1 GiB)", broken[0]["rule"])
        self.assertIsNone(broken[1])

    @staticmethod
    def request(place) -> dict:
        """A lawful one of 2 GiB."""
        least = next(v["json"] for v in vectors_of(edited(), 2)[1] if v["name"] == "FragmentRequest/least")
        return Codec(edited(), 2).decode("FragmentRequest", least.encode()) | {"max_temp_bytes": 2 << 30}


class Pairs(unittest.TestCase):
    """A message is set in a version of the sender, written in one that both speak, and read by the receiver, who then
    holds it in its own newest."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.table = Table(edited())
        cls.codecs = {version: Codec(edited(), version) for version in edited().window}

    def test_every_pair(self) -> None:
        spoken = set()
        for sender, receiver in product(nodes().values(), repeat=2):
            for written in set(sender.window) & set(receiver.window):
                spoken.add((sender.name, receiver.name, written))
                for held in (version for version in sender.window if version >= written):
                    with self.subTest(f"{sender.name} to {receiver.name} in {written}, set in {held}"):
                        self.pair(sender, receiver, held, written)
        self.assertEqual({("v1", "v1", 1), ("v1", "both", 1), ("both", "v1", 1), ("both", "both", 1),
                          ("both", "both", 2), ("both", "v2", 2), ("v2", "both", 2), ("v2", "v2", 2)}, spoken)

    def pair(self, sender: Node, receiver: Node, held: int, written: int) -> None:
        envelopes = [decoded.envelope for frame in frames_of(sender, held)
                     if not isinstance(decoded := self.codecs[held].decode_frame(frame), Refused)]
        self.assertGreater(len(envelopes), 1500)
        sent = [self.table.travel(envelope, held, written) for envelope in envelopes]
        said = sender.answers([self.frame(envelope, held) for envelope in envelopes], written)
        arrived = []
        for trip, answer in zip(sent, said, strict=True):
            if trip.refused:
                self.refused(trip, answer)
            else:
                self.assertEqual(self.frame(trip.value, written), base64.b64decode(answer.get("canonical", "")), answer)
                arrived.append(trip)

        newest = receiver.window[-1]
        read = [self.table.travel(trip.value, written, newest) for trip in arrived]
        frames = [self.frame(trip.value, written) for trip in arrived]
        said = receiver.answers(frames, newest)
        # Whoever writes in a newer version what an older one set, is held back from losing it.
        for trip, back, frame, answer in zip(read, receiver.answers(frames, written), frames, said, strict=True):
            self.assertEqual(frame, base64.b64decode(back.get("canonical", "")), back)
            onward = self.codecs[newest].encode_frame(trip.value | {"version": newest})
            if isinstance(onward, Refused):
                self.assertEqual("not_in_version", answer.get("code"))
            else:
                self.assertEqual(onward, base64.b64decode(answer.get("canonical", "")), answer)
        self.all_of_the_table(sent, held, written)
        self.all_of_the_table(read, written, newest)

    def refused(self, trip: Trip, answer: dict) -> None:
        self.assertEqual("not_in_version", answer.get("code"))
        self.assertTrue(any(f"{name} is not in version {trip.receiver}" in answer["message"] for name in trip.refused),
                        (trip.refused, answer))

    def all_of_the_table(self, trips: list[Trip], sender: int, receiver: int) -> None:
        """Each line of the table was seen, but for what the sender's version has removed: a message of that version does
        not set it. (What happens to one of an older version that does, `pair` sees at the receiver.)"""
        table = next(p for p in pairs(edited()) if (p.sender, p.receiver) == (sender, receiver))
        expected = {(c.subject.path, c.outcome) for c in table.changes
                    if c.subject.kind != "message" and (sender in c.subject.thing.versions or
                                                        sender < c.subject.thing.versions.added)}
        self.assertEqual(expected, set().union(*(trip.seen for trip in trips)))

    def frame(self, envelope: dict, version: int) -> bytes:
        encoded = self.codecs[version].encode_frame(envelope | {"version": version})
        self.assertIsInstance(encoded, bytes)
        return encoded


if __name__ == "__main__":
    unittest.main()
