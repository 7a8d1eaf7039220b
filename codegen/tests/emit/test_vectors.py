# SPDX-License-Identifier: Apache-2.0
"""The boundary vectors: what stands in them, and that each is what it is called."""
import json
import unittest
from collections import Counter

from ftgen.emit import vectors
from ftgen.load import load
from ftgen.lower.vectors import frame_of, vectors_of
from ftgen.oracle import Codec, Refused
from ftgen.project import project
from tests.golden import FOLDER, REAL
from tests.support import TRANSPORT, SchemaTest

EXPECTED = {                        # the last part of a name -> the verdicts that it may have
    "least": {"ok"}, "any_order": {"ok"}, "all_absent": {"ok"}, "set": {"ok", "rule_violated"},
    "duplicate_key": {"duplicate_key"},
    "array": {"wrong_type"}, "absent": {"missing_key"}, "max": {"ok", "rule_violated"}, "max_items": {"ok"},
    "max_bytes": {"ok"},
    "above_max_items": {"too_many_items"}, "above_max_bytes": {"too_long"}, "below": {"out_of_range"},
    "above": {"out_of_range"},
    "shorter": {"wrong_length"}, "longer": {"wrong_length"}, "unknown_variant": {"unknown_variant"},
    "no_variant": {"wrong_type"},
    "unit_in_object": {"ok"}, "unit_with_payload": {"wrong_type"}, "payload_lacking": {"wrong_type"},
    "two_variants": {"wrong_type"},
    "null": {"wrong_type", "ok"}}   # null is a good value of opaque JSON


def read(text: str) -> tuple[dict, dict[str, dict], list[dict]]:
    """The head, the places by type, the vectors."""
    head, *rest = map(json.loads, text.splitlines())
    places = {line["type"]: line for line in rest if "before" in line}
    return head, places, rest[len(places):]


class RealVectors(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.protocol, _ = load(REAL)
        cls.files = vectors.emit(cls.protocol)
        cls.head, cls.places, cls.vectors = read(cls.files["vectors/v1.jsonl"])

    def test_one_file_a_version_of_bounded_size(self) -> None:
        self.assertEqual([f"vectors/v{v}.jsonl" for v in self.protocol.window], list(self.files))
        for text in self.files.values():
            self.assertLess(len(text.encode()), 2**20)

    def test_the_head_counts(self) -> None:
        self.assertEqual(self.head["vectors"], len(self.vectors))
        self.assertEqual(self.head["vectors"], sum(self.head["verdicts"].values()))
        self.assertGreater(len(self.vectors), 3000)
        self.assertEqual(len(self.vectors), len({v["name"] for v in self.vectors}))

    def test_each_verdict_is_that_of_its_name(self) -> None:
        for vector in self.vectors:
            expected = EXPECTED.get(vector["name"].split("/")[-1])
            if expected is not None:
                self.assertIn(vector["verdict"], expected, vector)

    def test_every_rule_is_broken_alone_or_listed(self) -> None:
        broken = {v["name"] for v in self.vectors if "/rule/" in v["name"]}
        listed = {name for name in self.head["left_out"] if "/rule/" in name}
        rules = {f"{d.name}/rule/{r.id}" for d in self.protocol.declarations().values()
                 for r in getattr(d, "rules", ())}
        self.assertEqual(rules, broken | listed)
        self.assertGreater(len(broken), 10)
        # These two cannot hold alone: what is allowed of the result would have to be 0 as well.
        self.assertEqual({"FragmentRequest/rule/memory_given", "FragmentRequest/rule/temp_given",
                          "FragmentSnapshot/rule/bounded"},
                         listed)

    def test_every_field_and_variant_is_in_a_vector(self) -> None:
        text = "\n".join(v["json"] for v in self.vectors)
        for declaration in self.protocol.declarations().values():
            for variant in getattr(declaration, "variants", ()):
                self.assertIn(f'"{variant.wire_name}"', text)
                for field in variant.fields or ():
                    self.assertIn(f'"{field.name}":', text)


class SmallVectors(SchemaTest):
    def test_a_protocol_of_types_alone_has_none(self) -> None:
        self.assertEqual({}, vectors.emit(self.good("types: {Id: {doc: A number., newtype: u64}}")))

    def test_messages_and_their_leaves(self) -> None:
        _, places, found = read(vectors.emit(self.good(TRANSPORT))["vectors/v1.jsonl"])
        verdicts = {v["name"]: v["verdict"] for v in found if v["name"].startswith("MSG_")}
        self.assertEqual({"ok": 4, "message_type_mismatch": 5}, Counter(verdicts.values()))
        self.assertEqual("ok", verdicts["MSG_FAILED/Answer.Failed"])
        self.assertEqual("$.payload.Answer", places["Outcome"]["path"])

    def test_versions_of_a_message(self) -> None:
        protocol, _ = load(FOLDER / "messages" / "schema.yaml")
        files = vectors.emit(protocol)
        self.assertEqual(3, len(files))
        first, last = (read(files[f"vectors/v{v}.jsonl"])[2] for v in (1, 3))
        by_name = {v["name"]: v for v in first}
        self.assertEqual("unknown_variant", by_name["Content.News/not_in_version"]["verdict"])
        self.assertEqual("ok", by_name["Content.Ask/depth/not_in_version"]["verdict"])
        self.assertNotIn("depth", by_name["Content.Ask/depth/not_in_version"]["canonical"])
        self.assertIn("Content.Ask/depth/above", {v["name"] for v in last})

    def test_a_version_of_many_reads_as_that_version_alone(self) -> None:
        protocol, _ = load(FOLDER / "messages" / "schema.yaml")
        for version in protocol.window:
            among, alone = Codec(protocol, version), Codec(project(protocol, version), version)
            places, found = vectors_of(protocol, version)
            self.assertGreater(len(found), 50)
            for vector in found:
                frame = frame_of(places[vector["type"]], vector["json"], vector.get("byte"))
                one, other = among.decode_frame(frame), alone.decode_frame(frame)
                if isinstance(other, Refused) and other.code == "unknown_message_type":
                    self.assertIsInstance(one, Refused)     # alone, the version does not know the byte
                elif isinstance(one, Refused):
                    self.assertEqual(one, other, vector["name"])
                else:
                    self.assertEqual(among.encode_frame(one.envelope), alone.encode_frame(other.envelope))

    def test_what_has_no_vector_in_its_place_is_left_out(self) -> None:
        body = TRANSPORT.replace("Ask: {doc: Asks., type: string}", "Ask: {doc: Asks., type: Question}").replace(
            "Done: {doc: It went well., type: u64}", "Done: {doc: It went well., type: u64}, Again: {doc: Itself., type: Outcome}")
        _, _, found = read(vectors.emit(self.good(body + """\
  Question:
    doc: A key that reads as what it may hold, and a rule that its place would break.
    fields:
      kind: {type: string, doc: Of it.}
      unit: {type: Unit, missing: One, emit: when_set, doc: Not written while it is One.}
      list: {type: list<Item>, doc: Empty.}
    rules: [{id: empty, expr: len(list) == 0, message: no items}]
  Unit: {doc: An enumeration., units: {doc: Units., names: [One, Two]}}
  Item: {doc: An item., fields: {a: {type: u8, doc: A number.}}}
"""))["vectors/v1.jsonl"])
        names = {v["name"] for v in found}
        self.assertIn("Unit.Two", names)
        self.assertNotIn("Unit.One", names)
        self.assertIn("MSG_ANSWER/Answer.Again", names)
        self.assertEqual({"Item/a/absent", "Item/a/null"}, {"Item/a/absent", "Item/a/null"} & names)
        self.assertNotIn("Item/least", names)

    def test_a_vector_is_a_whole_frame(self) -> None:
        protocol = self.good(TRANSPORT)
        codec = Codec(protocol, 1)
        _, places, found = read(vectors.emit(protocol)["vectors/v1.jsonl"])
        for vector in found:
            place = places[vector["type"]]
            payload = (place["before"] + vector["json"] + place["after"]).encode()
            byte = vector.get("byte", place["byte"])
            decoded = codec.decode_frame(bytes([byte]) + len(payload).to_bytes(4, "little") + payload)
            self.assertEqual(vector["verdict"], decoded.code if isinstance(decoded, Refused) else "ok")


if __name__ == "__main__":
    unittest.main()
