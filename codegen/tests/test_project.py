# SPDX-License-Identifier: Apache-2.0
from ftgen import ir
from ftgen.load import load
from ftgen.model import Missing, Versions
from ftgen.project import frozen, project
from ftgen.unparse import schema_files
from tests.support import TRANSPORT, SchemaTest
from tests.test_ir import OWN

BUMP = TRANSPORT.split("types:\n")[0].replace("  MSG_FAILED", """\
  MSG_TELL: {byte: 0x02, from: client, accepts: [Tell], emits: [Tell], doc: A statement., added: 2}
  MSG_FAILED""") + """\
types:
  Envelope:
    doc: What every frame holds.
    fields: {version: {type: u8, doc: Of the sender.}, payload: {type: Payload, doc: The message.}}
  Payload:
    doc: One of the messages.
    default: Ask
    variants:
      Ask: {doc: Asks., type: Question}
      Tell: {doc: Tells., type: Statement, added: 2}
      Answer: {doc: Answers., type: Outcome}
  Question:
    doc: What is asked.
    fields:
      id: {type: u64, doc: Names it.}
      text: {type: string, doc: In words., renamed: {from: words, in: 2}}
      weight: {type: u8, doc: How much it matters., added: 2, absent: 3}
      old: {type: u8, doc: Not used., removed: 2, absent: 0}
      bytes: {type: u64, doc: Of the text., derived: bytes(text)}
    rules:
      - {id: short, expr: "bytes(text) <= 10", message: too long, removed: 2}
      - {id: longer, expr: "bytes(text) <= 20 && weight > 0", message: too long, added: 2}
  Statement: {doc: What is told., fields: {text: {type: string, doc: In words.}}}
  Outcome:
    doc: How it went.
    default: Failed
    variants: {Done: {doc: It went well., type: u64}, Failed: {doc: It went wrong., type: string}}
"""


class Project(SchemaTest):
    def test_each_version_sees_its_own(self) -> None:
        protocol = self.good(BUMP)
        one, two = project(protocol, 1), project(protocol, 2)
        self.assertEqual((range(1, 2), range(2, 3)), (one.window, two.window))
        names = [[f.name for f in p.declarations()["Question"].fields] for p in (one, two)]
        self.assertEqual([["id", "words", "old", "bytes"], ["id", "text", "weight", "bytes"]], names)
        rules = [[r.text for r in p.declarations()["Question"].rules] for p in (one, two)]
        self.assertEqual([["bytes(words) <= 10"], ["bytes(text) <= 20 && weight > 0"]], rules)
        self.assertEqual([False, True], ["Statement" in p.declarations() for p in (one, two)])
        self.assertEqual([False, True], ["MSG_TELL" in [m.name for m in p.messages] for p in (one, two)])

    def test_it_is_a_schema_of_that_version_alone(self) -> None:
        protocol = self.good(BUMP)
        for version in protocol.window:
            for name, text in schema_files(project(protocol, version)).items():
                self.write(name, text)
            again, found = load(self.folder / "small.yaml")
            self.assertEqual([], [str(d) for d in found])
            self.assertEqual(ir.dump(project(protocol, version)), ir.dump(again))
            self.assertEqual({Versions(version)}, {f.versions for f in again.declarations()["Question"].fields})

    def test_a_sum_whose_payloads_came_later_is_an_enumeration(self) -> None:
        protocol = self.good("""\
types:
  Cell:
    doc: A cell.
    layout: cell
    units: {doc: None., names: [Nil]}
    variants: {Int: {doc: A number., type: u64, added: 2}}
  Row: {doc: A row., fields: {cells: {type: list<Cell>, doc: Cells.}}}
  Sum:
    doc: A sum.
    default: Two
    units: {doc: Some., names: [One, Two]}
    variants: {Three: {doc: A number., type: u64, added: 2}}
  Rows: {doc: Rows., fields: {rows: {type: list<Row>, layout: flat, doc: In a block.}, sum: {type: Sum, doc: A sum.}}}
""")
        one = project(protocol, 1)
        for name, text in schema_files(one).items():
            self.write(name, text)
        self.assertEqual(ir.dump(one), ir.dump(load(self.folder / "small.yaml")[0]))
        types = one.declarations()
        self.assertEqual(["Two", "One"], [v.name for v in types["Sum"].variants])
        self.assertEqual((False, False), (types["Cell"].cell, types["Rows"].fields[0].flat))
        types = project(protocol, 2).declarations()
        self.assertEqual((True, True), (types["Cell"].cell, types["Rows"].fields[0].flat))

    def test_a_family_of_a_later_version_is_left_out(self) -> None:
        protocol = self.good("types:\n  A: {doc: Old., newtype: u8}\n",
                             later="doc: New ones.\ntypes:\n  B: {doc: New., added: 2, newtype: u8}\n")
        for version, names in ((1, ["small.yaml"]), (2, ["later.yaml", "small.yaml"])):
            files = schema_files(project(protocol, version))
            self.assertEqual(names, list(files))
            for name, text in files.items():
                self.write(name, text)
            self.assertEqual([], load(self.folder / "small.yaml")[1])

    def test_what_is_frozen_says_the_same_of_its_version(self) -> None:
        """And keeps what its nodes read into fields that are not in a message."""
        protocol = self.good(BUMP)
        for version in protocol.window:
            self.assertEqual(project(protocol, version), project(frozen(protocol, version), version))
        one, two = (frozen(protocol, version).declarations()["Question"].fields for version in (1, 2))
        self.assertEqual(["id", "words", "old", "bytes"], [f.name for f in one])
        self.assertEqual([("id", None), ("text", None), ("weight", Missing(3)), ("old", Missing(0)), ("bytes", None)],
                         [(f.name, f.absent) for f in two])
        self.assertEqual([False, False, False, True, False], [f.versions.never for f in two])

    def test_one_version_is_the_whole(self) -> None:
        protocol, _ = load(OWN)
        self.assertEqual(ir.digest(protocol), ir.digest(project(protocol, 1)))
