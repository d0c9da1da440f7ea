"""A route for operators: which workers are at it, how fast, and how far behind they are."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from tandem.access.http import Access, allowed
from tandem.flow import reports
from tandem.flow.runs import Lane

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

    workers: list[WorkerOut]
    lanes: list[LaneOut]


@router.get("/health")
def get_health(access: CanRead) -> HealthOut:
    """Workers with their turns and speed, and the lag of every lane of this tenant."""
    with access.tx() as tx:
        told, waits = reports.workers(tx), reports.waiting(tx)
    return HealthOut(
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
