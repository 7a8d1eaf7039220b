# SPDX-License-Identifier: Apache-2.0
"""Lays out a table of names for `ft::json::NameTable`: open addressing, linear probing, the hash of that header.

The multiplier is the best of a fixed, deterministic sequence, so the same names always give the same table.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_MASK = 2**64 - 1
_MIX = 0x9E3779B97F4A7C15
_TRIES = 200


@dataclass(frozen=True)
class NameTable:
    entries: tuple[tuple[str, int], ...]    # spelling, index
    slots: tuple[int, ...]                  # 0 is empty, otherwise the entry plus one
    multiplier: int
    shift: int


def _key(name: bytes) -> int:
    key = int.from_bytes(name[:8], "little")
    if len(name) > 8:
        key ^= int.from_bytes(name[-8:], "little") * _MIX & _MASK
    return (key + len(name)) & _MASK


def _multipliers():
    """The sequence of splitmix64, made odd."""
    state = 0
    for _ in range(_TRIES):
        state = (state + _MIX) & _MASK
        z = state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & _MASK
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB & _MASK
        yield (z ^ (z >> 31)) | 1


def _place(keys: Sequence[int], multiplier: int, shift: int) -> tuple[list[int], int]:
    size = 1 << (64 - shift)
    slots, probes = [0] * size, 0
    for number, key in enumerate(keys, 1):
        slot = (key * multiplier & _MASK) >> shift
        while slots[slot]:
            slot = (slot + 1) % size
            probes += 1
        slots[slot] = number
    return slots, probes


def table(entries: Sequence[tuple[str, int]]) -> NameTable:
    """Entries are (spelling, index); at most 254 of them."""
    keys = [_key(name.encode()) for name, _ in entries]
    bits = max(1, (2 * len(keys) - 1).bit_length())
    shift = 64 - bits
    best = min(_multipliers(), key=lambda m: _place(keys, m, shift)[1])
    return NameTable(tuple(entries), tuple(_place(keys, best, shift)[0]), best, shift)
