"""Routes of merges: two customers into one, what was merged, and taking it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from tandem.access import audit
from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, Page, page_of
from tandem.access.shapes import Body, Label
from tandem.stream.customer.personal import Opener
from tandem.stream.identity import commands, review_api, service, stuck, words
from tandem.stream.identity.cursors import ids_of
from tandem.stream.identity.refusals import CONTRADICTION, Refusal, refusals
from tandem.stream.projection import StreamSystem

Merge = Annotated[Access, Depends(allowed("customer.merge"))]
Choices = Annotated[list[Annotated[str, Field(max_length=100)]], Field(max_length=50)]


class MergedCustomer(BaseModel):
    """A customer by name."""

    id: UUID
    name: str | None


class MergeLine(BaseModel):
    """A merge that happened. `choices`: fields that the survivor shows of the other though she has her own."""

    id: UUID
    survivor: MergedCustomer
    loser: MergedCustomer
    at: datetime
    by: str | None
    undone_at: datetime | None
    undone_by: str | None
    rule: Label
    choices: list[Label]
    moved_rows: int


class RefusedLine(BaseModel):
    """A merge that did not happen, and why."""

    id: UUID
    survivor: MergedCustomer
    loser: MergedCustomer
    at: datetime
    by: str | None
    rule: Label
    why: Label
    open: bool


class StuckLine(BaseModel):
    """A merge, or its undoing, that stands half-way: both people are held, and `waiting` events of theirs wait. `why`: its last failure."""

    id: UUID
    verb: Literal["merge", "undo"]
    merge_id: UUID | None
    survivor: MergedCustomer
    loser: MergedCustomer
    at: datetime
    why: str
    waiting: int


class MergeRequest(Body):
    """Who stays, who is merged into her, and of which fields (`name`, `birthday`, ...) the merged one's value is to be shown."""

    survivor: UUID
    loser: UUID
    choices: Choices = Field(default_factory=list)


class CommandAnswer(BaseModel):
    """How it went: `done`; `moving` when many rows go on moving in the background; `queued` when somebody else is at work on them;
    `failed` when it raised.
    """

    id: UUID
    status: str


def identity_router(system: Callable[[], StreamSystem]) -> APIRouter:
    """The routes of identity; `system` is the assembled system, for recomputing what a merge changes."""
    router = APIRouter(tags=["identity"])
    router.include_router(review_api.router)

    @router.get("/merges")
    def merges(
        access: Merge, cursor: Cursor = None, limit: Limit = 50, customer_id: UUID | None = None
    ) -> Page[MergeLine]:
        """Merges, newest first; with `customer_id` those that made her or that she went into."""
        before = ids_of(cursor, 1)
        with access.tx() as tx:
            found = service.merges(tx, before=before[0] if before else None, limit=limit + 1, customer=customer_id)
            shown, following = page_of(found, limit, "id")
            opener = Opener.of(tx, [one for row in shown for one in (row.survivor_id, row.loser_id)])
        return Page(items=[_merge_line(row, opener) for row in shown], next=following)

    @router.get("/merges/refused")
    def refused(access: Merge, cursor: Cursor = None, limit: Limit = 50) -> Page[RefusedLine]:
        """Merges that did not happen, newest first: refused for a contradiction, or given up after failing too often."""
        before = ids_of(cursor, 1)
        with access.tx() as tx:
            found = refusals(tx, before=before[0] if before else None, limit=limit + 1)
            shown, following = page_of(found, limit, "id")
            opener = Opener.of(tx, [one for row in shown for one in (row.survivor_id, row.loser_id)])
        return Page(items=[_refused_line(row, opener) for row in shown], next=following)

    @router.get("/merges/stuck")
    def held_up(access: Merge, cursor: Cursor = None, limit: Limit = 50) -> Page[StuckLine]:
        """Merges that cannot go on and hold their people meanwhile, newest first."""
        before = ids_of(cursor, 1)
        with access.tx() as tx:
            found = stuck.stuck(tx, before=before[0] if before else None, limit=limit + 1)
            shown, following = page_of(found, limit, "id")
            opener = Opener.of(tx, [one for row in shown for one in (row.survivor_id, row.loser_id)])
        return Page(items=[_stuck_line(row, opener) for row in shown], next=following)

    @router.post("/merges/stuck/{command_id}/retry")
    def retry(access: Merge, command_id: UUID) -> CommandAnswer:
        """Try a merge that cannot go on once more, now; `failed` when it fails again."""
        with access.tx() as tx:
            command = stuck.command(tx, command_id)
            audit.record(tx, "customer.merge_retried", "merge_command", command)
        return _do(access, system, command)

    @router.post("/merges")
    def merge(access: Merge, body: MergeRequest) -> CommandAnswer:
        """Merge two customers. Contradictions are overruled: a person has looked."""
        with access.tx() as tx:
            command = service.file_merge(tx, body.survivor, body.loser, body.choices)
        return _do(access, system, command)

    @router.post("/merges/{merge_id}/undo")
    def undo(access: Merge, merge_id: UUID) -> CommandAnswer:
        """Take a merge back: both histories are whole again, with what arrived since."""
        with access.tx() as tx:
            command = service.file_undo(tx, merge_id)
        return _do(access, system, command)

    return router


def _do(access: Access, system: Callable[[], StreamSystem], command: UUID) -> CommandAnswer:
    """Do a filed command at once, so that the person sees it done; what is large or held goes on in the worker."""
    outcome = commands.step(access.db, access.tenant_id, system(), command=command)
    return CommandAnswer(id=command, status="queued" if outcome is None else outcome.status)


def _merge_line(row: service.MergeRow, opener: Opener) -> MergeLine:
    return MergeLine(
        id=row.id,
        survivor=MergedCustomer(id=row.survivor_id, name=opener.open(row.survivor_id, row.survivor_name)),
        loser=MergedCustomer(id=row.loser_id, name=opener.open(row.loser_id, row.loser_name)),
        at=row.merged_at,
        by=row.merged_by,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        rule=words.KINDS.get(row.reason, words.KINDS["by_hand"]),
        choices=[words.FIELDS.get(name, Label(zh=name, en=name)) for name in row.choices],
        moved_rows=row.moved_rows,
    )


def _stuck_line(row: stuck.Stuck, opener: Opener) -> StuckLine:
    return StuckLine(
        id=row.id,
        verb="undo" if row.verb == "undo" else "merge",
        merge_id=row.merge_id,
        survivor=MergedCustomer(id=row.survivor_id, name=opener.open(row.survivor_id, row.survivor_name)),
        loser=MergedCustomer(id=row.loser_id, name=opener.open(row.loser_id, row.loser_name)),
        at=row.filed_at,
        why=row.outcome,
        waiting=row.waiting,
    )


def _refused_line(row: Refusal, opener: Opener) -> RefusedLine:
    outcome = row.outcome or ""
    known = words.DOUBTS.get(outcome.removeprefix(CONTRADICTION)) if outcome.startswith(CONTRADICTION) else None
    return RefusedLine(
        id=row.id,
        survivor=MergedCustomer(id=row.survivor_id, name=opener.open(row.survivor_id, row.survivor_name)),
        loser=MergedCustomer(id=row.loser_id, name=opener.open(row.loser_id, row.loser_name)),
        at=row.filed_at,
        by=row.filed_by,
        rule=words.KINDS.get(row.reason, words.KINDS["by_hand"]),
        why=known or words.GIVEN_UP,
        open=row.open,
    )
