# SPDX-License-Identifier: Apache-2.0
from tests.support import TRANSPORT, SchemaTest


class Transport(SchemaTest):
    def test_every_leaf_needs_one_emitter(self) -> None:
        self.good(TRANSPORT.replace("emits: [Answer]", "emits: [Answer.Done, Answer.Failed]"))
        split = TRANSPORT.replace("emits: [Answer]", "emits: [Answer.Done]")
        self.good(split.replace("emits: []", "emits: [Answer.Failed]"))
        for emits, message in (("emits: []", "'Answer.Done' is emitted 0 times in version 1, by none"),
                               ("emits: [Answer, Answer.Done]", "'Answer.Done' is emitted 2 times in version 1, by MSG_ANSWER")):
            _, found = self.load(TRANSPORT.replace("emits: [Answer]", emits))
            self.assertIn(("FT422", message), [(d.code, d.message) for d in found])

    def test_an_enumeration_inside_is_one_leaf(self) -> None:
        body = TRANSPORT.replace("type: Outcome}", "type: Code}").replace("[Answer.Failed]", "[Answer]")
        code = "  Code: {doc: How it went., units: {doc: Codes., names: [Fine, Failed]}}\n"
        self.good(body.split("  Outcome:")[0] + code)

    def test_a_message_may_come_with_its_variant(self) -> None:
        newer = TRANSPORT.replace("Done: {", "Done: {added: 2, ").replace("emits: [Answer]", "emits: [Answer.Failed]")
        done = "  MSG_DONE: {byte: 0x83, from: server, accepts: [Answer.Done], emits: [Answer.Done], doc: New., added: %d}\n"
        self.good(newer.replace("types:", done % 2 + "types:"))
        _, found = self.load(newer.replace("types:", done % 3 + "types:"))
        self.assertEqual([("FT422", "'Answer.Done' is emitted 0 times in version 2, by none")],
                         [(d.code, d.message) for d in found])
