"""What went wrong after a run had gone on, kept with the block that began it: it counts there, and the people behind it are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tandem.flow.ids import EVERY_BUCKET
from tandem.kernel.db import Tx
from tandem.kernel.turn import Turn


@dataclass(frozen=True, slots=True)
class Mishap:
    """An effect that came to nothing. `id`: of the effect; `port`: by which the run left the block; `reason`: as a person reads it."""

    bucket: int
    id: UUID
    run_id: UUID
    flow_id: UUID
    customer_id: UUID | None
    origin_id: UUID | None
    block: str
    port: str
    reason: str
    at: datetime


_NOTE: Final = """
insert into flow_mishap (bucket, id, tenant_id, run_id, flow_id, customer_id, origin_id, block, port, reason, at)
select n.bucket, n.id, %(tenant)s, n.run_id, n.flow_id, n.customer_id, n.origin_id, n.block, n.port, n.reason, n.at
from unnest(%(m_buckets)s::smallint[], %(ids)s::uuid[], %(runs)s::uuid[], %(flows)s::uuid[], %(customers)s::uuid[], %(origins)s::uuid[],
            %(blocks)s::text[], %(ports)s::text[], %(reasons)s::text[], %(ats)s::timestamptz[])
  as n(bucket, id, run_id, flow_id, customer_id, origin_id, block, port, reason, at)
where n.bucket = any(%(buckets)s::smallint[])
on conflict (bucket, id) do nothing
"""


def note(turn: Turn, mishaps: Sequence[Mishap]) -> None:
    """Keep them, each once however often it is told."""
    if mishaps:
        turn.tx.execute(
            _NOTE,
            turn.params(
                m_buckets=[one.bucket for one in mishaps],
                ids=[one.id for one in mishaps],
                runs=[one.run_id for one in mishaps],
                flows=[one.flow_id for one in mishaps],
                customers=[one.customer_id for one in mishaps],
                origins=[one.origin_id for one in mishaps],
                blocks=[one.block for one in mishaps],
                ports=[one.port for one in mishaps],
                reasons=[one.reason for one in mishaps],
                ats=[one.at for one in mishaps],
            ),
        )


@dataclass(frozen=True, slots=True)
class Count:
    """How often a block's effect came to nothing after the run had left by a port."""

    block: str
    port: str
    n: int


def counts(tx: Tx, flow_id: UUID) -> list[Count]:
    """A flow's mishaps by block and port, over the customers the caller may see."""
    return tx.all(
        Count,
        "select block, port, count(*) as n from flow_mishap"
        " where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and flow_id = %(flow)s group by block, port",
        {"tenant": tx.tenant_id, "buckets": EVERY_BUCKET, "flow": flow_id},
    )
