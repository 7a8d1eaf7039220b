# SPDX-License-Identifier: Apache-2.0
"""What the fuzz targets need of the schema:

    fuzz/NAME.dict      libFuzzer's dictionary: keys, variants, numbers and escapes at an edge; NAME is the protocol's
    fuzz/corpus/*       frames to start from: together they have every key, every variant with a payload, every verdict
    fuzz/shape.hpp      the schema's shape, in the protocol's namespace, for a mutator such as fuzz/mutator.cpp
"""
from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ftgen.emit.banner import banner
from ftgen.lower.cpp_types import literal
from ftgen.lower.places import Place, Texts
from ftgen.lower.shape import rows
from ftgen.lower.vectors import frame_of, vectors_of
from ftgen.model import Protocol
from ftgen.oracle import Codec
from ftgen.walk import owners

MOST_FRAMES = 250

_TEMPLATES = Path(__file__).parent.parent / "templates" / "fuzz"

_WORDS = re.compile(r'"(\w+)":')
_LITERALS = ("null", "-0", "1e999", "1e-400", "1.7976931348623158e308", "9223372036854775808", "18446744073709551616",
             "170141183460469231731687303715884105728", "[[[[[[[[", "]]]]]]]]", ',"unknown":', "\\u0000", "\\u0041",
             "\\ud83d\\ude00", "\\ud800", "\u00e9", "\U0001f600")


def emit(protocol: Protocol) -> dict[str, str | bytes]:
    if protocol.envelope is None:
        return {}
    texts = Texts(Codec(protocol, protocol.current_version))
    places, vectors = vectors_of(protocol, protocol.current_version)
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, trim_blocks=True,
                              lstrip_blocks=True, keep_trailing_newline=True, autoescape=False)
    environment.filters["quoted"] = literal
    shape = environment.get_template("shape.hpp.j2").render(
        banner=banner(protocol), protocol=protocol, rows=rows(texts),
        messages=[m for m in protocol.messages if protocol.current_version in m.versions])
    corpus = {f"fuzz/corpus/{name.replace('/', '.')}": frame
              for name, frame in _seeds(vectors, places)}
    return {f"fuzz/{protocol.name}.dict": _dictionary(protocol), "fuzz/shape.hpp": shape, **corpus}


def _dictionary(protocol: Protocol) -> str:
    words: dict[str, None] = {}
    for declaration in protocol.declarations().values():
        for owner in owners(declaration):
            words |= {f'"{field.name}":': None for field in owner.fields}
        for variant in getattr(declaration, "variants", ()):
            words[f'"{variant.wire_name}"' if variant.is_unit else f'{{"{variant.wire_name}":'] = None
    words |= dict.fromkeys(_LITERALS)
    return f"# {banner(protocol)}\n" + "".join(f'"{_escaped(word)}"\n' for word in words)


def _escaped(word: str) -> str:
    def one(byte: int) -> str:
        if byte in b'"\\':
            return f"\\{chr(byte)}"
        return chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}"

    return "".join(map(one, word.encode()))


def _seeds(vectors: list[dict[str, Any]], places: dict[str, Place]) -> list[tuple[str, bytes]]:
    """The first frame of each way to be refused; and good frames, those first that bring the most words that no one
    before has."""
    chosen = list({v["verdict"]: v for v in reversed(vectors) if v["verdict"] != "ok"}.values())
    good = {v["name"]: (v, set(_WORDS.findall(v["json"]))) for v in vectors if v["verdict"] == "ok"}
    seen: set[str] = set()
    while good and len(chosen) < MOST_FRAMES:
        name = max(good, key=lambda n: len(good[n][1] - seen))
        vector, words = good.pop(name)
        if not words - seen:
            break
        seen |= words
        chosen.append(vector)
    return sorted((v["name"], frame_of(places[v["type"]], v["json"], v.get("byte"))) for v in chosen)
