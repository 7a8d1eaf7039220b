# SPDX-License-Identifier: Apache-2.0
"""What breaks if nodes of an old and of a new schema run side by side, and what stops compiling.

    for finding in compare(old, new): print(finding)
    compare(old, new, Category.WIRE)                # frames and versions only

Nodes speak one version with each other, so each version that both schemas take is compared as that version sees them:
what a later version adds, removes or renames is no finding. Compatible means that both directions work: what either
writes, the other reads as it was meant, and a value that both can hold has the same bytes.

`rule.py` says what rules are, `pairs.py` which elements they see; `wire.py`, `payload.py` and `names.py` hold them.
Limits: docs, `lossy` and the order of declarations are never looked at, nor is what a default-constructed value holds;
of two rules that differ nobody says which one is stricter, nor whether anybody runs them: a rule counts wherever its
struct stands, and a message whose fields become a struct is validated from then on without a word here.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ftgen.breaking import names, pairs, payload, wire
from ftgen.breaking.rule import Category, Finding, Pair, View
from ftgen.model import Protocol
from ftgen.project import project

RULES = (*wire.RULES, *payload.RULES, *names.RULES)

__all__ = ["RULES", "Category", "Finding", "compare"]


def compare(old: Protocol, new: Protocol, category: Category = Category.SOURCE) -> list[Finding]:
    """All findings of the category and of those that are worse, the worst first."""
    rules = defaultdict(list)
    for rule in RULES:
        if rule.category <= category:
            rules[rule.view, rule.case].append(rule)
    found = {Finding(rule.id, rule.category, pair.path, _version(pair, said.version), said.old, said.new, said.hint)
             for pair in _pairs(old, new) for rule in rules[pair.view, pair.case] for said in rule.handler(pair)}
    return sorted(found, key=lambda f: (f.category, f.version or 0, f.path, f.rule, f.old or "", f.new or "", f.hint))


def _pairs(old: Protocol, new: Protocol) -> Iterator[Pair]:
    both = range(max(old.min_version, new.min_version), min(old.current_version, new.current_version) + 1)
    yield from pairs.by_place(old, new, View.WINDOW, both)
    for version in both:
        seen = (project(protocol, version) for protocol in (old, new))
        yield from pairs.by_place(*seen, View.VERSION, range(version, version + 1))
    yield from names.by_name(old, new, both)


def _version(pair: Pair, said: int | None) -> int | None:
    return pair.versions[0] if pair.view is View.VERSION else said
