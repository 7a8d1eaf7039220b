# SPDX-License-Identifier: Apache-2.0
"""Differential fuzzing: the generated C++ against the oracle, on the golden frames and on changed ones.

    cmake/ftgen-python -m tests.oracle.differ build/bin/ftconform --seed 7 --count 100000

Both must say the same of every frame: the code, the JSON path and the byte of the first mistake, or the bytes
consumed, the canonical frame and the first broken rule. Prints each frame on which they differ, in base64; exit status
1 if there is one. The memory budget, which the oracle does not model, is not reached by frames of this size.
"""
from __future__ import annotations

import argparse
import base64
import json
import re
import struct
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal, localcontext
from pathlib import Path
from random import Random

from ftgen.load import load
from ftgen.lower.vectors import frame_of, vectors_of
from ftgen.model import Protocol
from ftgen.oracle import HEADER, Codec, Refused
from tests.oracle.mutate import mutate, number

_REPOSITORY = Path(__file__).parents[3]
_BATCH = 2000
_LARGEST = 20_000                   # bytes of a payload that is worth to be changed


def golden_frames() -> list[bytes]:
    """The recorded frames that decode."""
    lines = (_REPOSITORY / "tests" / "data" / "golden.jsonl").read_text(encoding="utf-8").splitlines()
    vectors = [json.loads(line) for line in lines]
    return [base64.b64decode(v["frame"]) for v in vectors if v["expect"] != "reject"]


def changed_frames(golden: list[bytes], seed: int, count: int) -> Iterator[bytes]:
    random = Random(seed)
    small = [frame for frame in golden if len(frame) <= _LARGEST]
    payloads = [frame[HEADER:] for frame in small]
    for _ in range(count):
        frame = random.choice(small)
        payload = mutate(random, frame[HEADER:], payloads)
        message = frame[0] if random.random() < 0.95 else random.choice(golden)[0]
        yield bytes([message]) + len(payload).to_bytes(4, "little") + payload


def frames_of_numbers(protocol: Protocol, seed: int, count: int) -> Iterator[bytes]:
    """Floats of all sizes and lengths, and those half way between two floats, in the places that take one."""
    random = Random(seed)
    places, vectors = vectors_of(protocol, protocol.current_version)
    carriers = [(v, text) for v in vectors for text in ("1e-45", "5e-324")
                if v["name"].endswith("/tiny") and text in v["json"]]
    for _ in range(count):
        vector, text = random.choice(carriers)
        instead = random.choice((number, _half_way))(random)
        yield frame_of(places[vector["type"]], vector["json"].replace(text, instead), vector.get("byte"))


def _half_way(random: Random) -> str:
    """The number between two neighbouring floats of 32 bits, or one just above it."""
    bits = random.randrange(1, 0x7F7FFFFF)
    low, high = (Decimal(struct.unpack("<f", struct.pack("<I", n))[0]) for n in (bits, bits + 1))
    with localcontext() as context:
        context.prec = 200
        return format((low + high) / 2 + random.choice((0, low * Decimal("1e-40"))), random.choice("fe"))


def sender_version(protocol: Protocol, frame: bytes) -> int:
    """The version of the window that is nearest to what the frame says, as far as it says it at all."""
    window, key = protocol.window, protocol.envelope.version
    said = re.search(rb'"%b"\s*:\s*(\d{1,9})' % key.encode(), frame[HEADER:]) if key is not None else None
    return min(max(int(said[1]), window[0]), window[-1]) if said else window[-1]


def of_oracle(codec: Codec, frame: bytes) -> dict:
    """What the oracle says of a frame, in the words of ftconform."""
    decoded = codec.decode_frame(frame)
    if isinstance(decoded, Refused):
        return {"ok": False, "code": decoded.code, "path": decoded.path, "offset": decoded.offset}
    encoded = codec.encode_frame(decoded.envelope)
    if isinstance(encoded, Refused):
        return {"ok": False, "code": encoded.code}
    broken = codec.validate_frame(decoded.envelope)
    return {"ok": True, "consumed": decoded.consumed, "canonical": base64.b64encode(encoded).decode(),
            "broken": None if broken is None else {"path": broken.path, "rule": broken.message}}


def of_program(program: Path, frames: list[bytes]) -> list[dict]:
    """What ftconform says of frames."""
    asked = "".join(json.dumps({"id": i, "frame": base64.b64encode(f).decode()}) + "\n" for i, f in enumerate(frames))
    done = subprocess.run([program], input=asked, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def differences(protocol: Protocol, program: Path, frames: list[bytes]) -> Iterator[tuple[bytes, dict, dict]]:
    """The frames of which the two say something else."""
    codecs = {version: Codec(protocol, version) for version in protocol.window}
    for frame, said in zip(frames, of_program(program, frames), strict=True):
        expected = of_oracle(codecs[sender_version(protocol, frame)], frame)
        found = {key: said.get(key) for key in expected}
        if found != expected:
            yield frame, expected, found


def main() -> int:
    parser = argparse.ArgumentParser(prog="differ", description=__doc__.splitlines()[0])
    parser.add_argument("program", type=Path, help="ftconform")
    parser.add_argument("--schema", type=Path, default=_REPOSITORY / "schema" / "fragment_transport.yaml")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=10_000, help="changed frames; a fifth as many of numbers")
    given = parser.parse_args()
    protocol, found = load(given.schema)
    if protocol is None:
        print(*found, sep="\n", file=sys.stderr)
        return 2
    golden = golden_frames()
    frames = [*golden, *changed_frames(golden, given.seed, given.count),
              *frames_of_numbers(protocol, given.seed, given.count // 5)]
    failed = 0
    for begin in range(0, len(frames), _BATCH):
        for frame, expected, said in differences(protocol, given.program, frames[begin:begin + _BATCH]):
            failed += 1
            print(f"{base64.b64encode(frame).decode()}\n  oracle: {expected}\n  C++:    {said}")
    print(f"{len(frames)} frames, {failed} differences")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
