# SPDX-License-Identifier: Apache-2.0
from ftgen.load import load
from ftgen.lower.examples import examples
from ftgen.oracle import Codec
from tests.golden import FOLDER, REAL
from tests.support import TRANSPORT, SchemaTest


class Examples(SchemaTest):
    def test_each_is_a_frame_that_a_peer_takes(self) -> None:
        for schema in (REAL, FOLDER / "messages" / "schema.yaml"):
            protocol, _ = load(schema)
            codec = Codec(protocol, protocol.current_version)
            found = examples(protocol)
            self.assertEqual({m.name for m in protocol.messages}, {e.message.name for e in found})
            for example in found:
                with self.subTest(schema.parent.name, message=example.message.name, path=example.path):
                    frame = codec.decode_frame(example.frame)
                    self.assertEqual((example.message, len(example.frame)), (frame.message, frame.consumed))
                    self.assertIsNone(codec.validate_frame(frame.envelope))
                    self.assertEqual(example.payload, codec.encode(protocol.envelope.type, frame.envelope))

    def test_version_and_credential(self) -> None:
        protocol = self.good(TRANSPORT.replace("gate: [version], ", "gate: [version, key], version: version, ").replace(
            "{version: {type: u8, doc: Of the sender.}, ",
            "{version: {type: u8, doc: Its.}, key: {type: secret<string>, doc: Who.}, "))
        payloads = [e.payload.decode() for e in examples(protocol)]
        self.assertEqual('{"version":4,"key":"secret","payload":{"Ask":""}}', payloads[0])
        self.assertEqual('{"version":4,"key":"","payload":{"Answer":{"Failed":""}}}', payloads[1])

    def test_a_set_of_types_has_none(self) -> None:
        self.assertEqual((), examples(self.good("types: {A: {doc: A number., newtype: u8}}\n")))
