# SPDX-License-Identifier: Apache-2.0
"""The oracle on small schemas: what mistakes are called, where they are, and what a version makes of a message."""
import unittest

from ftgen.oracle import Codec, Raw, Refused, Tagged
from tests.support import TRANSPORT, SchemaTest

THINGS = """\
types:
  Thing:
    doc: A thing.
    fields:
      id:    {type: u8, doc: Its number.}
      name:  {type: string, missing: "", aliases: [label], max_bytes: 4, doc: Its name.}
      parts: {type: list<i32>, missing: [], max_items: 2, doc: What it is made of.}
      size:  {type: u32, derived: len(parts), doc: How many of them.}
      shape: {type: Shape, doc: What it looks like.}
      notes: {type: json, doc: Anything.}
      extra: {type: optional<i128>, emit: when_set, lossy: It only adds., doc: More.}
    rules:
      - {id: named, expr: "!blank(name)", message: a name is needed}
  Shape:
    doc: A shape.
    units: {doc: No shape., names: [Flat]}
    variants:
      Round: {doc: A circle., type: f64}
      Box:   {doc: Corners., fields: {at: {type: "tuple<date, u8>", doc: When.}}}
"""
GOOD = b'{"id":1,"name":"a","parts":[1,-2],"size":2,"shape":"Flat","notes":{"x" :1}}'


class OneVersion(SchemaTest):
    def setUp(self) -> None:
        super().setUp()
        self.codec = Codec(self.good(THINGS), 1)

    def refused(self, text: bytes) -> tuple[str, str, int]:
        found = self.codec.decode("Thing", text)
        self.assertIsInstance(found, Refused)
        return found.code, found.path, found.offset

    def test_a_value_goes_to_and_fro(self) -> None:
        value = self.codec.decode("Thing", GOOD)
        self.assertEqual({"id": 1, "name": "a", "parts": [1, -2], "shape": Tagged("Flat"), "notes": Raw('{"x" :1}'),
                          "extra": None},
                         value)
        self.assertEqual(GOOD, self.codec.encode("Thing", value))

    def test_order_spelling_and_what_is_not_there(self) -> None:
        text = (b' { "\\u006eotes":null , "later":[{"a":1e999}], "shape":{"Flat":null}, '
                b'"size":9, "label":"b", "id" : 7 } ')
        value = self.codec.decode("Thing", text)
        self.assertEqual(b'{"id":7,"name":"b","parts":[],"size":0,"shape":"Flat","notes":null}',
                         self.codec.encode("Thing", value))

    def test_mistakes_have_a_code_and_a_place(self) -> None:
        for old, new, code, path in (
                (b'"id":1', b'"id":256', "out_of_range", "$.id"), (b'"id":1', b'"id":-0', "out_of_range", "$.id"),
                (b'"id":1', b'"id":1.0', "wrong_type", "$.id"), (b'"id":1', b'"id":01', "invalid_number", "$.id"),
                (b'"id":1', b'"id":"1"', "wrong_type", "$.id"), (b'"id":1,', b"", "missing_key", "$"),
                (b'"id":1', b'"id":1,"label":"a"', "duplicate_key", "$"), (b'"a"', b'"abcde"', "too_long", "$.name"),
                (b'"a"', b'"a\n"', "control_character", "$.name"), (b'"a"', b'"\xc3"', "invalid_utf8", "$.name"),
                (b'"a"', b'"\\ud800"', "invalid_escape", "$.name"), (b'"a"', b"null", "wrong_type", "$.name"),
                (b"-2", b"-2,3", "too_many_items", "$.parts"), (b"-2", b"{}", "wrong_type", "$.parts[1]"),
                (b'"Flat"', b'"Sharp"', "unknown_variant", "$.shape"), (b'"Flat"', b'"Round"', "wrong_type", "$.shape"),
                (b'"Flat"', b'{"Round":1e309}', "out_of_range", "$.shape.Round"),
                (b'"Flat"', b"{}", "wrong_type", "$.shape"),
                (b'"Flat"', b'{"Round":1,"Flat":null}', "wrong_type", "$.shape"),
                (b'"Flat"', b'{"Box":{"at":[[2023,366],1]}}', "out_of_range", "$.shape.Box.at[0]"),
                (b'"Flat"', b'{"Box":{"at":[[2024,366]]}}', "wrong_length", "$.shape.Box.at"),
                (b'{"x" :1}', b"1e309", "out_of_range", "$.notes"), (b'{"x" :1}', b"nul", "syntax", "$.notes"),
                (b'{"x" :1}', b"[" * 15 + b"]" * 15, None, None),
                (b'{"x" :1}', b"[" * 16 + b"]" * 16, "depth_exceeded", "$.notes")):
            with self.subTest(new):
                text = GOOD.replace(old, new)
                self.assertNotEqual(GOOD, text)
                if code is None:
                    self.assertNotIsInstance(self.codec.decode("Thing", text), Refused)
                else:
                    self.assertEqual((code, path), self.refused(text)[:2])

    def test_the_text_ends_where_the_value_ends(self) -> None:
        self.assertEqual(("trailing_bytes", "$", len(GOOD) + 1), self.refused(GOOD + b" ]"))
        for length in range(len(GOOD)):
            self.assertLessEqual(self.refused(GOOD[:length])[2], length)
        self.assertEqual(("unexpected_end", "$", len(GOOD) - 1), self.refused(GOOD[:-1]))

    def test_what_has_no_form_is_not_encoded(self) -> None:
        value = self.codec.decode("Thing", GOOD)
        for field, bad, code in (("shape", Tagged("Round", float("nan")), "not_finite"),
                                 ("name", "\ud800", "invalid_string")):
            self.assertEqual(code, self.codec.encode("Thing", value | {field: bad}).code)

    def test_rules(self) -> None:
        value = self.codec.decode("Thing", GOOD)
        self.assertIsNone(self.codec.validate("Thing", value))
        broken = self.codec.validate("Thing", value | {"name": " \u3000"})
        self.assertEqual(("rule_violated", "$", "a name is needed"), (broken.code, broken.path, broken.message))
        self.assertIsNone(self.codec.validate("Thing", value | {"name": "\u200b"}), "no white space in Unicode")


VERSIONS = """\
types:
  Note:
    doc: A note.
    fields:
      text:  {type: string, renamed: {from: body, in: 3}, doc: What it says.}
      kind:  {type: Kind, added: 2, absent: Plain, doc: What it is.}
      hint:  {type: optional<string>, added: 2, lossy: It only helps people., max_bytes: 99, doc: A hint.}
      count: {type: u8, removed: 3, absent: 1, doc: How often.}
  Kind:
    doc: A kind.
    units: {doc: Kinds., names: [Plain, {name: Bold, added: 3, doc: In bold.}]}
"""


class Versions(SchemaTest):
    def setUp(self) -> None:
        super().setUp()
        protocol = self.good(VERSIONS)
        self.codecs = {version: Codec(protocol, version) for version in protocol.window}

    def test_each_version_writes_and_reads_its_own_keys(self) -> None:
        value = {"text": "t", "kind": Tagged("Plain"), "hint": None, "count": 1}
        for version, text in ((1, b'{"body":"t","count":1}'), (2, b'{"body":"t","kind":"Plain","hint":null,"count":1}'),
                              (3, b'{"text":"t","kind":"Plain","hint":null}')):
            self.assertEqual(text, self.codecs[version].encode("Note", value))
            self.assertEqual(value, self.codecs[version].decode("Note", text))

    def test_a_renamed_key_is_read_under_the_name_of_the_version_alone(self) -> None:
        for version, here, there in ((1, b"body", b"text"), (2, b"body", b"text"), (3, b"text", b"body")):
            text = b'{"%b":"t","kind":"Plain","count":1}'
            self.assertEqual("t", self.codecs[version].decode("Note", text % here)["text"])
            self.assertEqual("missing_key", self.codecs[version].decode("Note", text % there).code)
            self.assertEqual(f"$.{here.decode()}", self.codecs[version].decode("Note", b'{"%b":1}' % here).path)

    def test_what_a_version_does_not_have_is_unknown_to_it(self) -> None:
        old, new = self.codecs[1], self.codecs[3]
        self.assertEqual(Tagged("Plain"), old.decode("Note", b'{"body":"","count":2,"kind":[7]}')["kind"])
        self.assertEqual("missing_key", new.decode("Note", b'{"text":""}').code)
        self.assertEqual("unknown_variant", self.codecs[2].decode("Note", b'{"body":"","count":1,"kind":"Bold"}').code)
        self.assertEqual(1, new.decode("Note", b'{"text":"","kind":"Bold","count":9}')["count"])

    def test_what_would_be_lost_is_refused_unless_that_is_agreed(self) -> None:
        value = {"text": "", "kind": Tagged("Plain"), "hint": "h", "count": 1}
        self.assertEqual(b'{"body":"","count":1}', self.codecs[1].encode("Note", value))
        for version, field, set_ in ((1, "kind", Tagged("Bold")), (2, "kind", Tagged("Bold")), (3, "count", 2)):
            refused = self.codecs[version].encode("Note", value | {field: set_})
            self.assertEqual(("not_in_version", f"$.{field}"), (refused.code, refused.path))


class Frames(SchemaTest):
    def setUp(self) -> None:
        super().setUp()
        self.codec = Codec(self.good(TRANSPORT), 1)

    def frame(self, byte: int, payload: bytes) -> bytes:
        return bytes([byte]) + len(payload).to_bytes(4, "little") + payload

    def test_the_message_must_carry_the_payload(self) -> None:
        failed = b'{"version":1,"payload":{"Answer":{"Failed":"x"}}}'
        for byte in (0x81, 0x82):
            decoded = self.codec.decode_frame(self.frame(byte, failed) + b"more")
            self.assertEqual(len(failed) + 5, decoded.consumed)
            self.assertEqual(self.frame(0x81, failed), self.codec.encode_frame(decoded.envelope))
        wrong = self.codec.decode_frame(self.frame(0x01, failed))
        self.assertEqual(("message_type_mismatch", "$.payload", 0), (wrong.code, wrong.path, wrong.offset))

    def test_the_header_comes_first(self) -> None:
        for frame, code in ((b"\x01\0\0\0", "incomplete_header"), (b"\x03\0\0\0\0", "unknown_message_type"),
                            (b"\x01\xe9\x03\0\0", "payload_too_large"), (b"\x01\x02\0\0\0{", "incomplete_payload")):
            self.assertEqual(code, self.codec.decode_frame(frame).code)

    def test_a_payload_before_its_gate_is_built_last(self) -> None:
        good = self.codec.decode_frame(self.frame(0x01, b'{"payload":{"Ask":"x"},"version":1}'))
        self.assertEqual(Tagged("Ask", "x"), good.envelope["payload"])
        # The unknown variant is not looked at before the version, which is wrong.
        late = self.codec.decode_frame(self.frame(0x01, b'{"payload":{"Nobody":"x"},"version":256}'))
        self.assertEqual(("out_of_range", "$.version"), (late.code, late.path))
        late = self.codec.decode_frame(self.frame(0x01, b'{"payload":{"Nobody":"x"},"version":1}'))
        self.assertEqual(("unknown_variant", "$.payload", 5 + 12), (late.code, late.path, late.offset))


if __name__ == "__main__":
    unittest.main()
