# SPDX-License-Identifier: Apache-2.0
"""A protocol on its way from YAML to the finished model, with what only the passes need.

The parser makes a Draft whose Protocol is raw: where a small language is spoken (type expressions, rules, what
`missing` says, the variant a sum defaults to) stands the source.Scalar as written; where a group is used among fields
stands a GroupUse; `Versions.added` is None where nothing was said. Each pass replaces the raw things that it is about.
"""
from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ftgen.model import Declaration, Field, Place, Protocol


@dataclass(frozen=True)
class GroupUse:
    """`+name:` among the fields of a struct, a variant or a group."""
    name: str
    place: Place


@dataclass(frozen=True)
class Group:
    name: str
    doc: str
    fields: tuple[Field | GroupUse, ...]
    place: Place


@dataclass(frozen=True)
class Draft:
    protocol: Protocol
    groups: tuple[Group, ...]                       # in the order in which they may use each other
    files: Mapping[str, str]                        # of each family
    places: Mapping[tuple[Place, str], Place]       # (place of a mapping's owner, key) -> place of the value
    group_uses: tuple[str, ...] = ()                # the groups that structs and variants use, after they are expanded

    def at(self, start: Place | str, *keys: str) -> Place:
        """The place of an attribute: `at(field.place, "missing")`, `at("fragment_transport", "envelope", "type")`.

        A text names a family and means the top of its file. What does not stand in the file is found at its owner.
        """
        place = Place(self.files[start], 0, 0) if isinstance(start, str) else start
        for key in keys:
            place = self.places.get((place, key), place)
        return place if place.line else Place(place.file, 1, 1)

    def with_protocol(self, **changes: object) -> "Draft":
        return dataclasses.replace(self, protocol=dataclasses.replace(self.protocol, **changes))

    def map_types(self, change: Callable[[Declaration], Declaration]) -> "Draft":
        return self.with_protocol(families=tuple(
            dataclasses.replace(family, types=tuple(change(t) for t in family.types))
            for family in self.protocol.families))
