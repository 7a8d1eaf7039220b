# SPDX-License-Identifier: Apache-2.0
"""JSON whose numbers stay as they are written: no double stands between a text and what is compared with it.

    value = read_json(b'{"id":18446744073709551615}')       # {"id": Number("18446744073709551615")}
    written(value)                                          # the text again, without white space
"""
from __future__ import annotations

import functools
import json


class Number(str):
    """A number as it stands in the text."""


read_json = functools.partial(json.loads, parse_int=Number, parse_float=Number)


def is_text(value: object) -> bool:
    return isinstance(value, str) and not isinstance(value, Number)


def written(value: object) -> str:
    """The JSON text of a value, its numbers as they were."""
    match value:
        case Number():
            return str(value)
        case list():
            return "[" + ",".join(map(written, value)) + "]"
        case dict():
            return "{" + ",".join(f"{written(k)}:{written(v)}" for k, v in value.items()) + "}"
        case _:
            return json.dumps(value, ensure_ascii=False)
