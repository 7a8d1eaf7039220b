# SPDX-License-Identifier: Apache-2.0
"""WIRE: nodes whose frames, versions or limits do not fit never get as far as the payload.

What is the same in all versions (caps, phases, the envelope) cannot change in a later one; the hints say so."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ftgen.breaking.pairs import Carried, matched, spellings
from ftgen.breaking.rule import Category, Pair, Rule, Said, View
from ftgen.model import Field, Protocol

_ALL_VERSIONS = "it is the same in all versions: put it back, or change it when no old node runs"
_OTHER_MESSAGE = "another message, `added` in a later version in which this one is `removed`, may differ"


# -- versions and limits ----------------------------------------------------------------------------------------------

def _dropped(pair: Pair) -> Iterator[Said]:
    for version in pair.old.window:
        if version < pair.new.min_version:
            yield Said(*_windows(pair), "a new node refuses nodes that speak nothing newer; when none of them runs, "
                       f"delete lock/v{version}.json", version)


def _withdrawn(pair: Pair) -> Iterator[Said]:
    for version in pair.old.window:
        if version > pair.new.current_version:
            yield Said(*_windows(pair), "an old node sends this version, a new one refuses it; put versions.current "
                       "back", version)


def _windows(pair: Pair) -> tuple[str, str]:
    old, new = (f"versions {p.min_version}..{p.current_version}" for p in (pair.old, pair.new))
    return old, new


def _frame(pair: Pair) -> Iterable[Said]:
    old, new = pair.old.frame, pair.new.frame
    return () if old is None or new is None else _number("max_payload", old.max_payload, new.max_payload)


def _phase(pair: Pair) -> Iterable[Said]:
    return _number("max_payload", pair.old.max_payload, pair.new.max_payload)


def _depth(pair: Pair) -> Iterable[Said]:
    return _number("depth", pair.old.limits.depth, pair.new.limits.depth)


def _number(name: str, old: int, new: int) -> Iterator[Said]:
    if old != new:
        sender, receiver = ("an old", "a new") if new < old else ("a new", "an old")
        yield Said(f"{name} {old}", f"{name} {new}",
                   f"{sender} node may send up to {max(old, new)}, {receiver} one refuses it; {_ALL_VERSIONS}")


def _phases(pair: Pair) -> Iterator[Said]:
    """Their names are not on the wire."""
    old, new = pair.old.phases, pair.new.phases
    if old and new and len(old) != len(new):
        yield Said(*("phases " + ", ".join(phase.name for phase in phases) for phases in (old, new)),
                   f"old and new nodes do not agree on how far a connection has come; {_ALL_VERSIONS}")


def _budget(pair: Pair) -> Iterator[Said]:
    """Both are lines over the size of a payload, so it is enough to look at their ends."""
    old, new = pair.old.limits, pair.new.limits
    most = min(protocol.frame.max_payload if protocol.frame else 2**32 for protocol in (pair.old, pair.new))
    if any(new.budget_base + size * new.budget_per_payload_byte < old.budget_base + size * old.budget_per_payload_byte
           for size in (0, most)):
        yield Said(*(f"budget {x.budget_base} + {x.budget_per_payload_byte} per byte" for x in (old, new)),
                   f"an old node sends what a new one has no memory for and refuses; {_ALL_VERSIONS}")


def _alpn(pair: Pair) -> Iterator[Said]:
    """A name where there was none disturbs nobody."""
    old, new = pair.old.alpn, pair.new.alpn
    if old is not None and old != new:
        yield Said(f"alpn {old}", None if new is None else f"alpn {new}",
                   "what stands between nodes and tells connections apart by this name does not know those of the new "
                   "ones; put it back, for versions are told apart by their number")


# -- envelope ---------------------------------------------------------------------------------------------------------

def _transport(pair: Pair) -> Iterator[Said]:
    old, new = ("with a transport" if p.envelope else "types only" for p in (pair.old, pair.new))
    if old != new:
        yield Said(old, new, f"one of the two has no frames; {_ALL_VERSIONS}")


def _envelope(pair: Pair) -> Iterator[Said]:
    if pair.old.envelope is None or pair.new.envelope is None:
        return
    for role, hint in (("gate", "old and new nodes judge envelopes by different fields"),
                       ("payload", "old and new nodes look for the message in different places"),
                       ("version", "only one of the two reads the version from there")):
        fields = matched(_role(pair.old, role), _role(pair.new, role), lambda f: f.name, spellings)
        if any(a is None or b is None for a, b in fields):
            yield Said(*(_list(role, protocol) for protocol in (pair.old, pair.new)), f"{hint}; {_ALL_VERSIONS}")


def _names(protocol: Protocol, role: str) -> tuple[str, ...]:
    names = getattr(protocol.envelope, role)
    return (names,) if isinstance(names, str) else names or ()


def _role(protocol: Protocol, role: str) -> list[Field]:
    fields = {f.name: f for f in protocol.declarations()[protocol.envelope.type].fields}
    return [fields[name] for name in _names(protocol, role)]


def _list(role: str, protocol: Protocol) -> str:
    return f"{role} [{', '.join(_names(protocol, role))}]"


# -- messages ---------------------------------------------------------------------------------------------------------

def _message_gone(pair: Pair) -> Iterator[Said]:
    yield Said(_byte(pair.old), None, "an old node sends or expects this byte, a new one closes the connection on it; "
               "remove it in a later version (`removed`)")


def _message_added(pair: Pair) -> Iterator[Said]:
    if pair.new.emits:              # one that is only accepted disturbs nobody
        yield Said(None, _byte(pair.new),
                   "a new node sends this byte, an old one closes the connection on it; add it in a later version")


def _message_byte(pair: Pair) -> Iterator[Said]:
    if pair.old.message.byte != pair.new.message.byte:
        yield Said(_byte(pair.old), _byte(pair.new),
                   f"each of an old and a new node refuses the byte of the other; {_OTHER_MESSAGE}")


def _message_sender(pair: Pair) -> Iterator[Said]:
    old, new = pair.old.message.sender, pair.new.message.sender
    if old != new:
        yield Said(f"from the {old}", f"from the {new}",
                   f"a node does not expect the message from that side; {_OTHER_MESSAGE}")


def _accepts_less(pair: Pair) -> Iterator[Said]:
    lost = pair.old.accepts & pair.new.known - pair.new.accepts
    if lost:
        yield Said(f"accepted with {_leaves(lost)}", "not",
                   f"an old node reads such a frame, a new one refuses it; {_OTHER_MESSAGE}")


def _emits_more(pair: Pair) -> Iterator[Said]:
    more = pair.new.emits & pair.old.known - pair.old.accepts
    if more:
        yield Said("refused", f"emitted with {_leaves(more)}",
                   f"a new node sends such a frame, an old one refuses it; {_OTHER_MESSAGE}")


def _emits_less(pair: Pair) -> Iterator[Said]:
    """Then another message does it: a variant that is gone altogether is not this rule's business."""
    less = pair.old.emits & pair.new.known - pair.new.emits
    if less:
        yield Said(f"emitted with {_leaves(less)}", "not",
                   f"the same payload has another byte in the frame of a new node; {_OTHER_MESSAGE}")


def _byte(carried: Carried) -> str:
    return f"byte 0x{carried.message.byte:02x}"


def _leaves(leaves: frozenset[tuple[str, ...]]) -> str:
    return ", ".join(sorted(map(".".join, leaves)))


def _window(id_: str, case: str, purpose: str, handler: Callable[[Pair], Iterable[Said]]) -> Rule:
    return Rule(id_, Category.WIRE, View.WINDOW, case, purpose, handler)


def _version(id_: str, case: str, purpose: str, handler: Callable[[Pair], Iterable[Said]]) -> Rule:
    return Rule(id_, Category.WIRE, View.VERSION, case, purpose, handler)


RULES = (
    _window("VERSION_DROPPED", "protocol", "a version at the old end is not taken any more", _dropped),
    _window("VERSION_WITHDRAWN", "protocol", "a version at the new end is not taken any more", _withdrawn),
    _window("FRAME_CAP_CHANGED", "protocol", "the most bytes of a payload", _frame),
    _window("ALPN_CHANGED", "protocol", "what TLS calls the protocol", _alpn),
    _window("PHASES_CHANGED", "protocol", "the number of phases of a connection", _phases),
    _window("PHASE_CAP_CHANGED", "phase", "the most bytes of a payload in one phase", _phase),
    _window("DEPTH_CHANGED", "protocol", "how deep values may nest", _depth),
    _window("BUDGET_LOWERED", "protocol", "the memory that decoding may take", _budget),
    _window("TRANSPORT_CHANGED", "protocol", "frames came or went as a whole", _transport),
    _window("ENVELOPE_CHANGED", "protocol", "which fields are the gate, the version and the payload", _envelope),
    _version("MESSAGE_GONE", "message gone", "a byte is not known any more", _message_gone),
    _version("MESSAGE_ADDED", "message added", "a byte that the version did not have is sent", _message_added),
    _version("MESSAGE_BYTE_CHANGED", "message", "the byte of a message", _message_byte),
    _version("MESSAGE_SENDER_CHANGED", "message", "who sends a message", _message_sender),
    _version("MESSAGE_ACCEPTS_LESS", "message", "a message does not carry a payload any more", _accepts_less),
    _version("MESSAGE_EMITS_MORE", "message", "a payload is sent with a byte that was not for it", _emits_more),
    _version("MESSAGE_EMITS_LESS", "message", "a payload is sent with another byte than before", _emits_less),
)
