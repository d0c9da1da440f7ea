"""From a version's graph to a plan: every block with its handler, its checked configuration and the way each port leads.

Pure: no database. The compiler cuts a plan into stretches and prints each as one statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from tandem.catalog import Catalog
from tandem.flow.graph import Graph, Settings, parsed
from tandem.flow.module import KindRegistry
from tandem.flow.node import NodeKind, Port, Role
from tandem.flow.runs import PORTS_MAX, STRETCHES_MAX
from tandem.flow.scopes import behind
from tandem.kernel.errors import InvalidInput

Mode = Literal["enter", "resume"]


@dataclass(frozen=True, slots=True)
class PlannedBlock:
    """A block resolved. `next[i]` is the block that port i leads to, None where the run leaves the flow."""

    id: str
    number: int
    kind: NodeKind[Any]
    config: BaseModel
    ports: tuple[Port, ...]
    next: tuple[str | None, ...]
    caught: int | None = None
    """The stretch at which runs go on that fail here; None: they stand still for somebody to mend."""
    human: bool = False
    """A person decides here (`graph.Block.human`)."""

    @property
    def role(self) -> Role:
        return self.kind.role

    def limbs(self) -> tuple[int, ...]:
        """The ports that runs of the run go by, never the run itself."""
        own = self.kind.own_ports
        names = enumerate(self.ports) if self.kind.branches else ()
        return tuple(position for position, port in names if port.name not in own and position < len(self.next))


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of a flow, ready to be compiled. `stretches` maps (block, mode) to the number kept in `flow_run.stretch`."""

    flow_id: UUID
    version_id: UUID
    version_number: int
    settings: Settings
    blocks: Mapping[str, PlannedBlock]
    stretches: Mapping[tuple[str, Mode], int]
    zone: str
    needs_customer: bool = False
    """Some block does something to or for a customer: a thing without one does not enter."""
    asks_people: bool = False
    """Some block gives a person something to do."""
    steps_max: int = STRETCHES_MAX
    """A run of it that has passed so many stretches goes round in circles, and fails."""

    @property
    def rewrites(self) -> frozenset[str]:
        """Tables that blocks without a fragment change in place."""
        return frozenset(table for one in self.blocks.values() for table in one.kind.rewrites)

    def starts(self) -> Iterator[PlannedBlock]:
        """The blocks where runs begin."""
        return (one for one in self.blocks.values() if one.role is Role.START)

    def waits(self) -> Iterator[PlannedBlock]:
        """The blocks where runs park."""
        return (one for one in self.blocks.values() if one.role is Role.WAIT)

    def place(self, stretch: int) -> tuple[str, Mode]:
        """The block and mode of a stretch number. Raises KeyError for one of another version."""
        return self._places()[stretch]

    def by_number(self, number: int) -> PlannedBlock | None:
        """The block of a small number."""
        return next((one for one in self.blocks.values() if one.number == number), None)

    def _places(self) -> dict[int, tuple[str, Mode]]:
        return {number: where for where, number in self.stretches.items()}


def plan_of(
    graph: Graph,
    registry: KindRegistry,
    *,
    flow_id: UUID,
    version_id: UUID,
    version_number: int,
    numbers: Mapping[str, int],
    stretches: Mapping[tuple[str, Mode], int],
    zone: str,
    catalog: Catalog,
    steps_max: int = STRETCHES_MAX,
) -> Plan:
    """Resolve a published graph. Raises InvalidInput when a kind is unknown here or a configuration no longer fits."""
    targets = graph.targets()
    blocks: dict[str, PlannedBlock] = {}
    for block in graph.blocks:
        kind = registry.get(block.kind, block.version)
        if kind is None:
            raise unknown_kind(block.id, block.kind, block.version)
        config = config_of(kind, block.config)
        ports = kind.ports(config)
        if len(ports) > PORTS_MAX:
            raise too_many_ports(block.id)
        jump = kind.leads_to(config)
        leads = tuple(target_of(targets, block.id, port) for port in ports) if jump is None else (jump,)
        blocks[block.id] = PlannedBlock(block.id, numbers[block.id], kind, config, ports, leads, human=block.human)
    for name, to in _caught(blocks).items():
        blocks[name] = replace(blocks[name], caught=stretches[to, "enter"])
    needs = any(one.kind.asks_customer(one.config, catalog) for one in blocks.values())
    asks = any(one.kind.kind.startswith("human.") for one in blocks.values())
    return Plan(flow_id, version_id, version_number, graph.settings, blocks, stretches, zone, needs, asks, steps_max)


def _caught(blocks: Mapping[str, PlannedBlock]) -> dict[str, str]:
    """Block -> the block at which runs go on that fail there. Of catching blocks around it the innermost counts.

    A catch is for the runs that passed it: the branches of a block inside are not its own, and what fails there would go on in their
    caller's way, besides the caller (docs/decisions/0070-runs-of-a-run.md).
    """
    leads = {one.id: one.next for one in blocks.values()}
    regions: list[tuple[frozenset[str], str]] = []
    for block in blocks.values():
        to = block.next[1] if block.kind.catches else None
        if to is not None:
            inside = behind(leads, block.next[0]) - behind(leads, to)
            regions.append((inside - _branches(blocks, leads, inside), to))
    found: dict[str, str] = {}
    for inside, to in sorted(regions, key=lambda one: -len(one[0])):
        found |= dict.fromkeys(inside, to)
    return found


def _branches(
    blocks: Mapping[str, PlannedBlock], leads: Mapping[str, tuple[str | None, ...]], inside: frozenset[str]
) -> frozenset[str]:
    """All that lies in branches which blocks among these begin."""
    firsts = (blocks[name].next[port] for name in inside for port in blocks[name].limbs())
    return frozenset[str]().union(*(behind(leads, first) for first in firsts))


def target_of(targets: Mapping[tuple[str, str], str], block: str, port: Port) -> str | None:
    """Where a port leads: along its arrow, else along that of the port it names for this case."""
    found = targets.get((block, port.name))
    return targets.get((block, port.otherwise)) if found is None and port.otherwise is not None else found


def config_of(kind: NodeKind[Any], value: Mapping[str, Any]) -> BaseModel:
    """Read a block's configuration. Raises InvalidInput with the places that do not fit."""
    return parsed(
        kind.config,
        value,
        code="flow_block_config",
        zh="环节的设置不完整或不正确。",
        en="The block's settings are incomplete or wrong.",
    )


def stretch_places(graph: Graph, registry: KindRegistry) -> list[tuple[str, Mode]]:
    """Every place where a run of this graph can stand between turns, whatever the compiler will fuse."""
    found: list[tuple[str, Mode]] = []
    for block in graph.blocks:
        found.append((block.id, "enter"))
        kind = registry.get(block.kind, block.version)
        if kind is not None and kind.role is Role.WAIT:
            found.append((block.id, "resume"))
    return found


def numbered(graph: Graph, before: Mapping[str, int]) -> dict[str, int]:
    """Numbers of all blocks ever seen in the flow: old ones keep theirs, new ones go on counting from one."""
    numbers = dict(before)
    for block in graph.blocks:
        if block.id not in numbers:
            numbers[block.id] = max(numbers.values(), default=0) + 1
    return numbers


def unknown_kind(block: str, kind: str, version: int) -> InvalidInput:
    """The error for a block whose handler this process does not have."""
    return InvalidInput(
        "flow_kind_unknown",
        f"环节 {block} 的类型 {kind}（第 {version} 版）不存在。",
        f"Block {block} has the unknown kind {kind} (version {version}).",
    )


def too_many_ports(block: str) -> InvalidInput:
    """The error for a block with more ways out than a path can name."""
    return InvalidInput(
        "flow_ports_too_many",
        f"环节 {block} 的出口超过 {PORTS_MAX} 个。",
        f"Block {block} has more than {PORTS_MAX} ports.",
    )
