"""What publishing would do, before it is done: who enters at once or when the clock says so, who is inside, how many messages at most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from tandem.flow.entry import reentry
from tandem.flow.graph import Graph, parse_graph
from tandem.flow.ids import EVERY_BUCKET
from tandem.flow.module import KindRegistry
from tandem.flow.node import Audience, Group, NodeKind, Role
from tandem.flow.plan import config_of, target_of
from tandem.flow.runs import INSIDE
from tandem.flow.service import FlowRooms, get_flow
from tandem.kernel.db import Tx
from tandem.kernel.errors import TandemError


@dataclass(frozen=True, slots=True)
class Entry:
    """A start that takes in an audience: `people` at `at` (None: as soon as the flow is published)."""

    block: str
    segment: str
    people: int
    at: datetime | None
    messages: int | None
    """At most so many messages to them; None when a loop sends again and again."""
    cost: Decimal | None
    """The most that the benefits on their way could be worth; None when a loop gives again and again."""


@dataclass(frozen=True, slots=True)
class Inside:
    """Runs inside a published version."""

    version: int
    runs: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What publishing the draft would do."""

    entries: list[Entry]
    listens: bool
    """Others enter later, one by one, as things happen."""
    inside: list[Inside]


@dataclass(frozen=True, slots=True)
class _Block:
    kind: NodeKind[Any]
    config: Any
    leads: tuple[str, ...]


@runtime_checkable
class Costing(Protocol):
    """A kind that gives something away: what one passage is worth at most, in the tenant's currency; None when nobody can say."""

    def worth(self, config: Any, tx: Tx) -> Decimal | None: ...


def preview(tx: Tx, rooms: FlowRooms, flow_id: UUID, graph: Graph | None = None) -> Preview:
    """Look ahead at publishing a flow's draft, or another graph of it; counts are over all customers. Raises NotFound."""
    graph = graph or parse_graph(get_flow(tx, flow_id).draft)
    blocks = dict(_blocks(graph, rooms.kinds))
    messages = {name: Decimal(block.kind.group is Group.REACH) for name, block in blocks.items()}
    worth = {name: _worth(tx, block) for name, block in blocks.items()}
    entries: list[Entry] = []
    listens = False
    for name, block in blocks.items():
        if block.kind.role is not Role.START:
            continue
        listens |= block.kind.trigger(block.config) is not None
        audience = block.kind.audience(block.config)
        if audience is not None:
            most = _most(blocks, name, messages)
            entries += _entry(tx, flow_id, graph, name, audience, most, _most(blocks, name, worth))
    return Preview(entries, listens, _inside(tx, flow_id))


def _blocks(graph: Graph, kinds: KindRegistry) -> Iterator[tuple[str, _Block]]:
    """The blocks that can be read; what is wrong with the others is the check's to say."""
    targets = graph.targets()
    for block in graph.blocks:
        kind = kinds.get(block.kind, block.version)
        if kind is None:
            continue
        try:
            config = config_of(kind, block.config)
        except TandemError:
            continue
        leads = (target_of(targets, block.id, port) for port in kind.ports(config))
        yield block.id, _Block(kind, config, tuple(dict.fromkeys(one for one in leads if one is not None)))


def _worth(tx: Tx, block: _Block) -> Decimal:
    found = block.kind.worth(block.config, tx) if isinstance(block.kind, Costing) else None
    return found or Decimal(0)


def _most(blocks: Mapping[str, _Block], start: str, weights: Mapping[str, Decimal]) -> Decimal | None:
    """The heaviest way from a start: how many messages one person can get, what the benefits are worth; None without a bound.

    A loop that weighs something has no heaviest way; one that weighs nothing adds nothing, and the search ends.
    """
    best = {start: Decimal(0)}
    pending = [start]
    limit = sum(weights.values(), Decimal(0))
    while pending:
        name = pending.pop()
        if best[name] > limit:
            return None
        for target in blocks[name].leads:
            if target not in blocks:
                continue
            so_far = best[name] + weights[target]
            if so_far > best.get(target, Decimal(-1)):
                best[target] = so_far
                pending.append(target)
    return max(best.values())


def _entry(
    tx: Tx, flow_id: UUID, graph: Graph, block: str, audience: Audience, most: Decimal | None, worth: Decimal | None
) -> Iterator[Entry]:
    at = audience.next_after(tx.now, tx.zone) if audience.next_after is not None else None
    if not audience.at_publish and at is None:
        return
    if audience.segment_id is None:
        # Whose day it will be then is not known yet.
        return
    people = _people(tx, flow_id, graph, audience.segment_id)
    name: str | None = tx.value(
        "select name from segment where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": audience.segment_id},
    )
    messages = None if most is None else int(most) * people
    yield Entry(block, name or "", people, at, messages, None if worth is None else worth * people)


def _people(tx: Tx, flow_id: UUID, graph: Graph, segment: UUID) -> int:
    """Members of a segment whom the rules of the flow let in now."""
    return int(
        tx.value(
            "select count(*) from segment_member a join customer k on k.bucket = a.bucket and k.id = a.customer_id"
            " and k.tenant_id = %(tenant)s and k.merged_into is null and not k.held"
            " where a.bucket = any(%(buckets)s::smallint[]) and a.tenant_id = %(tenant)s and a.segment_id = %(segment)s"
            f" and {reentry(graph.settings)}",
            {"tenant": tx.tenant_id, "buckets": EVERY_BUCKET, "segment": segment, "flow": flow_id, "now": tx.now},
        )
    )


def _inside(tx: Tx, flow_id: UUID) -> list[Inside]:
    return tx.all(
        Inside,
        "select v.number as version, count(*) as runs from flow_run r"
        " join flow_stretch t on t.id = r.stretch and t.tenant_id = %(tenant)s"
        " join flow_version v on v.id = t.version_id and v.tenant_id = %(tenant)s"
        " where r.tenant_id = %(tenant)s and r.bucket = any(%(buckets)s::smallint[]) and r.flow_id = %(flow)s"
        " and r.status = any(%(inside)s::smallint[]) group by v.number order by v.number desc",
        {
            "tenant": tx.tenant_id,
            "buckets": EVERY_BUCKET,
            "flow": flow_id,
            "inside": [int(one) for one in INSIDE],
        },
    )
