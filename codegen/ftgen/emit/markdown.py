# SPDX-License-Identifier: Apache-2.0
"""Prints a page of `generated/docs` from its template in `templates/docs`; not an emitter itself."""
from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ftgen.emit.banner import banner
from ftgen.lower import markdown
from ftgen.model import Protocol

_TEMPLATES = Path(__file__).parent.parent / "templates" / "docs"
_FILTERS = (markdown.code, markdown.link, markdown.prose, markdown.slug, markdown.window)


def page(protocol: Protocol, template: str, **values: object) -> str:
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, trim_blocks=True,
                              lstrip_blocks=True, keep_trailing_newline=True, autoescape=False)
    environment.filters |= {function.__name__: function for function in _FILTERS}
    return environment.get_template(template).render(protocol=protocol, banner=banner(protocol), **values)
