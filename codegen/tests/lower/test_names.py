# SPDX-License-Identifier: Apache-2.0
"""The layout of name tables. Here `find` is what ft/json/names.hpp does; that the header does the same is shown by the
programs of tests/golden, whose decoders find every name."""
import unittest

from ftgen.load import load
from ftgen.lower import names
from ftgen.model import Sum
from tests.golden import REAL

_MASK = 2**64 - 1
NONE = 255


def find(table: names.NameTable, name: bytes) -> tuple[int, int]:
    """The index and the number of slots that were looked at."""
    padded = name + b"\xAA" * 8                                     # what stands behind must not matter
    key = int.from_bytes(padded[:8], "little")
    if len(name) < 8:
        key &= (1 << (8 * len(name))) - 1
    if len(name) > 8:
        key ^= int.from_bytes(name[-8:], "little") * 0x9E3779B97F4A7C15 & _MASK
    key = key + len(name) & _MASK
    slot, looked = (key * table.multiplier & _MASK) >> table.shift, 1
    while entry := table.slots[slot]:
        spelling, index = table.entries[entry - 1]
        if spelling.encode() == name:
            return index, looked
        slot, looked = (slot + 1) % len(table.slots), looked + 1
    return NONE, looked


class Names(unittest.TestCase):
    def verify(self, entries: list[tuple[str, int]]) -> names.NameTable:
        table = names.table(entries)
        size = len(table.slots)
        self.assertEqual(1 << (64 - table.shift), size)
        self.assertGreaterEqual(size, 2 * len(entries))
        self.assertEqual(list(range(1, len(entries) + 1)), sorted(slot for slot in table.slots if slot))
        self.assertEqual(1, table.multiplier % 2)
        for spelling, index in entries:
            self.assertEqual(index, find(table, spelling.encode())[0], spelling)
        return table

    def test_every_length(self) -> None:
        alphabet = "abcdefghijklmnopqrstuvwxyz"
        everything = [(alphabet[:length], length) for length in range(21)]
        self.verify(everything)
        for length in range(21):
            with self.subTest(length):
                table = self.verify([(alphabet[:length], 7)])
                self.assertEqual(NONE, find(table, alphabet[:length + 1].encode())[0])
                if length:
                    self.assertEqual(NONE, find(table, alphabet[:length - 1].encode())[0])
                    self.assertEqual(NONE, find(table, alphabet[1:length + 1].encode())[0])

    def test_the_middle_of_long_names_is_compared(self) -> None:
        """The hash sees eight bytes at either end."""
        table = self.verify([("beginning_A_the_end_", 0), ("beginning_B_the_end_", 1)])
        self.assertEqual(NONE, find(table, b"beginning_C_the_end_")[0])

    def test_aliases_share_an_index(self) -> None:
        self.verify([("old", 0), ("older", 0), ("new", 1)])

    def test_beyond_ascii(self) -> None:
        self.verify([("größe", 0), ("größer", 1), ("\U0001F600", 2)])

    def test_the_largest(self) -> None:
        entries = [(f"variant_{i}", i) for i in range(254)]
        table = self.verify(entries)
        self.assertEqual(512, len(table.slots))
        self.assertEqual(NONE, find(table, b"variant_254")[0])

    def test_no_names(self) -> None:
        self.assertEqual(NONE, find(names.table([("", NONE)]), b"any")[0])

    def test_few_probes_in_the_real_schema(self) -> None:
        protocol, _ = load(REAL)
        lookups = probes = 0
        for declaration in protocol.declarations().values():
            members = declaration.variants if isinstance(declaration, Sum) else getattr(declaration, "fields", ())
            if not members:
                continue
            entries = [(getattr(m, "wire_name", m.name), i) for i, m in enumerate(members)]
            table = self.verify(entries)
            lookups += len(entries)
            probes += sum(find(table, spelling.encode())[1] for spelling, _ in entries)
        self.assertGreater(lookups, 500)
        self.assertLess(probes / lookups, 1.1)

    def test_same_names_same_table(self) -> None:
        entries = [("a", 0), ("b", 1)]
        self.assertEqual(names.table(entries), names.table(list(entries)))


if __name__ == "__main__":
    unittest.main()
