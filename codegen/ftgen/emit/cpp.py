# SPDX-License-Identifier: Apache-2.0
"""C++: types, codec, validation and the facts of the protocol. Decisions are made in `ftgen.lower`; templates print."""
from __future__ import annotations

import textwrap
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ftgen.emit.banner import banner
from ftgen.lower import cpp, cpp_protocol, cpp_rules
from ftgen.lower.cpp_types import literal
from ftgen.model import Protocol

_TEMPLATES = Path(__file__).parent.parent / "templates" / "cpp"
_WIDTH = 118


def _doc(text: str, indent: int = 0) -> str:
    """A doc comment; the first line's indentation stands in the template. A backslash at the end of a line would draw the
    next one into the comment."""
    lines = textwrap.wrap(" ".join(text.split()), _WIDTH - indent - 4)
    return ("\n" + " " * indent).join(f"/// {line}." if line.endswith("\\") else f"/// {line}" for line in lines)


def _environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, trim_blocks=True,
                              lstrip_blocks=True, keep_trailing_newline=True, autoescape=False)
    environment.filters["doc"] = _doc
    environment.filters["quoted"] = literal
    return environment


def emit(protocol: Protocol) -> dict[str, str]:
    environment = _environment()
    units = cpp.lower(protocol)
    view = cpp_protocol.view(protocol)
    gen = cpp_protocol.folder(protocol)
    common = {"banner": banner(protocol), "namespace": protocol.namespace, "gen": gen, "units": units}
    files: dict[str, str] = {}

    def render(path: str, template: str, **values: object) -> None:
        files[path] = environment.get_template(template).render(**common, **values)

    for unit in units:
        render(f"include/{gen}/fwd/{unit.name}.hpp", "fwd.hpp.j2", unit=unit)
        render(f"include/{gen}/{unit.name}.hpp", "types.hpp.j2", unit=unit)
        if unit.choices or unit.records:
            gated = view.envelope if view is not None and view.envelope.family == unit.name else None
            render(f"src/{unit.name}.cpp", "types.cpp.j2", unit=unit)
            render(f"src/{unit.name}_decode.cpp", "decode.cpp.j2", unit=unit, gated=gated)
            render(f"src/{unit.name}_encode.cpp", "encode.cpp.j2", unit=unit)
        if unit.cells:
            render(f"src/{unit.name}_cells.hpp", "cells.hpp.j2", unit=unit)
        if unit.rows:
            cells = sorted({other.name for other in units for cell in other.cells for rows in unit.rows if rows.cell == cell.name})
            render(f"src/{unit.name}_rows.cpp", "rows.cpp.j2", unit=unit, cell_families=cells)
    render(f"include/{gen}/version.hpp", "version.hpp.j2", min_version=protocol.min_version,
           current_version=protocol.current_version)
    render(f"include/{gen}/codec.hpp", "codec.hpp.j2")
    render(f"include/{gen}/walk.hpp", "walk.hpp.j2")
    validators = cpp_rules.validators(protocol)
    if validators:
        families = sorted({v.family for v in validators})
        render(f"include/{gen}/validate.hpp", "validate.hpp.j2", validators=validators, families=families)
        render("src/validate.cpp", "validate.cpp.j2", validators=validators)
    if view is not None:
        render(f"include/{gen}/protocol.hpp", "protocol.hpp.j2", protocol=view)
        render("src/protocol.cpp", "protocol.cpp.j2", protocol=view)
        render(f"include/{gen}/frames.hpp", "frames.hpp.j2", protocol=view)
        render("src/frames.cpp", "frames.cpp.j2", protocol=view)
    return files
