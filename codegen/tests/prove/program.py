# SPDX-License-Identifier: Apache-2.0
"""The generated C++ of a protocol as a program, and the oracle's answers to the same questions.

    compiler = Compiler(folder)                     # builds the runtime once, without optimization
    program = compiler.program("new", protocol)     # Path; raises Failed with what g++ says
    codecs = {version: Codec(protocol, version) for version in protocol.window}
    disagreements(program, codecs, questions(codecs, Random(seed), count=60))

One compiler runs at a time.
"""
from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from ftgen.emit import cpp
from ftgen.lower.cpp_protocol import folder as header_folder
from ftgen.model import Protocol
from ftgen.oracle import HEADER, Codec, Refused
from tests.golden import REPOSITORY
from tests.oracle.differ import sender_version
from tests.oracle.mutate import mutate
from tests.prove.values import Values, hints, loose

_RUNTIME = REPOSITORY / "runtime"
_FLAGS = ("-std=c++20", "-O0", "-w", "-fmax-errors=3", f"-I{_RUNTIME / 'include'}")
_FILTER = Path(__file__).with_name("filter.cpp")
_LARGEST = 4000                     # bytes of a payload that is worth to be changed
# These have names of their own in common, so they are no part of one file.
_APART = ("number_write",)


class Failed(Exception):
    """What the compiler said."""


class Compiler:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        sources = [f for room in ("core", "json") for f in sorted((_RUNTIME / "src" / room).glob("*.cpp"))
                   if f.stem != "tree"]
        together = self._together("runtime", [f for f in sources if f.stem not in _APART])
        self._objects = [self._compiled(f, f"-I{_RUNTIME / 'src'}") for f in
                         (together, *(f for f in sources if f.stem in _APART))]

    def program(self, name: str, protocol: Protocol) -> Path:
        root = self._folder / name
        files = {root / path: text for path, text in cpp.emit(protocol).items()}
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        sources = sorted(p for p in files if p.suffix == ".cpp")
        apart = [p for p in sources if p.stem.endswith(("_decode", "_rows"))]       # have helpers of the same names
        headers = [root / "include" / header_folder(protocol) / f"{h}.hpp" for h in ("frames", "validate", "walk")]
        whole = self._together(name, [*(h for h in headers if h in files), *(p for p in sources if p not in apart)],
                               f"namespace proved = {protocol.namespace};\n#include \"{_FILTER}\"\n")
        return self._linked(root / "filter", *(self._compiled(p, f"-I{root / 'include'}") for p in (whole, *apart)))

    def _together(self, name: str, sources: list[Path], more: str = "") -> Path:
        path = self._folder / f"{name}.cpp"
        path.write_text("".join(f'#include "{source}"\n' for source in sources) + more)
        return path

    def _compiled(self, source: Path, *more: str) -> Path:
        target = self._folder / f"{source.stem}.o"
        self._run("g++", *_FLAGS, *more, "-c", source, "-o", target)
        return target

    def _linked(self, target: Path, *objects: Path) -> Path:
        self._run("g++", *objects, *self._objects, "-o", target)
        return target

    def _run(self, *command: object) -> None:
        done = subprocess.run([*map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(done.stderr[:4000])


@dataclass(frozen=True)
class Question:
    sender: int                     # the version that the frame is of
    version: int                    # the one in which it is to be written again
    frame: bytes


Answer = tuple[str, ...]            # a line of filter.cpp


def questions(codecs: Mapping[int, Codec], random: Random, count: int) -> Iterator[Question]:
    """For each version frames as nodes write them, in free spellings, and changed ones, `count` of each at most."""
    for sender, codec in codecs.items():
        values = Values(codec, random, hints([codec.protocol]))
        written = [values.envelope() for _ in range(count)]
        frames = [f for value in written for f in (codec.encode_frame(value), loose(codec, random, value))
                  if not isinstance(f, Refused)]
        payloads = [frame[HEADER:] for frame in frames if len(frame) < _LARGEST]
        for frame in (*frames, *(_changed(random, frames, payloads) for _ in range(count))):
            # A mutation may hide the version behind an escape, and then nobody knows here who is meant.
            if b"\\u00" not in frame or frame in frames:
                said = sender if frame in frames else sender_version(codec.protocol, frame)
                yield Question(said, random.choice(list(codecs)), frame)


def _changed(random: Random, frames: list[bytes], payloads: list[bytes]) -> bytes:
    payload = mutate(random, random.choice(payloads), payloads)
    return random.choice(frames)[:1] + len(payload).to_bytes(HEADER - 1, "little") + payload


def disagreements(program: Path, codecs: Mapping[int, Codec],
                  asked: Iterable[Question]) -> list[tuple[Question, Answer, Answer]]:
    """The questions to which oracle and program give different answers, with both."""
    asked = list(asked)
    found = []
    for question, said in zip(asked, ask(program, asked), strict=True):
        expected = of_oracle(codecs, question)
        if said != expected:
            found.append((question, expected, said))
    return found


def ask(program: Path, asked: Iterable[Question]) -> list[Answer]:
    lines = "".join(f"{q.version} {q.frame.hex()}\n" for q in asked)
    done = subprocess.run([program], input=lines.encode(), capture_output=True, check=True, timeout=120)
    return [tuple(line.split("\t", 4)) for line in done.stdout.decode().splitlines()]


def of_oracle(codecs: Mapping[int, Codec], question: Question) -> Answer:
    codec = codecs[question.sender]
    decoded = codec.decode_frame(question.frame)
    if isinstance(decoded, Refused):
        return "no", decoded.code, str(decoded.offset), decoded.path
    said = decoded.envelope | {codec.protocol.envelope.version: question.version}
    written = codecs[question.version].encode_frame(said)
    broken = codec.validate_frame(decoded.envelope)
    return ("ok", str(decoded.consumed), written.code if isinstance(written, Refused) else written.hex(),
            *(("-", "-") if broken is None else (broken.path, broken.message)))
