# SPDX-License-Identifier: Apache-2.0
"""The Wireshark dissector where things are not as it likes them: huge trees, cut captures, noise between frames, other
protocols, another locale."""
from __future__ import annotations

import shutil
import subprocess
import unittest
from pathlib import Path

from ftgen.load import load
from tests.emit.test_lua_capture import PORT, Dissecting, acknowledge, cancel, envelope, frame
from tests.golden import REAL, REPOSITORY
from tests.pcap import Capture
from tests.wireshark import WiresharkTest

HEADERS = 14 + 20 + 20      # of Ethernet, IP and TCP
COMMA = "de_DE"


class Sizes(Dissecting):
    def test_a_tree_stops_growing_whatever_is_in_it(self) -> None:
        many = 200_000          # at a million items, a few for each of these, tshark crashes
        unknown, twice, lacking = (",".join([text] * many) for text in ('"":1', '"version":1', "{}"))
        plan = f'{{"ProjectOnce":{{"outputs":[{lacking}]}}}}'
        for payload, most, wanted, complaint in (
                (f'{{"version":1,{unknown}}}', 20_000, 20_000, "Unknown key"),
                (f'{{"version":1,{unknown}}}', 100_000, 10**9, "Unknown key"),      # there is a limit to the preference
                (f"{{{twice}}}", 20_000, 20_000, "version stands twice"),
                (envelope(f'{{"CancelFragment":{{{unknown}}}}}'), 20_000, 20_000, "Unknown key"),
                (envelope(f'{{"ExecuteFragment":{{"plan":{plan}}}}}'), 20_000, 20_000, "expr is missing")):
            with self.subTest(complaint, most=most):
                capture = Capture()
                capture.connect().send("client", frame(1, payload))
                text = self.tshark.run(capture, *PORT, "-V", "-O", "fragment_transport", "-o",
                                       f"fragment_transport.show_items:{wanted}", "-o",
                                       "fragment_transport.show_bytes:10000000")
                self.assertTrue(complaint in text, text[-2000:])
                self.assertTrue("The tree has more items than the preference show_items" in text, text[-2000:])
                self.assertLess(text.count("\n"), 5 * most + 500)

    def test_a_tree_that_just_fits_is_whole(self) -> None:
        whole = '{"CancelFragment":{"request_id":1,"cancel_key":2}}'      # five lines with the envelope's
        for most, wanted in ((5, set()), (4, {"shortened"})):
            capture = Capture()
            capture.connect().send("client", frame(2, envelope(whole)))
            seen, = self.frames(capture, *PORT, "-o", f"fragment_transport.show_items:{most}")
            self.assertEqual(wanted, set(seen.complaints))


class Cut(Dissecting):
    def test_at_every_byte(self) -> None:
        frames = [cancel(1), cancel(2), cancel(3)]
        whole = HEADERS + sum(map(len, frames))
        ends = [HEADERS + sum(map(len, frames[:i + 1])) for i in range(3)]
        for snaplen in (*range(HEADERS, whole + 1, 23), *(end + i for end in ends for i in range(-1, 7))):
            capture = Capture(snaplen=snaplen)
            capture.connect().send("client", b"".join(frames))
            there = sum(end <= snaplen for end in ends)
            is_cut = snaplen < whole and snaplen not in (HEADERS, *ends)
            with self.subTest(snaplen):
                seen = self.frames(capture)
                self.assertEqual([()] * there + [("cut",)] * is_cut, [f.complaints for f in seen])
                self.assertEqual([str(i + 1) for i in range(there)], [i for f in seen for i in f.get("request_id")])

    def test_what_is_cut_takes_part_in_the_pairing(self) -> None:
        capture = Capture(snaplen=HEADERS + 40)
        connection = capture.connect()
        first, = connection.send("client", cancel(1))
        connection.send("server", acknowledge(1))
        request, answer = self.frames(capture)
        self.assertEqual((("cut",), ("cut",), [f"{first}"]),
                         (request.complaints, answer.complaints, answer.get("request_in")))


    def test_without_reassembly(self) -> None:
        option = ("-o", "tcp.desegment_tcp_streams:FALSE")
        for size in (3, 20, len(cancel(1)) + 3, len(cancel(1)) + 20):
            capture = Capture()
            capture.connect().send("client", cancel(1) + cancel(2), (size,))
            seen = self.frames(capture, *PORT, *option)
            self.assertNotIn("not_json", [c for f in seen for c in f.complaints])
            self.assertEqual(size > len(cancel(1)), ["1"] == [i for f in seen for i in f.get("request_id")])


class Noise(Dissecting):
    def ids(self, *segments: bytes, port: int = 9100, options: tuple[str, ...] = PORT) -> list[str]:
        capture = Capture()
        connection = capture.connect(port)
        for segment in segments:
            connection.send("client", segment)
        return [i for f in self.tshark.frames(capture, *options) for i in f.get("request_id")]

    def test_a_bad_segment_takes_nothing_with_it(self) -> None:
        for bad in (b"\x07", b"\x07\x05", b"\x07\x05\0\0\0hello", b"\x02\xff\xff\xff\xff" + b"x" * 50,
                    b"\x16\x03\x01\x00\x05hello", b"\x16\x03\x01\x00\x05" + cancel(5)):
            for options in (PORT, ("-o", "fragment_transport.ports:")):
                with self.subTest(bad[:8], options=options):
                    self.assertEqual(["1", "3"], self.ids(cancel(1), bad, cancel(3), options=options))
        self.assertEqual(["1", "3"], self.ids(cancel(1) + b"\x07", cancel(3)))

    def test_a_broken_frame_may_be_the_first(self) -> None:
        payload = envelope('{"CancelFragment":{"request_id":1,"cancel_key":1}}')
        for version in ("1.5", "-1", "null", '"1"'):
            data = frame(2, payload.replace('"version":1', f'"version":{version}'))
            self.assertEqual(["1"], self.ids(data, port=5555, options=("-o", "fragment_transport.ports:")))

    def test_five_bytes_are_not_yet_the_protocol(self) -> None:
        capture = Capture()
        other = capture.connect(5555)
        other.send("client", b"\x01\x02\x03\x04\x00")
        other.send("client", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertEqual([], self.tshark.frames(capture))
        self.assertIn("HTTP", self.tshark.run(capture, "-d", "tcp.port==5555,http"))

    def test_a_value_that_is_not_shown_is_in_no_column(self) -> None:
        for id_ in ("77777771234567897777777", '"a secret"', "-1", "1.5", "[5]"):
            capture = Capture()
            payload = f'{{"CancelFragment":{{"request_id":{id_},"cancel_key":1}}}}'
            capture.connect().send("client", frame(2, envelope(payload)))
            line = self.tshark.run(capture, *PORT).splitlines()[-1]
            self.assertRegex(line, r"MSG_CANCEL_FRAGMENT CancelFragment\s*$")

    def test_an_empty_secret_is_seen_to_be_empty(self) -> None:
        payload = '{"CancelFragment":{"request_id":1,"cancel_key":0}}'
        for token, shown in (("", '""'), ("a", '"***"'), ("***", '"***"')):
            capture = Capture()
            capture.connect().send("client", frame(2, envelope(payload, token)))
            seen, = self.frames(capture)
            self.assertEqual([f"auth_token: {shown}", 'cancel_key: "***"'],
                             [label for label in seen.labels() if label.startswith(("auth", "cancel"))])
            self.assertEqual([shown.strip('"')], seen.get("auth_token"))


class Neighbours(WiresharkTest):
    def test_two_protocols_are_told_from_each_other(self) -> None:
        own, kv = load(REAL)[0], load(REPOSITORY / "examples" / "kv" / "kv.yaml")[0]
        capture = Capture()
        get = frame(1, '{"version":2,"body":{"Get":{"key":"a"}}}')
        put = frame(2, '{"version":2,"body":{"Put":{"key":"a","value":"b"}}}')
        packets = {}
        for name, data in ((kv.name, get), (own.name, cancel(1)), (kv.name, put), (own.name, cancel(2))):
            for sizes in ((), (len(data) - 5,)):
                packets[capture.connect(7777).send("client", data, sizes)[-1]] = name
        for order in ((own, kv), (kv, own)):
            seen = self.shark(*order).frames(capture)
            self.assertEqual([(name, packet, ()) for packet, name in packets.items()],
                             [(f.protocol, f.packet, f.complaints) for f in seen])


class Locale(WiresharkTest):
    def test_numbers_under_a_decimal_comma(self) -> None:
        shark = self.shark(load(REAL)[0])
        self.make_locale(shark.folder)
        shark.environment |= {"LOCPATH": str(shark.folder), "LC_ALL": f"{COMMA}.UTF-8"}
        good, bad = ("1.5", "-0.25e3", "3.4028235e38", "7", "1e5"), ("1e39", "3.5e38", '"1.5"')
        capture, packets = Capture(), {}
        for number in good + bad:
            row = f'{{"columns":[],"rows":[{{"values":[{{"Real":{number}}}]}}]}}'
            content = f'{{"Success":{{"request_id":1,"result":{{"Query":{row}}}}}}}'
            packet, = capture.connect().send("server", frame(0x81, envelope(f'{{"FragmentResult":{content}}}')))
            packets[packet] = number
        for seen in shark.frames(capture, *PORT):
            number = packets[seen.packet]
            with self.subTest(number):
                self.assertEqual({"unasked"} | ({"wrong_type"} if number in bad else set()), set(seen.complaints))
                self.assertEqual(number in good, f"[0]: Real: {number}" in seen.labels())

    def make_locale(self, folder: Path) -> None:
        if shutil.which("localedef") is None:
            self.skipTest("localedef, which makes the locale, is not installed (Debian: apt-get install locales)")
        made = subprocess.run(["localedef", "-i", COMMA, "-f", "UTF-8", folder / f"{COMMA}.UTF-8"],
                              capture_output=True, timeout=60)
        if made.returncode != 0:
            self.skipTest(f"localedef makes no {COMMA} (Debian: apt-get install locales)")


if __name__ == "__main__":
    unittest.main()
