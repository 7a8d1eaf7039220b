# SPDX-License-Identifier: Apache-2.0
"""The model as canonical JSON, and its digest.

    text = dump(protocol)               # sorted keys, one text for one meaning
    assert load(text) == protocol
    digest(protocol)                    # "sha256:..." of what the protocol means, words apart

An object of the model becomes {"kind": class, attribute: value, ...}; what has its default value is left out, so a
lock that was written before an attribute existed is still read. Where a thing stands in the YAML, and which group a
field came from, is not part of the meaning. `load` raises ValueError for what `dump` would not write: another class or
attribute, or a value of another type. It does not check what the passes check.
"""
from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing

from ftgen import model

_CLASSES = {name: thing for name, thing in vars(model).items() if dataclasses.is_dataclass(thing)}
_TYPES = {thing: typing.get_type_hints(thing, vars(model)) for thing in _CLASSES.values()}
_LEFT_OUT = {"place", "group"}
_WORDS = {"doc", "lossy", "text"}    # `text` is a rule as it is written; what it says is `expr`


def dump(protocol: model.Protocol) -> str:
    """One line for each type and each other thing at the top, so that a difference reads as one."""
    top = _plain(protocol, _LEFT_OUT)
    families = top.pop("families")
    lines = [f'"{key}": {_line(value)}' for key, value in sorted(top.items())]
    listed = []
    for family in families:
        types = ",\n".join(map(_line, family.pop("types")))
        listed.append(f'{_line(family)[:-1]},"types":[\n{types}]}}')
    return "{" + ",\n".join([*lines, '"families": [\n' + ",\n".join(listed) + "]"]) + "}\n"


def _line(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)


def load(text: str) -> model.Protocol:
    try:
        found = _built(json.loads(text))
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"no protocol: {error}") from error
    if not isinstance(found, model.Protocol):
        raise ValueError("no protocol")
    return found


def digest(protocol: model.Protocol) -> str:
    """Changes if and only if something else than words changes: a better sentence is no other protocol."""
    return "sha256:" + hashlib.sha256(_line(_plain(protocol, _LEFT_OUT | _WORDS)).encode()).hexdigest()


def _plain(value: object, left_out: set[str]) -> object:
    if dataclasses.is_dataclass(value):
        return {"kind": type(value).__name__,
                **{f.name: _plain(getattr(value, f.name), left_out) for f in dataclasses.fields(value)
                   if f.name not in left_out and getattr(value, f.name) != f.default}}
    if isinstance(value, tuple):
        return [_plain(item, left_out) for item in value]
    return value


def _built(value: object) -> object:
    if isinstance(value, dict):
        attributes = {key: _built(item) for key, item in value.items() if key != "kind"}
        built = _CLASSES[value["kind"]](**attributes)
        for name, type_ in _TYPES[type(built)].items():
            if not _is(getattr(built, name), type_):
                raise ValueError(f"no protocol: {value['kind']}.{name} is {type(getattr(built, name)).__name__}")
        return built
    if isinstance(value, list):
        return tuple(map(_built, value))
    return value


def _is(value: object, type_: object) -> bool:
    """Whether a value is of a type as the model writes them."""
    arguments = typing.get_args(type_)
    match typing.get_origin(type_):
        case typing.Union | types.UnionType:
            return any(_is(value, argument) for argument in arguments)
        case origin if origin is tuple:
            return isinstance(value, tuple) and all(_is(item, arguments[0]) for item in value)
    return type(value) is type_ or type_ is object
