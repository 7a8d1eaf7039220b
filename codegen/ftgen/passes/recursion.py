# SPDX-License-Identifier: Apache-2.0
"""Finds types that hold themselves, and sums whose default needs itself.

Both are cycles in one graph, "to construct A by default, a B must be constructed": a struct needs the types of its
fields, an array and a tuple their elements, a newtype what it wraps, a sum the payload of its default variant. A list
is empty and an optional is null by default, so they need nothing. A cycle without a sum on it is a type of infinite
size.
"""
from __future__ import annotations

from ftgen.diagnostics import Report
from ftgen.draft import Draft
from ftgen.model import ArrayOf, Declaration, Newtype, Ref, Struct, Sum, TupleOf, Type
from ftgen.walk import children


def check(draft: Draft, report: Report) -> Draft:
    declared = draft.protocol.declarations()
    for cycle in cycles({name: _needs(d) for name, d in declared.items()}):
        path = " -> ".join([*cycle, cycle[0]])
        sums = [name for name in cycle if isinstance(declared[name], Sum)]
        if sums:
            report.add("FT307", draft.at(declared[sums[0]].place, "default"),
                       f"the default of {sums[0]} needs itself: {path}",
                       "choose a variant that does not")
        else:
            report.add("FT306", declared[cycle[0]].place, f"{cycle[0]} holds itself: {path}",
                       "put an optional or a list on the way")
    return draft


def _needs(declaration: Declaration) -> list[str]:
    match declaration:
        case Struct(fields=fields):
            types = [f.type for f in fields]
        case Sum():
            variant = next(v for v in declaration.variants if v.name == declaration.default)
            types = [variant.type] if variant.type else [f.type for f in variant.fields or ()]
        case Newtype(type=type_):
            types = [type_]
    return list(dict.fromkeys(name for t in types for name in _by_value(t)))


def _by_value(type_: Type) -> list[str]:
    if isinstance(type_, Ref):
        return [type_.name]
    if isinstance(type_, (ArrayOf, TupleOf)):
        return [name for child in children(type_) for name in _by_value(child)]
    return []


def cycles(graph: dict[str, list[str]]) -> list[list[str]]:
    """One cycle for each knot of a graph, without recursion: what reaches no cycle is peeled off, the rest leads into
    one."""
    graph = {node: list(nexts) for node, nexts in graph.items()}
    found: list[list[str]] = []
    while True:
        while ends := {node for node, nexts in graph.items() if not nexts}:
            graph = {node: [n for n in nexts if n not in ends] for node, nexts in graph.items() if node not in ends}
        if not graph:
            return found
        path = [next(iter(graph))]
        while (following := graph[path[-1]][0]) not in path:
            path.append(following)
        cycle = path[path.index(following):]
        first = min(range(len(cycle)), key=lambda i: list(graph).index(cycle[i]))
        found.append(cycle[first:] + cycle[:first])
        graph = {node: [n for n in nexts if n not in cycle] for node, nexts in graph.items() if node not in cycle}
