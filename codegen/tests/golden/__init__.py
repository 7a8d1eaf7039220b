# SPDX-License-Identifier: Apache-2.0
"""Schemas of one feature each, the whole of the C++ that they become, and a program for each that shows what it does.

    golden/NAME/schema.yaml     the schema, and families beside it
    golden/NAME/expected/       all that is generated from it
    golden/NAME/main.cpp        a program over the generated code; exit status 0 if everything is as it should be

After a change of the templates that is meant, run

    FT_UPDATE_GOLDEN=1 cmake/ftgen-python -m unittest discover -s codegen/tests -t codegen -k Golden

and look at the difference.
"""
from __future__ import annotations

from pathlib import Path

from ftgen.emit import cpp
from ftgen.load import load

FOLDER = Path(__file__).parent
SCHEMAS = tuple(sorted(path.parent for path in FOLDER.glob("*/schema.yaml")))
REPOSITORY = FOLDER.parents[2]
REAL = REPOSITORY / "schema" / "fragment_transport.yaml"


def generate(schema: Path) -> dict[str, bytes]:
    """The C++ of a schema without errors; lint asks more of a schema than these small ones need."""
    protocol, found = load(schema)
    if protocol is None:
        raise AssertionError("\n".join(map(str, found)))
    return {name: text.encode() for name, text in cpp.emit(protocol).items()}
