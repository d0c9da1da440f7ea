"""Routes of events that could not be applied."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from tandem.access import audit
from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, Page, from_cursor, page_of
from tandem.access.shapes import Body, Label
from tandem.stream.apply import failed
from tandem.stream.system import catalog_of

router = APIRouter(tags=["events"])
Write = Annotated[Access, Depends(allowed("event.write"))]


class FailedEventLine(BaseModel):
    """An event that could not be applied, and why; its payload stays with the event."""

    id: UUID
    type: str
    label: Label | None
    customer_id: UUID | None
    occurred_at: datetime
    failed_at: datetime
    reason: str


class RetryRound(Body):
    """Where the round before ended; null begins anew."""

    after: UUID | None = None


class Retried(BaseModel):
    """How many events went back into the inbox, and where the next round begins (null: this was the last)."""

    retried: int
    next: UUID | None = None


@router.get("/failed-events")
def list_failed_events(
    access: Write, request: Request, cursor: Cursor = None, limit: Limit = 50
) -> Page[FailedEventLine]:
    """Events that could not be applied, the latest failure first."""
    at, last = from_cursor(cursor, 2) if cursor else (None, None)
    with access.tx() as tx:
        rows = failed.page(tx, before=(at, last), limit=limit + 1)
    shown, following = page_of(rows, limit, "failed_at", "event_id")
    types = catalog_of(request).event_types
    items: list[FailedEventLine] = []
    for row in shown:
        known = types.get(row.type)
        items.append(
            FailedEventLine(
                id=row.event_id,
                type=row.type,
                label=None if known is None else Label(zh=known.label.zh, en=known.label.en),
                customer_id=row.customer_id,
                occurred_at=row.occurred_at,
                failed_at=row.failed_at,
                reason=row.reason,
            )
        )
    return Page(items=items, next=following)


@router.post("/failed-events/{event_id}/retry")
def retry_failed_event(access: Write, event_id: UUID) -> Retried:
    """Put one event back into the inbox; failing again, it comes back with its new reason."""
    with access.tx() as tx:
        failed.retry_one(tx, event_id)
        audit.record(tx, "event.retried", "event", event_id)
    return Retried(retried=1)


@router.post("/failed-events/retry")
def retry_failed_events(access: Write, given: RetryRound) -> Retried:
    """Put all failed events back, up to 500 a call; repeat with `next` until it is null."""
    with access.tx() as tx:
        count, following = failed.retry_next(tx, given.after)
        audit.record(tx, "event.retried", "event", tx.tenant_id, None, {"retried": count})
    return Retried(retried=count, next=following)
