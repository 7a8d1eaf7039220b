# SPDX-License-Identifier: Apache-2.0
"""What the oracle's values are made of, and how it says no.

A struct is a dict by field names, in any order; a sum is a Tagged; a list, array or tuple is a list; a date or time is
the list of its components on the wire; null is None; opaque JSON is a Raw. Newtypes and secrets are what they wrap. A
derived field is in no value.
"""
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Refused(Exception):
    """Why not: the name of the code in the runtime, where in the message, at which byte if that is known. `message` is
    what a rule says. Raised within the oracle, returned by it."""
    code: str
    path: str
    offset: int | None = None
    message: str = ""


@dataclass(frozen=True)
class Tagged:
    """A value of a sum: the variant's name in the schema, and None, a dict of fields, or the payload."""
    variant: str
    payload: object = None


@dataclass(frozen=True)
class Raw:
    """Opaque JSON as it came."""
    text: str
