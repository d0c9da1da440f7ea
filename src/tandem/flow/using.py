"""Who uses a flow as a module: the flows that call it, and how (F19)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tandem.flow.ids import EVERY_BUCKET
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


#: How many names are offered, and among how many customers they are looked for.
NAMES_MAX: Final = 200
LOOKED_AT: Final = 500


def attributes(tx: Tx) -> list[str]:
    """Names of the tenant's own attributes: those that flows write, and those seen on some of its customers."""
    rows = tx.cursor(
        "select distinct name from ("
        " select one -> 'config' ->> 'attribute' as name from flow as f cross join lateral jsonb_array_elements(f.draft -> 'blocks') as one"
        " where f.tenant_id = %(tenant)s and f.status <> 'archived'"
        " union all select key from (select attrs from customer where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[])"
        " and attrs <> '{}'::jsonb limit %(seen)s) as c cross join lateral jsonb_object_keys(c.attrs) as key"
        ") as x where name <> '' order by name limit %(most)s",
        {"tenant": tx.tenant_id, "buckets": EVERY_BUCKET, "seen": LOOKED_AT, "most": NAMES_MAX},
    ).fetchall()
    return [str(name) for (name,) in rows]
