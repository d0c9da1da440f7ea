"""Steps that stay human (F17): a later edit that lets anybody past such a block is found by comparing two graphs. Pure.

What a block guards are the blocks that nobody comes to but through it. In the new graph each of them must still be guarded by it.
"""

from __future__ import annotations

from collections.abc import Iterable

from tandem.flow.graph import Graph


def guarded(graph: Graph, starts: Iterable[str], block: str) -> frozenset[str]:
    """The blocks to which every way from a start leads through `block`."""
    return reached(graph, starts) - reached(graph, starts, without=block) - {block}


def reached(graph: Graph, starts: Iterable[str], *, without: str | None = None) -> frozenset[str]:
    """The blocks that can be come to from the starts, never through `without`."""
    leads: dict[str, list[str]] = {}
    for arrow in graph.arrows:
        leads.setdefault(arrow.from_, []).append(arrow.to)
    seen: set[str] = set()
    pending = [one for one in starts if one != without]
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending += [one for one in leads.get(name, []) if one != without]
    return frozenset(seen)


def bypassed(before: Graph, after: Graph, starts_before: Iterable[str], starts_after: Iterable[str]) -> list[str]:
    """Blocks marked as a person's to decide that the new graph drops, unmarks, asks otherwise, or lets somebody past."""
    old_starts, new_starts = list(starts_before), list(starts_after)
    known = {one.id: one for one in after.blocks}
    found: list[str] = []
    for block in before.blocks:
        if not block.human:
            continue
        now = known.get(block.id)
        kept = now is not None and now.human and (now.kind, now.version) == (block.kind, block.version)
        past = guarded(before, old_starts, block.id) & reached(after, new_starts, without=block.id)
        if not kept or (now is not None and now.config != block.config) or past:
            found.append(block.id)
    return found
