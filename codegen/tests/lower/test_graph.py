# SPDX-License-Identifier: Apache-2.0
import unittest

from ftgen.lower.graph import components, ordered


class Graphs(unittest.TestCase):
    def test_components(self) -> None:
        graph = {"a": ["b"], "b": ["c"], "c": ["a", "d"], "d": [], "e": ["d", "f"]}
        self.assertEqual([{"d"}, {"a", "b", "c"}, {"f"}, {"e"}], [set(c) for c in components(graph)])

    def test_a_loop_is_one_component(self) -> None:
        self.assertEqual([("a",)], components({"a": ["a"]}))

    def test_ordered(self) -> None:
        self.assertEqual(["c", "b", "a", "d"], ordered({"a": ["b", "c"], "b": ["c"], "c": [], "d": ["a"]}))

    def test_the_order_of_the_mapping_where_nothing_else_decides(self) -> None:
        self.assertEqual(["b", "a"], ordered({"b": [], "a": []}))
        self.assertEqual(["b", "a"], ordered({"a": ["b"], "b": ["a"]}))


if __name__ == "__main__":
    unittest.main()
