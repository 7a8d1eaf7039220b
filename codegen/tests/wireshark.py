# SPDX-License-Identifier: Apache-2.0
"""What tshark makes of a capture with a generated dissector.

    class Mine(WiresharkTest):                      # skipped without tshark
        def test_it(self) -> None:
            shark = self.shark(protocol)            # writes the dissector into a temporary folder; or those of several
            for frame in shark.frames(capture): ... # each message: packet number, items, complaints

tshark finds no settings of the user's, but for what stands in `shark.environment`. Any error of the Lua code fails the
test.
"""
from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ftgen.emit import lua
from ftgen.model import Protocol
from tests.pcap import Capture

TIMEOUT = 120
_NO_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")      # tshark prints them all the same


@dataclass(frozen=True)
class Item:
    """A line of the tree. `value` is what filters see, `hex` the bytes that tshark exports with it."""
    name: str
    label: str
    value: str
    hex: str
    items: tuple["Item", ...]

    def all(self) -> Iterator["Item"]:
        yield self
        for item in self.items:
            yield from item.all()


@dataclass(frozen=True)
class Frame:
    protocol: str
    packet: int
    label: str
    items: tuple[Item, ...]
    complaints: tuple[str, ...]         # names of the experts: "not_json"

    def get(self, name: str) -> list[str]:
        """The values of a field, by its name below the protocol's."""
        return [i.value for top in self.items for i in top.all() if i.name.partition(".")[2] == name]

    def labels(self) -> list[str]:
        return [i.label for top in self.items for i in top.all()]


class Tshark:
    def __init__(self, program: str, folder: Path, protocols: tuple[Protocol, ...]) -> None:
        self.folder = folder
        self.environment = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "LC_ALL": "C.UTF-8",
                            "PATH": "/usr/bin:/bin"}
        self._names = [protocol.name for protocol in protocols]
        self._program = program
        for protocol in protocols:
            for path, text in lua.emit(protocol).items():
                (folder / Path(path).name).write_text(text, "utf-8")

    def run(self, capture: Capture, *arguments: str) -> str:
        """Standard output; `arguments` beside those that say what is read."""
        file = self.folder / "capture.pcap"
        file.write_bytes(capture.bytes())
        scripts = [argument for name in self._names for argument in ("-X", f"lua_script:{self.folder / name}.lua")]
        done = subprocess.run([self._program, *scripts, "-n", "-r", str(file), *arguments], capture_output=True,
                              timeout=TIMEOUT, env=self.environment)
        out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        if done.returncode != 0 or "Lua" in err or "Lua Error" in out:
            raise AssertionError(f"tshark: {done.returncode}\n{err}\n{out[-2000:]}")
        return out

    def frames(self, capture: Capture, *arguments: str) -> list[Frame]:
        """The messages, in the order of the packets."""
        text = self.run(capture, "-T", "pdml", *arguments)
        document = ElementTree.fromstring(_NO_XML.sub("?", text))
        return [self._frame(int(packet.find("proto[@name='geninfo']/field[@name='num']").get("show")), part)
                for packet in document.iter("packet")
                for part in packet.iterfind("proto") if part.get("name") in self._names]

    def _frame(self, packet: int, part: ElementTree.Element) -> Frame:
        name = part.get("name")
        prefix = f"{name}.expert."
        complaints = tuple(f.get("name").removeprefix(prefix) for f in part.iter("field")
                           if f.get("name").startswith(prefix))
        return Frame(name, packet, part.get("showname"), self._items(part), complaints)

    def _items(self, part: ElementTree.Element) -> tuple[Item, ...]:
        return tuple(
            Item(f.get("name"), f.get("showname") or f.get("show"), f.get("show"), f.get("value", ""), self._items(f))
            for f in part.iterfind("field") if f.get("name") != "_ws.expert")


class WiresharkTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        if shutil.which("tshark") is None:
            raise unittest.SkipTest("tshark is not installed (Debian: apt-get install tshark)")

    @classmethod
    def shark(cls, *protocols: Protocol) -> Tshark:
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        return Tshark(shutil.which("tshark"), Path(temporary.name), protocols)
