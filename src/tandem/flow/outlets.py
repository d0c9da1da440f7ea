"""The ways out of every block of a drawing, as its kinds tell them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tandem.catalog.label import Label
from tandem.flow import nested
from tandem.flow.module import KindRegistry
from tandem.flow.plan import config_of
from tandem.kernel.errors import TandemError


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


def above(graph: Mapping[str, Any], kinds: KindRegistry, numbers: Mapping[str, int]) -> nested.Above:
    """For every arm of the drawing's splits the arms of earlier ones that its runs have taken as well."""
    ports = {block: [name for name, _ in ways] for block, ways in ports_of(graph, kinds).items()}
    return nested.above(graph, ports, numbers, {kind.kind for kind in kinds.newest() if kind.experiment})
