"""Changes that suggestions make to a drawing: a block put in, before or behind another, sent again, tried in two wordings, taken out. Pure.

A drawing is a graph as it is stored; each function returns the new one and the block to look at, and leaves the old one as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from tandem.flow.module import KindRegistry
from tandem.flow.outlets import jumps_of

#: From one row of a drawing to the next, and a little to the side, in the canvas's pixels.
ROW: Final = 168
SIDE: Final = 40
_BESIDE: Final = 320

Graph = Mapping[str, Any]
Drawn = tuple[dict[str, Any], str]


def insert(graph: Graph, kinds: KindRegistry, at: tuple[str, str], kind: str, config: Mapping[str, Any]) -> Drawn:
    """Put a block on the way out `at` (block, port): all its ways lead to where that way led."""
    blocks, arrows = _parts(graph)
    here, name = _block(blocks, at[0]), fresh(blocks, kind)
    target = _target(arrows, at)
    blocks = [*_lowered(blocks, here), _new(name, kind, config, here, dx=SIDE, dy=ROW)]
    arrows = [one for one in arrows if (one["from"], one["port"]) != at]
    arrows.append(_arrow(at, name))
    if target is not None:
        arrows += [_arrow((name, port), target) for port in _ports(kinds, kind, config)]
    return {**graph, "blocks": blocks, "arrows": arrows}, name


def before(graph: Graph, kinds: KindRegistry, block: str, kind: str, config: Mapping[str, Any]) -> Drawn:
    """Put a block where all arrows into another lead, and let it lead there."""
    blocks, arrows = _parts(graph)
    here, name = _block(blocks, block), fresh(blocks, kind)
    place = _place(here)
    blocks = [_moved(one, dy=ROW) if _place(one)["y"] >= place["y"] else one for one in blocks]
    blocks.append(_new(name, kind, config, here))
    arrows = [{**one, "to": name} if one["to"] == block else one for one in arrows]
    arrows += [_arrow((name, port), block) for port in _ports(kinds, kind, config)]
    return {**graph, "blocks": blocks, "arrows": arrows}, name


def changed(graph: Graph, block: str, config: Mapping[str, Any]) -> Drawn:
    """Give a block other settings."""
    blocks, arrows = _parts(graph)
    blocks = [
        {**one, "config": {**(one.get("config") or {}), **config}} if one["id"] == block else one for one in blocks
    ]
    return {**graph, "blocks": blocks, "arrows": arrows}, block


def removed(graph: Graph, kinds: KindRegistry, block: str, port: str) -> Drawn:
    """Take a block out: whoever would have come to it goes where its way `port` led; what only its other ways led to goes with it."""
    blocks, arrows = _parts(graph)
    target = _target(arrows, (block, port))
    others = [one["to"] for one in arrows if one["from"] == block and one["port"] != port]
    behind = _reached(_leads(kinds, blocks, arrows), others) - {block}
    arrows = [one for one in arrows if one["from"] != block]
    arrows = [{**one, "to": target} if one["to"] == block else one for one in arrows if one["to"] != block or target]
    blocks = [one for one in blocks if one["id"] != block]
    left = _reached(_leads(kinds, blocks, arrows), [one["id"] for one in blocks if one["id"] not in behind])
    gone = behind - left
    arrows = [one for one in arrows if one["from"] not in gone]
    return {**graph, "blocks": [one for one in blocks if one["id"] not in gone], "arrows": arrows}, target or ""


def again(graph: Graph, message: str, wait: str) -> Drawn:
    """Who let a wait run out is sent the same once more, and is waited for once more."""
    blocks, arrows = _parts(graph)
    sent, waited = _block(blocks, message), _block(blocks, wait)
    first = fresh(blocks, sent["kind"])
    second = fresh([*blocks, {"id": first}], waited["kind"])
    late = (wait, "timeout")
    before_ = _target(arrows, late)
    below = {"position": {"x": _place(waited)["x"] + _BESIDE, "y": _place(waited)["y"]}}
    lower = {"position": {"x": _place(below)["x"], "y": _place(below)["y"] + ROW}}
    blocks += [{**sent, "id": first, **below}, {**waited, "id": second, **lower}]
    arrows = [one for one in arrows if (one["from"], one["port"]) != late]
    arrows.append(_arrow(late, first))
    # Whatever way the message takes, one waits; only where the first one gave up (a channel that failed) does this one as well.
    arrows += [
        _arrow((first, one["port"]), second if one["to"] == wait else one["to"])
        for one in list(arrows)
        if one["from"] == message
    ]
    arrows += [
        _arrow((second, one["port"]), one["to"]) for one in list(arrows) if one["from"] == wait and one["to"] != first
    ]
    if before_ is not None:
        arrows.append(_arrow((second, "timeout"), before_))
    return {**graph, "blocks": blocks, "arrows": arrows}, first


def split(graph: Graph, message: str, kind: str, config: Mapping[str, Any], arms: Sequence[str]) -> Drawn:
    """Half of those who come to a message get a copy of it, whose words the author then changes; both lead on alike."""
    blocks, arrows = _parts(graph)
    here, name = _block(blocks, message), fresh(blocks, kind)
    copy = fresh([*blocks, {"id": name}], here["kind"])
    place = _place(here)
    blocks = [_moved(one, dy=ROW) if _place(one)["y"] >= place["y"] else one for one in blocks]
    blocks.append(_new(name, kind, config, here))
    blocks.append({**here, "id": copy, "position": {"x": place["x"] + _BESIDE, "y": place["y"] + ROW}})
    arrows = [{**one, "to": name} if one["to"] == message else one for one in arrows]
    arrows += [_arrow((copy, one["port"]), one["to"]) for one in list(arrows) if one["from"] == message]
    arrows += [_arrow((name, arms[0]), message), _arrow((name, arms[1]), copy)]
    return {**graph, "blocks": blocks, "arrows": arrows}, copy


def fresh(blocks: Sequence[Mapping[str, Any]], kind: str) -> str:
    """An id that no block has, after the kind's own word."""
    taken, stem = {block["id"] for block in blocks}, kind.rpartition(".")[2][:30]
    return next(name for number in range(1, 1000) if (name := f"{stem}{number}") not in taken)


def _parts(graph: Graph) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return [dict(one) for one in graph.get("blocks", ())], [dict(one) for one in graph.get("arrows", ())]


def _block(blocks: Sequence[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(one for one in blocks if one["id"] == name)


def _target(arrows: Sequence[Mapping[str, Any]], at: tuple[str, str]) -> str | None:
    return next((one["to"] for one in arrows if (one["from"], one["port"]) == at), None)


def _leads(
    kinds: KindRegistry, blocks: Sequence[Mapping[str, Any]], arrows: Sequence[Mapping[str, Any]]
) -> dict[str, list[str]]:
    """Block -> where its arrows and its jump lead."""
    found: dict[str, list[str]] = {}
    for one in arrows:
        found.setdefault(one["from"], []).append(one["to"])
    for name, target in jumps_of(blocks, kinds).items():
        found.setdefault(name, []).append(target)
    return found


def _reached(leads: Mapping[str, Sequence[str]], begin: Sequence[str]) -> set[str]:
    found: set[str] = set()
    pending = list(begin)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending += leads.get(name, ())
    return found


def _arrow(at: tuple[str, str], to: str) -> dict[str, Any]:
    return {"from": at[0], "port": at[1], "to": to}


def _ports(kinds: KindRegistry, kind: str, config: Mapping[str, Any]) -> list[str]:
    found = kinds.get(kind, 1)
    return [] if found is None else [port.name for port in found.ports(found.config.model_validate(config))]


def _place(block: Mapping[str, Any]) -> dict[str, float]:
    return block.get("position") or {"x": 0, "y": 0}


def _moved(block: Mapping[str, Any], *, dy: float) -> dict[str, Any]:
    place = _place(block)
    return {**block, "position": {**place, "y": place["y"] + dy}}


def _lowered(blocks: Sequence[dict[str, Any]], here: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What stands below makes room: the new block lies on nobody."""
    below = _place(here)["y"]
    return [_moved(one, dy=ROW) if _place(one)["y"] > below else one for one in blocks]


def _new(
    name: str, kind: str, config: Mapping[str, Any], here: Mapping[str, Any], *, dx: float = 0, dy: float = 0
) -> dict[str, Any]:
    place = _place(here)
    return {"id": name, "kind": kind, "config": dict(config), "position": {"x": place["x"] + dx, "y": place["y"] + dy}}
