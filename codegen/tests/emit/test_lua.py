# SPDX-License-Identifier: Apache-2.0
"""What the Wireshark dissector is told of a protocol, and a protocol of another kind: no version, no token, no ids."""
from __future__ import annotations

import re
import unittest

from ftgen.emit import lua as emitter
from ftgen.load import load
from ftgen.lower import lua
from tests.golden import REAL, REPOSITORY, SCHEMAS
from tests.pcap import Capture
from tests.support import TRANSPORT, SchemaTest
from tests.wireshark import WiresharkTest

STORE = """\
frame: {doc: The header., max_payload: 1000}
phases: {only: {doc: There is one., max_payload: 1000}}
envelope: {type: Note, gate: [], payload: body}
messages:
  GET:   {byte: 0x41, from: client, accepts: [Get], emits: [Get], doc: Asks.}
  VALUE: {byte: 0x42, from: server, accepts: [Value], emits: [Value], doc: Answers.}
types:
  Note:
    doc: What every frame holds.
    fields: {body: {type: Body, doc: The message.}}
  Body:
    doc: One of the messages.
    wire_case: snake
    default: Get
    variants:
      Get:
        doc: Asks.
        fields:
          key:   {type: string, aliases: [name], doc: "Which; \\"quoted\\" and \\\\."}
          depth: {type: u8, missing: 0, doc: How far.}
          item:  {type: optional<string>, doc: As the dissector calls an element.}
          pin:   {type: optional<secret<string>>, doc: Who asks.}
      Value: {doc: Answers., type: "tuple<optional<string>, list<json>>"}
"""

VERSIONED = TRANSPORT.replace("payload: payload}", "payload: payload, version: version}").replace(
    "{byte: 0x82,", "{byte: 0x82, added: 3,").replace("type: string}, Answer", "type: Question}, Answer") + """\
  Question:
    doc: What is asked.
    fields:
      text:  {type: optional<string>, doc: In every version.}
      late:  {type: u8, added: 3, absent: 0, lossy: Nobody misses it., doc: A late one.}
      early: {type: u8, removed: 4, absent: 0, lossy: Nobody misses it., doc: An early one.}
"""


def view(protocol) -> lua.View:
    found = lua.view(protocol)
    assert found is not None
    return found


class Text(SchemaTest):
    def test_only_protocols_with_a_transport_have_one(self) -> None:
        for folder in SCHEMAS:
            protocol, _ = load(folder / "schema.yaml")
            with self.subTest(folder.name):
                wanted = set() if protocol.envelope is None else {f"wireshark/{protocol.name}.lua"}
                self.assertEqual(wanted, set(emitter.emit(protocol)))

    def test_filters(self) -> None:
        protocol, _ = load(REAL)
        filters = {f.name: f for f in view(protocol).filters}
        self.assertEqual(("uint64", "string", "string", "none"),
                         tuple(filters[n].kind for n in ("request_id", "payload", "cancel_key", "snapshot")))
        self.assertIn("fragment_snapshot.xmin", filters)
        self.assertNotIn("xmin", filters)
        self.assertEqual(len(filters), len(view(protocol).filters))

    def test_ids_are_those_of_both_sides(self) -> None:
        protocol, _ = load(REAL)
        owners = {t.name for t in view(protocol).types for f in t.fields if f.is_id}
        self.assertEqual({"FragmentRequest", "CancelRequest", "FragmentResponse.Success", "FragmentResponse.Error",
                          "FragmentResponse.CancelAck"}, owners)
        self.assertEqual([], [f for t in view(self.good(STORE)).types for f in t.fields if f.is_id])

    def test_own_names_are_not_given_away(self) -> None:
        names = {f.name for f in view(self.good(STORE)).filters}
        self.assertEqual({"body", "key", "depth", "body.get.item", "pin"}, names)

    def test_runtime_knows_no_protocol(self) -> None:
        real, _ = load(REAL)
        words = {f.label for f in view(real).filters} | {t.name for t in view(real).types if t.kind == "struct"}
        start = "-- JSON, strictly"
        first, second = (emitter.emit(p) for p in (real, self.good(STORE)))
        texts = [text[text.index(start):] for text in (*first.values(), *second.values())]
        self.assertEqual(texts[0], texts[1])
        used = words & set(re.findall(r"\w+", re.sub(r"--.*", "", texts[0])))
        self.assertLessEqual({w for w in used if "_" in w}, set())

    def test_templates_hold_plain_lua(self) -> None:
        for part in emitter.PARTS:
            text = (emitter._TEMPLATES / part).read_text("utf-8")
            with self.subTest(part):
                self.assertTrue(text.startswith("-- SPDX-License-Identifier: Apache-2.0\n"))
                self.assertLess(text.count("\n"), 300)


class OtherProtocols(SchemaTest, WiresharkTest):
    def frame(self, byte: int, payload: str) -> bytes:
        return bytes([byte]) + len(payload.encode()).to_bytes(4, "little") + payload.encode()

    def test_a_store_without_ids(self) -> None:
        capture = Capture()
        connection = capture.connect()
        get = ('{"key":"a\\u0000b","depth":3,"pin":"0815"}', '{"name":"x","item":"\\u00e9","pin":null}')
        first, second = (connection.send("client", self.frame(0x41, f'{{"body":{{"get":{g}}}}}'))[0] for g in get)
        connection.send("server", self.frame(0x42, '{"body":{"value":["one",[1,{"b":[]}]]}}'))
        connection.send("server", self.frame(0x42, '{"body":{"value":[null,[]]}}'))
        connection.send("server", self.frame(0x42, '{"body":{"get":{"key":""}}}'))
        seen = self.shark(self.good(STORE)).frames(capture)
        self.assertEqual([(), (), (), (), ("wrong_message", "unasked")], [f.complaints for f in seen])
        self.assertEqual([[], [], [f"{first}"], [f"{second}"], []], [f.get("request_in") for f in seen])
        trees = [[i.label for top in f.items[2:] if not top.name.endswith(("_in", "_time")) for i in top.all()]
                 for f in seen]
        self.assertEqual(['body: get', 'key: "a\\u0000b"', 'depth: 3', 'pin: "***"'], trees[0])
        self.assertEqual(['body: get', 'name: "x"', 'item: "\\u00e9"', 'pin: null'], trees[1])
        self.assertEqual(['body: value', 'value [2]', '[0]: "one"', '[1] [2]', '[0]: 1', '[1]: {"b":[]}'], trees[2])
        self.assertEqual(['body: value', 'value [2]', '[0]: null', '[1]: []'], trees[3])
        self.assertEqual((["a\N{SYMBOL FOR NULL}b"], ["\N{LATIN SMALL LETTER E WITH ACUTE}"]),
                         (seen[0].get("key"), seen[1].get("body.get.item")))

    def test_what_nobody_asked_for_is_no_answer(self) -> None:
        protocol, _ = load(REPOSITORY / "examples" / "kv" / "kv.yaml")
        capture = Capture()
        connection = capture.connect()
        changed = self.frame(0x12, '{"version":2,"body":{"Changed":{"key":"a","value":"1"}}}')
        done = self.frame(0x11, '{"version":2,"body":{"Answer":"Done"}}')
        watch, = connection.send("client", self.frame(4, '{"version":2,"body":{"Watch":{"prefix":"a"}}}'))
        connection.send("server", changed + done + changed)
        get, = connection.send("client", self.frame(1, '{"version":2,"body":{"Get":{"key":"a"}}}'))
        connection.send("server", changed)
        connection.send("server", done)
        seen = self.shark(protocol).frames(capture)
        self.assertEqual([()] * 7, [f.complaints for f in seen])
        self.assertEqual([[], [], [f"{watch}"], [], [], [], [f"{get}"]], [f.get("request_in") for f in seen])

    def test_an_id_is_looked_for_where_something_is_asked_or_answered(self) -> None:
        ids = STORE
        for old, new in (
                ("          key: ", "          id: {type: u64, doc: Of it.}\n          key: "),
                ('type: "tuple<optional<string>, list<json>>"}',
                 "fields: {id: {type: u64, doc: Of it.}}}\n"
                 "      News: {doc: Tells., fields: {x: {type: u8, doc: It.}}}"),
                ("types:\n",
                 "  NEWS: {byte: 0x43, from: server, UNASKED accepts: [News], emits: [News], doc: Tells.}\ntypes:\n")):
            self.assertEqual(1, ids.count(old))
            ids = ids.replace(old, new)
        for unasked, owners in (("", set()), ("unasked: true,", {"Body.Get", "Body.Value"})):
            types = view(self.good(ids.replace("UNASKED", unasked))).types
            self.assertEqual(owners, {t.name for t in types for f in t.fields if f.is_id})

    def test_a_version_that_is_none_is_not_judged_by(self) -> None:
        capture = Capture()
        for version in ("1.5", '"1"', "-0.5", "[1]"):
            capture.connect().send("client", self.frame(1, f'{{"version":{version},"payload":{{"Ask":{{"late":1}}}}}}'))
        seen = self.shark(self.good(VERSIONED)).frames(capture, "-o", "small.ports:9100")
        self.assertEqual([("wrong_type",)] * 4, [f.complaints for f in seen])   # in the newest version nothing else

    def test_what_it_is_recognised_by(self) -> None:
        for protocol, wanted in ((load(REAL)[0], 'the keys "version" and "auth_token"'),
                                 (self.good(STORE), 'the key "body"')):
            self.assertEqual(wanted, view(protocol).opening)
            text, = emitter.emit(protocol).values()
            self.assertIn(f"-- {wanted} as far as it reaches.", text)
        late = self.good(VERSIONED.replace("payload: {type: Payload,", "payload: {type: Payload, added: 1,"))
        facts = view(late)
        self.assertEqual(("payload", 10, 1000), (facts.second_key, facts.first_payload, facts.max_payload))

    def test_each_version_has_its_own_eyes(self) -> None:
        capture = Capture()
        for version in (2, 3, 4):
            for fields in ('"late":1', '"early":1', '"early":1,"late":1'):
                payload = f'{{"version":{version},"payload":{{"Ask":{{{fields}}}}}}}'
                capture.connect().send("client", self.frame(1, payload))
            payload = f'{{"version":{version},"payload":{{"Answer":{{"Failed":""}}}}}}'
            capture.connect().send("server", self.frame(0x82, payload))
        seen = [f.complaints for f in self.shark(self.good(VERSIONED)).frames(capture)]
        missing, unknown = "missing_key", "unknown_key"
        self.assertEqual([(unknown, missing), (), (unknown,), ("unknown_byte", "unasked")], seen[:4])
        self.assertEqual([(missing,), (missing,), (), ("unasked",)], seen[4:8])
        self.assertEqual([(), (unknown, missing), (unknown,), ("unasked",)], seen[8:])


if __name__ == "__main__":
    unittest.main()
