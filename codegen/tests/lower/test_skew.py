# SPDX-License-Identifier: Apache-2.0
from ftgen.lower.skew import Outcome, Subject, extension_keys, outcome, pairs, subjects
from ftgen.lower.values import Least
from ftgen.model import Protocol, Ref
from ftgen.oracle import Codec, Refused
from tests.support import TRANSPORT, SchemaTest

KEPT, DEFAULTED, REFUSED, LOST = "kept", "defaulted", "refused", "lost"


class Skew(SchemaTest):
    """The schemas have versions 1 to 4; `between` looks at two of them."""

    def table(self, body: str) -> dict[tuple[int, int], dict[str, str]]:
        return {(p.sender, p.receiver): {c.subject.path: c.outcome.value for c in p.changes}
                for p in pairs(self.good(body))}

    def both_ways(self, fields: str) -> tuple[dict[str, str], dict[str, str]]:
        """From 1 to 2, and back."""
        table = self.table("types:\n  A:\n    doc: Changes.\n    fields:\n      a: {type: u8, doc: Stays.}\n" + fields)
        return table[1, 2], table[2, 1]

    def test_every_pair_is_there_and_one_version_loses_nothing(self) -> None:
        table = self.table("types:\n  A: {doc: Same., fields: {a: {type: u8, doc: Stays.}}}\n")
        self.assertEqual({(s, r): {} for s in range(1, 5) for r in range(1, 5)}, table)

    def test_a_new_field(self) -> None:
        for more in ("absent: 1", "missing: 1"):
            self.assertEqual(({"A.b": DEFAULTED}, {"A.b": REFUSED}),
                             self.both_ways(f"      b: {{type: u8, added: 2, {more}, doc: New.}}\n"))

    def test_a_new_field_that_older_peers_may_do_without(self) -> None:
        self.assertEqual(({"A.b": DEFAULTED}, {"A.b": LOST}),
                         self.both_ways("      b: {type: optional<u8>, added: 2, lossy: A hint., doc: New.}\n"))

    def test_a_removed_field_travels_in_the_versions_that_have_it(self) -> None:
        """A build of version 2 still has the member, and its encoder refuses it for peers of version 2."""
        body = "types:\n  A:\n    doc: Changes.\n    fields:\n      a: {type: u8, doc: Stays.}\n"
        for more, fate in (("", REFUSED), (", lossy: A hint.", LOST)):
            table = self.table(body + f"      b: {{type: u8, removed: 2, missing: 3, doc: Old.{more}}}\n")
            self.assertEqual([{}, {}, {}], [table[pair] for pair in ((1, 1), (1, 2), (2, 1))])
            self.assertEqual([{"A.b": fate}] * 3, [table[pair] for pair in ((2, 2), (2, 3), (4, 3))])

    def test_a_removed_variant_and_what_is_in_it(self) -> None:
        table = self.table("types:\n  S:\n    doc: A sum.\n    units: {doc: Some., names: [One]}\n    variants:\n"
                           "      Two: {doc: Goes., removed: 2, fields: {a: {type: u8, doc: Its own.}}}\n")
        self.assertEqual([{}, {}, {}, {"S.Two": REFUSED}], [table[pair] for pair in ((1, 1), (1, 2), (2, 1), (2, 2))])

    def test_a_message_whose_payload_gets_another_byte(self) -> None:
        ask = "  MSG_ASK: {byte: 0x01, from: client, accepts: [Ask], emits: [Ask], doc: A question.%s}\n"
        body = TRANSPORT.replace(ask % "", ask % ", removed: 2" + ask.replace("MSG_ASK", "MSG_ASKED").replace("0x01", "0x02")
                                 % ", added: 2")
        self.assertEqual({(s, r): {} for s in range(1, 5) for r in range(1, 5)}, self.table(body))

    def test_a_renamed_field_is_kept(self) -> None:
        self.assertEqual(({}, {}), self.both_ways("      b: {type: u8, renamed: {from: c, in: 2}, doc: Called c.}\n"))

    def test_a_derived_field_is_computed_anew(self) -> None:
        list_ = "      b: {type: list<u8>, doc: Some., max_items: 9}\n"
        count = "      n: {type: u8, added: 2, derived: len(b), doc: So many.}\n"
        self.assertEqual(({}, {}), self.both_ways(list_ + count))

    def test_the_default_is_told(self) -> None:
        protocol = self.good("types:\n  K: {doc: Two., wire_case: snake, units: {doc: They., names: [OneOf, B]}}\n"
                             "  A:\n    doc: Changes.\n    fields:\n      a: {type: u8, doc: Stays.}\n"
                             "      b: {type: K, added: 2, absent: OneOf, doc: New.}\n")
        change, = next(p for p in pairs(protocol) if (p.sender, p.receiver) == (1, 2)).changes
        self.assertEqual("one_of", change.subject.default)

    def test_a_new_message_with_its_variant(self) -> None:
        body = TRANSPORT.replace("Answer: {doc: Answers., type: Outcome}", "Answer: {doc: Answers., type: Outcome}, "
                                 "News: {added: 2, doc: New., fields: {a: {type: u8, doc: Its own.}}}")
        message = "{added: 2, byte: 0x90, from: server, accepts: [News], emits: [News], doc: New.}"
        body = body.replace("types:\n", f"  MSG_NEWS: {message}\ntypes:\n")
        table = self.table(body)
        self.assertEqual({}, table[1, 2])       # never sent
        self.assertEqual({"Payload.News": REFUSED, "MSG_NEWS": REFUSED}, table[2, 1])   # and nothing of what is in it
        self.assertEqual({}, table[2, 3])

    def test_counts_are_those_of_the_changes(self) -> None:
        protocol = self.good("types:\n  A:\n    doc: Changes.\n    fields:\n      a: {type: u8, doc: Stays.}\n"
                             "      b: {type: optional<u8>, added: 3, doc: New.}\n")
        counts = {(p.sender, p.receiver): p.counts for p in pairs(protocol)}
        self.assertEqual({Outcome.KEPT: 1}, counts[1, 2])
        self.assertEqual({Outcome.KEPT: 1, Outcome.DEFAULTED: 1}, counts[2, 3])
        self.assertEqual({Outcome.KEPT: 1, Outcome.REFUSED: 1}, counts[4, 1])
        self.assertEqual({Outcome.KEPT: 2}, counts[3, 4])

    def test_extension_keys_are_those_that_are_written_when_set(self) -> None:
        protocol = self.good("types:\n  A:\n    doc: Grows.\n    fields:\n      a: {type: u8, doc: Stays.}\n"
                             "      b: {type: optional<u8>, emit: when_set, doc: One.}\n"
                             "      c: {type: optional<u8>, emit: when_set, lossy: A hint., doc: Two.}\n"
                             "      d: {type: optional<u8>, emit: when_set, added: 2, doc: Came with version 2.}\n")
        self.assertEqual(["A.b", "A.c"], [s.path for s in extension_keys(protocol)])

    def test_the_codec_does_what_the_table_says(self) -> None:
        protocol = self.good("""\
types:
  A:
    doc: Changes.
    fields:
      a: {type: u8, doc: Stays.}
      b: {type: u8, added: 2, absent: 3, doc: Must be there.}
      c: {type: optional<u8>, added: 2, removed: 4, doc: Comes and goes.}
      d: {type: u8, added: 3, missing: 1, lossy: A hint., doc: May be lost.}
      e: {type: u8, removed: 3, absent: 4, doc: Goes.}
      f: {type: optional<u8>, added: 4, emit: when_set, doc: Extends.}
      g: {type: u8, renamed: {from: h, in: 3}, doc: Has another name.}
""")
        seen = set()
        for subject in subjects(protocol):
            for sender in protocol.window:
                for receiver in protocol.window:
                    expected = outcome(subject, sender, receiver)
                    seen.add(expected)
                    with self.subTest(subject.path, sender=sender, receiver=receiver):
                        self.assertEqual(expected, self.travel(protocol, subject, sender, receiver))
        self.assertEqual({*Outcome, None}, seen)

    def travel(self, protocol: Protocol, subject: Subject, sender: int, receiver: int) -> Outcome | None:
        """What becomes of the field when the sender, a build that has all versions up to its own, sets it to 9."""
        codec = Codec(protocol, min(sender, receiver))
        name, versions = subject.thing.name, subject.thing.versions
        value = Least(codec).of(Ref("A")) | {name: 9 if versions.added <= sender else subject.default}
        text = codec.encode("A", value)
        if isinstance(text, Refused):
            return Outcome.REFUSED
        read = codec.decode("A", text)[name]
        if versions.added <= sender:
            return Outcome.KEPT if read == 9 else Outcome.LOST
        self.assertEqual(subject.default, read)
        return Outcome.DEFAULTED if versions.added <= receiver else None
