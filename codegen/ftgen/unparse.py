# SPDX-License-Identifier: Apache-2.0
"""The way back: a model as the YAML files of a schema, which `load` reads as the same model.

    files = schema_files(project(protocol, 1))      # {"fragment_transport.yaml": text, "value.yaml": text, ...}

Groups are gone: their fields stand where they were used. Every type takes a few lines, every field one.
"""
from __future__ import annotations

import json

from ftgen.model import (ArrayOf, Binary, Call, Declaration, Expr, Family, Field, ListOf, Message, Missing, Name, Newtype,
                         Number, Opaque, OptionalOf, Protocol, Ref, Rule, Scalar, SecretOf, Struct, Sum, This, TupleOf, Type,
                         Unary, UnitName, Variant, Versions)

_LICENCE = "# SPDX-License-Identifier: Apache-2.0\n"


def schema_files(protocol: Protocol) -> dict[str, str]:
    files = {f"{f.name}.yaml": f"{_LICENCE}doc: {_text(f.doc)}\n\n{_types(f, protocol)}"
             for f in protocol.families if f.name != protocol.name}
    own = next((f for f in protocol.families if f.name == protocol.name), None)
    files[f"{protocol.name}.yaml"] = _root(protocol, list(files)) + ("\n" + _types(own, protocol) if own else "")
    return files


def expr_text(expr: Expr) -> str:
    match expr:
        case Number(value):
            return str(value)
        case Name(name):
            return name
        case This():
            return "this"
        case Call(function, args):
            return f"{function}({', '.join(map(expr_text, args))})"
        case Unary(op, operand):
            return f"{op}{_inner(operand)}"
        case Binary(op, left, right):
            return f"{_inner(left)} {op} {_inner(right)}"
    raise TypeError(expr)


def type_text(type_: Type) -> str:
    match type_:
        case Scalar(name) | Ref(name):
            return name
        case Opaque():
            return "json"
        case ListOf(item):
            return f"list<{type_text(item)}>"
        case OptionalOf(item):
            return f"optional<{type_text(item)}>"
        case SecretOf(item):
            return f"secret<{type_text(item)}>"
        case ArrayOf(item, size):
            return f"array<{type_text(item)}, {size}>"
        case TupleOf(items):
            return f"tuple<{', '.join(map(type_text, items))}>"
    raise TypeError(type_)


def _inner(expr: Expr) -> str:
    text = expr_text(expr)
    return f"({text})" if isinstance(expr, Binary) else text


def _root(protocol: Protocol, included: list[str]) -> str:
    limits = protocol.limits
    lines = [f"{_LICENCE}protocol: {protocol.name}", f"doc: {_text(protocol.doc)}", f"namespace: {protocol.namespace}",
             f"include: [{', '.join(included)}]" if included else "",
             f"versions: {{min: {protocol.min_version}, current: {protocol.current_version}}}",
             f"limits: {{doc: {_text(limits.doc)}, depth: {limits.depth}, budget: {{base: {limits.budget_base}, "
             f"per_payload_byte: {limits.budget_per_payload_byte}}}}}"]
    if protocol.envelope is not None:
        lines.append(f"frame: {{doc: {_text(protocol.frame.doc)}, max_payload: {protocol.frame.max_payload}}}")
        if protocol.alpn is not None:
            lines.append(f"alpn: {_text(protocol.alpn)}")
        lines.append("phases:")
        lines += (f"  {p.name}: {{doc: {_text(p.doc)}, max_payload: {p.max_payload}}}" for p in protocol.phases)
        envelope = protocol.envelope
        version = "" if envelope.version is None else f", version: {envelope.version}"
        lines.append(f"envelope: {{type: {envelope.type}, gate: [{', '.join(envelope.gate)}], "
                     f"payload: {envelope.payload}{version}}}")
        lines.append("messages:")
        lines += (_message(m, protocol.min_version) for m in protocol.messages)
    return "\n".join(filter(None, lines)) + "\n"


def _message(message: Message, outer: int) -> str:
    def paths(name: str) -> str:
        return "[" + ", ".join(".".join(path) for path in getattr(message, name)) + "]"
    unasked = ", unasked: true" if message.unasked else ""
    return (f"  {message.name}: {{byte: {message.byte}, from: {message.sender}, accepts: {paths('accepts')}, "
            f"emits: {paths('emits')}{unasked}, doc: {_text(message.doc)}{_versions(message.versions, outer)}}}")


def _types(family: Family, protocol: Protocol) -> str:
    return "types:\n" + "\n".join(_declaration(d, protocol.min_version) for d in family.types)


def _declaration(declaration: Declaration, outer: int) -> str:
    lines = [f"  {declaration.name}:", f"    doc: {_text(declaration.doc)}", *_versions_lines(declaration.versions, outer)]
    match declaration:
        case Newtype(type=type_):
            lines.append(f"    newtype: {_text(type_text(type_))}")
        case Struct(fields=fields, rules=rules, reserved=reserved):
            lines += _fields(fields, declaration.versions.added)
            lines += _reserved(reserved)
            if rules:
                lines += ["    rules:", *(_rule(r, declaration.versions.added) for r in rules)]
        case Sum():
            lines += _sum(declaration)
    return "\n".join(lines) + "\n"


def _sum(sum_: Sum) -> list[str]:
    added = sum_.versions.added
    lines = [f"    default: {_text(sum_.default)}", *_reserved(sum_.reserved)]
    if any(v.wire_name != v.name for v in sum_.variants):
        lines.append("    wire_case: snake")
    if sum_.cell:
        lines.append("    layout: cell")
    units = [v for v in sum_.variants if v.is_unit]
    if units:
        lines += [f"    units:\n      doc: {_text(units[0].doc)}\n      names:",
                  *(f"        - {{name: {_text(v.name)}, doc: {_text(v.doc)}{_aliases(v)}{_versions(v.versions, added)}}}"
                    for v in units)]
    if len(units) < len(sum_.variants):
        lines.append("    variants:")
    for variant in sum_.variants[len(units):]:
        head = f"doc: {_text(variant.doc)}{_aliases(variant)}{_versions(variant.versions, added)}"
        if variant.fields is None:
            lines.append(f"      {variant.name}: {{{head}, type: {_text(type_text(variant.type))}}}")
        else:
            fields = ", ".join(f"{f.name}: {{{_field(f, variant.versions.added)}}}" for f in variant.fields)
            lines.append(f"      {variant.name}: {{{head}, fields: {{{fields}}}}}")
    return lines


def _fields(fields: tuple[Field, ...], outer: int) -> list[str]:
    if not fields:
        return ["    fields: {}"]
    return ["    fields:", *(f"      {f.name}: {{{_field(f, outer)}}}" for f in fields)]


def _field(field: Field, outer: int) -> str:
    said = f"type: {_text(type_text(field.type))}, doc: {_text(field.doc)}{_versions(field.versions, outer)}{_aliases(field)}"
    if field.missing is not None and field.missing.value is not None:
        said += f", missing: {_value(field.missing)}"
    if field.absent is not None:
        said += f", absent: {_value(field.absent)}"
    if field.when_set:
        said += ", emit: when_set"
    if field.derived is not None:
        said += f", derived: {_text(expr_text(field.derived))}"
    if field.renamed is not None:
        said += f", renamed: {{from: {_text(field.renamed.name)}, in: {field.renamed.version}}}"
    for key in ("max_items", "max_bytes"):
        if getattr(field, key) is not None:
            said += f", {key}: {getattr(field, key)}"
    if field.flat:
        said += ", layout: flat"
    return said if field.lossy is None else f"{said}, lossy: {_text(field.lossy)}"


def _rule(rule: Rule, outer: int) -> str:
    return (f"      - {{id: {rule.id}, expr: {_text(rule.text)}, message: {_text(rule.message)}"
            f"{_versions(rule.versions, outer)}}}")


def _reserved(names: tuple[str, ...]) -> list[str]:
    return [f"    reserved: [{', '.join(map(_text, names))}]"] if names else []


def _aliases(thing: Field | Variant) -> str:
    return f", aliases: [{', '.join(map(_text, thing.aliases))}]" if thing.aliases else ""


def _said(versions: Versions, outer: int) -> list[tuple[str, int]]:
    """What must be said about versions inside of something that was added in `outer`."""
    said = [("added", versions.added)] if versions.added != outer else []
    return said + [(key, value) for key in ("deprecated", "removed") if (value := getattr(versions, key)) is not None]


def _versions(versions: Versions, outer: int) -> str:
    return "".join(f", {key}: {value}" for key, value in _said(versions, outer))


def _versions_lines(versions: Versions, outer: int) -> list[str]:
    return [f"    {key}: {value}" for key, value in _said(versions, outer)]


def _value(missing: Missing) -> str:
    value = missing.value
    if isinstance(value, UnitName):
        return _text(value.name)
    return "[]" if value == () else _text(value) if isinstance(value, str) else json.dumps(value)


def _text(text: str) -> str:
    """Always in quotation marks. What JSON writes, YAML reads as the same text, but for pairs of surrogates and DEL."""
    return '"' + "".join(f"\\U{ord(c):08x}" if c > "\uffff" or c == "\x7f" else json.dumps(c)[1:-1] for c in text) + '"'
