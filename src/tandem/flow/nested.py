"""Splits behind splits: a run keeps the last arm it was led to, and took one of every split before it as well.

Which one follows from the drawing: where a split can be reached from one way of an earlier split only, and not past it, whoever stands
in an arm of the later one came that way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

from tandem.flow.runs import arm_number

Count = TypeVar("Count")
#: Arm -> the arms of the splits before it.
Above = Mapping[int, frozenset[int]]


def above(
    graph: Mapping[str, Any],
    ports: Mapping[str, Sequence[str]],
    numbers: Mapping[str, int],
    experiments: Collection[str],
    jumps: Mapping[str, str],
) -> Above:
    """For every arm the arms of earlier splits that its runs have taken. `ports`: block -> its ways, `experiments`: kinds that split,
    `jumps`: block -> where its configuration leads.
    """
    onward = _onward(graph, jumps)
    splits = [one["id"] for one in graph.get("blocks", ()) if one["kind"] in experiments and one["id"] in numbers]
    led = {target for ways in onward.values() for _, target in ways}
    roots = [one["id"] for one in graph.get("blocks", ()) if one["id"] not in led]
    found: dict[int, set[int]] = {}
    for first in splits:
        around = _reached(onward, roots, without=first)
        for later in splits:
            if later == first or later in around:
                continue
            ways = [
                index
                for index, port in enumerate(ports.get(first, ()))
                if later in _reached(onward, [to for name, to in onward.get(first, ()) if name == port], without=first)
            ]
            if len(ways) != 1:
                continue
            for index in range(len(ports.get(later, ()))):
                arm = arm_number(int(numbers[later]), index)
                found.setdefault(arm, set()).add(arm_number(int(numbers[first]), ways[0]))
    return {arm: frozenset(arms) for arm, arms in found.items()}


def folded(counts: Mapping[int, Count], over: Above, add: Callable[[Count, Count], Count]) -> dict[int, Count]:
    """The counts of every arm with those of the arms behind it."""
    found = dict(counts)
    for arm, count in counts.items():
        for one in over.get(arm, ()):
            found[one] = add(found[one], count) if one in found else count
    return found


def _onward(graph: Mapping[str, Any], jumps: Mapping[str, str]) -> dict[str, list[tuple[str, str]]]:
    """Block -> its ways (port, target), its jump among them."""
    found: dict[str, list[tuple[str, str]]] = {}
    for arrow in graph.get("arrows", ()):
        found.setdefault(arrow["from"], []).append((arrow["port"], arrow["to"]))
    for block, target in jumps.items():
        found.setdefault(block, []).append(("to", target))
    return found


def _reached(onward: Mapping[str, Sequence[tuple[str, str]]], roots: Sequence[str], *, without: str) -> set[str]:
    """Every block that can be reached from some, not going through one of them."""
    seen = {one for one in roots if one != without}
    waiting = list(seen)
    while waiting:
        for _, target in onward.get(waiting.pop(), ()):
            if target != without and target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen
