# SPDX-License-Identifier: Apache-2.0
"""What breaks if nodes of an old and of a new schema run side by side, and what stops compiling.

    for finding in compare(old, new): print(finding)
    compare(old, new, Category.WIRE)                # frames and versions only
    against_locks(locks, new, Category.JSON)        # {version: what was frozen of it}

Nodes speak one version with each other, so each version that both schemas take is compared as that version sees them:
what a later version adds, removes or renames is no finding. Compatible means that both directions work: what either
writes, the other reads as it was meant, and a value that both can hold has the same bytes.

`rule.py` says what rules are, `pairs.py` which elements they see; `wire.py`, `payload.py`, `names.py` and `locks.py`
hold them. A lock is the old schema of nodes that are released with its version (see `ftgen.lock`).
Limits: docs, `lossy` and the order of declarations are never looked at, nor is what a default-constructed value holds;
of two rules that differ nobody says which one is stricter, and a rule counts wherever its struct stands.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from ftgen.breaking import locks as lock_rules
from ftgen.breaking import names, pairs, payload, wire
from ftgen.breaking.rule import CATEGORIES, Category, Finding, Pair, View, merged
from ftgen.model import Protocol
from ftgen.project import project

RULES = (*wire.RULES, *payload.RULES, *names.RULES, *lock_rules.RULES)

__all__ = ["RULES", "Category", "Finding", "against_locks", "compare", "explain", "merged"]


def compare(old: Protocol, new: Protocol, category: Category = Category.SOURCE) -> list[Finding]:
    """All findings of the category and of those that are worse, the worst first."""
    return _found(_pairs(old, new), category)


def against_locks(locks: Mapping[int, Protocol], new: Protocol, category: Category = Category.SOURCE,
                  ) -> dict[int, list[Finding]]:
    """For each lock that is there or should be, what is found. One that does not fit is told instead of what it says."""
    found = {}
    for version in sorted({*locks, *lock_rules.wanted(locks, new)}):
        lock = locks.get(version)
        compared = _pairs(lock, new) if lock_rules.fits(version, lock, new) else ()
        found[version] = _found([*lock_rules.beside(version, lock, new), *compared], category)
    return found


def explain(id_: str) -> str | None:
    """The text for `ftgen explain`, or None for an unknown rule."""
    rule = next((rule for rule in RULES if rule.id == id_.upper()), None)
    return rule and f"{rule.id}: {rule.purpose}\n\n{rule.category.name}: {CATEGORIES[rule.category]}.\n"


def _found(seen: Iterable[Pair], category: Category) -> list[Finding]:
    rules = defaultdict(list)
    for rule in RULES:
        if rule.category <= category:
            rules[rule.view, rule.case].append(rule)
    return merged(Finding(rule.id, rule.category, pair.path, _versions(pair, said.version), said.old, said.new, said.hint,
                          pair.place)
                  for pair in seen for rule in rules[pair.view, pair.case] for said in rule.handler(pair))


def _pairs(old: Protocol, new: Protocol) -> Iterator[Pair]:
    both = range(max(old.min_version, new.min_version), min(old.current_version, new.current_version) + 1)
    # Nodes that are released with one version take older ones as well: a lock alone says what fields read as there.
    taken = range(new.min_version, both.stop) if len(old.window) == 1 else both
    yield from pairs.by_place(old, new, View.WINDOW, taken)
    for version in both:
        seen = (project(protocol, version) for protocol in (old, new))
        yield from pairs.by_place(*seen, View.VERSION, range(version, version + 1))
    yield from names.by_name(old, new, both)


def _versions(pair: Pair, said: int | None) -> tuple[int, ...]:
    if pair.view is View.VERSION:
        return tuple(pair.versions)
    return () if said is None else (said,)
