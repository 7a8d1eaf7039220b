# SPDX-License-Identifier: Apache-2.0
"""Writes packet captures for tests: TCP connections over IPv4 and Ethernet, in the classic pcap format.

    capture = Capture()
    connection = capture.connect()                  # three packets, the handshake
    connection.send("client", b"...")               # a packet; or several: send("client", data, sizes=(1, 4, 100))
    connection.close("client")
    path.write_bytes(capture.bytes())

A packet is a millisecond after the one before it. Sequence numbers are right; checksums are zero, which readers do not
mind. No segment is larger than MAX_SEGMENT. Of packets longer than its `snaplen` a capture has only the beginning.
"""
from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_SEGMENT = 60_000
_FIN, _SYN, _PUSH, _ACK = 0x01, 0x02, 0x08, 0x10
_START_SECONDS = 1_700_000_000


@dataclass
class Capture:
    packets: list[bytes] = field(default_factory=list)
    connections: int = 0
    snaplen: int = 0x40000

    def connect(self, server_port: int = 9100) -> "Connection":
        self.connections += 1
        return Connection(self, 40_000 + self.connections, server_port)

    def add(self, packet: bytes) -> int:
        """The packet's number, as readers count."""
        self.packets.append(packet)
        return len(self.packets)

    def bytes(self) -> bytes:
        parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, self.snaplen, 1)]
        for number, packet in enumerate(self.packets):
            seconds, milliseconds = divmod(number, 1000)
            kept = packet[:self.snaplen]
            parts.append(struct.pack("<IIII", _START_SECONDS + seconds, milliseconds * 1000, len(kept), len(packet)))
            parts.append(kept)
        return b"".join(parts)


class Connection:
    def __init__(self, capture: Capture, client_port: int, server_port: int) -> None:
        self._capture = capture
        self._ends = {"client": (b"\x7f\0\0\1", client_port), "server": (b"\x7f\0\0\2", server_port)}
        self._sent = {"client": 1000, "server": 2_000_000}
        self._segment("client", _SYN)
        self._segment("server", _SYN | _ACK)
        self._segment("client", _ACK)

    def send(self, sender: str, data: bytes, sizes: Iterable[int] = ()) -> list[int]:
        """The numbers of the packets; `sizes` are those of the first segments, the rest follows in as few as can be."""
        numbers = []
        for size in sizes:
            numbers.append(self._segment(sender, _PUSH | _ACK, data[:size]))
            data = data[size:]
        while data:
            numbers.append(self._segment(sender, _PUSH | _ACK, data[:MAX_SEGMENT]))
            data = data[MAX_SEGMENT:]
        return numbers

    def close(self, sender: str) -> None:
        self._segment(sender, _FIN | _ACK)

    def _segment(self, sender: str, flags: int, data: bytes = b"") -> int:
        receiver = "server" if sender == "client" else "client"
        (source, source_port), (target, target_port) = self._ends[sender], self._ends[receiver]
        acknowledged = self._sent[receiver] if flags & _ACK else 0
        tcp = struct.pack(">HHIIBBHHH", source_port, target_port, self._sent[sender], acknowledged, 5 << 4, flags,
                          65535, 0, 0)
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(data), 0, 0, 64, 6, 0) + source + target
        self._sent[sender] += len(data) + (1 if flags & (_SYN | _FIN) else 0)
        return self._capture.add(b"\2\0\0\0\0\2" + b"\2\0\0\0\0\1" + b"\x08\0" + ip + tcp + data)
