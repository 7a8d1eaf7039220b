# SPDX-License-Identifier: Apache-2.0
"""Pieces of Markdown: text that is safe in a table, links to types, type expressions as people read them.

Headings are linked by the anchors that GitHub and most renderers make of them (`slug`). A page that links types gives
each of them a heading of its own, and its other headings two words or more: no type's anchor has a hyphen.
"""
from __future__ import annotations

import re

from ftgen.model import ArrayOf, ListOf, Opaque, OptionalOf, Ref, Scalar, SecretOf, TupleOf, Type


def slug(heading: str) -> str:
    return re.sub(r"[^a-z0-9_ -]", "", heading.lower()).replace(" ", "-")


def link(name: str) -> str:
    return f"[{name}](#{slug(name)})"


def code(text: str) -> str:
    """As it stands, also in a table; the text has no backtick in it, as no name and no canonical JSON of names has."""
    return "`" + text.replace("|", "\\|") + "`"


def prose(text: str) -> str:
    """A doc on one line. What stands between backticks is code already; elsewhere nothing may turn into markup."""
    pieces = re.split(r"(`[^`]*`)", " ".join(text.split()))
    plain = (re.sub(r"([\\*\[\]|])", r"\\\1", p).replace("<", "&lt;") if i % 2 == 0 else p.replace("|", "\\|")
             for i, p in enumerate(pieces))
    return "".join(plain)


def window(versions: range) -> str:
    """Which versions a receiver takes."""
    return f"versions {versions[0]} to {versions[-1]}" if len(versions) > 1 else f"version {versions[0]} and no other"


def type_text(type_: Type) -> str:
    """`list of optional RelationId`, with links to what is declared."""
    match type_:
        case Scalar(name):
            return code(name)
        case Opaque():
            return "any JSON"
        case Ref(name):
            return link(name)
        case ListOf(item):
            return f"list of {type_text(item)}"
        case ArrayOf(item, size):
            return f"array of {size} {type_text(item)}"
        case OptionalOf(item):
            return f"optional {type_text(item)}"
        case SecretOf(item):
            return f"**secret** {type_text(item)}"
        case TupleOf(items):
            return f"tuple of ({', '.join(map(type_text, items))})"
