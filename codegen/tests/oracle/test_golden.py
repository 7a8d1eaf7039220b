# SPDX-License-Identifier: Apache-2.0
"""The oracle on the recorded frames: each comes out as its line says."""
import base64
import json
import unittest

from ftgen.load import load
from ftgen.oracle import HEADER, Codec, Refused
from tests.golden import REAL, REPOSITORY


def lines(name: str) -> list[dict]:
    text = (REPOSITORY / "tests" / "data" / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


class RecordedFrames(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        protocol, _ = load(REAL)
        cls.codec = Codec(protocol, 1)

    def comes_out_as_it_says(self, vector: dict) -> None:
        frame = base64.b64decode(vector["frame"])
        decoded = self.codec.decode_frame(frame)
        if vector["expect"] == "reject":
            self.assertIsInstance(decoded, Refused)
            return
        self.assertNotIsInstance(decoded, Refused, decoded)
        encoded = self.codec.encode_frame(decoded.envelope)
        self.assertNotIsInstance(encoded, Refused, encoded)
        if vector["expect"] == "identical":
            self.assertEqual(frame, encoded)
        if "canonical" in vector:
            self.assertEqual(vector["canonical"], encoded[HEADER:].decode())
        self.assertEqual(vector.get("consumed", decoded.consumed), decoded.consumed)

    def test_golden_frames(self) -> None:
        golden = lines("golden.jsonl")
        self.assertEqual(1118, sum(v["expect"] == "identical" for v in golden))
        for vector in golden:
            with self.subTest(vector["name"]):
                self.comes_out_as_it_says(vector)

    def test_unusual_frames(self) -> None:
        unusual = lines("decode.jsonl")
        self.assertEqual(182, sum(v["expect"] == "reject" for v in unusual))
        for vector in unusual:
            with self.subTest(vector["id"]):
                self.comes_out_as_it_says(vector)


if __name__ == "__main__":
    unittest.main()
