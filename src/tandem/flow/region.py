"""Which blocks of a plan run as one statement: from a place where a run stands to the next places where it stops.

Pure: a graph algorithm. A region is a directed graph without cycles whose blocks all have fragments; it is cut where a run waits or
ends, before a block that only `run` can move, where an arrow leads back, and where it grows too large for one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tandem.flow.node import Role
from tandem.flow.plan import Plan, PlannedBlock

REGION_BLOCKS_MAX = 40

ExitKind = Literal["leave", "end", "park", "cut"]


@dataclass(frozen=True, slots=True)
class Way:
    """Where a port leads. `pass`: on to a block of the region; the others leave it (see `Region`)."""

    kind: Literal["pass", "leave", "end", "park", "cut"]
    target: str = ""


@dataclass(slots=True)
class Region:
    """Blocks in an order in which each comes after all that lead to it; `ways[block][i]` is where its port i leads.

    leave: no arrow, the run leaves the flow. end: a block of role END. park: a wait that the run enters. cut: the run stops
    before the block and goes on in another statement of the same turn.
    """

    start: str
    order: list[str] = field(default_factory=list[str])
    ways: dict[str, tuple[Way, ...]] = field(default_factory=dict[str, tuple[Way, ...]])


@dataclass(frozen=True, slots=True)
class Tables:
    """Tables that a block's fragment writes, and those it looks at."""

    writes: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()


NO_TABLES = Tables()


def region(
    plan: Plan, start: str, fused: Callable[[PlannedBlock], bool], tables: Mapping[str, Tables] | None = None
) -> Region:
    """The region that begins at a block. `fused` says whether a block has a fragment.

    PostgreSQL shows every part of a statement the tables as they were before it, so a block that looks at a table begins a new statement
    when a block before it writes that table.
    """
    touched = tables or {}
    found = Region(start)
    closed: set[str] = set()
    reads_from: dict[str, frozenset[str]] = {}
    """Closed block -> what it and all that follows it in the region look at."""
    open_: set[str] = set()
    seen = {start}

    def written() -> frozenset[str]:
        return frozenset[str]().union(*(touched.get(name, NO_TABLES).writes for name, _, _ in stack))

    def way(name: str, target: str | None) -> Way:
        if target is None:
            return Way("leave")
        block = plan.blocks[target]
        before = written() | touched.get(name, NO_TABLES).writes
        looks = reads_from.get(target, frozenset[str]()) | touched.get(target, NO_TABLES).reads
        if not fused(block) or before & looks:
            return Way("cut", target)
        if block.role is Role.END:
            return Way("end", target)
        if block.role is Role.WAIT:
            return Way("park", target)
        if target in open_ or (target not in seen and len(seen) >= REGION_BLOCKS_MAX):
            return Way("cut", target)
        seen.add(target)
        return Way("pass", target)

    # An explicit stack: a flow may be hundreds of blocks deep, deeper than Python recurses.
    stack: list[tuple[str, int, list[Way]]] = [(start, 0, [])]
    open_.add(start)
    while stack:
        name, position, ways = stack.pop()
        leads = plan.blocks[name].next
        if position == len(leads):
            open_.discard(name)
            closed.add(name)
            found.order.append(name)
            found.ways[name] = tuple(ways)
            below = [reads_from.get(one.target, frozenset[str]()) for one in ways if one.kind == "pass"]
            reads_from[name] = touched.get(name, NO_TABLES).reads.union(*below)
            continue
        ways.append(way(name, leads[position]))
        stack.append((name, position + 1, ways))
        taken = ways[-1]
        if taken.kind == "pass" and taken.target not in closed and taken.target not in open_:
            stack.append((taken.target, 0, []))
            open_.add(taken.target)
    found.order.reverse()
    return found


def never_waiting(plan_next: Mapping[str, tuple[str | None, ...]], waits: frozenset[str]) -> list[list[str]]:
    """Loops that pass no wait, each as its blocks in order; such a flow would run without end in one turn."""
    loops: list[list[str]] = []
    state: dict[str, int] = {}
    for root in plan_next:
        if root in waits or root in state:
            continue
        path: list[str] = []
        stack: list[tuple[str, int]] = [(root, 0)]
        while stack:
            name, position = stack.pop()
            if position == 0:
                state[name] = 1
                path.append(name)
            leads = plan_next.get(name, ())
            if position >= len(leads):
                state[name] = 2
                path.pop()
                continue
            stack.append((name, position + 1))
            target = leads[position]
            if target is None or target in waits or target not in plan_next:
                continue
            if state.get(target) == 1:
                loops.append(path[path.index(target) :])
            elif target not in state:
                stack.append((target, 0))
    return loops
