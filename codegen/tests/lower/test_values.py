# SPDX-License-Identifier: Apache-2.0
import unittest

from ftgen.load import load
from ftgen.lower.values import Least, default
from ftgen.model import Missing, Ref, Scalar, UnitName
from ftgen.oracle import Codec, Refused
from tests.golden import SCHEMAS
from tests.support import SchemaTest


class LeastValues(SchemaTest):
    def least(self, body: str, version: int = 4) -> Least:
        self.codec = Codec(self.good("types:\n" + body), version)
        return Least(self.codec)

    def test_each_kind_of_type(self) -> None:
        least = self.least("""\
  All:
    doc: All of them.
    fields:
      a: {type: bool, doc: One.}
      b: {type: f64, doc: Two.}
      c: {type: "tuple<date, array<u8, 2>>", doc: Three.}
      d: {type: list<All>, max_items: 9, doc: Four.}
      e: {type: optional<All>, doc: Five.}
      f: {type: Kind, doc: Six., missing: B}
      g: {type: Tree, doc: Seven.}
      h: {type: json, doc: Eight.}
      i: {type: optional<u8>, emit: when_set, doc: Nine.}
      j: {type: u32, doc: Ten., derived: len(d)}
      k: {type: Id, doc: Eleven.}
      l: {type: secret<string>, doc: Twelve., missing: x}
      m: {type: month, doc: Thirteen.}
  Id: {doc: A number., newtype: u64}
  Kind: {doc: Two., units: {doc: They., names: [A, B]}}
  Tree:
    doc: Leaves.
    default: Leaf
    variants: {Node: {doc: Two., type: list<Tree>}, Leaf: {doc: One., fields: {x: {type: Id, doc: It.}}}}
""")
        self.assertEqual('{"a":false,"b":0.0,"c":[[1970,1],[0,0]],"d":[],"e":null,"f":"B","g":{"Leaf":{"x":0}},'
                         '"h":null,"j":0,"k":0,"l":"x","m":1}', least.text("All"))
        self.assertEqual('{"Node":[]}', self.codec.encode("Tree", least.of(Ref("Tree"), ("Node",))).decode())

    def test_they_keep_the_rules(self) -> None:
        least = self.least("""\
  Ruled:
    doc: With rules.
    fields:
      a: {type: u64, doc: One.}
      b: {type: u64, doc: Two.}
      c: {type: string, doc: Three.}
      d: {type: list<i32>, doc: Four.}
      e: {type: bool, doc: Five.}
    rules:
      - {id: set, expr: a != 0, message: set a}
      - {id: beyond, expr: b > a && b >= 1 KiB, message: raise b}
      - {id: given, expr: "!blank(c)", message: say c}
      - {id: some, expr: len(d) > 0, message: list d}
      - {id: sure, expr: e, message: be sure}
""")
        value = least.of(Ref("Ruled"))
        self.assertIsNone(self.codec.validate("Ruled", value))
        self.assertEqual({"a": 1, "b": 1024, "c": "x", "d": [0], "e": True}, value)

    def test_what_a_version_does_not_have(self) -> None:
        body = """\
  A:
    doc: Grows.
    fields:
      a: {type: u8, doc: Old., renamed: {from: z, in: 2}}
      b: {type: u8, doc: New., added: 2, absent: 7}
"""
        self.assertEqual('{"z":0}', self.least(body, 1).text("A"))
        self.assertEqual('{"a":0,"b":0}', self.least(body, 2).text("A"))

    def test_defaults_are_json(self) -> None:
        declared = self.types("  Kind: {doc: Two., wire_case: snake, units: {doc: They., names: [OneOf, B]}}\n")
        for value, type_, json in (((), Scalar("u8"), []), (None, Scalar("u8"), None), (7, Scalar("u8"), 7),
                                   (UnitName("OneOf"), Ref("Kind"), "one_of")):
            self.assertEqual(json, default(Missing(value), type_, declared))


class GoldenSchemas(unittest.TestCase):
    def test_every_least_value_is_canonical(self) -> None:
        for folder in SCHEMAS:
            protocol, _ = load(folder / "schema.yaml")
            codec = Codec(protocol, protocol.current_version)
            least = Least(codec)
            for name in protocol.declarations():
                with self.subTest(folder.name, type=name):
                    text = least.text(name).encode()
                    value = codec.decode(name, text)
                    self.assertNotIsInstance(value, Refused)
                    self.assertEqual(text, codec.encode(name, value))
