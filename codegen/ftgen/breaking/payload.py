# SPDX-License-Identifier: Apache-2.0
"""JSON: one node refuses or misreads the payload that the other writes, or writes the same value in other bytes."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ftgen.breaking.pairs import shape, spellings
from ftgen.breaking.rule import Category, Pair, Rule, Said, View
from ftgen.model import Field, Missing, OptionalOf, UnitName
from ftgen.unparse import expr_text

_BYTES = "both read it, but the bytes of the same value differ, and so does what depends on them"
_VALIDATED = "the structs inside a struct are validated, those inside the fields of a variant are not"
_NEW_NAME = "what must differ gets a name of its own: the old one `removed`, another `added`, in a later version"


# -- keys -------------------------------------------------------------------------------------------------------------

def _key_gone(pair: Pair) -> Iterator[Said]:
    if _required(pair.old):
        yield Said("the required key", None,
                   "a new node leaves it out, an old one refuses that; remove it in a later version (`removed`), or say "
                   "in its new name what it was called (`renamed`)")
    else:
        yield Said("the key", None,
                   "an old node sends it, a new one passes over it unseen; remove it in a later version (`removed`)")


def _key_required(pair: Pair) -> Iterator[Said]:
    """New, or what was there may not be missing any more."""
    if pair.old is None and _required(pair.new):
        yield Said(None, "a required key",
                   "an old node leaves it out, a new one refuses that; add it in a later version (`added`, `absent`), "
                   "or say what it was called (`renamed`)")
    elif pair.old is not None and not _required(pair.old) and _required(pair.new) and not _nullable(pair.old):
        yield Said(f"{_value(pair.old.missing)} when missing", "required",
                   f"an old node reads messages without the key, a new one refuses them; keep `missing`, "
                   f"or {_NEW_NAME}")


def _key_written(pair: Pair) -> Iterator[Said]:
    if not _required(pair.new) and not pair.new.when_set:
        yield Said(None, "a key that is always written",
                   f"{_BYTES}; say `emit: when_set`, or add it in a later version (`added`)")


def _key_renamed(pair: Pair) -> Iterator[Said]:
    yield from _written(pair, pair.old.name, pair.new.name, "; declare the rename (`renamed`)")


def _written(pair: Pair, old: str, new: str, advice: str = "") -> Iterator[Said]:
    if old != new:
        unread = [f"{sender} node writes '{spelling}', {receiver} one does not know it"
                  for sender, spelling, receiver, reader in (("an old", old, "a new", pair.new),
                                                             ("a new", new, "an old", pair.old))
                  if spelling not in spellings(reader)]
        yield Said(f"'{old}'", f"'{new}'", ("; ".join(unread) or _BYTES) + advice)


def _spelling_gone(pair: Pair) -> Iterator[Said]:
    for alias in sorted(set(pair.old.aliases) - spellings(pair.new)):
        yield Said(f"the alias '{alias}'", None, "an old node reads this spelling, a new one does not; keep it, and "
                   "the name that it is an alias of, as long as the version is spoken")


def _reordered(pair: Pair) -> Iterator[Said]:
    if pair.old != pair.new:
        yield Said(", ".join(pair.old), ", ".join(pair.new), f"keys are written in this order: {_BYTES}; put them back")


# -- what a key holds -------------------------------------------------------------------------------------------------

def _type(pair: Pair) -> Iterator[Said]:
    old, new = shape(pair.old), shape(pair.new)
    if old != new:
        yield Said(old, new, f"either node refuses or misreads what the other writes; {_NEW_NAME}")


def _optionality(pair: Pair) -> Iterator[Said]:
    if _nullable(pair.old) != _nullable(pair.new):
        sender, receiver = ("an old", "a new") if _nullable(pair.old) else ("a new", "an old")
        yield Said(*("optional" if _nullable(f) else "never null" for f in (pair.old, pair.new)),
                   f"{sender} node may send null or nothing, {receiver} one refuses or misreads it; {_NEW_NAME}")


def _missing(pair: Pair) -> Iterator[Said]:
    old, new = pair.old.missing, pair.new.missing
    if old is not None and new is not None and old != new and _nullable(pair.old) == _nullable(pair.new):
        yield Said(f"{_value(old)} when missing", f"{_value(new)} when missing",
                   f"an old and a new node read the same message without the key in two ways; {_NEW_NAME}")


def _absent(pair: Pair) -> Iterator[Said]:
    """In versions that do not have the field; where it is there, `_missing` looks at it."""
    old, new = (f.absent or f.missing for f in (pair.old, pair.new))
    if old is None or new is None or old == new or _nullable(pair.old) != _nullable(pair.new):
        return
    for version in pair.versions:
        if version not in pair.old.versions and version not in pair.new.versions:
            yield Said(f"read as {_value(old)}", f"read as {_value(new)}",
                       "an old and a new node read the same message of this version in two ways; put the value back, for "
                       "the nodes that read it are released", version)


def _when_set(pair: Pair) -> Iterator[Said]:
    if pair.old.when_set != pair.new.when_set:
        refused = pair.new.when_set and _required(pair.old)
        mix = "a new node may leave out the key, an old one refuses the message without it" if refused else _BYTES
        yield Said(*("written when set" if f.when_set else "always written" for f in (pair.old, pair.new)),
                   f"{mix}; put `emit` back, or {_NEW_NAME}")


def _limits(pair: Pair) -> Iterator[Said]:
    for key in ("max_items", "max_bytes"):
        old, new = getattr(pair.old, key), getattr(pair.new, key)
        if old != new:
            lower = old is None or (new is not None and new < old)
            sender, receiver = ("an old", "a new") if lower else ("a new", "an old")
            yield Said(_limit(key, old), _limit(key, new), f"{sender} node may send more than {receiver} one accepts; "
                       + ("a rule of a later version may ask for less" if lower else _NEW_NAME))


def _derived(pair: Pair) -> Iterator[Said]:
    if pair.old.derived != pair.new.derived:
        yield Said(*("a member" if f.derived is None else f"derived from {expr_text(f.derived)}"
                     for f in (pair.old, pair.new)),
                   f"old and new nodes write different values, and one of the two drops what it reads; {_NEW_NAME}")


# -- sums and rules ---------------------------------------------------------------------------------------------------

def _variant_gone(pair: Pair) -> Iterator[Said]:
    yield Said("the variant", None,
               "an old node sends it, a new one refuses it; remove it in a later version (`removed`)")


def _variant_added(pair: Pair) -> Iterator[Said]:
    yield Said(None, "the variant", "a new node sends it, an old one refuses it; add it in a later version (`added`)")


def _variant_renamed(pair: Pair) -> Iterator[Said]:
    yield from _written(pair, pair.old.wire_name, pair.new.wire_name, f"; {_NEW_NAME}")


def _rule_added(pair: Pair) -> Iterator[Said]:
    yield Said(None, pair.new.text, "an old node sends what a new one refuses; add it in a later version (`added`)")


def _rule_gone(pair: Pair) -> Iterator[Said]:
    yield Said(pair.old.text, None, "a new node sends what an old one refuses; end it in a later version (`removed`)")


def _rule_begins(pair: Pair) -> Iterator[Said]:
    yield Said(None, pair.new.text, f"{_VALIDATED}, so an old node sends what a new one refuses; {_NEW_NAME}")


def _rule_ceases(pair: Pair) -> Iterator[Said]:
    yield Said(pair.old.text, None, f"{_VALIDATED}, so a new node sends what an old one refuses; {_NEW_NAME}")


def _rule_changed(pair: Pair) -> Iterator[Said]:
    if pair.old.expr != pair.new.expr:
        yield Said(pair.old.text, pair.new.text,
                   "one node sends what the other refuses; end the rule in one version (`removed`) and add another")


# -- words ------------------------------------------------------------------------------------------------------------

def _required(field: Field) -> bool:
    return field.missing is None


def _nullable(field: Field) -> bool:
    return isinstance(field.type, OptionalOf)


def _limit(key: str, value: int | None) -> str:
    return f"without {key}" if value is None else f"{key} {value}"


def _value(missing: Missing) -> str:
    match missing.value:
        case None:
            return "null"
        case ():
            return "[]"
        case bool(value):
            return str(value).lower()
        case UnitName(name):
            return name
        case value:
            return repr(value)


def _rule(id_: str, case: str, purpose: str, handler: Callable[[Pair], Iterable[Said]], view=View.VERSION) -> Rule:
    return Rule(id_, Category.JSON, view, case, purpose, handler)


RULES = (
    _rule("KEY_GONE", "field gone", "a key was removed from a version that has it", _key_gone),
    _rule("KEY_ADDED_REQUIRED", "field added", "a required key was added to a version that is in use", _key_required),
    _rule("KEY_ADDED_WRITTEN", "field added", "a key that is always written was added to a version that is in use",
          _key_written),
    _rule("KEY_REQUIRED", "field", "a key may not be missing any more", _key_required),
    _rule("KEY_RENAMED", "field", "a key is written under another name", _key_renamed),
    _rule("KEYS_REORDERED", "keys", "the order of keys", _reordered),
    _rule("KEY_SPELLING_GONE", "field", "an alias of a key is not read any more", _spelling_gone),
    _rule("TYPE_CHANGED", "type", "what a key, an item or a variant holds", _type),
    _rule("OPTIONALITY_CHANGED", "field", "whether a key may be null", _optionality),
    _rule("MISSING_VALUE_CHANGED", "field", "what a missing key reads as", _missing),
    _rule("ABSENT_VALUE_CHANGED", "field", "what a field reads as in a version without it", _absent, View.WINDOW),
    _rule("WHEN_SET_CHANGED", "field", "whether a key is always written", _when_set),
    _rule("LIMIT_CHANGED", "field", "how long a list or string may be", _limits),
    _rule("DERIVED_CHANGED", "field", "what a derived key is computed from", _derived),
    _rule("VARIANT_GONE", "variant gone", "a variant was removed from a version that has it", _variant_gone),
    _rule("VARIANT_ADDED", "variant added", "a variant was added to a version that is in use", _variant_added),
    _rule("VARIANT_RENAMED", "variant", "a variant is written under another name", _variant_renamed),
    _rule("VARIANT_SPELLING_GONE", "variant", "an alias of a variant is not read any more", _spelling_gone),
    _rule("RULE_ADDED", "rule added", "messages must fulfil one rule more", _rule_added),
    _rule("RULE_GONE", "rule gone", "messages need not fulfil a rule any more", _rule_gone),
    _rule("RULE_BEGINS", "inner rule added", "a message is held to the rules of a struct inside it, and was not",
          _rule_begins),
    _rule("RULE_CEASES", "inner rule gone", "a message was held to the rules of a struct inside it, and is not",
          _rule_ceases),
    _rule("RULE_CHANGED", "rule", "messages must fulfil another rule", _rule_changed),
)
