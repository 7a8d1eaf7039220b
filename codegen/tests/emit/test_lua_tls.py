# SPDX-License-Identifier: Apache-2.0
"""The Wireshark dissector inside of TLS: a real exchange between two ends in this process, with its key log."""
from __future__ import annotations

import shutil
import ssl
import subprocess
import tempfile
import unittest
from pathlib import Path

from ftgen.load import load
from tests.emit.test_lua_capture import TOKEN, acknowledge, cancel, conversations, split
from tests.golden import REAL
from tests.pcap import Capture
from tests.wireshark import WiresharkTest


class End:
    """One end of a TLS connection, without a socket."""

    def __init__(self, context: ssl.SSLContext, name: str) -> None:
        self.name = name
        self.inbox, self.outbox = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.inbox, self.outbox, server_side=name == "server")

    def shakes_hands(self) -> bool:
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            return True
        return False


class Exchange:
    """A connection whose bytes go into a capture. `sizes` are the segments of each flight, as for Connection.send."""

    def __init__(self, folder: Path, capture: Capture, version: ssl.TLSVersion, sizes: tuple[int, ...] = (),
                 port: int = 9443) -> None:
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(folder / "certificate", folder / "key")
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
        client.keylog_filename = str(folder / "keylog")
        for context in (server, client):
            context.minimum_version = context.maximum_version = version
        self._sizes = sizes
        self._wire = capture.connect(port)
        self.ends = {"client": End(client, "client"), "server": End(server, "server")}
        for _ in range(10):
            waits = [self.ends["client"].shakes_hands(), self._flush("client"),
                     self.ends["server"].shakes_hands(), self._flush("server")]
            if not waits[0] and not waits[2]:
                break
        assert not (waits[0] or waits[2]), "no handshake"

    def send(self, sender: str, *records: bytes) -> None:
        """All records in one flight."""
        for record in records:
            self.ends[sender].tls.write(record)
        self._flush(sender)

    def _flush(self, sender: str) -> None:
        data = self.ends[sender].outbox.read()
        self.ends["server" if sender == "client" else "client"].inbox.write(data)
        if data:
            self._wire.send(sender, data, self._sizes)


@unittest.skipIf(shutil.which("openssl") is None, "openssl is not installed")
class Tls(WiresharkTest):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.protocol, _ = load(REAL)
        cls.tshark = cls.shark(cls.protocol)

    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=test -days 1"
        subprocess.run([*make.split(), "-keyout", self.folder / "key", "-out", self.folder / "certificate"], check=True,
                       capture_output=True, timeout=60)
        self.keylog = ("-o", f"tls.keylog_file:{self.folder / 'keylog'}")

    def test_conversations(self) -> None:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            for sizes, port in (((), 9443), ((3, 50), 443)):
                capture, sent = Capture(), []
                for _, frames in conversations()[:12]:
                    exchange = Exchange(self.folder, capture, version, sizes, port)
                    for who, data in frames:
                        exchange.send(who, data)
                        sent += map(len, split(data))
                # Wireshark sees TLS on a port that it does not know only if the first segment holds enough of it.
                with self.subTest(version=version.name, sizes=sizes, port=port):
                    seen = self.tshark.frames(capture, *self.keylog)
                    self.assertEqual(sent, [5 + int(f.get("payload_len")[0]) for f in seen])
                    self.assertNotIn(TOKEN[:12], self.tshark.run(capture, *self.keylog, "-V"))

    def test_frames_and_records_do_not_fit(self) -> None:
        """Frames over several records, several frames and records in a segment; answers find their requests."""
        capture = Capture()
        exchange = Exchange(self.folder, capture, ssl.TLSVersion.TLSv1_3)
        data = b"".join(map(cancel, range(1, 31)))
        exchange.send("client", cancel(0))
        exchange.send("client", *(data[i:i + 100] for i in range(0, len(data), 100)))
        exchange.send("server", *map(acknowledge, range(31)))
        for options in ((), ("-2",), ("-o", "fragment_transport.ports:9443")):
            with self.subTest(options):
                seen = self.tshark.frames(capture, *self.keylog, *options)
                self.assertEqual([str(i) for i in range(31)] * 2, [f.get("request_id")[0] for f in seen])
                requests, answers = seen[:31], seen[31:]
                self.assertEqual([[str(f.packet)] for f in requests], [f.get("request_in") for f in answers])
                if options == ("-2",):
                    self.assertEqual([[str(f.packet)] for f in answers], [f.get("response_in") for f in requests])

    def test_a_port_that_is_ours_with_tls(self) -> None:
        capture = Capture()
        Exchange(self.folder, capture, ssl.TLSVersion.TLSv1_3).send("client", cancel(1))
        options = ("-o", "fragment_transport.ports:9443")
        self.assertEqual(1, len(self.tshark.frames(capture, *self.keylog, *options)))
        self.assertEqual([], self.tshark.frames(capture, *options))      # without the keys there is nothing to see


if __name__ == "__main__":
    unittest.main()
