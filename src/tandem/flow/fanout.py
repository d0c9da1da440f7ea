"""Work over many customers or runs of a bucket, in bounded slices: audiences enter, runs move to a new version, leave, resume, retry.

One row per bucket says how far it has come; a turn takes one slice of each of its rows and writes the cursor in the same commit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from psycopg.types.json import Jsonb

from tandem.flow import entry, leaving, revive
from tandem.flow.ids import literal
from tandem.flow.plans import TenantPlans
from tandem.flow.runs import Lane, Leaving, RunStatus
from tandem.kernel.db import Tx
from tandem.kernel.ids import BUCKETS, new_id
from tandem.kernel.turn import Turn

log = structlog.get_logger(__name__)

SLICE = 400


@dataclass(frozen=True, slots=True)
class Row:
    """One `flow_fanout` row."""

    bucket: int
    id: UUID
    kind: str
    flow_id: UUID
    args: dict[str, Any]
    as_of: datetime
    cursor: UUID | None


@dataclass(frozen=True, slots=True)
class Slice:
    """What a slice did: the last id it came to (None: the end is reached) and how many it handled."""

    last: UUID | None
    handled: int


def spread(tx: Tx, kind: str, flow_id: UUID, args: dict[str, Any]) -> UUID:
    """File the work for every bucket, as of now. Returns its id."""
    fanout_id = new_id()
    tx.execute(
        "insert into flow_fanout (bucket, tenant_id, id, kind, flow_id, args, as_of)"
        " select b, %(tenant)s, %(id)s, %(kind)s, %(flow)s, %(args)s, %(now)s from generate_series(0, %(last)s) b",
        {
            "tenant": tx.tenant_id,
            "id": fanout_id,
            "kind": kind,
            "flow": flow_id,
            "args": Jsonb(args),
            "now": tx.now,
            "last": BUCKETS - 1,
        },
    )
    return fanout_id


def slices(turn: Turn, plans: TenantPlans, limit: int) -> int:
    """Take one slice each of the oldest pending rows, about `limit` subjects in all. Returns how many were handled."""
    rows = turn.tx.all(
        Row,
        "select f.bucket, f.id, f.kind, f.flow_id, f.args, f.as_of, f.cursor from unnest(%(buckets)s::smallint[]) b(bucket)"
        " cross join lateral (select * from flow_fanout f where f.bucket = b.bucket and f.tenant_id = %(tenant)s order by f.id limit 1) f"
        " order by f.id, f.bucket limit %(rows)s",
        turn.params(rows=max(1, limit // SLICE)),
    )
    handled = 0
    for row in rows:
        handled += _slice(turn, plans, row)
    return handled


def _slice(turn: Turn, plans: TenantPlans, row: Row) -> int:
    done = WORK[row.kind](turn, plans, row)
    key = {"bucket": row.bucket, "tenant": turn.tenant_id, "id": row.id}
    if done.last is None:
        turn.tx.execute(
            "delete from flow_fanout where bucket = %(bucket)s and tenant_id = %(tenant)s and id = %(id)s", key
        )
    else:
        turn.tx.execute(
            "update flow_fanout set cursor = %(cursor)s, handled = handled + %(handled)s"
            " where bucket = %(bucket)s and tenant_id = %(tenant)s and id = %(id)s",
            key | {"cursor": done.last, "handled": done.handled},
        )
    return max(1, done.handled)


def _enter_segment(turn: Turn, plans: TenantPlans, row: Row) -> Slice:
    """Members of a segment since at the latest `as_of` enter a version at its start block, in the bulk lane."""
    version = plans.versions.get(UUID(row.args["version_id"]))
    if version is None or not version.current:
        return Slice(None, 0)
    block = version.plan.blocks[row.args["block"]]
    params = {
        "bucket": row.bucket,
        "segment": UUID(row.args["segment_id"]),
        "after": row.cursor,
        "as_of": row.as_of,
        "slice": SLICE,
    }
    last = turn.tx.cursor(
        "select max(customer_id::text)::uuid, count(*) from (select m.customer_id from segment_member m where m.bucket = %(bucket)s"
        " and m.tenant_id = %(tenant)s and m.segment_id = %(segment)s and (%(after)s::uuid is null or m.customer_id > %(after)s)"
        " order by m.customer_id limit %(slice)s) x",
        turn.params(**params),
        prepare=True,
    ).fetchone()
    if last is None or not last[1]:
        return Slice(None, 0)
    source = (
        "asked as (select m.bucket, m.customer_id, m.customer_id as origin_id, null::uuid as event_id, null::uuid as root_id, 0 as hops"
        " from segment_member m where m.bucket = %(bucket)s and m.tenant_id = %(tenant)s and m.segment_id = %(segment)s"
        " and (%(after)s::uuid is null or m.customer_id > %(after)s) and m.customer_id <= %(upto)s and m.since <= %(as_of)s)"
    )
    started = entry.begin(
        turn,
        version.plan,
        block,
        source,
        vars_sql="null::jsonb",
        lane=Lane.BULK,
        due_lane=Lane.BULK,
        params=params | {"upto": last[0]},
    )
    log.debug("audience_slice", flow=str(row.flow_id), bucket=row.bucket, started=started)
    return Slice(last[0] if last[1] == SLICE else None, int(last[1]))


def _runs_of(turn: Turn, row: Row, statuses: tuple[RunStatus, ...]) -> list[tuple[int, UUID, int]]:
    """The next runs of the flow in the bucket: (stretch, id, count) in order of id."""
    return turn.tx.cursor(
        "select r.stretch, r.id, r.status from flow_run r where r.bucket = %(bucket)s and r.tenant_id = %(tenant)s and r.flow_id = %(flow)s"
        " and (%(after)s::uuid is null or r.id > %(after)s) and r.status = any(%(statuses)s::smallint[]) order by r.id limit %(slice)s",
        turn.params(
            bucket=row.bucket, flow=row.flow_id, after=row.cursor, statuses=[int(one) for one in statuses], slice=SLICE
        ),
    ).fetchall()


def _by_stretch(found: list[tuple[int, UUID, int]]) -> dict[int, list[str]]:
    groups: dict[int, list[str]] = {}
    for stretch, run, _ in found:
        groups.setdefault(stretch, []).append(str(run))
    return groups


def _over_runs(turn: Turn, row: Row, statuses: tuple[RunStatus, ...], act: Callable[[int, str, str], int]) -> Slice:
    """Apply `act(stretch, buckets, runs)` to the next slice of a flow's runs."""
    found = _runs_of(turn, row, statuses)
    for stretch, runs in _by_stretch(found).items():
        act(stretch, literal([str(row.bucket)] * len(runs)), literal(runs))
    return Slice(found[-1][1] if len(found) == SLICE else None, len(found))


_INSIDE = (RunStatus.ACTIVE, RunStatus.HELD, RunStatus.FAILED)


def _leave(turn: Turn, plans: TenantPlans, row: Row) -> Slice:
    """The flow was stopped, or a new version lets its runs go: they leave."""
    keep = row.args.get("except_version")
    reason = Leaving[row.args.get("reason", "STOPPED")]

    def act(stretch: int, buckets: str, runs: str) -> int:
        version = plans.by_stretch.get(stretch)
        if version is None or str(version.plan.version_id) == keep:
            return 0
        return leaving.leave_where(turn, version.plan, stretch, buckets, runs, reason)

    return _over_runs(turn, row, _INSIDE, act)


def _move(turn: Turn, plans: TenantPlans, row: Row) -> Slice:
    """Runs inside older versions go on in a new one, at the block of the same id or its stated successor; who has none leaves."""
    target = plans.versions.get(UUID(row.args["version_id"]))
    if target is None:
        return Slice(None, 0)
    successors: dict[str, str] = row.args.get("successors", {})

    def act(stretch: int, buckets: str, runs: str) -> int:
        old = plans.by_stretch.get(stretch)
        if old is None or old is target:
            return 0
        block, mode = old.plan.place(stretch)
        new_block = block if block in target.plan.blocks else successors.get(block, "")
        to = target.plan.stretches.get((new_block, mode if new_block == block else "enter"))
        if to is None:
            return leaving.leave_where(turn, old.plan, stretch, buckets, runs, Leaving.MOVED)
        return revive.transfer(turn, stretch, to, buckets, runs, wake=new_block != block)

    return _over_runs(turn, row, (*_INSIDE, RunStatus.HOLDOUT), act)


def _resume(turn: Turn, plans: TenantPlans, row: Row) -> Slice:
    """The flow goes on: held runs are due."""
    del plans
    return _over_runs(
        turn,
        row,
        (RunStatus.HELD,),
        lambda stretch, buckets, runs: revive.go_on(turn, stretch, buckets, runs, Lane.BULK),
    )


def _retry(turn: Turn, plans: TenantPlans, row: Row) -> Slice:
    """Failed runs try their block again."""
    del plans
    return _over_runs(
        turn,
        row,
        (RunStatus.FAILED,),
        lambda stretch, buckets, runs: revive.go_on(turn, stretch, buckets, runs, Lane.BULK),
    )


def _skip(turn: Turn, plans: TenantPlans, row: Row) -> Slice:
    """Failed runs go past their block by a stated port (default: the first)."""

    def act(stretch: int, buckets: str, runs: str) -> int:
        version = plans.by_stretch.get(stretch)
        return (
            0
            if version is None
            else revive.skip(turn, version.plan, stretch, buckets, runs, int(row.args.get("port", 0)))
        )

    return _over_runs(turn, row, (RunStatus.FAILED,), act)


WORK: dict[str, Callable[[Turn, TenantPlans, Row], Slice]] = {
    "enter_segment": _enter_segment,
    "leave": _leave,
    "move": _move,
    "resume": _resume,
    "retry": _retry,
    "skip": _skip,
}
