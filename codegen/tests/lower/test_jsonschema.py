# SPDX-License-Identifier: Apache-2.0
"""What the schema of each kind of type takes and refuses; whole messages are in emit/test_jsonschema.py."""
import unittest

from jsonschema import Draft202012Validator

from ftgen.lower.jsonschema import lower
from ftgen.project import project
from tests.support import TRANSPORT, SchemaTest

MEMBERS = """\
  Kind: {doc: Three., units: {doc: They., names: [A, {name: B, aliases: [Bee]}]}}
  Tree:
    doc: Leaves.
    default: Leaf
    variants:
      Leaf: {doc: An end., type: u8}
      Node: {doc: A fork., type: list<Tree>, aliases: [Fork]}
      Pair: {doc: Two., fields: {left: {type: Tree, doc: One.}, right: {type: optional<Tree>, doc: The other.}}}
  Id: {doc: A number., newtype: u64}
"""


class Types(SchemaTest):
    def takes(self, type_: str, *values: object, extra: str = "") -> None:
        self._judge(True, type_, extra, values)

    def refuses(self, type_: str, *values: object, extra: str = "") -> None:
        self._judge(False, type_, extra, values)

    def _judge(self, verdict: bool, type_: str, extra: str, values: tuple) -> None:
        tried = f'  T: {{doc: Tried., fields: {{x: {{type: "{type_}", doc: It.{extra}}}}}}}\n'
        protocol = self.good("types:\n" + MEMBERS + tried)
        schema = lower(project(protocol, 1))
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator({**schema, "$ref": "#/$defs/T"})
        for value in values:
            with self.subTest(type_, value=value):
                self.assertEqual(verdict, validator.is_valid({"x": value}))

    def test_integers(self) -> None:
        for name, low, high in (("u8", 0, 255), ("u64", 0, 2**64 - 1), ("i32", -2**31, 2**31 - 1),
                                ("i128", -2**127, 2**127 - 1)):
            self.takes(name, low, high)
            self.refuses(name, low - 1, high + 1, None, "1", True, 1.5)

    def test_floats(self) -> None:
        self.takes("f32", 0, -1.5, 3.4028235e38, 3.4028235677973366e38)     # the last is just not infinity when rounded
        self.refuses("f32", 3.402823567797337e38, -1e39, None, "1")
        self.takes("f64", 0, 1.7976931348623157e308)
        self.refuses("f64", float("inf"), None)

    def test_texts_and_truth(self) -> None:
        self.takes("bool", True)
        self.refuses("bool", 1, "true", None)
        self.takes("secret<string>", "")
        self.refuses("string", None, 1, [])
        self.takes("string", "abc", extra=", max_bytes: 3")
        self.refuses("string", "abcd", extra=", max_bytes: 3")

    def test_containers(self) -> None:
        self.takes("list<u8>", [], [1, 2])
        self.refuses("list<u8>", None, [256], {})
        self.refuses("optional<list<u8>>", [1, 2, 3], extra=", max_items: 2")
        self.takes("optional<list<u8>>", None, [1, 2], extra=", max_items: 2")
        self.takes("array<u8, 2>", [1, 2])
        self.refuses("array<u8, 2>", [1], [1, 2, 3])
        self.takes("tuple<u8, bool>", [1, True])
        self.refuses("tuple<u8, bool>", [1], [1, True, 2], [True, 1])
        self.takes("json", None, {"a": [1e5]}, "x")

    def test_times(self) -> None:
        self.takes("date", [-999999, 366])
        self.refuses("date", [2024, 0], [1000000, 1], [2024], "2024-01-01")
        self.takes("offset_date_time", [2024, 1, 23, 59, 59, 999999999, -25, -59, 0])
        self.refuses("offset_date_time", [2024, 1, 24, 0, 0, 0, 0, 0, 0], [2024, 1, 0, 0, 0, 0])
        self.refuses("month", 0, 13)

    def test_sums(self) -> None:
        self.takes("Kind", "A", "Bee", {"A": None})
        self.refuses("Kind", "C", {"A": 0}, {"A": None, "B": None}, {}, None, 0)
        self.takes("Tree", {"Leaf": 1}, {"Fork": [{"Leaf": 1}]}, {"Pair": {"left": {"Leaf": 0}}})
        self.refuses("Tree", "Leaf", {"Leaf": 256}, {"Pair": {}}, {"Leaf": 1, "Node": []}, {"Node": [], "Fork": []},
                     {"X": 1})
        self.takes("optional<Tree>", None, {"Leaf": 1})

    def test_newtypes(self) -> None:
        self.takes("Id", 1)
        self.refuses("Id", -1, {"0": 1})


class Objects(SchemaTest):
    def test_keys(self) -> None:
        schema = lower(project(self.good("""\
types:
  K: {doc: Two., wire_case: snake, units: {doc: They., names: [OneOf, B]}}
  T:
    doc: Keys of each kind.
    fields:
      a: {type: u8, doc: One., aliases: [b]}
      c: {type: optional<secret<u64>>, doc: Two., aliases: [d]}
      e: {type: K, doc: Three., missing: OneOf}
"""), 4))
        validator = Draft202012Validator({**schema, "$ref": "#/$defs/T"})
        for good in ({"a": 1}, {"b": 1}, {"a": 1, "c": None}, {"a": 1, "d": 2, "e": "b", "unknown": []}):
            self.assertTrue(validator.is_valid(good), good)
        for bad in ({}, {"a": 1, "b": 1}, {"a": 1, "c": 1, "d": 1}, {"a": 1, "d": "x"}, {"a": 1, "e": None}, [], [1]):
            self.assertFalse(validator.is_valid(bad), bad)
        properties = schema["$defs"]["T"]["properties"]
        self.assertEqual((None, True), (properties["c"]["default"], properties["c"]["writeOnly"]))
        self.assertEqual("one_of", properties["e"]["default"])
        self.assertEqual("One.", properties["a"]["description"])

    def test_a_version_alone(self) -> None:
        protocol = self.good("types:\n  T:\n    doc: Grows.\n    fields:\n      a: {type: u8, doc: One.}\n"
                             "      b: {type: u8, doc: Two., added: 2, absent: 0}\n")
        for version, verdict in ((1, True), (2, False)):
            schema = lower(project(protocol, version))
            self.assertEqual(verdict, Draft202012Validator({**schema, "$ref": "#/$defs/T"}).is_valid({"a": 1}))

    def test_messages_take_their_payloads(self) -> None:
        schema = lower(project(self.good(TRANSPORT), 4))
        done, failed, ask = ({"version": 1, "payload": p}
                             for p in ({"Answer": {"Done": 1}}, {"Answer": {"Failed": "x"}}, {"Ask": "?"}))
        for name, takes in (("MSG_ASK", [ask]), ("MSG_ANSWER", [done, failed]), ("MSG_FAILED", [failed])):
            validator = Draft202012Validator({**schema, "$ref": f"#/$defs/{name}"})
            self.assertEqual(takes, [e for e in (done, failed, ask) if validator.is_valid(e)])


if __name__ == "__main__":
    unittest.main()
