# SPDX-License-Identifier: Apache-2.0
"""Small legal protocols, from a seed: `schema(Random(seed))` is a finished Protocol, as `load` makes it of its YAML.

All kinds of types and attributes come up, in one to three versions, with names that C++ or the generated code might
trip over. What a field refers to is declared before it, or a sum, or the type itself behind an optional or a list.
"""
from __future__ import annotations

from dataclasses import replace
from random import Random

from ftgen.model import (FLOATS, INTEGERS, SCALARS, ArrayOf, Binary, Call, Declaration, Envelope, Expr, Family, Field,
                         Frame, Limits, ListOf, Message, Missing, Name, Newtype, Number, Opaque, OptionalOf, Phase, Protocol,
                         Ref, Renamed, Rule, Scalar, SecretOf, Struct, Sum, This, TupleOf, Type, Unary, UnitName,
                         Variant, Versions)
from ftgen.unparse import expr_text
from ftgen.walk import references

_FIELDS = ("id", "count", "text", "union", "class", "value", "tag", "name", "p", "r", "w", "v", "out", "default",
           "this",
           "key", "a_name_of_more_than_sixteen", "eightful", "x1", "int", "begin", "end", "node", "index",
           "payload", "other", "self", "found", "seen", "std", "ft", "size", "data", "true", "operator", "template")
_VARIANTS = ("Null", "Default", "Int", "Text", "List", "Tag", "Other", "Some", "AVariantWithALongName", "None", "Value",
             "True", "Unit", "Error", "Ok", "Begin", "Visit", "Name", "Payload", "First", "Second", "Third")
_TYPES = ("Apple", "Birch", "Cedar", "Dahlia", "Elder", "Fern", "Gorse", "Hazel", "Iris", "Juniper", "Kale", "Lilac",
          "Maple", "Nettle", "Olive", "Poppy")
_DOCS = ("A thing.", "It's \"quoted\": # {{ x }} */ /* <b> | `c`", "It ends in a backslash\\",
         "\u00c9t\u00e9 \U0001f600",
         "Two\nlines.\n\nAnd a paragraph.", "??/ -- ]] %s")
_SMALL = ("bool", "u8", "u32", "i64", "u64", "f64", "string")


def schema(random: Random) -> Protocol:
    return _Maker(random).protocol()


class _Maker:
    def __init__(self, random: Random) -> None:
        self._random = random
        low = random.choice((1, 1, 2))
        self._window = range(low, low + random.choice((1, 2, 3)))
        self._ever = Versions(low)
        self._names = iter(random.sample(_TYPES, len(_TYPES)))
        self._declared: dict[str, Declaration] = {}
        self._sums: dict[str, Versions] = {}        # of later: they may be used before they are declared
        self._row: str | None = None

    # -- the whole ----------------------------------------------------------------------------------------------------

    def protocol(self) -> Protocol:
        random = self._random
        count = random.randint(1, 3)
        kinds = [self._newtype, self._enumeration, self._struct, self._sum, self._cell, self._struct]
        random.shuffle(kinds)
        plan = [(next(self._names), kind) for kind in kinds + random.sample(kinds, 3)]
        self._sums = {name: self._ever for name, kind in plan if kind == self._sum}
        for name, kind in plan:
            made = kind(name)
            for declaration in made:
                self._declared[declaration.name] = declaration
        types = list(self._declared.values())
        cuts = sorted(random.sample(range(1, len(types)), count - 1))
        pieces = [types[a:b] for a, b in zip([0, *cuts], [*cuts, len(types)])]
        names = ["base", "middle", "proved"][3 - count:]
        content, messages = self._transport()
        pieces[-1] += content
        families = tuple(Family(name, f"Family {name}: it's \"quoted\".", tuple(piece))
                         for name, piece in zip(names, pieces))
        families = (*families[:-1], replace(families[-1], doc="A random protocol."))
        cap = random.choice((20_000, 70_000))
        return Protocol("proved", "A random protocol.", random.choice(("ft", "ft::proved")), self._window[0],
                        self._window[-1], Limits("Few.", random.randint(30, 60), 1 << 20, 64), families,
                        Frame("The header.", cap), random.choice((None, "proved/1")),
                        (Phase("open", "Before.", random.choice((100, cap))), Phase("shut", "After.", cap)),
                        Envelope("Letter", ("version", "token") if random.random() < 0.5 else ("version",), "content",
                                 "version"), messages)

    def _transport(self) -> tuple[list[Declaration], tuple[Message, ...]]:
        random = self._random
        text = Scalar("string")
        fields = [Field("version", Scalar("u8"), "Of the sender.", self._ever),
                  Field("token", SecretOf(text), "Who it is.", self._ever, missing=Missing("")),
                  Field("content", Ref("Content"), "The message.", self._ever)]
        if random.random() < 0.5:
            fields.append(Field("trace", OptionalOf(text), "Of all.", self._ever, missing=Missing(None), when_set=True))
        variants, messages, byte = [], [], iter(random.sample(range(256), 40))
        structs = [d for d in self._declared.values() if not isinstance(d, (Newtype, Sum))]
        sums = [d for d in self._declared.values() if isinstance(d, Sum) and not d.cell]
        if random.random() < 0.4:
            variants.append(Variant("Stop", "Stop", "No more.", self._ever))
        for name, d in zip(("Ask", "Answer", "Tell", "News", "Extra"),
                           [*random.sample(structs, 2), random.choice(sums), *random.sample(sums + structs, 2)]):
            variants.append(Variant(name, name, "A message.", self._part(d.versions), type=Ref(d.name)))
        versions = self._part(self._ever) if any(v.versions == self._ever for v in variants) else self._ever
        variants.append(Variant("Loose", "Loose", "A message.", versions, fields=self._fields(versions, 3)))
        for variant in variants:
            messages += self._messages(variant, byte)
        default = next(v.name for v in variants if v.versions == self._ever)
        return [Sum("Content", "Messages.", self._ever, tuple(variants), default),
                Struct("Letter", "A frame.", self._ever, tuple(fields))], tuple(messages)

    def _messages(self, variant: Variant, byte) -> list[Message]:
        """One for all of it, or one for each half of a sum inside; or one that is followed by another."""
        random, path, name = self._random, (variant.name,), f"MSG_{variant.name.upper()}"
        sender = random.choice(("client", "server"))
        inner = self._declared.get(variant.type.name) if isinstance(variant.type, Ref) else None

        def message(name: str, emits: tuple, versions: Versions = self._ever) -> Message:
            return Message(name, next(byte), sender, (path,), emits, "A message.", versions)

        if isinstance(inner, Sum) and len(inner.variants) > 1 and random.random() < 0.6 and any(
                v.versions == self._ever and not v.is_unit for v in inner.variants):
            leaves = [(variant.name, v.name) for v in inner.variants]
            at = random.randint(1, len(leaves) - 1)
            return [message(name, tuple(leaves[:at])), message(f"{name}_TOO", tuple(leaves[at:]))]
        if len(self._window) > 1 and random.random() < 0.3:
            cut = random.choice(self._window[1:])
            return [message(name, (path,), replace(self._ever, removed=cut)),
                    message(f"{name}_LATER", (path,), Versions(cut))]
        return [message(name, (path,))] + ([message(f"{name}_OLD", ())] if random.random() < 0.2 else [])

    # -- declarations -------------------------------------------------------------------------------------------------

    def _newtype(self, name: str) -> list[Declaration]:
        random = self._random
        type_ = random.choice((self._scalar(), ListOf(Scalar("u8")), ArrayOf(Scalar("u8"), 4), SecretOf(Scalar("u64")),
                               TupleOf((Scalar("u8"), Scalar("string"))), Scalar("u32"), Scalar("bool")))
        return [Newtype(name, "A newtype.", self._ever, type_)]

    def _enumeration(self, name: str) -> list[Declaration]:
        words = self._words(_VARIANTS, self._random.randint(1, 5))
        snake = self._random.random() < 0.3
        variants = [self._unit(word, snake, i > 0) for i, word in enumerate(words)]
        return [Sum(name, "An enumeration.", self._ever, self._with_aliases(variants), variants[0].name)]

    def _sum(self, name: str) -> list[Declaration]:
        random = self._random
        words = self._words(_VARIANTS, random.randint(2, 6)) + ([name] if random.random() < 0.2 else [])
        units, snake = random.randint(0, len(words) - 2), random.random() < 0.2
        variants = [self._unit(word, snake, i > 0) for i, word in enumerate(words[:units])]
        for word in words[units:]:
            wire = snake_case(word) if snake else word
            if not variants:
                variants.append(Variant(word, wire, "The default.", self._ever, type=self._scalar()))
            elif random.random() < 0.4:
                versions = self._part(self._ever)
                variants.append(Variant(word, wire, "With fields.", versions,
                                        fields=self._fields(versions, random.randint(0, 4), name)))
            else:
                type_ = self._type(name)
                variants.append(Variant(word, wire, random.choice(_DOCS), self._part(self._needed(type_)), type=type_))
        del self._sums[name]
        return [Sum(name, "A sum.", self._ever, self._with_aliases(variants), variants[0].name,
                    reserved=("Gone",) if random.random() < 0.2 else ())]

    def _cell(self, name: str) -> list[Declaration]:
        random = self._random
        words = self._words(_VARIANTS, random.randint(2, 7))
        plain = [d for d in self._declared.values() if d.versions == self._ever and not (isinstance(d, Sum) and d.cell)]
        choices = [Scalar(n) for n in ("i64", "string", "i128", "bool", "f64", "f32", "date", "u8")]
        choices += [ListOf(Scalar("u8")), Opaque(), ListOf(Ref(name)), ListOf(Scalar("string")),
                    OptionalOf(Scalar("u32")),
                    TupleOf((Scalar("time"), Scalar("utc_offset"))), *(Ref(d.name) for d in plain)]
        variants = [self._unit(words[0], False, False)]
        variants += [Variant(word, word, "A value.", self._part(self._ever), type=random.choice(choices))
                     for word in words[1:]]
        row = next(self._names)
        values = Field("values", ListOf(Ref(name)), "Cells.", self._ever,
                       aliases=("cells",) if random.random() < 0.4 else ())
        self._row = row
        return [Sum(name, "A cell.", self._ever, self._with_aliases(variants), variants[0].name, cell=True),
                Struct(row, "A row.", self._ever, (values,))]

    def _struct(self, name: str) -> list[Declaration]:
        random = self._random
        versions = self._part(self._ever) if random.random() < 0.2 else self._ever
        fields = self._fields(versions, random.randint(1, 7), name)
        rules = tuple(r for i in range(random.choice((0, 1, 2))) if (r := self._rule(f"rule_{i}", versions, fields)))
        return [Struct(name, random.choice(_DOCS), versions, fields, rules,
                       reserved=("gone", "lost") if random.random() < 0.2 else ())]

    def _unit(self, word: str, snake: bool, may_go: bool) -> Variant:
        return Variant(word, snake_case(word) if snake else word, "A unit: plain.",
                       self._part(self._ever) if may_go else self._ever)

    def _with_aliases(self, variants: list[Variant]) -> tuple[Variant, ...]:
        return tuple(replace(v, aliases=(f"{v.name}Too",)) if self._random.random() < 0.15 else v for v in variants)

    # -- fields -------------------------------------------------------------------------------------------------------

    def _fields(self, versions: Versions, count: int, owner: str | None = None) -> tuple[Field, ...]:
        fields: list[Field] = []
        for word in self._words(_FIELDS, count):
            fields.append(self._field(word, versions, owner, first=not fields))
        if fields and self._random.random() < 0.25:
            fields += self._derived(fields)
        return tuple(fields)

    def _field(self, name: str, outer: Versions, owner: str | None, first: bool) -> Field:
        random = self._random
        type_ = self._type(owner)
        needed = _within(self._needed(type_), outer)
        if not any(v in needed for v in self._window):
            type_, needed = self._scalar(), outer
        versions = needed if first or random.random() < 0.6 else self._part(needed)
        if first and versions != outer:
            type_, versions = Scalar("u32"), outer
        gapped = any(v in outer and v not in versions for v in self._window)
        value = self._value(type_)
        if gapped and value is None and not isinstance(type_, OptionalOf):
            type_ = OptionalOf(Scalar("string") if isinstance(type_, Opaque) else type_)
        optional = isinstance(type_, OptionalOf)
        missing = Missing(None) if optional else value if value is not None and random.random() < 0.3 else None
        field = Field(name, type_, random.choice(_DOCS), versions, missing)
        if gapped and missing is None:
            field = replace(field, absent=value)
        if missing is not None and not first and random.random() < 0.4:
            field = replace(field, when_set=True)
        if (gapped or field.when_set) and random.random() < 0.4:
            field = replace(field, lossy="Nobody minds.")
        if random.random() < 0.15:
            field = replace(field, aliases=(f"{name}_too",))
        later = [v for v in self._window if v > versions.added and v in versions]
        if later and random.random() < 0.2:
            field = replace(field, renamed=Renamed(f"{name}_old", random.choice(later)))
        return self._bounded(field)

    def _bounded(self, field: Field) -> Field:
        random = self._random
        type_ = field.type.item if isinstance(field.type, OptionalOf) else field.type
        if field.type == ListOf(Ref(self._row)) and random.random() < 0.8:
            return replace(field, flat=True)
        if isinstance(type_, ListOf) and random.random() < 0.5:
            return replace(field, max_items=random.randint(1, 6))
        if type_ == Scalar("string") and random.random() < 0.5:
            said = [len(m.value.encode()) for m in (field.missing, field.absent) if m and m.value]
            return replace(field, max_bytes=random.randint(max(said, default=1), 12))
        return field

    def _derived(self, fields: list[Field]) -> list[Field]:
        sized = [(f, Call("len" if f.max_items else "bytes", (Name(f.name),))) for f in fields
                 if f.name != "this" and not isinstance(f.type, OptionalOf) and (f.max_items or f.max_bytes)]
        if not sized:
            return []
        field, size = self._random.choice(sized)
        type_, expr = self._random.choice(((Scalar("u32"), size), (Scalar("u8"), size),
                                           (Scalar("bool"), Binary(">", size, Number(1))),
                                           (Scalar("i32"), Binary("-", Binary("*", size, Number(3)), Number(7)))))
        return [Field("derived", type_, "Computed.", field.versions, derived=expr)]

    def _rule(self, name: str, outer: Versions, fields: tuple[Field, ...]) -> Rule | None:
        able = [(f, test) for f in fields if f.derived is None and f.name != "this"    # which means something there
                and (test := self._test(f.name, f.type)) is not None]
        if not able:
            return None
        chosen = self._random.sample(able, min(len(able), self._random.choice((1, 1, 2))))
        expr, versions = chosen[0][1], _within(chosen[0][0].versions, outer)
        for field, test in chosen[1:]:
            expr = Binary(self._random.choice(("&&", "||")), expr, test)
            versions = _within(versions, field.versions)
        if not any(v in versions for v in self._window):
            return None
        message = self._random.choice((f"{name} is broken", f'"\\\u00e9\t{name}'))
        return Rule(name, expr, expr_text(expr), message, self._part(versions))

    def _test(self, name: str, type_: Type) -> Expr | None:
        random, limit = self._random, Number(self._random.randint(0, 200))
        match type_:
            case Scalar("bool"):
                return Name(name)
            case Scalar("string"):
                return random.choice((Unary("!", Call("blank", (Name(name),))),
                                      Binary("<=", Call("bytes", (Name(name),)), Number(random.randint(0, 9)))))
            case Scalar(kind) if kind in INTEGERS:
                return Binary(random.choice(("<", "<=", "!=", ">")), Name(name), limit)
            case ListOf(Scalar(kind)) if kind in INTEGERS and random.random() < 0.6:
                return Call("all", (Name(name), Binary("<", This(), limit)))
            case ListOf():
                return Binary("<=", Call("len", (Name(name),)), Number(random.randint(0, 4)))
        return None

    # -- types --------------------------------------------------------------------------------------------------------

    def _scalar(self) -> Scalar:
        return Scalar(self._random.choice(SCALARS if self._random.random() < 0.6 else _SMALL))

    def _type(self, owner: str | None, depth: int = 0) -> Type:
        random = self._random
        roll = random.random()
        if roll < 0.35 or depth > 2:
            return self._scalar()
        if roll < 0.55 and self._known():
            return Ref(random.choice(self._known()))
        if roll < 0.62 and owner is not None:
            return random.choice((OptionalOf, ListOf))(Ref(owner))
        if roll < 0.64:
            return Opaque()
        if roll < 0.69:
            return SecretOf(Scalar(random.choice(("string", "u64", "u8"))))
        if roll < 0.73 and self._row is not None:
            return ListOf(Ref(self._row))
        item = self._type(owner, depth + 1)
        if roll < 0.82:
            return ListOf(Scalar("u16") if item == Scalar("bool") else item)
        if roll < 0.91:
            return OptionalOf(Scalar("string") if isinstance(item, (OptionalOf, Opaque)) else item)
        # An array or tuple of the owner would hold it, unless there is a list or optional on the way.
        if roll < 0.95:
            return ArrayOf(item, random.randint(1, 4))
        return TupleOf((item, self._scalar()))

    def _known(self) -> list[str]:
        return [*self._declared, *self._sums]

    def _value(self, type_: Type) -> Missing | None:
        """One that a key without value may read as."""
        random = self._random
        match type_:
            case Scalar("bool"):
                return Missing(random.random() < 0.5)
            case Scalar("string"):
                return Missing(random.choice(("", "text", "a: \"b\" #1", "é\\\n")))
            case Scalar(name) if name in INTEGERS:
                return Missing(random.choice((0, 1, 7, INTEGERS[name][0], INTEGERS[name][1])))
            case Scalar(name) if name in FLOATS:
                return Missing(random.choice((0, 1, -3)))
            case SecretOf(item):
                return self._value(item)
            case ListOf():
                return Missing(())
            case Ref(name) if name in self._declared:
                declaration = self._declared[name]
                if isinstance(declaration, Newtype):
                    return self._value(declaration.type)
                units = [v.name for v in declaration.variants if v.is_unit and v.versions == self._ever
                         ] if isinstance(declaration, Sum) else []
                return Missing(UnitName(random.choice(units))) if units else None
        return None

    # -- versions -----------------------------------------------------------------------------------------------------

    def _part(self, whole: Versions) -> Versions:
        """All of the range, or in one of three cases less."""
        inside = [v for v in self._window if v in whole]
        if len(inside) < 2 or self._random.random() < 0.66:
            return whole
        cut = self._random.choice(inside[1:])
        return replace(whole, added=cut) if self._random.random() < 0.5 else replace(whole, removed=cut)

    def _needed(self, type_: Type) -> Versions:
        versions = self._ever
        for name in references(type_):
            if name in self._declared:
                versions = _within(versions, self._declared[name].versions)
        return versions

    def _words(self, pool: tuple[str, ...], count: int) -> list[str]:
        return self._random.sample(pool, count)


def _within(one: Versions, other: Versions) -> Versions:
    ends = [v.removed for v in (one, other) if v.removed is not None]
    return Versions(max(one.added, other.added), None, min(ends, default=None))


def snake_case(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() and i else c.lower() for i, c in enumerate(name))
