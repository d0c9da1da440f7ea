"""Who uses a flow as a module: the flows that call it, and how (F19)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from psycopg.types.json import Jsonb

from tandem.kernel.db import Tx

#: The kind of block by which one flow calls another (`kinds/call.py`).
CALL = "flow.call"


@dataclass(frozen=True, slots=True)
class Caller:
    """A flow that calls another. `published`: the version at work does; `drafted`: the drawing does."""

    id: UUID
    name: str
    status: str
    published: bool
    drafted: bool


def callers(tx: Tx, flow_id: UUID) -> list[Caller]:
    """The flows that call this one, by name: a change of it reaches them all."""
    return tx.all(
        Caller,
        "select f.id, f.name, f.status, coalesce(v.graph -> 'blocks' @> %(call)s, false) as published,"
        " coalesce(f.draft -> 'blocks' @> %(call)s, false) as drafted"
        " from flow f left join flow_version v on v.id = f.current_version_id and v.tenant_id = %(tenant)s"
        " where f.tenant_id = %(tenant)s and f.status <> 'archived' and f.id <> %(flow)s"
        " and (v.graph -> 'blocks' @> %(call)s or f.draft -> 'blocks' @> %(call)s) order by f.name, f.id",
        {
            "tenant": tx.tenant_id,
            "flow": flow_id,
            "call": Jsonb([{"kind": CALL, "config": {"flow_id": str(flow_id)}}]),
        },
    )
