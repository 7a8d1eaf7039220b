#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/json/name_tables.hpp: tables laid out by the generator, for the test of the runtime's look-up.

    PYTHONPATH=codegen cmake/ftgen-python tests/json/name_tables.py > tests/json/name_tables.hpp
"""
from __future__ import annotations

from ftgen.lower.names import table

ALPHABET = "abcdefghijklmnopqrstuvwxyz"
TABLES = {
    "EveryLength": [(ALPHABET[:length], length) for length in range(27)],
    "Aliases": [("old", 0), ("older", 0), ("new", 1)],
    "Middles": [("beginning_A_the_end_", 0), ("beginning_B_the_end_", 1), ("beginning_A_the_End_", 2)],
    "BeyondAscii": [("größe", 0), ("größer", 1), ("\U0001F600", 2)],
    "Largest": [(f"variant_{i}", i) for i in range(254)],
    "One": [("payload", 3)],
}


def quoted(text: str) -> str:
    return '"' + "".join(chr(b) if b < 0x80 else f"\\x{b:02x}\"\"" for b in text.encode()) + '"'


def lines(words: list[str]) -> str:
    """The words, comma separated, on lines of at most 110 columns."""
    rows, row = [], ""
    for word in words:
        if row and len(row) + len(word) + 2 > 110:
            rows.append(row)
            row = ""
        row += (", " if row else "") + word
    return ",\n    ".join([*rows, row])


def main() -> None:
    print("// SPDX-License-Identifier: Apache-2.0\n//\n// Written by tests/json/name_tables.py, where the command stands. Do not edit.\n"
          "// clang-format off\n#pragma once\n\n#include \"ft/json/names.hpp\"\n\nnamespace ft::json {\n")
    for name, entries in TABLES.items():
        laid_out = table(entries)
        print(f"inline constexpr NameEntry kEntries{name}[] = {{\n    "
              + lines([f"{{{quoted(spelling)}, {index}}}" for spelling, index in laid_out.entries]) + "};")
        print(f"inline constexpr std::uint8_t kSlots{name}[] = {{\n    " + lines([str(slot) for slot in laid_out.slots]) + "};")
        print(f"inline constexpr NameTable k{name} = {{kEntries{name}, kSlots{name}, {laid_out.multiplier}U, {laid_out.shift}}};\n")
    print("}  // namespace ft::json")


if __name__ == "__main__":
    main()
