"""Steps that stay human (F17): a later edit that lets anybody past such a block is found by comparing two graphs. Pure.

What a block guards are the blocks that nobody comes to but through it. In the new graph each of them must still be guarded by it, and
come after the answers that led to it before: whoever was refused the gift is not led to it by redrawing the refusal.

Graphs come with their ways written out (`led`): what a kind does with a port without an arrow is not seen otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable

from tandem.flow.graph import Arrow, Graph
from tandem.flow.module import KindRegistry
from tandem.flow.plan import config_of, target_of
from tandem.kernel.errors import InvalidInput


def led(graph: Graph, registry: KindRegistry) -> Graph:
    """The graph with an arrow for every way that runs take: a port that leads where another does, a jump. For comparing what is drawn.

    Blocks that no kind fits (any more) keep the arrows they have.
    """
    targets = graph.targets()
    arrows = {(arrow.from_, arrow.port, arrow.to) for arrow in graph.arrows}
    for block in graph.blocks:
        kind = registry.get(block.kind, block.version)
        try:
            config = None if kind is None else config_of(kind, block.config)
        except InvalidInput:
            continue
        if kind is None or config is None:
            continue
        jump = kind.leads_to(config)
        ways = [(port.name, target_of(targets, block.id, port)) for port in kind.ports(config)]
        arrows |= {(block.id, name, to) for name, to in [*ways, ("jump", jump)] if to is not None}
    drawn = tuple(Arrow.model_validate({"from": one, "port": port, "to": to}) for one, port, to in sorted(arrows))
    return graph.model_copy(update={"arrows": drawn})


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
        behind = guarded(before, old_starts, block.id)
        past = behind & reached(after, new_starts, without=block.id) or behind & _led_anew(before, after, block.id)
        if not kept or (now is not None and now.config != block.config) or past:
            found.append(block.id)
    return found


def _led_anew(before: Graph, after: Graph, block: str) -> frozenset[str]:
    """The blocks to which an answer of `block` leads in the new graph and did not in the old one, without asking again."""
    old, new = _ways(before, block), _ways(after, block)
    anew = (
        reached(after, to, without=block) - reached(before, old.get(port, []), without=block)
        for port, to in new.items()
    )
    return frozenset[str]().union(*anew)


def _ways(graph: Graph, block: str) -> dict[str, list[str]]:
    """Port -> where it leads."""
    found: dict[str, list[str]] = {}
    for arrow in graph.arrows:
        if arrow.from_ == block:
            found.setdefault(arrow.port, []).append(arrow.to)
    return found
