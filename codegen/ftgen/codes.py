# SPDX-License-Identifier: Apache-2.0
"""Every code that a diagnostic may carry, with the paragraph that `ftgen explain CODE` prints.

FT1xx reading the source, FT2xx structure, FT3xx types, FT4xx versions, names, bounds and the transport, FT5xx rules,
FT6xx lint, FT7xx output. A code keeps its meaning for ever; one that is no longer used is not given to something else.
"""
from __future__ import annotations

import textwrap
from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    code: str
    title: str
    text: str

    @property
    def lint(self) -> bool:
        return self.code.startswith("FT6")


_ALL = (
    Code("FT101", "file cannot be read",
         "The schema, or a family that it includes, does not exist, is a folder, or may not be read. Includes are "
         "looked for beside the root file."),
    Code("FT102", "not clean UTF-8",
         "Schema files are UTF-8 without a byte order mark, without control characters, and their lines end with a"
         " line feed (a carriage return before it is accepted)."),
    Code("FT103", "tab",
         "YAML forbids tabs in indentation, and elsewhere nobody sees them. Indent with spaces."),
    Code("FT104", "empty file or several documents",
         "A schema file holds exactly one YAML document, a mapping."),
    Code("FT105", "not YAML",
         "The file is not well-formed YAML. Often a text with ': ' or '#' in it lacks quotation marks."),
    Code("FT106", "duplicate key",
         "The same key stands twice in one mapping. YAML readers silently keep one of the two, so one field or "
         "type would vanish."),
    Code("FT107", "anchor, alias, tag, directive or merge key",
         "These make a text mean something that does not stand where it is read. Fields that recur belong into a "
         "group, which has a name and a doc."),
    Code("FT108", "file too large or nested too deep",
         "A bound on what the generator reads: 1 MiB a file, 32 levels. No sensible schema comes near."),
    Code("FT201", "unknown key",
         "The key means nothing here. A misspelt key would otherwise be ignored, and the schema would say less "
         "than its author thinks."),
    Code("FT202", "missing key",
         "The key is required here. `doc` is required on everything that has a name: the generated headers are the"
         " reference."),
    Code("FT203", "wrong kind of value",
         "A mapping, a list, a text, a number or a truth value was expected and another of these was found. A "
         "number or `true` that is meant as text needs quotation marks."),
    Code("FT204", "value not allowed",
         "The kind of value is right, but the value is outside of what the language allows there."),
    Code("FT205", "kind of a type unclear",
         "Exactly one of `fields` (a struct), `variants` and `units` (a sum) or `newtype` says what a type is; "
         "exactly one of `fields` or `type` says what a variant holds."),
    Code("FT206", "incomplete transport",
         "`frame`, `phases`, `envelope` and `messages` describe one thing, the transport, and stand together or "
         "not at all. Without them a schema is a set of types with a codec."),
    Code("FT207", "family included twice",
         "A family is named after its file and can be included once; the protocol's own name is the family of the "
         "root file."),
    Code("FT301", "malformed type",
         "A type expression is a name, or a name with arguments in angle brackets: `u64`, `list<T>`, "
         "`optional<T>`, `array<T, N>`, `tuple<A, B>`, `secret<T>`."),
    Code("FT302", "unknown type",
         "The name is neither built in nor declared in any family. Names are case-sensitive."),
    Code("FT303", "type not possible",
         "The arguments do not fit: an `optional` of something that can be null already cannot say which null it "
         "is; a `secret` holds a string or an unsigned integer; an `array` has 1 to 65536 elements; a `tuple` has "
         "at least two; a newtype wraps built-in types and is never null. A list of bare bools is packed bit by bit "
         "in C++ and has no elements to speak of: make it a list of an enumeration or of a newtype of bool, which "
         "also says what they mean."),
    Code("FT304", "unknown group",
         "`+name:` among fields needs a group of that name. A group may use the groups before it only, in the "
         "order of `include`, the root file last."),
    Code("FT305", "declared twice",
         "Types share one name space over all families, and so do groups. Two names that differ in case or "
         "underscores only count as the same, since they would be in some languages."),
    Code("FT306", "type holds itself",
         "A struct or newtype that holds itself directly, or through other structs, arrays and tuples, would be "
         "infinitely large, and no JSON could spell it. Let an `optional`, a `list` or a sum lie between."),
    Code("FT307", "default never ends",
         "A default-constructed sum is its default variant with a default-constructed payload. Here that payload "
         "needs the same sum again, and so on for ever. Choose a default that does not."),
    Code("FT308", "no default",
         "A sum is never empty: `default` names the variant of a default-constructed value. It may be left out if "
         "the sum has units; then it is the first of them, and in an enumeration it must be."),
    Code("FT309", "family stands on a later one",
         "`include` lists the families in the order in which they stand on each other: structs and variants hold "
         "only structs, newtypes and cells of their own family and of earlier ones. Other sums may be used anywhere."),
    Code("FT310", "family name taken",
         "Generated files are named after their families; `codec`, `frames`, `protocol`, `validate`, `version` and "
         "`walk` are files of their own, and the family `a` has a file `a_decode`, `a_encode` and `a_rows` as well. "
         "Rename the schema file."),
    Code("FT401", "version out of range",
         "`added`, `deprecated`, `removed` and `renamed.in` name versions up to `versions.current`. `removed` lies above "
         "`versions.min`, for what no receiver takes any more should be deleted and, if it is a field or variant, its name "
         "reserved; so does `renamed.in`, for an old name that nobody knows any more says nothing."),
    Code("FT402", "versions out of order",
         "A thing is added first, then deprecated, then removed: `added` < `deprecated` < `removed`; a field is renamed "
         "after it was added. `versions.min` is not above `versions.current`."),
    Code("FT403", "outlives what it needs",
         "A field or variant exists only in versions in which its owner and its type exist."),
    Code("FT404", "bad name",
         "Fields, groups and rules are `lower_snake_case`, types and variants `UpperCamelCase`, messages "
         "`UPPER_SNAKE_CASE`, with single underscores and no digit first, so that they are identifiers in every "
         "language. EOF, INFINITY, NAN and NULL are macros in C and C++; types such as Frame and Version are "
         "in the generated code already."),
    Code("FT405", "name used twice",
         "Two members of one struct or sum have the same name, or names that differ in case or underscores only. A"
         " field may come from a group. Messages and phases have distinct names as well."),
    Code("FT406", "reserved name used",
         "The name stands under `reserved`: it once meant something else to a peer that may still run. Choose "
         "another."),
    Code("FT407", "spelling clash",
         "An alias is a further spelling on the wire and must differ from every name and alias beside it."),
    Code("FT408", "limit without effect",
         "`max_items` limits a `list`, `max_bytes` a `string`; an `optional` may lie around. Rows with `layout: "
         "flat` and secrets are bounded by `limits` alone."),
    Code("FT409", "missing value does not fit",
         "`missing` is what an absent key reads as: a value of the field's type. An optional field is null when "
         "absent and takes no `missing`; a sum takes the name of one of its units, a string what is no longer than its "
         "`max_bytes`. The same holds for `absent`."),
    Code("FT410", "emit does not fit",
         "`emit: when_set` leaves a key away if it has its `missing` value or is null. A field that is neither "
         "optional nor has `missing`, or that is derived, is always written."),
    Code("FT411", "layout does not fit",
         "`layout: cell` is for a sum with payloads that are all types (no variants with `fields`). `layout: flat`"
         " is for a `list` of a struct whose only field is a required `list` of a sum with `layout: cell`, without "
         "a limit of its own; each such sum has one such struct. The default of a cell is its first unit, the value "
         "that is all zero."),
    Code("FT412", "first key may be absent",
         "The first key of an object is always written, so that the comma before each further key is known when the "
         "code is generated. Let a field without `emit: when_set` stand before it."),
    Code("FT413", "too many members",
         "A struct or struct variant has at most 64 fields, those of its groups included, so that one word says which "
         "keys were seen (a renamed one counts twice); a struct or sum has at most 254 spellings, names and aliases together. Split it: fields "
         "into a struct of their own, variants into a sum of their own."),
    Code("FT414", "no value where the field is not",
         "A field that is not in every version of the window must have a value in messages of the others: null if it is "
         "optional, its `missing` value, or else what `absent` says. A field that has one of these takes no `absent`."),
    Code("FT415", "default comes and goes",
         "The default of a sum is there in every version in which the sum is, and the unit that a field reads as when its "
         "key is not there, in every version in which the field is."),
    Code("FT420", "byte used twice",
         "The first byte of a frame tells the messages apart, whoever sends them."),
    Code("FT421", "unknown variant path",
         "`accepts` and `emits` list variants of the payload sum, or variants of the sum inside such a variant: "
         "`FragmentResult.Error`. The sum inside has payloads in every version; the units of an enumeration are not "
         "told apart."),
    Code("FT422", "not emitted exactly once",
         "An encoder must know the one message byte that belongs to a payload, so every variant is emitted by "
         "exactly one message."),
    Code("FT423", "emitted but not accepted",
         "What is sent with a message byte must be accepted with it."),
    Code("FT424", "envelope does not fit",
         "`envelope.type` is a struct; `payload` is a field of it that holds a sum; `gate` lists other fields, "
         "which stand before the payload so that they can be judged first. `version` names one of these, a u8. Since the "
         "envelope is read before the version is known, its fields are there in every version."),
    Code("FT425", "phase above the frame",
         "A phase narrows what the frame allows: its `max_payload` is at most that of `frame`."),
    Code("FT501", "malformed expression",
         "See docs/schema-language.md, Rules. Comparisons do not chain: write `a <= b && b < c`."),
    Code("FT502", "unknown name in an expression",
         "Only fields of the struct itself may be named; `this` only inside `all`."),
    Code("FT503", "types in an expression do not fit",
         "Arithmetic and order are for integers, `! && ||` for conditions, `len` and `all` for lists, `bytes` and "
         "`blank` for strings. A rule is a condition on fields."),
    Code("FT504", "field not usable in an expression",
         "An optional field may be absent (its own struct has rules of its own, run when it is there); a secret is"
         " not compared in rules; a derived field is no member; a type of its own is opaque."),
    Code("FT505", "number may not fit",
         "Rules compute in 128 bits, and a derived value must fit its field whatever the input. Bound the "
         "operands, for example by `max_items`."),
    Code("FT506", "rule id used twice",
         "A rule is known by its id, which is unique in its struct."),
    Code("FT507", "derived field does not fit",
         "A derived field is an integer or bool that is computed from other fields. It takes no `missing`, for it "
         "is read and dropped."),
    Code("FT601", "doc says nothing",
         "The doc is blank or repeats the name (a variant's may: DropTable says it all), or a `lossy` gives no reason. Say "
         "what it means to the reader of the header."),
    Code("FT602", "doc is not a sentence",
         "Docs end with a period, a question mark or a colon: they are read as prose."),
    Code("FT603", "doc is not ASCII",
         "Docs become comments in source files of many languages; keep them ASCII."),
    Code("FT604", "looks like a secret",
         "The field's name says secret, its type does not. `secret<string>` and `secret<u64>` are compared in "
         "constant time, wiped, and never printed."),
    Code("FT605", "unused group",
         "No struct, variant or used group names it."),
    Code("FT606", "unused type",
         "The type cannot be reached from the envelope, so it never travels."),
    Code("FT607", "unbounded",
         "A string or list that came after the first version, or that is written only when set, has no `max_bytes` or "
         "`max_items`, or holds strings that nothing can bound where they stand: in a list, a tuple or a newtype, or as all of "
         "a variant. A bound costs nothing on the first day of a field and breaks peers on any later one. What the "
         "oldest version has is as its peers made it, and is bounded by `limits`."),
    Code("FT608", "lost silently",
         "A key with `emit: when_set` may join a version that is in use, whose older builds pass over it unseen. "
         "`lossy` says why that does no harm; if it does harm, add the field in a later version."),
    Code("FT609", "reason for nothing",
         "`lossy` says why a version that does not have the field may do without, and every version has it."),
    Code("FT701", "file out of date",
         "The file differs from what the schema generates."),
    Code("FT702", "file missing",
         "The schema generates a file that is not there."),
    Code("FT703", "orphan",
         "The file was generated once, and the schema does not generate it any more."),
    Code("FT704", "foreign file",
         "The output folder belongs to the generator, and this file did not come from it. `generate` does not "
         "delete what it did not write: move it away."),
)

CODES = {c.code: c for c in _ALL}


def explain(code: str) -> str | None:
    """The text for `ftgen explain`, or None for an unknown code."""
    found = CODES.get(code.upper())
    return f"{found.code}: {found.title}\n\n{textwrap.fill(found.text, 100)}\n" if found else None
