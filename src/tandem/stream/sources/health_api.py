"""Routes: how intake is doing, by source."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, LongLimit, Page, page_in_memory
from tandem.access.shapes import Label
from tandem.stream.door.pressure import INBOX_MAX, PENDING_MAX, backlog
from tandem.stream.sources import health, quality

Reader = Annotated[Access, Depends(allowed("source.read"))]

router = APIRouter(tags=["intake_health"])


class AlertOut(BaseModel):
    """Something to look at."""

    code: Literal["lag", "failures", "silent", "poll", "expiring"]
    what: Label


class SourceHealthOut(BaseModel):
    """A source's last hour. `failure_percent` is null where too few calls came to tell, `lag_seconds` where no live record did."""

    source: str
    account_id: UUID | None
    name: str | None
    connector: str | None
    status: str | None
    received: int
    quarantined: int
    unverified: int
    refused: int
    throttled: int
    failure_percent: float | None
    lag_seconds: int | None
    lag_seconds_worst: int
    last_at: datetime | None
    secret_expires_at: datetime | None
    alerts: list[AlertOut]


class BacklogOut(BaseModel):
    """What waits now, and from where on the door says 429."""

    pending: int
    pending_max: int
    inbox: int
    inbox_max: int
    oldest_seconds: int


class PointOut(BaseModel):
    """One minute or hour."""

    at: datetime
    received: int
    quarantined: int
    turned_away: int
    lag_seconds: int | None


class QualityOut(BaseModel):
    """How good a source's data is. Shares from 0 to 1, null where there is too little to tell.

    `understood`: of what came in 30 days; `filled`: how much of name, gender, birthday, city and shop it says of its people; `held`: how
    often what it said is what holds. `score`: 50, 30 and 20 per cent of these.
    """

    source: str
    received: int
    unread: int
    understood: float | None
    filled: float | None
    held: float | None
    score: int | None


class SeriesOut(BaseModel):
    """A source's recent past, oldest first, without gaps."""

    points: list[PointOut]


@router.get("/intake-health/sources")
def list_source_health(access: Reader, cursor: Cursor = None, limit: LongLimit = 200) -> Page[SourceHealthOut]:
    """Every source's last hour: how much, how late, how much failed, and what is past its limit."""
    with access.tx() as tx:
        rows = health.sources(tx)
        now = tx.machine_now
    shown, following = page_in_memory(rows, cursor, limit, "source")
    return Page(items=[_out(one, now) for one in shown], next=following)


@router.get("/intake-health/backlog")
def read_backlog(access: Reader) -> BacklogOut:
    """How much waits to be understood and to be applied."""
    with access.tx("door") as tx:
        found = backlog(tx)
        oldest = health.oldest_pending(tx)
    return BacklogOut(
        pending=found.pending,
        pending_max=PENDING_MAX,
        inbox=found.inbox,
        inbox_max=INBOX_MAX,
        oldest_seconds=oldest,
    )


@router.get("/intake-health/quality")
def list_source_quality(access: Reader, cursor: Cursor = None, limit: LongLimit = 200) -> Page[QualityOut]:
    """How good each source's data is, counted from the rows it left."""
    with access.tx() as tx:
        rows = quality.qualities(tx)
    shown, following = page_in_memory(rows, cursor, limit, "source")
    return Page(items=[QualityOut(**asdict(one)) for one in shown], next=following)


@router.get("/intake-health/series")
def read_intake_series(
    access: Reader,
    source: Annotated[str | None, Query(max_length=200)] = None,
    every: Literal["minute", "hour"] = "minute",
    points: Annotated[int, Query(ge=2, le=720)] = 60,
) -> SeriesOut:
    """Minutes or hours of one source, or of all."""
    with access.tx() as tx:
        found = health.series(tx, source=source, every=every, points=points)
    return SeriesOut(
        points=[
            PointOut(
                at=one.at,
                received=one.received,
                quarantined=one.quarantined,
                turned_away=one.turned_away,
                lag_seconds=one.lag_seconds,
            )
            for one in found
        ]
    )


def _out(one: health.SourceHealth, now: datetime) -> SourceHealthOut:
    plain = {name: getattr(one, name) for name in SourceHealthOut.model_fields if name != "alerts"}
    alerts = [
        AlertOut(code=alert.code, what=Label(zh=alert.zh, en=alert.en))  # type: ignore[arg-type]
        for alert in health.alerts_of(one, now)
    ]
    return SourceHealthOut(**plain, alerts=alerts)
