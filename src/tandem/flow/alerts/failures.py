"""Failed runs by cause, and what is done about a cause: tried again or skipped, all at once, in slices of the ordinary turns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from tandem.access import audit
from tandem.flow import fanout, revive
from tandem.flow.fanout import Done, Part
from tandem.flow.ids import EVERY_BUCKET, literal
from tandem.flow.plans import TenantPlans
from tandem.flow.runs import Lane, RunStatus
from tandem.flow.service import get_flow
from tandem.kernel.db import Tx
from tandem.kernel.turn import Turn

KIND: Final = "mend_cause"
CAUSES_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Cause:
    """Runs of a flow that failed at a block for one reason."""

    block: str
    reason: str
    n: int
    first_at: datetime
    last_at: datetime


def causes(tx: Tx, flow_id: UUID) -> list[Cause]:
    """Why runs of a flow stand still as failed, the most frequent cause first; over the customers the caller may see."""
    return tx.all(
        Cause,
        "select coalesce(block, '') as block, reason, count(*)::int as n, min(at) as first_at, max(at) as last_at from flow_parked"
        " where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and flow_id = %(flow)s and kind = 'failed'"
        " group by 1, 2 order by n desc limit %(limit)s",
        {"tenant": tx.tenant_id, "buckets": EVERY_BUCKET, "flow": flow_id, "limit": CAUSES_MAX},
    )


def mend(tx: Tx, flow_id: UUID, block: str, reason: str, how: Literal["retry", "skip"], port: int = 0) -> None:
    """Every run that failed there for this reason tries again, or goes past the block by a port. Raises NotFound."""
    get_flow(tx, flow_id)
    fanout.spread(tx, KIND, flow_id, {"block": block, "reason": reason, "how": how, "port": port})
    action = "flow.failed_retried" if how == "retry" else "flow.failed_skipped"
    audit.record(tx, action, "flow", flow_id, None, {"block": block, "reason": reason[:500]})


_CHOSEN: Final = f"""
select r.bucket, r.run_id, r.stretch from unnest(%(p_buckets)s::smallint[], %(p_cursors)s::uuid[]) as p(bucket, after) cross join lateral (
  select k.bucket, k.run_id, g.stretch from flow_parked as k
  join flow_run as g on g.bucket = k.bucket and g.id = k.run_id and g.tenant_id = %(tenant)s and g.status = {RunStatus.FAILED:d}
  where k.bucket = p.bucket and k.tenant_id = %(tenant)s and k.flow_id = %(flow)s and k.kind = 'failed' and k.block = %(block)s
    and k.reason = %(reason)s and k.at <= %(as_of)s and (p.after is null or k.run_id > p.after) order by k.run_id limit %(each)s) as r
order by r.bucket, r.run_id
"""


def slice_of(turn: Turn, plans: TenantPlans, part: Part) -> Done:
    """A slice of such a fan-out: those that failed until it was asked for."""
    args: dict[str, Any] = part.head.args
    rows: list[tuple[int, UUID, int]] = turn.tx.cursor(
        _CHOSEN, turn.params(**part.params(), block=args["block"], reason=args["reason"])
    ).fetchall()
    done: Done = {}
    groups: dict[int, list[tuple[int, UUID]]] = {}
    for bucket, run, stretch in rows:
        groups.setdefault(stretch, []).append((bucket, run))
        done[bucket] = (run, done.get(bucket, (run, 0))[1] + 1)
    for stretch, runs in groups.items():
        buckets, ids = literal([str(one) for one, _ in runs]), literal([str(run) for _, run in runs])
        version = plans.by_stretch.get(stretch)
        if args["how"] == "retry":
            number = None if version is None else version.plan.blocks[version.plan.place(stretch)[0]].number
            revive.go_on(turn, stretch, buckets, ids, Lane.BULK, number=number)
        elif version is not None:
            revive.skip(turn, version.plan, stretch, buckets, ids, int(args["port"]))
    return done


# The engine takes slices of every kind of fan-out it knows.
fanout.WORK[KIND] = slice_of
