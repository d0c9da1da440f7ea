"""Routes of the door: `POST /events`, and the quarantine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, Field

from tandem.access import audit
from tandem.access.http import Access, allowed, shown_once
from tandem.access.paging import Cursor, Limit, Page, from_cursor, page_of
from tandem.access.shapes import Body, Label
from tandem.kernel.errors import InvalidInput
from tandem.stream.door import quarantine
from tandem.stream.door.batcher import SMALL_RECORDS_MAX, Batcher
from tandem.stream.door.kinds import DoorKinds
from tandem.stream.door.pressure import PRESSURE
from tandem.stream.door.reach import whole
from tandem.stream.door.redact import redacted
from tandem.stream.door.service import accept, replay_open
from tandem.stream.door.service import replay as replay_quarantined
from tandem.stream.door.wire import EVENTS_MAX, PLACES_MAX, parse
from tandem.stream.keys import tenant_keys
from tandem.stream.projection import LIVE

Write = Annotated[Access, Depends(allowed("event.write"))]
Kinds = Callable[[], DoorKinds]


class EventBody(BaseModel):
    """One record. Its `payload` has the shape of its `kind`."""

    source: Annotated[str, Field(min_length=1, max_length=200)]
    external_id: Annotated[str, Field(min_length=1, max_length=200)]
    kind: str
    time: AwareDatetime
    payload: dict[str, Any]
    mode: Literal["live", "backfill"] = "live"


class EventsBody(BaseModel):
    """What a call carries. Described here, read by the door itself: see `wire`."""

    events: Annotated[list[EventBody], Field(max_length=EVENTS_MAX)]


class RefusedBody(BaseModel):
    """A record that was not taken, with the place and the reason."""

    index: int
    where: str
    what: Label


class EventsAnswer(BaseModel):
    """What became of the records. A record that was known under another payload counts in `updates`, not in `accepted`."""

    accepted: int
    duplicates: int
    updates: int
    refused: list[RefusedBody]


class QuarantineItem(BaseModel):
    """A record the door could not understand, without its payload."""

    id: UUID
    source: str
    external_id: str
    kind: str
    mode: Literal["live", "backfill"]
    occurred_at: datetime | None
    problems: list[RefusedBody]
    schema_version: str
    received_at: datetime
    status: str
    attempts: int
    replayed_at: datetime | None


class QuarantinePayload(BaseModel):
    """A quarantined record's payload as it came; `masked` where parts are closed because the caller may not see such data."""

    payload: str
    masked: bool


class NextRound(Body):
    """Where the round before ended; null begins anew."""

    after: UUID | None = None


class RoundAnswer(BaseModel):
    """How many records were taken, how many stay, and where the next round begins (null: this was the last)."""

    taken: int
    refused: int
    next: UUID | None


async def raw_body(request: Request) -> bytes:
    """The body as it came: the ingest path decodes it itself. Its size was bounded before."""
    return await request.body()


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": EventsBody.model_json_schema(ref_template="#/components/schemas/{model}")}
        },
    },
}


def door_router(kinds: Kinds) -> APIRouter:
    """The door's routes; `kinds` gives every kind of record the assembled house understands."""
    router = APIRouter(tags=["events"])
    batcher = Batcher(kinds)

    @router.post("/events", openapi_extra=_inline(_BODY))
    def send(
        access: Write,
        body: Annotated[bytes, Depends(raw_body)],
        *,
        partial: Annotated[bool, Query(description="Take the sound records, put the others into quarantine")] = False,
    ) -> EventsAnswer:
        """Hand over what happened elsewhere, up to 5,000 records. All or nothing, unless `partial`."""
        parsed = parse(body)
        if any(item.mode == LIVE for item in parsed.items):
            PRESSURE.check(access.db, access.tenant_id)
        # Who reaches only some shops shares no flush: what may be said differs from caller to caller.
        is_small = len(parsed.items) <= SMALL_RECORDS_MAX and not partial and not parsed.problems
        if is_small and access.scope.kind == "all":
            answer = batcher.submit(access.db, access.tenant_id, parsed)
        else:
            with access.tx("door") as tx:
                answer = accept(tx, kinds(), parsed, partial=partial)
        refused = [
            RefusedBody(index=one.index, where=one.where, what=Label(zh=one.zh, en=one.en))
            for one in answer.refused[:PLACES_MAX]
        ]
        return EventsAnswer(
            accepted=answer.accepted, duplicates=answer.duplicates, updates=answer.updates, refused=refused
        )

    @router.get("/quarantine")
    def quarantined(
        access: Write,
        status: Literal["open", "replayed"] | None = "open",
        source: Annotated[str | None, Query(max_length=200)] = None,
        reason: Annotated[str | None, Query(max_length=32, description="`reason` of a group")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[QuarantineItem]:
        """Records that could not be understood, newest first."""
        whole(access.scope)
        with access.tx() as tx:
            found = quarantine.page(
                tx, status=status, before=_before(cursor), limit=limit + 1, source=source, reason=reason
            )
        lines, following = page_of(found, limit, "id")
        return Page(items=[_item(line) for line in lines], next=following)

    @router.post("/quarantine/{record_id}/replay")
    def replay(access: Write, record_id: UUID) -> EventsAnswer:
        """Try a quarantined record again, as history: what it means is recorded and starts nothing. Refused again, it stays."""
        whole(access.scope)
        with access.tx("door") as tx:
            answer = replay_quarantined(tx, kinds(), record_id)
            audit.record(
                tx, "quarantine.replayed", "quarantine", record_id, None, {"accepted": answer.accepted + answer.updates}
            )
        refused = [RefusedBody(index=0, where=one.where, what=Label(zh=one.zh, en=one.en)) for one in answer.refused]
        return EventsAnswer(
            accepted=answer.accepted, duplicates=answer.duplicates, updates=answer.updates, refused=refused
        )

    _replay_many(router, kinds)
    return router


def _replay_many(router: APIRouter, kinds: Kinds) -> None:
    @router.post("/quarantine/{record_id}/reveal", dependencies=[Depends(shown_once)])
    def reveal_quarantined(access: Write, record_id: UUID) -> QuarantinePayload:
        """Show what a quarantined record says. It may hold personal data, so looking leaves an audit entry."""
        whole(access.scope)
        with access.tx() as tx:
            payload, masked = redacted(quarantine.reveal(tx, tenant_keys(tx), record_id))
            audit.record(tx, "quarantine.revealed", "quarantine", record_id)
        return QuarantinePayload(payload=payload, masked=masked)

    @router.post("/quarantine/replay")
    def replay_quarantine(access: Write, given: NextRound) -> RoundAnswer:
        """Try all open records again, as history, up to 500 a call; repeat with `next` until it is null."""
        whole(access.scope)
        with access.tx("door") as tx:
            done = replay_open(tx, kinds(), given.after)
            counts = {"taken": done.taken, "refused": done.refused}
            audit.record(tx, "quarantine.replayed", "quarantine", tx.tenant_id, None, counts)
        return RoundAnswer(taken=done.taken, refused=done.refused, next=done.following)

    _ = (reveal_quarantined, replay_quarantine)


def _before(cursor: str | None) -> UUID | None:
    """The id in a cursor. Raises InvalidInput for a cursor we did not make."""
    text = None if cursor is None else from_cursor(cursor, 1)[0]
    try:
        return None if text is None else UUID(text)
    except ValueError as error:
        raise InvalidInput(
            "bad_cursor", "翻页标记无效，请从第一页重新开始。", "The cursor is not valid; start again."
        ) from error


def _item(line: quarantine.QuarantineLine) -> QuarantineItem:
    problems = [
        RefusedBody(index=0, where=str(one["where"]), what=Label(zh=str(one["zh"]), en=str(one["en"])))
        for one in line.problems
    ]
    return QuarantineItem(
        id=line.id,
        source=line.source,
        external_id=line.external_id,
        kind=line.kind,
        mode="backfill" if line.mode else "live",
        occurred_at=line.occurred_at,
        problems=problems,
        schema_version=line.schema_version,
        received_at=line.received_at,
        status=line.status,
        attempts=line.attempts,
        replayed_at=line.replayed_at,
    )


def _inline(body: dict[str, Any]) -> dict[str, Any]:
    """Put the item's schema into the body's own: OpenAPI's components know only models of routes' parameters."""
    schema = body["requestBody"]["content"]["application/json"]["schema"]
    definitions = schema.pop("$defs", {})
    schema["properties"]["events"]["items"] = definitions.get("EventBody", {})
    return body
