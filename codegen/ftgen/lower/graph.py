# SPDX-License-Identifier: Apache-2.0
"""Two small graph algorithms. A graph is a mapping from a node to the nodes it points to; all orders are those of the mapping."""
from __future__ import annotations

from collections.abc import Mapping, Sequence


def components(graph: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """Strongly connected components (Tarjan); nodes that only occur as targets are components of their own."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[tuple[str, ...]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in graph.get(node, ()):
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            cut = stack.index(node)
            found.append(tuple(stack[cut:]))
            del stack[cut:]

    for node in graph:
        if node not in index:
            visit(node)
    return found


def ordered(graph: Mapping[str, Sequence[str]]) -> list[str]:
    """Every node behind those it points to; where that is impossible (a cycle), in the order of the mapping."""
    done: dict[str, None] = {}
    open_: set[str] = set()

    def visit(node: str) -> None:
        if node in done or node in open_:
            return
        open_.add(node)
        for target in graph[node]:
            visit(target)
        done[node] = None

    for node in graph:
        visit(node)
    return list(done)
