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
        self.assertEqual([("FT422", "'Answer.Done' is emitted 0 times in version 2, by none",
                           "say `added: 3` here too, as MSG_DONE does")], [(d.code, d.message, d.hint) for d in found])

    def test_a_message_does_not_go_without_its_variant(self) -> None:
        tell = "  MSG_TELL: {byte: 0x02, from: client, accepts: [Tell], emits: [Tell], doc: A statement., removed: 2}\n"
        body = TRANSPORT.replace("  MSG_FAILED", tell + "  MSG_FAILED").replace(
            "Ask: {doc: Asks.", "Tell: {doc: Tells., type: string}, Ask: {doc: Asks.")
        _, found = self.load(body)
        self.assertEqual([("FT422", "'Tell' is emitted 0 times in version 2, by none",
                           "say `removed: 2` here too, as MSG_TELL does")], [(d.code, d.message, d.hint) for d in found])
        self.assertEqual("Tell: {doc: Tells.", (self.folder / "small.yaml").read_text().splitlines()[
            found[0].place.line - 1][found[0].place.column - 1:][:18])
