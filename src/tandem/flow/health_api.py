"""A route for operators: which workers are at it, how fast, and how far behind they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from tandem.access.http import Access, allowed
from tandem.flow import delays, reports
from tandem.flow.runs import Lane
from tandem.stream.identity import stuck

router = APIRouter(tags=["operations"])

CanRead = Annotated[Access, Depends(allowed("settings.read"))]
LaneName = Literal["live", "normal", "bulk", "slow"]


class LaneWorkOut(BaseModel):
    """A worker's turns of a lane since it began; `rows_per_second` is events and steps of runs by the time of these turns."""

    lane: LaneName
    turns: int
    events: int
    moved: int
    failed: int
    rows_per_second: float
    slowest_ms: float


class WorkerOut(BaseModel):
    """A worker process that has spoken within the last minute, whatever tenants it serves."""

    id: UUID
    started_at: datetime
    reported_at: datetime
    buckets: int
    lanes: list[LaneWorkOut]


class LaneOut(BaseModel):
    """What waits in a lane of this tenant (counted up to 100 a bucket), and for how long the oldest has; null when nothing does."""

    lane: LaneName
    events_waiting: int
    event_lag_seconds: float | None
    runs_due: int
    run_lag_seconds: float | None


class HealthOut(BaseModel):
    """No workers means that nothing is applied."""

    held: int
    """Customers whose events wait because a merge of theirs cannot go on (`/merges/stuck`)."""
    workers: list[WorkerOut]
    lanes: list[LaneOut]


class DelayOut(BaseModel):
    """Times from an event's arrival to what it set off, in milliseconds; `over` took longer than the limit. Null: of nothing."""

    n: int
    p50_ms: int | None
    p95_ms: int | None
    slowest_ms: int
    over: int


class DelayedMinute(DelayOut):
    """All kinds together, in one minute of the machine's clock."""

    minute: datetime


class DelayedKind(DelayOut):
    """One kind of effect over the whole time asked for."""

    what: delays.What


class DelaysOut(BaseModel):
    """What we hold ourselves to is that `share` of the effects come within `limit_ms`; `broken`: not so in the last five minutes."""

    limit_ms: int
    share: float
    broken: bool
    since: datetime
    until: datetime
    whole: DelayOut
    minutes: list[DelayedMinute]
    kinds: list[DelayedKind]


@router.get("/health")
def get_health(access: CanRead) -> HealthOut:
    """Workers with their turns and speed, and the lag of every lane of this tenant."""
    with access.tx() as tx:
        told, waits, held = reports.workers(tx), reports.waiting(tx), len(stuck.people(tx))
    return HealthOut(
        held=held,
        workers=[
            WorkerOut(
                id=one.id,
                started_at=one.started_at,
                reported_at=one.reported_at,
                buckets=one.buckets,
                lanes=[_lane_work(lane, one.work[_name(lane)]) for lane in Lane if _name(lane) in one.work],
            )
            for one in told
        ],
        lanes=[
            LaneOut(
                lane=_name(Lane(one.lane)),
                events_waiting=one.events,
                event_lag_seconds=one.oldest_event,
                runs_due=one.runs,
                run_lag_seconds=one.oldest_run,
            )
            for one in waits
        ],
    )


@router.get("/health/delays")
def get_delays(
    access: CanRead, minutes: Annotated[int, Query(ge=5, le=24 * 60)] = 60, flow_id: UUID | None = None
) -> DelaysOut:
    """From an event's arrival to its effect: tags, fields, points, coupons, tasks by commit, messages by their channel's answer.

    By minute and by kind, of one flow or all. What waits on purpose does not count.
    """
    with access.tx() as tx:
        found = delays.read(tx, minutes, flow_id)
        now = tx.machine_now
    sums = delays.together(found)
    lately = delays.together([one for one in found if one.minute > now - delays.WATCHED]).get(None, delays.Ages())
    return DelaysOut(
        limit_ms=delays.LIMIT_MS,
        share=delays.SHARE,
        broken=lately.is_slow,
        since=now - timedelta(minutes=minutes),
        until=now,
        whole=DelayOut.model_validate(_ages(sums.get(None, delays.Ages()))),
        minutes=[DelayedMinute(minute=one.minute, **_ages(one.ages)) for one in found if one.what is None],
        kinds=[DelayedKind(what=what, **_ages(sums[what])) for what in delays.KINDS if what in sums],
    )


def _ages(ages: delays.Ages) -> dict[str, Any]:
    return {
        "n": ages.n,
        "p50_ms": ages.quantile(0.5),
        "p95_ms": ages.quantile(delays.SHARE),
        "slowest_ms": ages.slowest,
        "over": ages.over(),
    }


def _name(lane: Lane) -> LaneName:
    names: dict[Lane, LaneName] = {Lane.LIVE: "live", Lane.NORMAL: "normal", Lane.BULK: "bulk", Lane.SLOW: "slow"}
    return names[lane]


def _lane_work(lane: Lane, work: dict[str, float]) -> LaneWorkOut:
    rows = work["events"] + work["moved"]
    return LaneWorkOut(
        lane=_name(lane),
        turns=int(work["turns"]),
        events=int(work["events"]),
        moved=int(work["moved"]),
        failed=int(work["failed"]),
        rows_per_second=round(rows / work["seconds"], 1) if work["seconds"] > 0 else 0.0,
        slowest_ms=round(work["slowest"] * 1000, 1),
    )
