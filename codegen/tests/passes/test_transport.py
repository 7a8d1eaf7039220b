# SPDX-License-Identifier: Apache-2.0
from tests.support import TRANSPORT, SchemaTest


class Transport(SchemaTest):
    def test_every_leaf_needs_one_emitter(self) -> None:
        self.good(TRANSPORT.replace("emits: [Answer]", "emits: [Answer.Done, Answer.Failed]"))
        split = TRANSPORT.replace("emits: [Answer]", "emits: [Answer.Done]")
        self.good(split.replace("emits: []", "emits: [Answer.Failed]"))
        for emits, message in (("emits: []", "'Answer.Done' is emitted 0 times, by none"),
                               ("emits: [Answer, Answer.Done]", "'Answer.Done' is emitted 2 times, by MSG_ANSWER")):
            _, found = self.load(TRANSPORT.replace("emits: [Answer]", emits))
            self.assertIn(("FT422", message), [(d.code, d.message) for d in found])

    def test_an_enumeration_inside_is_one_leaf(self) -> None:
        body = TRANSPORT.replace("type: Outcome}", "type: Code}").replace("[Answer.Failed]", "[Answer]")
        code = "  Code: {doc: How it went., units: {doc: Codes., names: [Fine, Failed]}}\n"
        self.good(body.split("  Outcome:")[0] + code)
