# SPDX-License-Identifier: Apache-2.0
"""The Wireshark dissector, wireshark/NAME.lua; a schema without a transport has none.

It is one file: tables of facts (`ftgen.lower.lua`) in front of Lua that is the same for every protocol and knows none,
templates/lua/*.lua in the order of PARTS.
"""
from __future__ import annotations

import textwrap
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ftgen.emit.banner import banner
from ftgen.lower import lua
from ftgen.model import Protocol

_TEMPLATES = Path(__file__).parent.parent / "templates" / "lua"
PARTS = ("json.lua", "fields.lua", "tree.lua", "pairs.lua", "dissector.lua")
_WIDTH = 118


def _literal(value: object) -> str:
    """The value in Lua. Whatever is not printable ASCII is escaped."""
    match value:
        case bool():
            return str(value).lower()
        case None:
            return "nil"
        case int() | lua.Number():
            return str(value)
        case str():
            return '"' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\{b:03d}"
                                 for b in value.encode()) + '"'
        case _:
            return "{" + ", ".join(map(_literal, value)) + "}"


def _names(names: object, indent: int) -> str:
    """A list of texts, over as many lines as it needs."""
    space = " " * indent
    return textwrap.fill(", ".join(map(_literal, names)), _WIDTH, initial_indent=space, subsequent_indent=space,
                         break_long_words=False, break_on_hyphens=False)


def emit(protocol: Protocol) -> dict[str, str]:
    view = lua.view(protocol)
    if view is None:
        return {}
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, trim_blocks=True,
                              lstrip_blocks=True, keep_trailing_newline=True, autoescape=False)
    environment.filters["lua"] = _literal
    environment.filters["names"] = _names
    tables = environment.get_template("tables.lua.j2").render(view=view, banner=banner(protocol))
    parts = ((_TEMPLATES / part).read_text("utf-8") for part in PARTS)
    body = "\n".join(part.removeprefix("-- SPDX-License-Identifier: Apache-2.0\n") for part in parts)
    return {f"wireshark/{view.name}.lua": f"{tables}\n{body}"}
