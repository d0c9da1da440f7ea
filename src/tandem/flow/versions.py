"""A version is filed, its places numbered, its audiences let in; runs of other versions stay, move or leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from psycopg.types.json import Jsonb

from tandem.flow import fanout
from tandem.flow.graph import Graph
from tandem.flow.module import KindRegistry
from tandem.flow.node import Role
from tandem.flow.plan import config_of, stretch_places
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict
from tandem.kernel.ids import new_id

Running = Literal["stay", "move", "leave"]


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version to file: its number, and why it is made."""

    number: int
    note: str = ""
    id: UUID = field(default_factory=new_id)


def next_number(tx: Tx, flow_id: UUID) -> int:
    """The number after the last one of a flow."""
    return 1 + int(
        tx.value(
            "select coalesce(max(number), 0) from flow_version where tenant_id = %(tenant)s and flow_id = %(flow)s",
            {"tenant": tx.tenant_id, "flow": flow_id},
        )
    )


def file_version(
    tx: Tx, flow_id: UUID, new: NewVersion, graph: Graph, numbers: dict[str, int], *, status: str = "published"
) -> None:
    """Keep a graph for good, under the next number; `numbers` are those of its blocks.

    Raises Conflict for a graph about something else than the flow's versions before: its runs, counts and re-entry are about that.
    """
    others = tx.values(
        "select distinct coalesce(graph #>> '{settings,subject}', 'customer') from flow_version"
        " where tenant_id = %(tenant)s and flow_id = %(flow)s",
        {"tenant": tx.tenant_id, "flow": flow_id},
    )
    if others and others != [graph.settings.subject]:
        raise Conflict(
            "flow_subject_fixed",
            "流程发布过之后不能更换主体，请另建一个流程。",
            "What a published flow is about stays: make another flow for another subject.",
        )
    tx.execute(
        "insert into flow_version (id, tenant_id, flow_id, number, graph, numbers, status, published_by, note)"
        " values (%(id)s, %(tenant)s, %(flow)s, %(number)s, %(graph)s, %(numbers)s, %(status)s, %(user)s, %(note)s)",
        {
            "id": new.id,
            "tenant": tx.tenant_id,
            "flow": flow_id,
            "number": new.number,
            "status": status,
            "note": new.note,
            "graph": Jsonb(graph.stored()),
            "numbers": Jsonb(numbers),
            "user": tx.user_id,
        },
    )


def file_stretches(tx: Tx, kinds: KindRegistry, flow_id: UUID, version_id: UUID, graph: Graph) -> None:
    """Number every place where a run of the version can stand."""
    places = stretch_places(graph, kinds)
    tx.execute(
        "insert into flow_stretch (tenant_id, version_id, flow_id, block, mode)"
        " select %(tenant)s, %(version)s, %(flow)s, p.block, p.mode from unnest(%(blocks)s::text[], %(modes)s::text[]) p(block, mode)",
        {
            "tenant": tx.tenant_id,
            "version": version_id,
            "flow": flow_id,
            "blocks": [block for block, _ in places],
            "modes": [mode for _, mode in places],
        },
    )


def begin_audiences(
    tx: Tx, kinds: KindRegistry, flow_id: UUID, version_id: UUID, graph: Graph, *, present: bool = True
) -> None:
    """Let those in who are inside at publishing (`present`), and note when scheduled starts fire; other versions' schedules end."""
    tx.execute(
        "update flow_schedule set next_at = null where tenant_id = %(tenant)s and flow_id = %(flow)s",
        {"tenant": tx.tenant_id, "flow": flow_id},
    )
    for block in graph.blocks:
        kind = kinds.get(block.kind, block.version)
        if kind is None or kind.role is not Role.START:
            continue
        audience = kind.audience(config_of(kind, block.config))
        if audience is None:
            continue
        if audience.at_publish and present:
            fanout.admit(tx, flow_id, version_id, block.id, audience)
        if audience.next_after is not None:
            tx.execute(
                "insert into flow_schedule (tenant_id, version_id, block, flow_id, next_at)"
                " values (%(tenant)s, %(version)s, %(block)s, %(flow)s, %(next)s)"
                " on conflict (version_id, block) do update set next_at = excluded.next_at",
                {
                    "tenant": tx.tenant_id,
                    "version": version_id,
                    "block": block.id,
                    "flow": flow_id,
                    "next": audience.next_after(tx.now, tx.zone),
                },
            )


def settle_runs(tx: Tx, flow_id: UUID, version_id: UUID, running: Running, successors: Mapping[str, str]) -> None:
    """What becomes of the runs of other versions, in slices."""
    if running == "move":
        fanout.spread(tx, "move", flow_id, {"version_id": str(version_id), "successors": dict(successors)})
    elif running == "leave":
        fanout.spread(tx, "leave", flow_id, {"reason": "MOVED", "except_version": str(version_id)})
