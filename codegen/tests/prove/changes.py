# SPDX-License-Identifier: Apache-2.0
"""Random changes of a protocol whose effect is known from how they are made.

    change = random_change(random, protocol, breaking=True)     # Change, or None if this draw fits nowhere
    change.protocol, change.name, change.rules                  # one of the rules must speak; none: it is compatible

A change is made on the finished model, where a version of the window sees it, and goes through YAML: one that makes no
legal schema is none. The kinds are the functions of COMPATIBLE and BREAKING; each takes a Site and gives a protocol.
Breaking ones say in BREAKING which rules may report them.
"""
from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from ftgen.load import load
from ftgen.model import Field, Protocol, Struct, Sum, Variant
from ftgen.project import project
from ftgen.unparse import schema_files
from ftgen.walk import names_in, owners, reachable


@dataclass(frozen=True)
class Change:
    name: str
    protocol: Protocol
    rules: frozenset[str]


def random_change(random: Random, protocol: Protocol, breaking: bool) -> Change | None:
    from tests.prove import breaks, fits                # which need the Site of this module
    if breaking:
        kind, rules = random.choice(breaks.KINDS)
        kinds = [kind]
    else:
        kinds, rules = random.choices(fits.KINDS, k=random.choice((1, 1, 2, 3))), ()
    changed: Protocol | None = protocol
    try:
        for kind in kinds:
            changed = changed and as_loaded(kind(Site(random, changed)))
    except Nowhere:
        return None
    return Change(" and ".join(kind.__name__ for kind in kinds), changed, frozenset(rules)) if changed else None


def as_loaded(protocol: Protocol) -> Protocol | None:
    """What `load` makes of the protocol's YAML; None if that is refused."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in schema_files(protocol).items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        return load(Path(folder) / f"{protocol.name}.yaml")[0]


@dataclass(frozen=True)
class Spot:
    """A field in its owner, or an owner alone."""
    path: str
    owner: Struct | Variant
    field: Field | None = None

    @property
    def index(self) -> int:
        return self.owner.fields.index(self.field)


class Site:
    """Where a change may be made: in what one version of the window reads, chosen at random."""

    def __init__(self, random: Random, protocol: Protocol) -> None:
        self.random, self.protocol = random, protocol
        self.version = random.choice(protocol.window)
        self.next = protocol.current_version + 1
        self._reached = reachable(project(protocol, self.version))
        self._declared = protocol.declarations()

    def name(self, word: str) -> str:
        return f"{word}{self.random.randrange(10**6)}"

    def owners(self) -> list[Spot]:
        """Structs and struct variants but the envelope."""
        envelope = self.protocol.envelope.type
        return [Spot(path, owner) for path, owner in self._owners() if path != envelope]

    def _owners(self) -> Iterator[tuple[str, Struct | Variant]]:
        for name in sorted(self._reached):
            declaration = self._declared[name]
            for owner in owners(declaration):
                if self.version in owner.versions:
                    yield (name if owner is declaration else f"{name}.{owner.name}"), owner

    def fields(self, test=lambda field: True, free: bool = True) -> list[Spot]:
        """Those that the version has; with `free` those that no rule and no derived field looks at."""
        return [Spot(f"{spot.path}.{f.name}", spot.owner, f) for spot in self.owners() for f in spot.owner.fields
                if self.version in f.versions and test(f) and not (free and f.name in _looked_at(spot.owner))]

    def sums(self, test=lambda sum_: True) -> list[Sum]:
        """All but that of the messages."""
        envelope = self._declared[self.protocol.envelope.type]
        content = next(f.type.name for f in envelope.fields if f.name == self.protocol.envelope.payload)
        return [d for name in sorted(self._reached) if isinstance(d := self._declared[name], Sum)
                and name != content and test(d)]

    def structs(self, test=lambda struct: True) -> list[Struct]:
        return [spot.owner for spot in self.owners() if isinstance(spot.owner, Struct) and test(spot.owner)]

    def newtypes(self) -> list:
        return [self._declared[n] for n in sorted(self._reached) if not isinstance(self._declared[n], (Struct, Sum))]

    def pick(self, things: list):
        """One of them; a kind that finds none gives up."""
        if not things:
            raise Nowhere
        return self.random.choice(things)


class Nowhere(Exception):
    """The kind of change does not fit this protocol."""


def _looked_at(owner: Struct | Variant) -> set[str]:
    exprs = [f.derived for f in owner.fields if f.derived is not None] + [r.expr for r in getattr(owner, "rules", ())]
    return {name for expr in exprs for name in names_in(expr)}


def bumped(protocol: Protocol) -> Protocol:
    return replace(protocol, current_version=protocol.current_version + 1)
