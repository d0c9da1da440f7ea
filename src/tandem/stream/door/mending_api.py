"""Routes: quarantine by reason, mending a record's text, replaying many in the background."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, StringConstraints

from tandem.access import audit
from tandem.access.http import Access, allowed, forbidden
from tandem.access.paging import Cursor, LongLimit, Page, page_in_memory
from tandem.access.privacy import PERSONAL
from tandem.access.shapes import Body, Label
from tandem.kernel.jobs import Job
from tandem.stream.door import mending, quarantine
from tandem.stream.door.kinds import DoorKinds
from tandem.stream.door.reach import whole
from tandem.stream.door.redact import redacted
from tandem.stream.keys import tenant_keys

Write = Annotated[Access, Depends(allowed("event.write"))]


class QuarantineGroup(BaseModel):
    """Open records of one source with the same first reason."""

    key: str
    source: str
    kind: str
    reason: str
    where: str
    what: Label
    count: int
    oldest: datetime
    newest: datetime


class MendedText(Body):
    """A record's text as it should have been. `check` only asks the door what it thinks of it."""

    payload: Annotated[str, StringConstraints(max_length=1_000_000)]
    check: bool = False


class MendProblem(BaseModel):
    """One thing that is still wrong."""

    where: str
    what: Label


class MendAnswer(BaseModel):
    """What the door made of a mended record: taken, or what is still wrong with it."""

    accepted: int
    duplicates: int
    updates: int
    problems: list[MendProblem]


class ChosenRecords(Body):
    """Which open records to replay: all, one source's, or one reason's."""

    source: Annotated[str, StringConstraints(max_length=200)] | None = None
    reason: Annotated[str, StringConstraints(max_length=32)] | None = None


class ReplayProgress(BaseModel):
    """A bulk replay. `taken` and `refused` are known at the end."""

    id: UUID
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    done: int
    total: int | None
    taken: int | None
    refused: int | None


def mending_router(kinds: Callable[[], DoorKinds]) -> APIRouter:
    """The routes; `kinds` gives every kind of record the assembled house understands."""
    router = APIRouter(tags=["quarantine"])
    router.include_router(_plain)

    @router.post("/quarantine/{record_id}/mend")
    def mend_record(access: Write, record_id: UUID, body: MendedText) -> MendAnswer:
        """Put a mended text in place and replay it as history; still refused, it stays with the new text and its reasons."""
        whole(access.scope)
        with access.tx("door") as tx:
            if redacted(quarantine.reveal(tx, tenant_keys(tx), record_id))[1]:
                # Who sees parts of a text closed would put the mask in their place.
                raise forbidden(PERSONAL)
            work = mending.try_mended if body.check else mending.mend
            answer = work(tx, kinds(), record_id, body.payload)
            if not body.check:
                counts = {"accepted": answer.accepted + answer.updates, "refused": len(answer.refused)}
                audit.record(tx, "quarantine.mended", "quarantine", record_id, None, counts)
        problems = [
            MendProblem(where=one.where.removeprefix("events[0]."), what=Label(zh=one.zh, en=one.en))
            for one in answer.refused
        ]
        return MendAnswer(
            accepted=answer.accepted, duplicates=answer.duplicates, updates=answer.updates, problems=problems
        )

    _ = mend_record
    return router


_plain = APIRouter()


@_plain.get("/quarantine/groups")
def list_quarantine_groups(access: Write, cursor: Cursor = None, limit: LongLimit = 200) -> Page[QuarantineGroup]:
    """What lies open in quarantine by source and reason, the most first."""
    whole(access.scope)
    with access.tx() as tx:
        rows = [_group(one) for one in mending.groups(tx)]
    shown, following = page_in_memory(rows, cursor, limit, "key")
    return Page(items=shown, next=following)


@_plain.post("/quarantine/replays", status_code=202)
def start_replay(access: Write, body: ChosenRecords) -> ReplayProgress:
    """Replay many in the background, as history: what is open now, of one source or for one reason where named."""
    whole(access.scope)
    with access.tx() as tx:
        job = mending.file_replay(tx, source=body.source, reason=body.reason)
        audit.record(tx, "quarantine.replay_started", "job", job.id, None, {**body.model_dump(), "total": job.total})
    return _progress(job)


@_plain.get("/quarantine/replays/{job_id}")
def read_replay(access: Write, job_id: UUID) -> ReplayProgress:
    """How far a bulk replay is."""
    whole(access.scope)
    with access.tx() as tx:
        return _progress(mending.replay_job(tx, job_id))


def _group(one: mending.Group) -> QuarantineGroup:
    return QuarantineGroup(
        key=f"{one.source}|{one.kind}|{one.reason}",
        source=one.source,
        kind=one.kind,
        reason=one.reason,
        where=one.where,
        what=Label(zh=one.zh, en=one.en),
        count=one.count,
        oldest=one.oldest,
        newest=one.newest,
    )


def _progress(job: Job) -> ReplayProgress:
    found: dict[str, Any] = job.result or {}
    return ReplayProgress(
        id=job.id,
        state=job.state,  # type: ignore[arg-type]
        done=job.done,
        total=job.total,
        taken=found.get("taken"),
        refused=found.get("refused"),
    )
