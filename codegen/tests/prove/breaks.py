# SPDX-License-Identifier: Apache-2.0
"""KINDS: changes that an old or a new node notices, each with the rules of which one must report it."""
from __future__ import annotations

from dataclasses import replace

from ftgen.model import (ArrayOf, Binary, ListOf, Missing, Number, OptionalOf, Protocol, Renamed, Scalar, TupleOf,
                         Unary, Versions)
from ftgen.unparse import expr_text
from tests.breaking.edits import (envelope, field, fields, limits, maybe, message, number, phase, rule, type_, unit,
                                  variant, versions, with_field, without_field, without_message)
from tests.prove.changes import Nowhere, Site, bumped
from tests.prove.fits import value_of, with_rule
from tests.prove.schemas import snake_case


# -- keys -------------------------------------------------------------------------------------------------------------

def a_required_key(site: Site) -> Protocol:
    spot = site.pick(site.owners())
    return with_field(spot.path, number(site.name("added_"), versions=spot.owner.versions))(site.protocol)


def a_written_key(site: Site) -> Protocol:
    spot = site.pick(site.owners())
    new = site.random.choice((maybe(site.name("added_")), number(site.name("added_"), missing=Missing(0))))
    return with_field(spot.path, replace(new, versions=spot.owner.versions))(site.protocol)


def a_key_less(site: Site) -> Protocol:
    return without_field(site.pick(site.fields()).path)(site.protocol)


def another_key(site: Site) -> Protocol:
    spot = site.pick(site.fields(lambda f: f.key(site.version) == f.name))
    return field(spot.path, name=site.name("changed_"))(site.protocol)


def another_key_with_an_alias(site: Site) -> Protocol:
    spot = site.pick(site.fields(lambda f: f.renamed is None))
    return field(spot.path, name=site.name("changed_"), aliases=(*spot.field.aliases, spot.field.name))(site.protocol)


def renamed_too_early(site: Site) -> Protocol:
    spot = site.pick(site.fields(lambda f: f.renamed is None and f.versions.added < site.version))
    return field(spot.path, name=site.name("changed_"), renamed=Renamed(spot.field.name, site.version))(site.protocol)


def renamed_with_its_aliases(site: Site) -> Protocol:
    """They are those of the new name from then on."""
    spot = site.pick(site.fields(lambda f: f.aliases and f.renamed is None and f.versions.removed is None))
    change = field(spot.path, name=site.name("changed_"), renamed=Renamed(spot.field.name, site.next))
    return change(bumped(site.protocol))


def keys_swapped(site: Site) -> Protocol:
    spot = site.pick([s for s in site.fields(free=False) if s.index + 1 < len(s.owner.fields)
                      and site.version in s.owner.fields[s.index + 1].versions])
    at, owner = spot.index, spot.path.rsplit(".", 1)[0]
    return fields(owner, lambda f: (*f[:at], f[at + 1], f[at], *f[at + 2:]))(site.protocol)


def another_default(site: Site) -> Protocol:
    spot = site.pick(site.fields(lambda f: f.missing is not None and value_of(f.type) is not None
                                 and f.type != Scalar("bool") and not isinstance(f.type, ListOf)))
    other = "other" if isinstance(spot.field.missing.value, str) else 77
    return field(spot.path, missing=Missing(other))(site.protocol)


def another_value_of_old(site: Site) -> Protocol:
    """What a field reads as in a version that does not have it."""
    spots = [replace(s, path=f"{s.path}.{f.name}", field=f) for s in site.owners() for f in s.owner.fields
             if f.absent is not None and isinstance(f.absent.value, int) and site.version not in f.versions
             and not isinstance(f.absent.value, bool)]
    return field(site.pick(spots).path, absent=Missing(78))(site.protocol)


def required_now(site: Site) -> Protocol:
    spot = site.pick(site.fields(lambda f: f.missing is not None and not isinstance(f.type, OptionalOf)))
    gaps = any(v in spot.owner.versions and v not in spot.field.versions for v in site.protocol.window)
    return field(spot.path, missing=None, absent=spot.field.missing if gaps else None, when_set=False)(site.protocol)


def when_set_or_not(site: Site) -> Protocol:
    spot = site.pick([s for s in site.fields(lambda f: f.missing is not None, free=False) if s.index > 0])
    return field(spot.path, when_set=not spot.field.when_set)(site.protocol)


def a_spelling_less(site: Site) -> Protocol:
    spot = site.pick(site.fields(lambda f: f.aliases and f.key(site.version) == f.name, free=False))
    return field(spot.path, aliases=())(site.protocol)


def null_allowed(site: Site) -> Protocol:
    spot = site.pick(site.fields(lambda f: isinstance(f.type, (Scalar, ListOf)) and f.derived is None and not f.flat))
    return field(spot.path, type=OptionalOf(spot.field.type), missing=Missing(None), absent=None)(site.protocol)


def null_forbidden(site: Site) -> Protocol:
    spot = site.pick(site.fields(lambda f: isinstance(f.type, OptionalOf)))
    return field(spot.path, type=spot.field.type.item, missing=None, when_set=False,
                 absent=value_of(spot.field.type.item))(site.protocol)


def there_later(site: Site) -> Protocol:
    spot = site.pick([s for s in site.fields(lambda f: f.derived is None and f.renamed is None) if s.index > 0])
    later = Versions(site.version + 1, None, spot.field.versions.removed)
    absent = spot.field.absent or (None if spot.field.missing is not None else value_of(spot.field.type))
    return field(spot.path, versions=later, absent=absent)(site.protocol)


# -- types and limits -------------------------------------------------------------------------------------------------

def another_scalar(site: Site) -> Protocol:
    spot = site.pick(site.fields(lambda f: isinstance(f.type, Scalar) and f.missing is None and f.absent is None
                                 and f.derived is None and f.max_bytes is None))
    names = ("bool", "u8", "u16", "u32", "u64", "i32", "i64", "i128", "f32", "f64", "string", "date", "month")
    return field(spot.path, type=Scalar(site.pick([n for n in names if n != spot.field.type.name])))(site.protocol)


def another_shape(site: Site) -> Protocol:
    spot = site.pick(site.fields(lambda f: f.missing is None and f.absent is None and f.derived is None
                                 and f.max_items is None and f.max_bytes is None and not f.flat
                                 and f.type != Scalar("bool")))
    shapes = (ListOf(spot.field.type), ArrayOf(spot.field.type, 2), TupleOf((spot.field.type, Scalar("u8"))))
    if isinstance(spot.field.type, ArrayOf):
        shapes += (replace(spot.field.type, size=spot.field.type.size + 1),)
    return field(spot.path, type=site.random.choice(shapes))(site.protocol)


def another_wrapped_type(site: Site) -> Protocol:
    newtype = site.pick(site.newtypes())
    return type_(newtype.name, lambda d: replace(d, type=ArrayOf(Scalar("month"), 3)))(site.protocol)


def another_limit(site: Site) -> Protocol:
    def able(f, key):
        inner = f.type.item if isinstance(f.type, OptionalOf) else f.type
        return not f.flat and (isinstance(inner, ListOf) if key == "max_items" else inner == Scalar("string"))
    key = site.random.choice(("max_items", "max_bytes"))
    spot = site.pick(site.fields(lambda f: able(f, key)))
    old = getattr(spot.field, key)
    return field(spot.path, **{key: 5 if old is None else site.random.choice((None, old + 1, max(1, old - 1)))})(
        site.protocol) if old != 1 else field(spot.path, **{key: None})(site.protocol)


def derived_otherwise(site: Site) -> Protocol:
    spot = site.pick(site.fields(lambda f: f.derived is not None, free=False))
    old = spot.field.derived
    other = Binary("==", old.left, old.right) if spot.field.type == Scalar("bool") else Binary("+", old, Number(1))
    return field(spot.path, derived=other)(site.protocol)


def no_longer_derived(site: Site) -> Protocol:
    spot = site.pick(site.fields(lambda f: f.derived is not None, free=False))
    return field(spot.path, derived=None)(site.protocol)


# -- sums and rules ---------------------------------------------------------------------------------------------------

def _variant(site: Site, test=lambda v: True):
    sum_ = site.pick(site.sums())
    return f"{sum_.name}.{site.pick([v for v in sum_.variants if site.version in v.versions and test(v)]).name}"


def a_variant_less(site: Site) -> Protocol:
    return variant(_variant(site), lambda v: None)(site.protocol)


def a_variant_there_later(site: Site) -> Protocol:
    return variant(_variant(site), lambda v: replace(v, versions=Versions(site.version + 1)))(site.protocol)


def a_variant_more(site: Site) -> Protocol:
    sum_ = site.pick(site.sums())
    new = unit(site.name("Added"), versions=sum_.versions)
    snake = sum_.variants[0].wire_name != sum_.variants[0].name
    new = replace(new, wire_name=snake_case(new.name)) if snake else new
    units = [v for v in sum_.variants if v.is_unit]
    others = [v for v in sum_.variants if not v.is_unit]
    return type_(sum_.name, lambda d: replace(d, variants=(*units, new, *others)))(site.protocol)


def another_variant(site: Site) -> Protocol:
    name = site.name("Changed")
    return variant(_variant(site), lambda v: replace(v, name=name, wire_name=name))(site.protocol)


def another_case(site: Site) -> Protocol:
    sum_ = site.pick(site.sums())
    snake = sum_.variants[0].wire_name != sum_.variants[0].name
    return type_(sum_.name, lambda d: replace(d, variants=tuple(
        replace(v, wire_name=v.name if snake else snake_case(v.name)) for v in d.variants)))(site.protocol)


def a_spelling_of_a_variant_less(site: Site) -> Protocol:
    return variant(_variant(site, lambda v: v.aliases), lambda v: replace(v, aliases=()))(site.protocol)


def a_payload_for_a_unit(site: Site) -> Protocol:
    sum_ = site.pick(site.sums(lambda s: not s.is_enumeration))
    units = [v for v in sum_.variants if v.is_unit]
    if not units or site.version not in units[-1].versions:
        raise Nowhere
    return variant(f"{sum_.name}.{units[-1].name}", lambda v: replace(v, type=Scalar("u32")))(site.protocol)


def a_rule_more(site: Site) -> Protocol:
    return type_(*with_rule(site, Versions(site.protocol.min_version)))(site.protocol)


def _ruled(site: Site) -> str:
    struct = site.pick(site.structs(lambda s: any(site.version in r.versions for r in s.rules)))
    return f"{struct.name}.{site.pick([r for r in struct.rules if site.version in r.versions]).id}"


def a_rule_less(site: Site) -> Protocol:
    return rule(_ruled(site), lambda r: None)(site.protocol)


def another_rule(site: Site) -> Protocol:
    def negated(r):
        expr = Unary("!", r.expr)
        return replace(r, expr=expr, text=expr_text(expr))
    return rule(_ruled(site), negated)(site.protocol)


# -- frames and versions ----------------------------------------------------------------------------------------------

def another_byte(site: Site) -> Protocol:
    byte = site.pick(sorted(set(range(256)) - {m.byte for m in site.protocol.messages}))
    there = [m for m in site.protocol.messages if site.version in m.versions and m.emits]
    return message(site.pick(there).name, byte=byte)(site.protocol)


def a_message_less(site: Site) -> Protocol:
    return without_message(site.pick([m for m in site.protocol.messages if not m.emits]).name)(site.protocol)


def messages_exchanged(site: Site) -> Protocol:
    there = [m for m in site.protocol.messages if site.version in m.versions]
    one = site.pick(there)
    other = site.pick([m for m in there if m.accepts != one.accepts])       # else either reads what the other sends
    change = message(one.name, accepts=other.accepts, emits=other.emits, versions=other.versions)
    return message(other.name, accepts=one.accepts, emits=one.emits, versions=one.versions)(change(site.protocol))


def less_frame(site: Site) -> Protocol:
    cap = site.protocol.frame.max_payload + site.random.choice((-1, 1))
    return replace(site.protocol, frame=replace(site.protocol.frame, max_payload=cap))


def less_phase(site: Site) -> Protocol:
    return phase("open", max_payload=99)(site.protocol)


def another_depth(site: Site) -> Protocol:
    return limits(depth=site.protocol.limits.depth + site.random.choice((-1, 1)))(site.protocol)


def less_memory(site: Site) -> Protocol:
    return limits(budget_base=site.protocol.limits.budget_base - 1)(site.protocol)


def another_gate(site: Site) -> Protocol:
    has_token = "token" in site.protocol.envelope.gate
    return envelope(gate=("version",) if has_token else ("version", "token"))(site.protocol)


def a_version_dropped(site: Site) -> Protocol:
    return versions(site.protocol.min_version + 1, site.protocol.current_version)(site.protocol)


def a_version_withdrawn(site: Site) -> Protocol:
    return versions(site.protocol.min_version, site.protocol.current_version - 1)(site.protocol)


KINDS = (
    (a_required_key, {"KEY_ADDED_REQUIRED"}),
    (a_written_key, {"KEY_ADDED_WRITTEN"}),
    (a_key_less, {"KEY_GONE"}),
    (another_key, {"KEY_GONE", "KEY_RENAMED"}),
    (another_key_with_an_alias, {"KEY_RENAMED"}),
    (renamed_too_early, {"KEY_RENAMED", "KEY_GONE"}),
    (renamed_with_its_aliases, {"KEY_SPELLING_GONE"}),
    (keys_swapped, {"KEYS_REORDERED"}),
    (another_default, {"MISSING_VALUE_CHANGED"}),
    (another_value_of_old, {"ABSENT_VALUE_CHANGED"}),
    (required_now, {"KEY_REQUIRED"}),
    (when_set_or_not, {"WHEN_SET_CHANGED"}),
    (a_spelling_less, {"KEY_SPELLING_GONE"}),
    (null_allowed, {"OPTIONALITY_CHANGED"}),
    (null_forbidden, {"OPTIONALITY_CHANGED"}),
    (there_later, {"KEY_GONE"}),
    (another_scalar, {"TYPE_CHANGED"}),
    (another_shape, {"TYPE_CHANGED"}),
    (another_wrapped_type, {"TYPE_CHANGED"}),
    (another_limit, {"LIMIT_CHANGED"}),
    (derived_otherwise, {"DERIVED_CHANGED"}),
    (no_longer_derived, {"DERIVED_CHANGED"}),
    (a_variant_less, {"VARIANT_GONE"}),
    (a_variant_there_later, {"VARIANT_GONE"}),
    (a_variant_more, {"VARIANT_ADDED"}),
    (another_variant, {"VARIANT_GONE", "VARIANT_RENAMED"}),
    (another_case, {"VARIANT_GONE", "VARIANT_RENAMED"}),
    (a_spelling_of_a_variant_less, {"VARIANT_SPELLING_GONE"}),
    (a_payload_for_a_unit, {"TYPE_CHANGED"}),
    (a_rule_more, {"RULE_ADDED"}),
    (a_rule_less, {"RULE_GONE"}),
    (another_rule, {"RULE_CHANGED"}),
    (another_byte, {"MESSAGE_BYTE_CHANGED"}),
    (a_message_less, {"MESSAGE_GONE"}),
    (messages_exchanged, {"MESSAGE_ACCEPTS_LESS", "MESSAGE_EMITS_MORE", "MESSAGE_GONE"}),
    (less_frame, {"FRAME_CAP_CHANGED"}),
    (less_phase, {"PHASE_CAP_CHANGED"}),
    (another_depth, {"DEPTH_CHANGED"}),
    (less_memory, {"BUDGET_LOWERED"}),
    (another_gate, {"ENVELOPE_CHANGED"}),
    (a_version_dropped, {"VERSION_DROPPED"}),
    (a_version_withdrawn, {"VERSION_WITHDRAWN"}),
)
