# SPDX-License-Identifier: Apache-2.0
"""Checks the shape of a schema file against meta.json, and tells the validator's findings in the words of the language.

After `check(node, "root" | "family", report)` returned True, code that walks the nodes may rely on every key, kind and
range that the meta schema states.
"""
from __future__ import annotations

import functools
import json
from pathlib import Path

import jsonschema

from ftgen.diagnostics import Report, did_you_mean
from ftgen.model import Place
from ftgen.source import Mapping, Node, Scalar, Sequence, plain

_KINDS = {"object": "a mapping", "array": "a list", "string": "a text", "integer": "an integer",
          "boolean": "true or false", "null": "nothing"}


@functools.cache
def _validator(shape: str) -> jsonschema.Draft202012Validator:
    meta = json.loads((Path(__file__).parent / "meta.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{shape}", "$defs": meta["$defs"]})


def check(node: Node, shape: str, report: Report) -> bool:
    fine = True
    for error in _validator(shape).iter_errors(plain(node)):
        fine = False
        _tell(error, node, report)
    return fine


def _tell(error: jsonschema.ValidationError, root: Node, report: Report) -> None:
    node, place, name = _walk(root, error.absolute_path)
    subject = f"'{name}'" if name else "the file"
    if "x-message" in error.schema:
        report.add(error.schema["x-code"], place, f"{subject} {error.schema['x-message']}")
        return
    match error.validator:
        case "additionalProperties":
            known = error.schema["properties"]
            for key in (key for key, _ in node.entries if key.text not in known):
                report.add("FT201", key.place, f"{subject} has no key '{key.text}'",
                           did_you_mean(key.text, known, "it takes " + ", ".join(known)))
        case "required":
            for key in (key for key in error.validator_value if node.get(key) is None):     # reported once, met often
                report.add("FT202", place, f"{subject} lacks '{key}'", f"add `{key}:`")
        case "dependentRequired":
            absent = [key for key in ("frame", "phases", "envelope", "messages") if node.get(key) is None]
            report.add("FT206", place,
                       "the transport is incomplete: " + ", ".join(f"'{key}'" for key in absent) + " missing",
                       "frame, phases, envelope and messages stand together or not at all")
        case "type":
            wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
            report.add("FT203", _content(node, place),
                       f"{subject} must be {' or '.join(_KINDS[w] for w in wanted)}, not "
                       f"{_kind(node)}", "put it in quotation marks" if _needs_quotes(node, wanted) else "")
        case _:
            report.add("FT204", _content(node, place), f"{subject} {_demand(error)}", _allowed(error))


def _walk(root: Node, path) -> tuple[Node, Place, str]:
    """The node at a path, the place of the key that leads to it, and a name for it."""
    node, place, name = root, root.place, ""
    for step in path:
        if isinstance(node, Mapping):
            key = next(key for key, _ in node.entries if key.text == step)
            node, place, name = node.get(step), key.place, step
        elif isinstance(node, Sequence):
            node = node.items[step]
            place = node.place
    return node, place, name


def _content(node: Node, place: Place) -> Place:
    return node.place if isinstance(node, Scalar) and node.value is not None else place


def _kind(node: Node) -> str:
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    match node.value:
        case None:
            return "nothing"
        case bool():
            return f"the truth value {node.text}"
        case int():
            return f"the number {node.text}"
        case text:
            return f"the text '{text[:40]}'"


def _needs_quotes(node: Node, wanted: list[str]) -> bool:
    return wanted == ["string"] and isinstance(node, Scalar) and node.value is not None


def _demand(error: jsonschema.ValidationError) -> str:
    match error.validator:
        case "minimum":
            return f"must be at least {error.validator_value}"
        case "maximum":
            return f"must be at most {error.validator_value}"
        case "enum":
            return f"must not be '{error.instance}'"
        case "pattern":
            return f"must not read '{str(error.instance)[:60]}'"
        case "maxItems":
            return "may only be the empty list `[]`"
        case _:                     # minLength, minItems, minProperties
            return "must not be empty"


def _allowed(error: jsonschema.ValidationError) -> str:
    match error.validator:
        case "enum":
            return "one of " + ", ".join(error.validator_value)
        case "pattern":
            return f"it must match {error.validator_value}"
        case _:
            return ""
