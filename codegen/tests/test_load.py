# SPDX-License-Identifier: Apache-2.0
import contextlib
import random
import shutil
import unittest
from pathlib import Path

from ftgen.load import load
from ftgen.model import (ArrayOf, Binary, Call, Envelope, Family, Field, Frame, Limits, ListOf, Message, Missing, Name,
                         Newtype, Number, OptionalOf, Phase, Protocol, Ref, Renamed, Rule, Scalar, SecretOf, Struct, Sum, This,
                         UnitName, Variant, Versions)
from tests.support import TRANSPORT, SchemaTest

ROOT = Path(__file__).parents[2]
V1 = Versions(1)

EVERYTHING = """\
groups:
  ordering:
    doc: Recurs.
    fields:
      order_by: {type: list<u32>, doc: Columns., missing: []}
types:
  Id: {doc: A row., newtype: "array<u8, 16>"}
  Mode:
    doc: How to scan.
    wire_case: snake
    units: {doc: The modes., names: [FullScan, {name: IndexScan, added: 2, aliases: [by_index]}]}
  Query:
    doc: What to run.
    added: 2
    reserved: [old]
    fields:
      mode: {type: Mode, doc: How., missing: FullScan}
      key: {type: optional<secret<u64>>, doc: Whose., added: 3, removed: 4, emit: when_set, aliases: [cancel], lossy: No loss.}
      size: {type: u16, doc: How much., removed: 4, absent: 7, renamed: {from: length, in: 3}}
      +ordering:
      ids: {type: list<Id>, doc: Which., max_items: 10}
      count: {type: u8, doc: How many., derived: len(ids)}
    rules:
      - {id: few, expr: "all(order_by, this < 4 KiB)", message: too many}
  Shape:
    doc: Something drawn.
    default: Point
    variants:
      Point: {doc: A place., fields: {x: {type: i32, doc: Across.}, +ordering: }}
      Named: {doc: By name., type: string, deprecated: 2, aliases: [Called]}
"""


class Load(SchemaTest):
    maxDiff = None

    def test_everything_arrives_in_the_model(self) -> None:
        ordering = Field("order_by", ListOf(Scalar("u32")), "Columns.", V1, missing=Missing(()), group="ordering")
        v2 = Versions(2)
        expected = (
            Newtype("Id", "A row.", V1, ArrayOf(Scalar("u8"), 16)),
            Sum("Mode", "How to scan.", V1, (Variant("FullScan", "full_scan", "The modes.", V1),
                                             Variant("IndexScan", "index_scan", "The modes.", v2, aliases=("by_index",))), "FullScan"),
            Struct("Query", "What to run.", v2, (
                Field("mode", Ref("Mode"), "How.", v2, missing=Missing(UnitName("FullScan"))),
                Field("key", OptionalOf(SecretOf(Scalar("u64"))), "Whose.", Versions(3, None, 4), missing=Missing(None),
                      aliases=("cancel",), when_set=True, lossy="No loss."),
                Field("size", Scalar("u16"), "How much.", Versions(2, None, 4), absent=Missing(7),
                      renamed=Renamed("length", 3)),
                Field("order_by", ListOf(Scalar("u32")), "Columns.", v2, missing=Missing(()), group="ordering"),
                Field("ids", ListOf(Ref("Id")), "Which.", v2, max_items=10),
                Field("count", Scalar("u8"), "How many.", v2, derived=Call("len", (Name("ids"),)))),
                rules=(Rule("few", Call("all", (Name("order_by"), Binary("<", This(), Number(4096)))),
                            "all(order_by, this < 4 KiB)", "too many", v2),), reserved=("old",)),
            Sum("Shape", "Something drawn.", V1, (
                Variant("Point", "Point", "A place.", V1, fields=(Field("x", Scalar("i32"), "Across.", V1), ordering)),
                Variant("Named", "Named", "By name.", Versions(1, 2), type=Scalar("string"), aliases=("Called",))),
                "Point"))
        protocol = self.good(EVERYTHING)
        self.assertEqual(Protocol("small", "A schema for a test.", "ft::small", 1, 4, Limits("Small.", 16, 1024, 8),
                                  (Family("small", "A schema for a test.", expected),)), protocol)

    def test_transport(self) -> None:
        protocol = self.good(TRANSPORT)
        self.assertEqual(Frame("The header.", 1000), protocol.frame)
        self.assertEqual("small/1", protocol.alpn)
        self.assertEqual((Phase("open", "Before the token.", 10), Phase("shut", "After it.", 1000)), protocol.phases)
        self.assertEqual(Envelope("Envelope", ("version",), "payload"), protocol.envelope)
        self.assertEqual(Message("MSG_FAILED", 0x82, "server", (("Answer", "Failed"),), (), "Accepted from old peers.", V1),
                         protocol.messages[2])

    def test_families_come_in_order_and_the_root_last(self) -> None:
        protocol = self.good("groups:\n  g: {doc: Recurs., fields: {+h: }}\n"
                             "types:\n  C: {doc: Uses both., fields: {+g: , b: {type: B, doc: A number.}}}\n",
                             zeta="doc: First.\ngroups: {h: {doc: Recurs., fields: {x: {type: u8, doc: A number.}}}}\n",
                             alpha="doc: Second.\ntypes: {B: {doc: A number., newtype: u8}}\n")
        self.assertEqual(["zeta", "alpha", "small"], [f.name for f in protocol.families])
        self.assertEqual(["x", "b"], [f.name for f in protocol.declarations()["C"].fields])
        self.assertEqual("h", protocol.declarations()["C"].fields[0].group)

    def test_places_do_not_depend_on_where_the_schema_lies(self) -> None:
        body = "types:\n  A: {doc: Wrong., newtype: u9}\n"
        first = self.load(body)[1]
        elsewhere = self.folder.parent / "deeper" / "schema"
        shutil.copytree(self.folder, elsewhere)
        self.assertEqual(first, load(elsewhere / "small.yaml")[1])
        self.assertEqual("schema/small.yaml:7:29", str(first[0].place))

    def test_a_folder_is_named_as_it_was_said(self) -> None:
        with contextlib.chdir(self.folder):
            for said in (".", "..", str(self.folder)):
                _, found = load(Path(said))
                self.assertEqual([("FT101", "Is a directory")], [(d.code, d.message.rpartition(": ")[2]) for d in found])
                self.assertEqual(said if said == "." else f"{Path(said).absolute().parent.name}/{Path(said).name}",
                                 found[0].place.file)

    def test_the_files_of_a_run_are_all_looked_at(self) -> None:
        _, found = self.load("types: {}\n", a="doc: 1\n", b="doc: Fine.\ntypes: {A: {doc: None.}}\n", c="doc: [\n")
        self.assertEqual(["schema/a.yaml", "schema/b.yaml", "schema/c.yaml"], [d.place.file for d in found])

    def test_no_damage_to_a_schema_makes_the_loader_throw(self) -> None:
        """Deletes, doubles, swaps and overwrites pieces of a schema that uses the whole language."""
        whole = EVERYTHING + TRANSPORT.replace("types:\n", "")
        pieces = ["<", ">", "{", "}", "[", "]", ":", ",", "'", '"', "+", "-", "\n", "  ", "&a ", "*a", "!", "null", "0",
                  "type",
                  "list<", "len(", "u8", "Query", "\x00", "\u00e9", "fields:", "|", "<<: ", "#"]
        seed = random.Random(1)
        for _ in range(400):
            damaged = whole
            for _ in range(seed.randint(1, 3)):
                start = seed.randrange(len(damaged))
                end = min(len(damaged), start + seed.choice((0, 1, 1, 5, 30)))
                instead = seed.choice(["", "", seed.choice(pieces), damaged[start:end] * 2])
                damaged = damaged[:start] + instead + damaged[end:]
            protocol, found = self.load(damaged)
            self.assertTrue(protocol is not None or found, damaged)


class OwnSchema(unittest.TestCase):
    def test_it_is_clean(self) -> None:
        protocol, found = load(ROOT / "schema" / "fragment_transport.yaml")
        self.assertEqual([], [str(d) for d in found])
        self.assertEqual("fragment_transport", protocol.name)
