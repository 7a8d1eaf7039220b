# SPDX-License-Identifier: Apache-2.0
"""The locks themselves: whether each released version has one, whether it is what its name says, and whether it holds
all that the schema says of its version by now. What is not frozen can be altered without a word. The kinds, and what
is paired:

    lock            Protocol, None where there is no lock; the schema
    unfrozen key    None; Field
"""
from __future__ import annotations

from collections.abc import Collection, Iterator

from ftgen.breaking import pairs
from ftgen.breaking.rule import Category, Pair, Rule, Said, View
from ftgen.model import Field, Protocol, Struct
from ftgen.project import project


def wanted(locked: Collection[int], protocol: Protocol) -> range:
    """The versions that must be frozen: all but the one in the making, which is the current one above all locks."""
    last = max((protocol.current_version - 1, *locked))
    return range(protocol.min_version, min(last, protocol.current_version) + 1)


def fits(version: int, lock: Protocol | None, protocol: Protocol) -> bool:
    return lock is not None and (lock.name, lock.window) == (protocol.name, range(version, version + 1))


def beside(version: int, lock: Protocol | None, protocol: Protocol) -> Iterator[Pair]:
    one = range(version, version + 1)
    yield Pair(View.LOCKS, "lock", f"lock/v{version}.json", lock, protocol, one, protocol.place)
    if fits(version, lock, protocol):
        yield from (Pair(View.LOCKS, "unfrozen key", f"{owner.name}.{field.name}", None, field, one, field.place)
                    for _, owner, field in unfrozen(lock, protocol))


def unfrozen(lock: Protocol, protocol: Protocol) -> Iterator[tuple[Struct, Struct, Field]]:
    """Keys that joined the version after it was frozen, with the struct, or the fields of a variant, in the lock and
    now."""
    version = lock.current_version
    if version not in protocol.window:
        return
    one = range(version, version + 1)
    for pair in pairs.by_place(project(lock, version), project(protocol, version), View.VERSION, one):
        if pair.kind == "owner":
            known = {spelling for field in pair.old.fields for spelling in pairs.spellings(field)}
            yield from ((pair.old, pair.new, field) for field in pair.new.fields
                        if field.when_set and known.isdisjoint(pairs.spellings(field)))


def _missing(pair: Pair) -> Iterator[Said]:
    version = pair.versions[0]
    yield Said("the lock of a released version", None,
               f"what nodes of version {version} send and accept may be altered unseen; take the lock from an earlier "
               f"commit, or write it while the schema still says what was released: `ftgen freeze --version {version}`")


def _wrong(pair: Pair) -> Iterator[Said]:
    version, lock = pair.versions[0], pair.old
    if not fits(version, lock, pair.new):
        holds = f"version {lock.min_version}" + (f"..{lock.current_version}" if len(lock.window) != 1 else "")
        yield Said(f"{holds} of {lock.name}", f"the lock of version {version} of {pair.new.name}",
                   "restore the file; protocols do not share a folder, for their locks have the same names")


def _unfrozen(pair: Pair) -> Iterator[Said]:
    yield Said(None, "a key that is not frozen",
               "nodes that are built from now on send it, and it may be altered unseen; add it to the lock of the "
               "version: `ftgen freeze --version N`", pair.versions[0])


def _rule(id_: str, category: Category, case: str, purpose: str, handler) -> Rule:
    return Rule(id_, category, View.LOCKS, case, purpose, handler)


RULES = (
    _rule("LOCK_MISSING", Category.WIRE, "lock added", "a released version is not frozen", _missing),
    _rule("LOCK_WRONG", Category.WIRE, "lock", "a lock is that of another version or protocol", _wrong),
    _rule("KEY_UNFROZEN", Category.JSON, "unfrozen key added", "a key that joined a released version is not frozen",
          _unfrozen),
)
