"""The ways out of every block of a drawing, as its kinds tell them; of one that is half drawn, too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tandem.catalog.label import Label
from tandem.flow import nested
from tandem.flow.module import KindRegistry
from tandem.flow.plan import config_of
from tandem.kernel.errors import TandemError

Ports = Mapping[str, Sequence[tuple[str, Label]]]


def ports_of(graph: Mapping[str, Any], kinds: KindRegistry) -> dict[str, tuple[tuple[str, Label], ...]]:
    """Block id -> its ports (name, label) as this process knows them; a block that does not fit any more has none."""
    found: dict[str, tuple[tuple[str, Label], ...]] = {}
    for block in graph.get("blocks", ()):
        kind = kinds.get(block["kind"], block.get("version", 1))
        try:
            ports = () if kind is None else kind.ports(config_of(kind, block.get("config", {})))
        except TandemError:
            ports = ()
        found[block["id"]] = tuple((port.name, port.label) for port in ports)
    return found


def jumps_of(blocks: Iterable[Mapping[str, Any]], kinds: KindRegistry) -> dict[str, str]:
    """Block id -> where its configuration leads its runs, of those that go on without an arrow."""
    found: dict[str, str] = {}
    for block in blocks:
        kind = kinds.get(block["kind"], block.get("version", 1))
        try:
            jump = None if kind is None else kind.leads_to(config_of(kind, block.get("config") or {}))
        except TandemError:
            # Where it jumps to nobody has said yet.
            continue
        if jump is not None:
            found[block["id"]] = jump
    return found


def splits_of(graph: Mapping[str, Any], kinds: KindRegistry) -> list[Mapping[str, Any]]:
    """The blocks that lead people different ways to see which is better."""
    experiments = _experiments(kinds)
    return [block for block in graph.get("blocks", ()) if block["kind"] in experiments]


def above(graph: Mapping[str, Any], kinds: KindRegistry, numbers: Mapping[str, int], ports: Ports) -> nested.Above:
    """For every arm of the drawing's splits the arms of earlier ones that its runs have taken as well; `ports` as `ports_of` has them."""
    names = {block: [name for name, _ in ways] for block, ways in ports.items()}
    return nested.above(graph, names, numbers, _experiments(kinds), jumps_of(graph.get("blocks", ()), kinds))


def _experiments(kinds: KindRegistry) -> frozenset[str]:
    return frozenset(kind.kind for kind in kinds.newest() if kind.experiment)
