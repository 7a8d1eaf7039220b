# SPDX-License-Identifier: Apache-2.0
"""Changed messages: `mutate(random, payload, others)` makes a new text of JSON texts that are good. Everything follows
from the random source, so that a seed is enough to see a finding again.
"""
from __future__ import annotations

import json
from random import Random

_NUMBERS = ("0", "-0", "1", "-1", "127", "128", "255", "256", "65536", "2147483647", "2147483648", "-2147483649",
            "4294967296",
            "9223372036854775808", "18446744073709551615", "18446744073709551616",
            "170141183460469231731687303715884105727",
            "170141183460469231731687303715884105728", "1.0", "1e2", "1e309", "-1e-400", "3.4028235677973366e38",
            "3.4028235677973367e38", "0.1", "01",
            "1.", "-", "1e", "16777217.0", "5e-324", "1.00000005960464477540", "9" * 60, "0." + "123456789" * 9)
_STRINGS = ('""', '" "', '"\\u0041"', '"\\ud83d\\ude00"', '"\\ud800"', '"\\x"', '"\u00e9\U0001f600"', '"\\u000"',
            '"a\tb"', '"Null"',
            '"a\\u0000"', '"' + "x" * 129 + '"')
_OTHERS = ("null", "true", "false", "[]", "{}", '{"x":[]}', "nul", "[1,]", '{"Null":null}', "[" * 130, "")
_BYTES = tuple(b'"\\{}[]:,0-.e \x80\x00\xc3n')


class Node:
    """A JSON value that may be changed into something that is none: a text, or an object (keys as written) or array of
    nodes."""

    def __init__(self, text: str = "", items: list["Node"] | None = None, keys: list[str] | None = None) -> None:
        self.text, self.items, self.keys = text, items, keys

    def write(self, random: Random, loose: bool) -> str:
        def gap() -> str:
            return random.choice(("", "", "", " ", "\n", "\t\r")) if loose else ""

        if self.items is None:
            return gap() + self.text + gap()
        inner = [item.write(random, loose) for item in self.items]
        if self.keys is None:
            return f"{gap()}[{gap()}{','.join(inner)}{gap()}]"
        return f"{gap()}{{{','.join(f'{gap()}{k}{gap()}:{i}' for k, i in zip(self.keys, inner))}{gap()}}}"

    def all(self) -> list["Node"]:
        return [self] + [node for item in self.items or () for node in item.all()]


def _node(value: object) -> Node:
    if isinstance(value, _Pairs):
        return Node(items=[_node(v) for _, v in value], keys=[json.dumps(k, ensure_ascii=False) for k, _ in value])
    if isinstance(value, list):
        return Node(items=[_node(v) for v in value])
    return Node(value if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False))


class _Pairs(list):
    pass


class _Number(str):
    pass


def parse(text: str) -> Node:
    return _node(json.loads(text, object_pairs_hook=_Pairs, parse_int=_Number, parse_float=_Number))


def mutate(random: Random, payload: bytes, others: list[bytes]) -> bytes:
    if random.random() < 0.3:
        return _bytes(random, payload)
    root = parse(payload.decode())
    for _ in range(random.choice((0, 1, 1, 1, 2, 3))):
        _change(random, random.choice(root.all()), others)
    text = root.write(random, random.random() < 0.3).encode()
    return _bytes(random, text) if text and random.random() < 0.1 else text


def _change(random: Random, node: Node, others: list[bytes]) -> None:
    if node.items is None or random.random() < 0.2:
        node.items = node.keys = None
        node.text = random.choice(random.choice((_NUMBERS, (number(random),), _STRINGS, _OTHERS)))
        return
    if not node.items:
        node.items.append(Node(random.choice(_NUMBERS)))
        if node.keys is not None:
            node.keys.append('"unknown"')
        return
    at = random.randrange(len(node.items))
    match random.randrange(6):
        case 0:                     # drop
            del node.items[at]
            if node.keys is not None:
                del node.keys[at]
        case 1:                     # twice
            node.items.append(node.items[at])
            if node.keys is not None:
                node.keys.append(node.keys[at])
        case 2:                     # another order
            order = random.sample(range(len(node.items)), len(node.items))
            node.items[:] = [node.items[i] for i in order]
            if node.keys is not None:
                node.keys[:] = [node.keys[i] for i in order]
        case 3 if node.keys is not None:    # another spelling, or an unknown key
            key = node.keys[at]
            node.keys[at] = random.choice((key[:1] + f"\\u{ord(key[1:2]):04x}" + key[2:], '"unknown"', key[:-1] + 'x"'))
        case 4:                     # a part of another message
            node.items[at] = random.choice(parse(random.choice(others).decode()).all())
        case _:                     # two parts exchanged
            other = random.randrange(len(node.items))
            node.items[at], node.items[other] = node.items[other], node.items[at]


def number(random: Random) -> str:
    """Any digits."""
    def digits() -> str:
        return "".join(random.choices("0123456789", k=random.choice((1, 2, 6, 9, 17, 20, 40))))

    sign, fraction = random.choice(("", "-")), random.choice(("", "." + digits()))
    exponent = random.choice(("", "", f"e{random.randint(-50, 45)}", f"E{random.randint(-330, 310):+}"))
    return f"{sign}{digits().lstrip('0') or '0'}{fraction}{exponent}"


def _bytes(random: Random, text: bytes) -> bytes:
    changed = bytearray(text)
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(changed) + 1)
        match random.randrange(5):
            case 0:
                changed[at:at + 1] = bytes([random.choice(_BYTES)])
            case 1:
                del changed[at:at + random.randint(1, 8)]
            case 2:
                changed[at:at] = bytes([random.choice(_BYTES)])
            case 3:
                begin = random.randrange(len(text))
                changed[at:at] = text[begin:begin + random.randrange(20)]
            case _:
                del changed[at:]
    return bytes(changed)
