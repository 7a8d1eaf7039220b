# SPDX-License-Identifier: Apache-2.0
"""KINDS: changes after which old and new nodes understand each other; some break C++ that names what changed."""
from __future__ import annotations

from dataclasses import replace

from ftgen.model import (Binary, ListOf, Missing, Name, Newtype, Number, Protocol, Ref, Renamed, Rule, Scalar, SecretOf,
                         Struct, Versions)
from tests.breaking.edits import (field, limits, maybe, message, number, rule, type_, unit, variant, with_field,
                                  with_message, with_type)
from tests.prove.changes import Site, bumped
from tests.prove.schemas import snake_case

_SIMPLE = {"bool": False, "string": "", "u8": 1, "u16": 2, "u32": 3, "u64": 4, "i32": -5, "i64": -6, "i128": 7,
           "f64": 8}


def value_of(type_) -> Missing | None:
    if isinstance(type_, ListOf):
        return Missing(())
    return Missing(_SIMPLE[type_.name]) if isinstance(type_, Scalar) and type_.name in _SIMPLE else None


def _stays(thing) -> bool:
    return thing.versions.removed is None


# -- with the next version --------------------------------------------------------------------------------------------

def nothing_but_a_version(site: Site) -> Protocol:
    return bumped(site.protocol)


def a_null_key_later(site: Site) -> Protocol:
    spot = site.pick([s for s in site.owners() if s.owner.fields and _stays(s.owner)])
    at = site.random.randint(1, len(spot.owner.fields))
    return with_field(spot.path, maybe(site.name("added_"), versions=Versions(site.next)), at)(bumped(site.protocol))


def a_required_key_later(site: Site) -> Protocol:
    spot = site.pick([s for s in site.owners() if s.owner.fields and _stays(s.owner)])
    new = number(site.name("added_"), versions=Versions(site.next), absent=Missing(9))
    return with_field(spot.path, new, site.random.randint(1, len(spot.owner.fields)))(bumped(site.protocol))


def a_key_ends(site: Site) -> Protocol:
    spot = site.pick([s for s in site.fields(lambda f: _stays(f) and f.derived is None) if s.index > 0])
    old = spot.field
    absent = old.absent or (None if old.missing is not None else value_of(old.type))
    return field(spot.path, versions=replace(old.versions, removed=site.next), absent=absent)(bumped(site.protocol))


def a_derived_key_ends(site: Site) -> Protocol:
    spot = site.pick([s for s in site.fields(lambda f: _stays(f) and f.derived is not None) if s.index > 0])
    return field(spot.path, versions=replace(spot.field.versions, removed=site.next))(bumped(site.protocol))


def a_key_is_renamed(site: Site) -> Protocol:
    spot = site.pick(site.fields(lambda f: _stays(f) and f.renamed is None and not f.aliases))
    change = field(spot.path, name=site.name("renamed_"), renamed=Renamed(spot.field.name, site.next))
    return change(bumped(site.protocol))


def a_variant_later(site: Site) -> Protocol:
    sum_ = site.pick(site.sums(_stays))
    new = unit(site.name("Added"), versions=Versions(site.next))
    if site.random.random() < 0.5 and not sum_.is_enumeration:
        new = replace(new, type=Scalar("u32"))
    named = new if sum_.variants[0].wire_name == sum_.variants[0].name else replace(new, wire_name=snake_case(new.name))
    units = [v for v in (*sum_.variants, named) if v.is_unit]
    others = [v for v in (*sum_.variants, named) if not v.is_unit]
    return type_(sum_.name, lambda d: replace(d, variants=(*units, *others)))(bumped(site.protocol))


def a_variant_ends(site: Site) -> Protocol:
    sum_ = site.pick(site.sums())
    old = site.pick([v for v in sum_.variants if _stays(v) and v.name != sum_.default])
    ends = replace(old.versions, removed=site.next)
    return variant(f"{sum_.name}.{old.name}", lambda v: replace(v, versions=ends))(bumped(site.protocol))


def a_rule_later(site: Site) -> Protocol:
    return type_(*with_rule(site, Versions(site.next)))(bumped(site.protocol))


def with_rule(site: Site, versions: Versions):
    struct = site.pick(site.structs(lambda s: any(_can_be_ruled(f) for f in s.fields)))
    ruled = site.pick([f for f in struct.fields if _can_be_ruled(f)])
    new = Rule(site.name("rule_"), Binary("<", Name(ruled.name), Number(100)), f"{ruled.name} < 100", "too much",
               replace(versions, added=max(versions.added, ruled.versions.added), removed=ruled.versions.removed))
    return struct.name, lambda d: replace(d, rules=(*d.rules, new))


def _can_be_ruled(field_) -> bool:
    return field_.type in map(Scalar, ("u8", "u32", "i64", "u64")) and field_.derived is None and field_.name != "this"


def a_rule_ends(site: Site) -> Protocol:
    struct = site.pick(site.structs(lambda s: s.rules))
    old = site.pick([r for r in struct.rules if _stays(r)])
    ends = replace(old.versions, removed=site.next)
    return rule(f"{struct.name}.{old.id}", lambda r: replace(r, versions=ends))(bumped(site.protocol))


def a_message_gets_another_byte(site: Site) -> Protocol:
    old = site.pick([m for m in site.protocol.messages if _stays(m)])
    byte = site.pick(sorted(set(range(256)) - {m.byte for m in site.protocol.messages}))
    new = replace(old, name=site.name("MSG_ADDED_"), byte=byte, versions=Versions(site.next))
    ends = message(old.name, versions=replace(old.versions, removed=site.next))
    return with_message(new)(ends(bumped(site.protocol)))


# -- at once ----------------------------------------------------------------------------------------------------------

def an_extension_key(site: Site) -> Protocol:
    spot = site.pick([s for s in site.owners() if s.owner.fields])
    new = site.random.choice((maybe(site.name("added_"), when_set=True), number(site.name("added_"), missing=Missing(5),
                                                                               when_set=True)))
    new = replace(new, versions=spot.owner.versions, lossy="Nobody minds.")
    return with_field(spot.path, new, site.random.randint(1, len(spot.owner.fields)))(site.protocol)


def a_key_may_be_missing(site: Site) -> Protocol:
    spot = site.pick(site.fields(lambda f: f.missing is None and f.absent is None and f.derived is None
                                 and value_of(f.type), free=False))
    return field(spot.path, missing=value_of(spot.field.type))(site.protocol)


def a_spelling_of_a_key(site: Site) -> Protocol:
    spot = site.pick(site.fields(free=False))
    return field(spot.path, aliases=(*spot.field.aliases, site.name("alias_")))(site.protocol)


def a_spelling_of_a_variant(site: Site) -> Protocol:
    sum_ = site.pick(site.sums())
    old = site.pick(list(sum_.variants))
    more = (*old.aliases, site.name("Alias"))
    return variant(f"{sum_.name}.{old.name}", lambda v: replace(v, aliases=more))(site.protocol)


def variants_in_another_order(site: Site) -> Protocol:
    sum_ = site.pick(site.sums())
    units, others = ([v for v in sum_.variants[1:] if v.is_unit is kind] for kind in (True, False))
    site.random.shuffle(units)
    site.random.shuffle(others)
    return type_(sum_.name, lambda d: replace(d, variants=(d.variants[0], *units, *others)))(site.protocol)


def rules_in_another_order(site: Site) -> Protocol:
    struct = site.pick(site.structs(lambda s: len(s.rules) > 1))
    return type_(struct.name, lambda d: replace(d, rules=d.rules[::-1]))(site.protocol)


def types_in_another_order(site: Site) -> Protocol:
    return replace(site.protocol, families=tuple(replace(f, types=f.types[::-1]) for f in site.protocol.families))


def words(site: Site) -> Protocol:
    spot = site.pick(site.fields(free=False))
    return field(spot.path, doc="A better sentence.", lossy="It is a hint.")(site.protocol)


def more_memory(site: Site) -> Protocol:
    return limits(budget_base=site.protocol.limits.budget_base + 1)(site.protocol)


def a_message_accepts_more(site: Site) -> Protocol:
    one, other = site.random.sample(site.protocol.messages, 2)
    return message(one.name, accepts=tuple(dict.fromkeys((*one.accepts, *other.accepts))))(site.protocol)


def a_name_is_reserved(site: Site) -> Protocol:
    struct = site.pick(site.structs())
    return type_(struct.name, lambda d: replace(d, reserved=(*d.reserved, site.name("reserved_"))))(site.protocol)


def a_type_that_nobody_uses(site: Site) -> Protocol:
    new = Newtype(site.name("Lonely"), "Alone.", Versions(site.protocol.min_version), Scalar("u64"))
    return with_type(new, site.protocol.families[0].name)(site.protocol)


def a_secret(site: Site) -> Protocol:
    spot = site.pick(site.fields(lambda f: f.type in (Scalar("string"), Scalar("u64")) and f.derived is None
                                 and f.max_bytes is None))
    return field(spot.path, type=SecretOf(spot.field.type))(site.protocol)


def a_newtype(site: Site) -> Protocol:
    spot = site.pick(site.fields(lambda f: isinstance(f.type, Scalar) and f.derived is None and f.max_bytes is None))
    new = Newtype(site.name("Added"), "A newtype.", Versions(site.protocol.min_version), spot.field.type)
    return field(spot.path, type=Ref(new.name))(with_type(new, site.protocol.families[0].name)(site.protocol))


def rows_as_a_list(site: Site) -> Protocol:
    spot = site.pick(site.fields(lambda f: f.flat))
    return field(spot.path, flat=False)(site.protocol)


def a_struct_of_its_own(site: Site) -> Protocol:
    """The fields of a variant become a struct. Not of a message: whoever serves it validates a struct alone, so the
    rules of the structs inside would begin to count."""
    sums = {s.name for s in site.sums()}
    spot = site.pick([s for s in site.owners() if s.path.split(".")[0] in sums and "." in s.path])
    home = next(f.name for f in site.protocol.families if any(d.name == spot.path.split(".")[0] for d in f.types))
    new = Struct(site.name("Added"), "Fields.", spot.owner.versions, spot.owner.fields)
    change = variant(spot.path, lambda v: replace(v, fields=None, type=Ref(new.name)))
    return change(with_type(new, home)(site.protocol))


KINDS = (nothing_but_a_version, a_null_key_later, a_required_key_later, a_key_ends, a_derived_key_ends,
         a_key_is_renamed, a_variant_later, a_variant_ends, a_rule_later, a_rule_ends, a_message_gets_another_byte,
         an_extension_key, a_key_may_be_missing, a_spelling_of_a_key, a_spelling_of_a_variant, variants_in_another_order,
         rules_in_another_order, types_in_another_order, words, more_memory, a_message_accepts_more, a_name_is_reserved,
         a_type_that_nobody_uses, a_secret, a_newtype, rows_as_a_list, a_struct_of_its_own)
