"""What publishing would do, before it is done: who enters at once or when the clock says so, who is inside, how many messages at most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
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


def preview(tx: Tx, rooms: FlowRooms, flow_id: UUID) -> Preview:
    """Look ahead at publishing a flow's draft; counts are over all customers. Raises NotFound."""
    graph = parse_graph(get_flow(tx, flow_id).draft)
    blocks = dict(_blocks(graph, rooms.kinds))
    most = _messages(blocks)
    entries: list[Entry] = []
    listens = False
    for name, block in blocks.items():
        if block.kind.role is not Role.START:
            continue
        listens |= block.kind.trigger(block.config) is not None
        audience = block.kind.audience(block.config)
        if audience is not None:
            entries += _entry(tx, flow_id, graph, name, audience, most.get(name))
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


def _messages(blocks: Mapping[str, _Block]) -> dict[str, int | None]:
    """From each start, how many messages one person can get at most on any way; None without a bound."""
    found: dict[str, int | None] = {}
    for name, block in blocks.items():
        if block.kind.role is Role.START:
            found[name] = _most(blocks, name)
    return found


def _most(blocks: Mapping[str, _Block], start: str) -> int | None:
    """The longest way counted in messages. A loop with a message has no longest; one without adds nothing and the search ends."""
    best = {start: 0}
    pending = [start]
    limit = sum(1 for block in blocks.values() if block.kind.group is Group.REACH)
    while pending:
        name = pending.pop()
        if best[name] > limit:
            return None
        for target in blocks[name].leads:
            if target not in blocks:
                continue
            so_far = best[name] + (blocks[target].kind.group is Group.REACH)
            if so_far > best.get(target, -1):
                best[target] = so_far
                pending.append(target)
    return max(best.values())


def _entry(tx: Tx, flow_id: UUID, graph: Graph, block: str, audience: Audience, most: int | None) -> Iterator[Entry]:
    at = audience.next_after(tx.now, tx.zone) if audience.next_after is not None else None
    if not audience.at_publish and at is None:
        return
    people = _people(tx, flow_id, graph, audience.segment_id)
    name: str | None = tx.value(
        "select name from segment where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": audience.segment_id},
    )
    yield Entry(block, name or "", people, at, None if most is None else most * people)


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
