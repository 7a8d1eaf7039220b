# SPDX-License-Identifier: Apache-2.0
"""Values that break one rule alone: they are found where there are any, and break what they should."""
import unittest

from ftgen.load import load
from ftgen.lower.broken_rules import broken_alone, rules_of
from ftgen.lower.values import Least
from ftgen.model import Ref
from ftgen.oracle import Codec
from ftgen.oracle.rules import evaluate
from tests.golden import REAL
from tests.support import SchemaTest


class BrokenRules(SchemaTest):
    def found(self, types: dict[str, str], *rules: str) -> list[dict | None]:
        fields = ", ".join(f"{name}: {{type: {type_}, doc: A member.}}" for name, type_ in types.items())
        body = f"types:\n  T:\n    doc: A type.\n    fields: {{{fields}}}\n    rules:\n" + "".join(
            f'      - {{id: r{i}, expr: "{rule}", message: no}}\n' for i, rule in enumerate(rules))
        protocol = self.good(body)
        codec = Codec(protocol, 1)
        struct, lawful = protocol.declarations()["T"], Least(codec).of(Ref("T"))
        wanted = rules_of(codec.view, struct)
        values = [broken_alone(codec.view, struct, lawful, rule) for rule in wanted]
        for rule, value in zip(wanted, values):
            if value is not None:
                self.assertEqual([r is not rule for r in wanted], [evaluate(r.expr, value) for r in wanted])
        return values

    def test_bounds_that_hang_together(self) -> None:
        found = self.found({"a": "u64", "b": "u64", "c": "u64"},
                           "a != 0", "a <= 64MiB", "b <= 512MiB", "a <= b", "c >= b")
        self.assertNotIn(None, found)
        self.assertEqual(64 * 2**20 + 1, found[1]["a"])

    def test_limits_are_kept(self) -> None:
        found = self.found({"s": "string, max_bytes: 5", "l": "list<u32>, max_items: 2"}, "bytes(s) < 5", "bytes(s) < 9",
                           "len(l) <= 2")
        self.assertEqual(("xxxxx", None, None), (found[0]["s"], *found[1:]))

    def test_texts_and_lists(self) -> None:
        found = self.found({"s": "string", "l": "list<u32>", "n": "u32"},
                           "!blank(s)", "bytes(s) <= 64", "len(l) <= 3", "all(l, this < n && n != 7)")
        self.assertNotIn(None, found)
        self.assertEqual(65, len(found[1]["s"]))
        self.assertEqual(4, len(found[2]["l"]))

    def test_what_cannot_be_broken_alone(self) -> None:
        self.assertEqual([None, {"a": 0}], self.found({"a": "u8"}, "a >= 0 || a == 1", "a > 0"))

    def test_what_is_too_long_is_given_up(self) -> None:
        self.assertEqual([None], self.found({"l": "list<u8>"}, "len(l) <= 1_048_576"))

    def test_the_real_rules(self) -> None:
        protocol, _ = load(REAL)
        codec = Codec(protocol, 1)
        request, lawful = protocol.declarations()["FragmentRequest"], Least(codec).of(Ref("FragmentRequest"))
        unbroken = [rule.id for rule in rules_of(codec.view, request)
                    if broken_alone(codec.view, request, lawful, rule) is None]
        self.assertEqual(["memory_given", "temp_given"], unbroken)


if __name__ == "__main__":
    unittest.main()
