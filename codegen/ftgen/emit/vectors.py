# SPDX-License-Identifier: Apache-2.0
"""Boundary vectors: `vectors/vN.jsonl` for each version of the window, a JSON object a line. The first is a head;
then, for each type that a message can hold, where it stands; then what happens there:

    {"banner": ..., "protocol": ..., "version": 1, "vectors": 2, "verdicts": {"ok": 1, ...}, "left_out": [...]}
    {"type": "Snapshot", "byte": 1, "path": "$.payload.Ask.snapshot", "before": "{...", "after": "...}"}
    {"name": "Snapshot/xmin/max", "type": "Snapshot", "json": "{...}", "verdict": "ok", "canonical": "{...}"}
    {"name": "Snapshot/xmin/absent", "type": "Snapshot", "json": "{...}", "verdict": "missing_key", "path": "$"}

The payload of a frame is `before`, `json`, `after`; its first byte is the type's, or the vector's own. `verdict` is
that of decoding the whole frame and then judging its rules: the name of a code in the runtime. `path`, where it fails,
continues the `path` of the type. `canonical`, where the frame decodes, stands in the place of `json` when the frame is
encoded again; it is left out if it is the same. Lists whose limit is too long to be tried, and rules that the search
cannot break alone, stand in `left_out`.
"""
from __future__ import annotations

import json
from collections import Counter

from ftgen.emit.banner import banner
from ftgen.lower.vectors import left_out, vectors_of
from ftgen.model import Protocol


def emit(protocol: Protocol) -> dict[str, str]:
    if protocol.envelope is None:
        return {}
    return {f"vectors/v{version}.jsonl": _file(protocol, version) for version in protocol.window}


def _file(protocol: Protocol, version: int) -> str:
    places, vectors = vectors_of(protocol, version)
    verdicts = Counter(vector["verdict"] for vector in vectors)
    head = {"banner": banner(protocol), "protocol": protocol.name, "version": version, "vectors": len(vectors),
            "verdicts": dict(sorted(verdicts.items())), "left_out": left_out(protocol, version)}
    stands = ({"type": name, "byte": place.byte, "path": place.path, "before": place.before, "after": place.after}
              for name, place in places.items())
    lines = (json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in (head, *stands, *vectors))
    return "".join(line + "\n" for line in lines)
