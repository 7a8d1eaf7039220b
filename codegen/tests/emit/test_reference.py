# SPDX-License-Identifier: Apache-2.0
"""The protocol reference says what the schema says, to somebody who reads nothing else; and its examples are right.

This also proves the reader (reference.py, forms.py) and the walk (reference_walk.py), which judge a capture in
test_lua_agreement.py.
"""
import json
import unittest

from ftgen.emit import docs
from ftgen.load import load
from ftgen.lower.values import default
from ftgen.model import (Declaration, Field, Missing, Newtype, Protocol, Ref, Scalar, Struct, Sum, Variant,
                         Versions)
from ftgen.oracle import Codec
from tests.emit.reference import FIRST, Message, read
from tests.emit.reference_walk import HEADER, Walk
from tests.emit.wire_json import read_json
from tests.golden import REAL, SCHEMAS

NO_VALUE = {
    "bool": ("0", '"true"', "null"),
    "u8": ("256", "-1", "1.0", "1e1", '"1"', "true", "null", "[1]"),
    "u64": ("18446744073709551616",),
    "i64": ("-9223372036854775809", "9223372036854775808"),
    "i128": (f"{2**127}", f"{-2**127 - 1}"),
    "f32": ("1e39", '"1"', "null"),
    "string": ("1", "null", "{}"),
    "date": ("[1970]", "[1970,0]", "[1970,366]", "[1900,366]", "[1972,367]", "[1000000,1]", "[1970,1,1]", "1970"),
    "time": ("[0,0,0]", '[0,0,0,"0"]', "[24,0,0,0]", "[0,60,0,0]", "[0,0,60,0]", "[0,0,0,1000000000]", "[-1,0,0,0]"),
    "utc_offset": ("[26,0,0]", "[0,60,0]", "[1,-1,0]", "[0,0]"),
    "primitive_date_time": ("[1970,1]", "[1970,0,0,0,0,0]", "[1970,366,0,0,0,0]", "[1970,1,24,0,0,0]"),
    "offset_date_time": ("[1970,1,0,0,0,0]", "[1970,1,0,0,0,0,1,0,-1]"),
    "month": ("0", "13", '"May"'),
}
VALUES = {
    "bool": ("true", "false"), "u8": ("0", "255"), "u64": ("18446744073709551615",), "i128": (f"{-2**127}",),
    "f32": ("1", "-1.5", "3.4028235e38"), "f64": ("1e39",), "string": ('""', '"1"'),
    "date": ("[-999999,365]", "[0,366]"),
    "time": ("[23,59,59,999999999]",), "utc_offset": ("[-25,-59,0]",),
    "offset_date_time": ("[1970,1,0,0,0,0,0,-59,-59]",), "month": ("12",),
}


class Reference(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.protocols = [load(path)[0] for path in (REAL, *(folder / "schema.yaml" for folder in SCHEMAS))]
        cls.texts = {p.name: text for p in cls.protocols for text in docs.emit(p).values()}
        cls.pages = {name: read(text) for name, text in cls.texts.items()}
        cls.real = cls.pages[REAL.stem]

    def test_it_says_what_the_schema_says(self) -> None:
        for protocol in self.protocols:
            page = self.pages[protocol.name]
            with self.subTest(protocol.name):
                self.assertEqual(_as_on_a_page(protocol), page.types)
                self.assertEqual([Message(m.name, m.byte, m.sender, m.emits, m.accepts, _versions(protocol, m.versions))
                                  for m in protocol.messages], list(page.messages.values()))
                if protocol.messages:
                    self.assertEqual((protocol.envelope.type, protocol.envelope.payload, protocol.frame.max_payload),
                                     (page.envelope, page.payload, page.max_payload))

    def test_its_smallest_values_are_of_their_types(self) -> None:
        for name, page in self.pages.items():
            self.assertTrue(page.smallest)
            for type_, text in page.smallest.items():
                with self.subTest(name, type=type_):
                    self.assertEqual([], Walk(page).value(Ref(type_), read_json(text)))

    def test_its_smallest_envelope_has_a_version_that_is_taken(self) -> None:
        for protocol in self.protocols:
            if protocol.envelope is not None and protocol.envelope.version is not None:
                page = self.pages[protocol.name]
                smallest = json.loads(page.smallest[page.envelope])
                self.assertEqual(protocol.current_version, smallest[protocol.envelope.version], protocol.name)

    def test_what_it_says_of_offsets_and_floats_is_so(self) -> None:
        """That is read, and not written, so no example shows it."""
        self.assertIn("all take that of the first which is not 0", self.texts[REAL.stem])
        codec = Codec(self.protocols[0], 1)
        for text, canonical in (("[1,-30,-5]", "[1,30,5]"), ("[0,-1,5]", "[0,-1,-5]")):
            value = codec.decode("Value", f'{{"TimeTz":[[0,0,0,0],{text}]}}'.encode())
            self.assertEqual(f'{{"TimeTz":[[0,0,0,0],{canonical}]}}'.encode(), codec.encode("Value", value))

    def test_its_example_frames_are_frames(self) -> None:
        for protocol in self.protocols:
            page = self.pages[protocol.name]
            with self.subTest(protocol.name):
                self.assertEqual({m.byte for m in page.messages.values() if page.version in m.versions},
                                 {e.frame[0] for e in page.examples})
                for example in page.examples:
                    self.assertEqual(example.message, page.messages[example.frame[0]].name)
                    self.assertEqual(example.size, len(example.frame) - HEADER)
                    self.assertEqual([], Walk(page).frame(example.frame))

    def test_it_tells_values_from_others(self) -> None:
        for name, texts in VALUES.items():
            for text in texts:
                self.assertEqual([], Walk(self.real).value(Scalar(name), read_json(text)), name)
        for name, texts in NO_VALUE.items():
            for text in texts:
                self.assertNotEqual([], Walk(self.real).value(Scalar(name), read_json(text)), f"{name}: {text}")

    def test_a_walk_finds_what_is_wrong(self) -> None:
        cancel = next(e.frame for e in self.real.examples if e.path == ("CancelFragment",))
        walk = Walk(self.real)
        for good, bad in ((b"\x02\x60", b"\x07\x60"), (b"\x02\x60", b"\x01\x60"), (b"\x02\x60", b"\x02\x61"),
                          (b'"request_id":0', b'"request_ie":0'), (b'"request_id":0,', b'"request_id":0,"x":1,'),
                          (b'"request_id":0', b'"request_id":null'), (b'"request_id":0', b'"request_id":-1'),
                          (b'"request_id":0,"cancel_key":0', b'"cancel_key":0,"request_id":0'),
                          (b',"cancel_key":0', b""), (b'"cancel_key":0', b'"cancel_key":"***"'),
                          (b'{"CancelFragment"', b'{"CancelFragmenu"'), (b'"version":1', b'"version":"1"')):
            self.assertIn(good, cancel)
            with self.subTest(bad):
                self.assertNotEqual([], walk.frame(cancel.replace(good, bad)))

    def test_a_walk_knows_whether_secrets_are_masked(self) -> None:
        text = '{"version":1,"auth_token":%s,"payload":{"CancelFragment":{"request_id":0,"cancel_key":%s}}}'
        shown, masked = read_json(text % ('"a"', "0")), read_json(text % ('"***"', '"***"'))
        walk = Walk(self.real)
        self.assertEqual(["auth_token: a secret is shown", "payload.CancelFragment.cancel_key: a secret is shown"],
                         walk.envelope(shown, masked=True))
        self.assertEqual([], walk.envelope(masked, masked=True))

    def test_other_words_are_not_passed_over(self) -> None:
        text = self.texts[REAL.stem]
        for good, bad in (("| `string` | string |", "| `string` | text |"),
                          ("| `month` | 1 to 12 |", "| `month` | a name |"),
                          ("| optional | the value, or `null` |", "| optional | the value, if any |"),
                          ("| list of `u64` | required |", "| set of `u64` | required |"),
                          ("| `u64` | required |", "| `u63` | required |"), ("\nObject. Used", "\nThing. Used"),
                          ("\nEnumeration. Used", "\nObject. Used"), ("\n```text\n01 ", "\n```hex\n01 "),
                          (" bytes of payload:", " bytes:"), ("one [TransportEnvelope]", "a [TransportEnvelope]")):
            self.assertTrue(good in text, good)
            with self.subTest(bad), self.assertRaises(ValueError):
                read(text.replace(good, bad, 1))


def _versions(protocol: Protocol, of: Versions) -> Versions:
    return Versions(of.added if of.added > protocol.min_version else FIRST, None, of.removed)


def _as_on_a_page(protocol: Protocol) -> dict[str, Declaration]:
    """The declarations without what a page does not say, or says in prose."""
    declared = protocol.declarations()

    def field(f: Field) -> Field:
        missing = f.missing and Missing(read_json(json.dumps(default(f.missing, f.type, declared))))
        return Field(f.name, f.type, "", _versions(protocol, f.versions), missing, when_set=f.when_set)

    def variant(v: Variant) -> Variant:
        fields = None if v.fields is None else tuple(map(field, v.fields))
        return Variant(v.wire_name, v.wire_name, "", _versions(protocol, v.versions), fields, v.type)

    def plain(d: Declaration) -> Declaration:
        match d:
            case Struct():
                return Struct(d.name, "", _versions(protocol, d.versions), tuple(map(field, d.fields)))
            case Newtype():
                return Newtype(d.name, "", _versions(protocol, d.versions), d.type)
            case Sum():
                units_first = sorted(d.variants, key=lambda v: not v.is_unit)
                return Sum(d.name, "", _versions(protocol, d.versions), tuple(map(variant, units_first)), "")

    return {name: plain(d) for name, d in declared.items()}


if __name__ == "__main__":
    unittest.main()
