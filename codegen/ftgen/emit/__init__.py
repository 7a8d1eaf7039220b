# SPDX-License-Identifier: Apache-2.0
"""The outputs of the generator. An emitter is a module with `emit(protocol) -> {path below generated/: text or bytes}`; it
stands on its own lowering and its own templates, and on no other emitter. `emit_all` runs all of them."""
from __future__ import annotations

from collections.abc import Iterable

from ftgen import manifest
from ftgen.emit import cpp, docs, fuzzkit, jsonschema, lua, skew, vectors
from ftgen.model import Protocol

EMITTERS = (cpp, docs, skew, jsonschema, lua, vectors, fuzzkit)


def emit_all(protocol: Protocol, emitters: Iterable = EMITTERS) -> dict[str, bytes]:
    """{path: content} of everything that the schema generates, with the manifest of it."""
    files: dict[str, bytes] = {}
    for emitter in emitters:
        for name, content in emitter.emit(protocol).items():
            if name in files or name == manifest.NAME:
                raise ValueError(f"two emitters write {name}")
            files[name] = content.encode() if isinstance(content, str) else content
    return {**files, manifest.NAME: manifest.make(protocol, files)}
