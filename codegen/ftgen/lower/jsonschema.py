# SPDX-License-Identifier: Apache-2.0
"""JSON Schema (Draft 2020-12) of one version of a protocol: `lower(protocol)` gives the document as a dict.

The document is the envelope's schema. Under `$defs` are all types, and all messages: the envelope with what its byte
takes.
The protocol is one that a version sees alone (`ftgen.project`). The schema accepts what a decoder accepts: unknown
keys, aliases, `{"A": null}` for a unit. What JSON Schema cannot say is left to the decoder: depth, the memory budget,
duplicate keys, how a number is spelt (`1.0` is an integer here), the length of a string in bytes (bounded by its
characters instead), which days a year has, on which side of a limit a double stands for a longer number, and the numbers
inside of opaque JSON.
"""
from __future__ import annotations

from typing import Any

from ftgen.lower.values import default
from ftgen.model import (INTEGERS, TEMPORALS, ArrayOf, Declaration, Envelope, Field, ListOf, Message, Newtype, Opaque,
                         OptionalOf, Protocol, Ref, Scalar, SecretOf, Struct, Sum, TupleOf, Type, Variant)
from ftgen.walk import children, used_types

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_FLOAT_ENDS = {
    # Half a step beyond the greatest number of single precision. A text near it that rounds to that number is this to a
    # reader of doubles, as is one that rounds to infinity.
    "f32": {"minimum": -(2**128 - 2**103), "maximum": 2**128 - 2**103},
    "f64": {"minimum": -1.7976931348623157e308, "maximum": 1.7976931348623157e308},
}


def lower(protocol: Protocol) -> Schema:
    declared = protocol.declarations()
    definitions = {name: _declaration(d, declared) for name, d in declared.items()}
    temporals = {t: _TEMPORAL[t] for t in TEMPORALS if t in _scalars(declared)}
    root = {} if protocol.envelope is None else {"$ref": f"#/$defs/{protocol.envelope.type}"}
    messages = {m.name: _message(m, protocol.envelope, declared) for m in protocol.messages}
    return {"$schema": DIALECT, "title": f"{protocol.name}, version {protocol.current_version}",
            "description": protocol.doc, **root, "$defs": {**messages, **temporals, **definitions}}


# -- messages ----------------------------------------------------------------------------------------------------------

def _message(message: Message, envelope: Envelope, declared: dict[str, Declaration]) -> Schema:
    """The envelope, with what is accepted under the byte of the message."""
    type_ = next(f.type for f in declared[envelope.type].fields if f.name == envelope.payload)
    accepted = [_below(type_, path, declared) for path in message.accepts]
    return {"description": message.doc, "$comment": f"message byte 0x{message.byte:02x}",
            "$ref": f"#/$defs/{envelope.type}", "properties": {envelope.payload: {"anyOf": accepted}}}


def _below(type_: Ref, path: tuple[str, ...], declared: dict[str, Declaration]) -> Schema:
    """Which variants a value has, from the outside in."""
    if not path:
        return {}
    variant = next(v for v in declared[type_.name].variants if v.name == path[0])
    names = [variant.wire_name, *variant.aliases]
    inside = {} if variant.type is None else _below(variant.type, path[1:], declared)
    tagged = [{"type": "object", "required": [name], "properties": {name: inside}} for name in names]
    return {"anyOf": [*tagged, *([{"enum": names}] if variant.is_unit else [])]}


# -- declarations -----------------------------------------------------------------------------------------------------

def _declaration(declaration: Declaration, declared: dict[str, Declaration]) -> Schema:
    match declaration:
        case Struct():
            return {"description": declaration.doc, **_object(declaration.fields, declared)}
        case Newtype():
            return {"description": declaration.doc, **_type(declaration.type)}
        case Sum():
            return {"description": declaration.doc, "oneOf": list(_alternatives(declaration, declared))}


def _object(fields: tuple[Field, ...], declared: dict[str, Declaration]) -> Schema:
    properties = {key: _field(f, declared, key) for f in fields for key in _spellings(f)}
    schema = {"type": "object", "properties": properties,
              "required": [f.name for f in fields if f.missing is None and not f.aliases]}
    renamed = [_one_of_the_spellings(f) for f in fields if f.aliases]
    return {**schema, **({"allOf": renamed} if renamed else {}), "additionalProperties": True}


def _one_of_the_spellings(field: Field) -> Schema:
    """Two spellings of one key in one object are a duplicate."""
    each = [{"required": [key]} for key in _spellings(field)]
    return {"oneOf": each if field.missing is None else [*each, {"not": {"anyOf": each}}]}


def _spellings(field: Field) -> tuple[str, ...]:
    return (field.name, *field.aliases)


def _field(field: Field, declared: dict[str, Declaration], key: str) -> Schema:
    doc = field.doc if key == field.name else f"Another spelling of `{field.name}`."
    schema = {"description": doc, **_type(field.type)}
    if field.max_items is not None:
        schema["maxItems"] = field.max_items
    if field.max_bytes is not None:
        schema["maxLength"] = field.max_bytes
        schema["$comment"] = f"at most {field.max_bytes} bytes in UTF-8"
    if field.derived is not None:
        schema["$comment"] = "read and dropped; a writer derives it from the other keys"
    if field.missing is not None:
        schema["default"] = default(field.missing, field.type, declared)
    return schema


def _alternatives(sum_: Sum, declared: dict[str, Declaration]):
    units = [name for v in sum_.variants if v.is_unit for name in (v.wire_name, *v.aliases)]
    if units:
        yield {"description": "A variant without payload.", "enum": units}
        yield {"description": "The long form of the same; read, never written.", "type": "object",
               "properties": {name: {"type": "null"} for name in units},
               "minProperties": 1, "maxProperties": 1, "additionalProperties": False}
    for variant in sum_.variants:
        if not variant.is_unit:
            yield _tagged(variant, declared)


def _tagged(variant: Variant, declared: dict[str, Declaration]) -> Schema:
    """An object with one key, the name of the variant."""
    names = (variant.wire_name, *variant.aliases)
    payload = _type(variant.type) if variant.fields is None else _object(variant.fields, declared)
    count = {"minProperties": 1, "maxProperties": 1} if variant.aliases else {"required": [variant.wire_name]}
    return {"title": variant.name, "description": variant.doc, "type": "object",
            "properties": {name: payload for name in names}, **count, "additionalProperties": False}


# -- types ------------------------------------------------------------------------------------------------------------

def _type(type_: Type) -> Schema:
    match type_:
        case Scalar(name) if name in TEMPORALS:
            return {"$ref": f"#/$defs/{name}"}
        case Scalar(name):
            return _scalar(name)
        case Opaque():
            return {}
        case ListOf(item):
            return {"type": "array", "items": _type(item)}
        case ArrayOf(item, size):
            return {"type": "array", "items": _type(item), "minItems": size, "maxItems": size}
        case TupleOf(items):
            return _tuple(*(_type(item) for item in items))
        case SecretOf(item):
            return {**_type(item), "writeOnly": True}
        case OptionalOf(item):
            return _or_null(_type(item))
        case Ref(name):
            return {"$ref": f"#/$defs/{name}"}


def _scalar(name: str) -> Schema:
    if name in INTEGERS:
        low, high = INTEGERS[name]
        return {"type": "integer", "minimum": low, "maximum": high}
    if name in _FLOAT_ENDS:
        return {"type": "number", **_FLOAT_ENDS[name]}
    return {"type": {"bool": "boolean"}.get(name, name)}


def _or_null(schema: Schema) -> Schema:
    if "type" in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _tuple(*items: Schema) -> Schema:
    return {"type": "array", "prefixItems": list(items), "minItems": len(items), "maxItems": len(items)}


def _integer(low: int, high: int, description: str) -> Schema:
    return {"type": "integer", "minimum": low, "maximum": high, "description": description}


_DATE = (_integer(-999999, 999999, "Year."), _integer(1, 366, "Day of the year."))
_TIME = (_integer(0, 23, "Hour."), _integer(0, 59, "Minute."), _integer(0, 59, "Second."),
         _integer(0, 999_999_999, "Nanosecond."))
_OFFSET = (_integer(-25, 25, "Hours from UTC."), _integer(-59, 59, "Minutes."), _integer(-59, 59, "Seconds."))
_TEMPORAL = {"date": _tuple(*_DATE), "time": _tuple(*_TIME), "utc_offset": _tuple(*_OFFSET),
             "primitive_date_time": _tuple(*_DATE, *_TIME), "offset_date_time": _tuple(*_DATE, *_TIME, *_OFFSET),
             "month": _integer(1, 12, "Month of the year.")}


def _scalars(declared: dict[str, Declaration]) -> set[str]:
    """The built-in types that the declared ones use."""
    def inside(type_: Type) -> set[str]:
        own = {type_.name} if isinstance(type_, Scalar) else set()
        return own.union(*map(inside, children(type_)))

    return set().union(*(inside(t) for d in declared.values() for t in used_types(d)))
