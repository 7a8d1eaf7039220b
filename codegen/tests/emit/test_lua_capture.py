# SPDX-License-Identifier: Apache-2.0
"""The Wireshark dissector at work: frames out of segments, answers and their requests, bad frames, secrets."""
from __future__ import annotations

import base64
import json
import unittest

from ftgen.load import load
from tests.golden import REAL, REPOSITORY
from tests.pcap import Capture
from tests.wireshark import Frame, WiresharkTest

DATA = REPOSITORY / "tests" / "data"
PORT = ("-o", "fragment_transport.ports:9100")
TOKEN = "shared-secret-for-recorded-conversations"


def frame(byte: int, payload: str | bytes) -> bytes:
    data = payload.encode() if isinstance(payload, str) else payload
    return bytes([byte]) + len(data).to_bytes(4, "little") + data


def envelope(payload: str, token: str = "") -> str:
    return f'{{"version":1,"auth_token":"{token}","payload":{payload}}}'


def cancel(id_: int, key: str = "77700077700077") -> bytes:
    return frame(2, envelope(f'{{"CancelFragment":{{"request_id":{id_},"cancel_key":{key}}}}}', "a-token"))


def acknowledge(id_: int) -> bytes:
    return frame(0x81, envelope(f'{{"FragmentResult":{{"CancelAck":{{"request_id":{id_}}}}}}}'))


def failure(id_: int) -> bytes:
    content = f'{{"Error":{{"request_id":{id_},"message":"no","sql_state":null}}}}'
    return frame(0x81, envelope(f'{{"FragmentResult":{content}}}'))


def conversations() -> list[tuple[str, list[tuple[str, bytes]]]]:
    """The name of each, and its frames with who sent them; some are several frames in one write."""
    found = []
    with open(DATA / "conversations.jsonl", encoding="utf-8") as file:
        for conversation in map(json.loads, file):
            frames = [(who, base64.b64decode(what)) for who, what in conversation["events"] if len(what) > 40]
            found.append((conversation["name"], frames))
    return found


def split(data: bytes) -> list[bytes]:
    frames = []
    while data:
        size = 5 + int.from_bytes(data[1:5], "little")
        frames.append(data[:size])
        data = data[size:]
    return frames


class Dissecting(WiresharkTest):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.protocol, _ = load(REAL)
        cls.tshark = cls.shark(cls.protocol)

    def frames(self, capture: Capture, *arguments: str) -> list[Frame]:
        return self.tshark.frames(capture, *(arguments or PORT))

    def of_one(self, data: bytes, sender: str = "client") -> list[Frame]:
        capture = Capture()
        capture.connect().send(sender, data)
        return self.frames(capture)


class Segments(Dissecting):
    def sizes(self, frames: list[Frame]) -> list[int]:
        return [5 + int(f.get("payload_len")[0]) for f in frames]

    def test_frames_in_pieces(self) -> None:
        for sizes in ((1,), (4,), (5,), (6, 1, 1), (3, 50), (100, 200)):
            capture, sent = Capture(), []
            for _, frames in conversations():
                connection = capture.connect()
                for who, data in frames:
                    connection.send(who, data, sizes)
                    sent += map(len, split(data))
            with self.subTest(sizes=sizes):
                seen = self.frames(capture)
                self.assertEqual(sent, self.sizes(seen))
                self.assertEqual({"version", "unknown_key", "unasked"}, {c for f in seen for c in f.complaints})

    def test_many_frames_in_a_segment(self) -> None:
        data = b"".join(map(cancel, range(1, 41)))
        for sizes in ((), (7,), (300, 300, 300), (len(cancel(1)) + 2,)):
            capture = Capture()
            numbers = capture.connect().send("client", data, sizes)
            with self.subTest(sizes=sizes):
                seen = self.frames(capture)
                self.assertEqual([str(i) for i in range(1, 41)], [f.get("request_id")[0] for f in seen])
                self.assertLessEqual({f.packet for f in seen}, set(numbers))
                self.assertEqual(set(), {c for f in seen for c in f.complaints})

    def test_a_frame_of_the_largest_segments(self) -> None:
        text = "x" * 500_000
        content = f'{{"Error":{{"request_id":9,"message":"{text}","sql_state":null}}}}'
        seen, = self.of_one(frame(0x81, envelope(f'{{"FragmentResult":{content}}}')), "server")
        self.assertEqual(["9"], seen.get("request_id"))
        self.assertIn("500002 bytes", "".join(seen.labels()))

    def test_found_without_a_port(self) -> None:
        capture = Capture()
        for size in (5, 6, 16, 40):
            connection = capture.connect(7777)
            connection.send("client", cancel(1), (size,))
            connection.send("client", cancel(2), (1, 1, 1))     # recognised by now
        other = capture.connect(7778)
        other.send("client", b"\x01\x02\x00\x00\x00{}")
        other.send("client", b"GET / HTTP/1.1\r\n\r\n")
        self.assertEqual(["1", "2"] * 4, [f.get("request_id")[0] for f in self.tshark.frames(capture)])

    def test_decode_as(self) -> None:
        capture = Capture()
        capture.connect(7000).send("client", cancel(3), (2,))
        self.assertEqual(1, len(self.frames(capture, "-d", "tcp.port==7000,fragment_transport")))

    def test_columns(self) -> None:
        capture = Capture()
        capture.connect().send("client", cancel(3) + cancel(4))
        line = self.tshark.run(capture, *PORT).splitlines()[-1].strip()
        text = "MSG_CANCEL_FRAGMENT CancelFragment"
        self.assertRegex(line, rf"FRAGMENT_TRANSPORT \d+ {text} 3\s+{text} 4$")


class Pairing(Dissecting):
    def links(self, frames: list[Frame]) -> list[tuple[str, str, str]]:
        return [tuple("".join(f.get(name)) for name in ("request_id", "request_in", "response_in")) for f in frames]

    def test_in_order_and_by_id(self) -> None:
        capture = Capture()
        one, two = capture.connect(), capture.connect()
        first, = one.send("client", cancel(1) + cancel(2))
        other, = two.send("client", cancel(1))
        third, = one.send("client", cancel(3))
        answers, = one.send("server", acknowledge(1) + acknowledge(3))
        beside, = two.send("server", acknowledge(1))
        last, = one.send("server", failure(0))          # speaks of the connection: what waits
        self.assertEqual(
            [("1", "", f"{answers}"), ("2", "", f"{last}"), ("1", "", f"{beside}"), ("3", "", f"{answers}"),
             ("1", f"{first}", ""), ("3", f"{third}", ""), ("1", f"{other}", ""), ("0", f"{first}", "")],
            self.links(self.frames(capture, *PORT, "-2")))

    def test_an_answer_to_what_is_not_there(self) -> None:
        """The capture begins behind the request 999; an answer may come in parts."""
        capture = Capture()
        connection = capture.connect()
        asked, = connection.send("client", cancel(6))
        for id_ in (999, 6, 6):
            connection.send("server", acknowledge(id_))
        seen = self.frames(capture, *PORT, "-2")
        self.assertEqual([(), ("unasked",), (), ()], [f.complaints for f in seen])
        to_it = ("6", f"{asked}", "")
        self.assertEqual([("6", "", f"{seen[2].packet}"), ("999", "", ""), to_it, to_it], self.links(seen))

    def test_latency(self) -> None:
        capture = Capture()
        connection = capture.connect()
        for id_ in range(3):
            connection.send("client", cancel(id_), (10,) * id_)
            connection.send("server", acknowledge(id_), (10,) * id_)
        times = [f.get("response_time") for f in self.frames(capture) if f.get("response_time")]
        self.assertEqual([[f"0.00{n}000000"] for n in (1, 2, 3)], times)

    def test_nobody_asked(self) -> None:
        seen, = self.of_one(acknowledge(5), "server")
        self.assertEqual((("unasked",), []), (seen.complaints, seen.get("request_in")))


class Complaints(Dissecting):
    def assert_complaints(self, *cases: tuple[bytes, tuple[str, ...]]) -> None:
        """Each on a connection of its own."""
        capture, packets = Capture(), []
        for data, _ in cases:
            packets += capture.connect().send("client", data)
        seen = {f.packet: f.complaints for f in self.frames(capture)}
        for packet, (data, wanted) in zip(packets, cases, strict=True):
            with self.subTest(data[:120]):
                self.assertEqual(wanted, seen[packet])

    def test_of_the_header(self) -> None:
        self.assert_complaints((b"\x03\x02\x00\x00\x00{}", ("unknown_byte",)),
                               (b"\x01\x01\x00\x00\x04{}", ("too_long",)), (cancel(1), ()))

    def test_goes_on_behind_a_broken_segment(self) -> None:
        capture = Capture()
        connection = capture.connect()
        connection.send("client", b"what is this?")
        connection.send("client", cancel(4))
        bad, good = self.frames(capture)
        self.assertEqual((("unknown_byte",), (), ["4"]), (bad.complaints, good.complaints, good.get("request_id")))

    def test_of_the_payload(self) -> None:
        whole = '{"CancelFragment":{"request_id":1,"cancel_key":2}}'
        self.assert_complaints(*((frame(2, payload), wanted) for payload, wanted in (
                ("", ("not_json",)), ("[]", ("not_json",)), (envelope(whole) + "x", ("not_json",)),
                (envelope(whole)[:-1], ("not_json",)), (envelope(whole, "\\ud800"), ("not_json",)),
                (envelope(whole, "\n"), ("not_json",)), (envelope(whole).replace("1", "01", 1), ("not_json",)),
                (envelope("[" * 127 + "]" * 127), ("not_json",)),
                (envelope('{"Nothing":1}'), ("unknown_variant",)),
                (envelope('{"FragmentResult":{"CancelAck":{"request_id":1}}}'), ("wrong_message",)),
                (envelope('{"CancelFragment":{"cancel_key":2}}'), ("missing_key",)),
                (envelope('{"CancelFragment":{"request_id":1}}'), ()),
                (envelope('{"CancelFragment":{"request_id":-1}}'), ("wrong_type",)),
                (envelope('{"CancelFragment":{"request_id":18446744073709551616}}'), ("wrong_type",)),
                (envelope('{"CancelFragment":{"request_id":1.0}}'), ("wrong_type",)),
                (envelope('{"CancelFragment":{"request_id":1,"cancel_key":"2"}}'), ("wrong_type",)),
                (envelope('{"CancelFragment":{"request_id":1,"request_id":1}}'), ("duplicate_key",)),
                (envelope('{"CancelFragment":{"request_id":1,"request\\u005fid":1}}'), ("duplicate_key",)),
                (envelope('{"CancelFragment":{"request_id":1,"more":[]}}'), ("unknown_key",)),
                (envelope(whole).replace("1", "2", 1), ("version",)),
                (envelope(whole, "\xff").encode("latin-1"), ("not_json",)))))

    def test_verdicts_on_recorded_frames(self) -> None:
        """Whole frames that a codec must refuse are complained about, but for what the dissector does not judge."""
        unjudged = ("limbs", "Jsonb = 1E400", "Date ", "Time ")
        capture, vectors = Capture(), {}
        with open(DATA / "decode.jsonl", encoding="utf-8") as file:
            for vector in map(json.loads, file):
                data = base64.b64decode(vector["frame"])
                if len(data) >= 5 and len(data) == 5 + int.from_bytes(data[1:5], "little"):
                    packet, = capture.connect().send("client" if data[0] < 0x80 else "server", data)
                    vectors[packet] = vector
        bad = {f.packet for f in self.frames(capture) if set(f.complaints) - {"unasked", "unknown_key"}}
        self.assertGreater(len(vectors), 250)
        for packet, vector in vectors.items():
            if not any(word in vector["name"] for word in unjudged):
                with self.subTest(vector["name"]):
                    self.assertEqual(vector["expect"] == "reject", packet in bad)

    def test_limits_of_what_is_shown(self) -> None:
        rows = ",".join(['{"values":["Null"]}'] * 1000)
        query = f'{{"Success":{{"request_id":1,"result":{{"Query":{{"columns":[],"rows":[{rows}]}}}}}}}}'
        data = frame(0x81, envelope(f'{{"FragmentResult":{query}}}'))
        for option, most in (("show_items:100", 110), ("show_bytes:1000", 5), ("show_bytes:100000", 4000)):
            capture = Capture()
            capture.connect().send("server", data)
            with self.subTest(option):
                seen, = self.frames(capture, *PORT, "-o", f"fragment_transport.{option}")
                self.assertEqual(most < 4000, "shortened" in seen.complaints)
                self.assertLessEqual(len(seen.labels()), most)
        self.assertGreater(len(seen.labels()), 3000)


class Secrets(Dissecting):
    def test_are_nowhere(self) -> None:
        key = "77700077700077"
        capture = Capture()
        for name, frames in conversations():
            connection = capture.connect()
            for who, data in frames:
                connection.send(who, data)
        connection = capture.connect()
        for payload in (f'{{"CancelFragment":{{"request_id":1,"cancel_key":{key}}}}}',
                        f'{{"CancelFragment":{{"request_id":1,"cancel_key":"{key}"}}}}',
                        f'{{"CancelFragment":{{"request_id":1,"cancel_keys":{key}}}}}',
                        f'{{"CancelFragments":{{"request_id":1,"cancel_key":{key}}}}}',
                        f'{{"CancelFragment":[1,{key}]}}',
                        f'{{"CancelFragment":{{"request_id":1,"cancel_key":{key}}}'):
            connection.send("client", frame(2, envelope(payload, TOKEN)))
        connection.send("client", frame(9, envelope(payload, TOKEN)))
        for arguments in (("-V",), ("-V", "-2"), ()):
            text = self.tshark.run(capture, *PORT, *arguments)
            self.assertGreater(text.count("FRAGMENT"), 50)
            for secret in (TOKEN, TOKEN[:12], key):
                self.assertNotIn(secret, text)
        seen = self.frames(capture)
        masked = 0
        for one in seen:
            for item in (i for top in one.items for i in top.all()):
                masked += item.value == "***"
                shown = f"{item.label} {item.value} {bytes.fromhex(item.hex).decode('utf-8', 'replace')}"
                for secret in (TOKEN[:12], key):
                    self.assertNotIn(secret, shown)
        self.assertGreater(masked, 100)


if __name__ == "__main__":
    unittest.main()
