# SPDX-License-Identifier: Apache-2.0
from ftgen.lower.docs import reference
from tests.support import SchemaTest


class Reference(SchemaTest):
    def of(self, body: str):
        self.reference = reference(self.good("types:\n" + body))
        return self.reference.families[0].types

    def field(self, text: str):
        return self.of("  A:\n    doc: It.\n    fields:\n      a: {type: u8, doc: First.}\n"
                       f"      b: {{{text}}}\n"
                       "  K: {doc: Two., units: {doc: They., names: [Xx, Yy]}}\n")[0].fields[1]

    def test_absent_keys(self) -> None:
        for text, absent in (("type: u8", "required"), ("type: optional<u8>", "`null`"),
                             ("type: list<u8>, missing: []", "`[]`"),
                             ("type: K, missing: Yy", '`"Yy"`'), ("type: bool, missing: false", "`false`")):
            self.assertEqual(absent, self.field(f"{text}, doc: Second.").absent)

    def test_what_is_noted_of_a_field(self) -> None:
        for text, notes in (
                ("type: list<u8>, max_items: 3", "At most 3 items."),
                ("type: string, max_bytes: 3", "At most 3 bytes in UTF-8."),
                ("type: u8, aliases: [bee]", 'Also read as `"bee"`.'),
                ("type: optional<u8>, emit: when_set", "*Extension key*, written only when it is set."),
                ("type: u8, added: 2, absent: 7, deprecated: 3, removed: 4",
                 "Since version 2. Deprecated since version 3. Removed in version 4. "
                 "Reads as `7` in messages of versions without it."),
                ("type: optional<u8>, added: 2, lossy: A hint.",
                 "Since version 2. Peers that do not know it do without: A hint."),
                ("type: u8, renamed: {from: c, in: 3}", "Called `c` before version 3.")):
            self.assertEqual(f"Second. {notes}", self.field(f"{text}, doc: Second.").meaning)

    def test_sums(self) -> None:
        kind, tree = self.of("""\
  Kind:
    doc: Three.
    units: {doc: They., names: [Aa, Bb, {name: Cc, doc: Last., added: 2}]}
  Tree:
    doc: Leaves.
    default: Leaf
    variants:
      Leaf: {doc: An end., fields: {k: {type: Kind, doc: Its kind.}}}
      Node: {doc: A fork., type: list<Tree>}
""")
        self.assertEqual('One of: `"Aa"`, `"Bb"`, `"Cc"`. They.', kind.units)
        self.assertEqual([('`"Cc"`', "Last. Since version 2.")], [(v.name, v.meaning) for v in kind.noted])
        self.assertEqual([('`"Leaf"`', "object, below"), ('`"Node"`', "list of [Tree](#tree)")],
                         [(v.name, v.payload) for v in tree.variants])
        self.assertEqual(["`k`"], [f.key for f in tree.variants[0].fields])
        self.assertEqual(("[Tree](#tree)", "itself"), (kind.users, tree.users))
        self.assertEqual('`{"Leaf":{"k":"Aa"}}`', tree.example)

    def test_long_values_and_old_types_are_not_shown(self) -> None:
        long, old = self.of('  Long: {doc: Many., newtype: "array<u8, 200>"}\n'
                            "  Old: {doc: Gone., removed: 3, fields: {a: {type: u8, doc: It.}}}\n")
        self.assertEqual((None, None), (long.example, old.example))
        self.assertEqual("Gone. Removed in version 3.", old.doc)

    def test_keys_to_know(self) -> None:
        self.of("  Pin: {doc: Hidden., newtype: secret<u16>}\n"
                "  Auth: {doc: How., default: Word, variants: {Word: {doc: It., type: secret<string>}, "
                "Keys: {doc: They., fields: {all: {type: list<secret<u64>>, doc: Each of them.}, "
                "hint: {type: optional<string>, emit: when_set, doc: A hint.}}}}}\n")
        self.assertEqual(("[Pin](#pin)", '[Auth](#auth) `"Word"`', '[Auth](#auth) `"Keys"` `all`'),
                         self.reference.secrets)
        self.assertEqual(('[Auth](#auth) `"Keys"` `hint`',), self.reference.extensions)

    def test_history(self) -> None:
        self.of("  A:\n    doc: Changes.\n    fields:\n      a: {type: u8, doc: First., renamed: {from: z, in: 2}}\n"
                "      b: {type: u8, added: 2, missing: 0, deprecated: 3, removed: 4, doc: Second.}\n"
                "  New: {doc: Young., added: 3, fields: {c: {type: u8, doc: With its type.}}}\n")
        self.assertEqual([(2, ("renamed: field `A.a`, which was `z`", "added: field `A.b`")),
                          (3, ("deprecated: field `A.b`",)), (4, ("removed: field `A.b`",))],
                         [(h.version, h.changes) for h in self.reference.history])

    def test_rules(self) -> None:
        rule, = self.of("  A:\n    doc: Ruled.\n    fields: {a: {type: u8, doc: It.}}\n"
                        "    rules: [{id: small, expr: a < 9 || a > 10, message: a *is* wrong, added: 2}]\n")[0].rules
        self.assertEqual(("`small`", r"`a < 9 \|\| a > 10`", r"a \*is\* wrong", "Since version 2."),
                         (rule.id, rule.text, rule.message, rule.note))
