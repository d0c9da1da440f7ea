"""Routes of identity: pairs to decide about, merges, and taking them back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, Page, from_cursor, page_of
from tandem.access.shapes import Body, Label
from tandem.kernel.db import Tx
from tandem.kernel.errors import InvalidInput
from tandem.stream.customer import store as customers
from tandem.stream.customer.personal import Opener, mask
from tandem.stream.identity import commands, service
from tandem.stream.identity.refusals import CONTRADICTION, Refusal, refusals
from tandem.stream.projection import StreamSystem

Merge = Annotated[Access, Depends(allowed("customer.merge"))]

REASONS: Final = {
    "phone": Label(zh="同一手机号", en="Same phone"),
    "email": Label(zh="同一邮箱", en="Same e-mail"),
    "member_no": Label(zh="同一会员号", en="Same member number"),
    "union_id": Label(zh="同一 union id", en="Same union id"),
    "open_id": Label(zh="同一 open id", en="Same open id"),
    "online_account": Label(zh="同一线上账号", en="Same online account"),
    "by_hand": Label(zh="人工", en="By hand"),
}
CONTRADICTIONS: Final = {
    "member_no": Label(zh="共用一个标识，但会员号不同", en="They share an identifier, but their member numbers differ"),
    "union_id": Label(zh="共用一个标识，但 union id 不同", en="They share an identifier, but their union ids differ"),
}
GIVEN_UP: Final = Label(zh="多次处理失败，已放弃", en="It failed too often and was given up")


class MoneyLine(BaseModel):
    """An amount as exact text."""

    amount: str
    currency: str


class PersonLine(BaseModel):
    """A customer as lists show her; the phone masked."""

    id: UUID
    name: str | None
    phone: str | None
    member_no: str | None
    city: str | None
    stage: str | None
    level: str | None
    tags: list[str]
    order_count: int
    spend_total: MoneyLine
    last_order_at: datetime | None


class PairLine(BaseModel):
    """Two customers who may be one."""

    first: PersonLine
    second: PersonLine
    reason: Label


class Named(BaseModel):
    """A customer by name."""

    id: UUID
    name: str | None


class MergeLine(BaseModel):
    """A merge that happened."""

    id: UUID
    survivor: Named
    loser: Named
    at: datetime
    by: str | None
    undone_at: datetime | None
    rule: Label


class RefusedLine(BaseModel):
    """A merge that did not happen, and why."""

    id: UUID
    survivor: Named
    loser: Named
    at: datetime
    by: str | None
    rule: Label
    why: Label
    open: bool


class MergeRequest(Body):
    """Who stays, who is merged into her."""

    survivor: UUID
    loser: UUID


class ApartRequest(Body):
    """Two customers who are two people."""

    first: UUID
    second: UUID


class CommandAnswer(BaseModel):
    """How it went: `done`; `moving` when many rows go on moving in the background; `queued` when somebody else is at work on them."""

    id: UUID
    status: str


def identity_router(system: Callable[[], StreamSystem]) -> APIRouter:
    """The routes of identity; `system` is the assembled system, for recomputing what a merge changes."""
    router = APIRouter(tags=["identity"])

    @router.get("/duplicates")
    def duplicates(access: Merge, cursor: Cursor = None, limit: Limit = 50) -> Page[PairLine]:
        """Pairs that one identifier joins and another keeps apart."""
        after = _ids(cursor, 2)
        with access.tx() as tx:
            found = service.pairs(tx, after=(after[0], after[1]) if after else None, limit=limit + 1)
            shown, following = page_of(found, limit, "a_id", "b_id")
            people = _people(tx, sorted({one for pair in shown for one in (pair.a_id, pair.b_id)}))
        lines = [
            PairLine(
                first=people[pair.a_id],
                second=people[pair.b_id],
                reason=CONTRADICTIONS.get(pair.reason, REASONS["by_hand"]),
            )
            for pair in shown
        ]
        return Page(items=lines, next=following)

    @router.post("/duplicates/keep-apart", status_code=204)
    def keep_apart(access: Merge, body: ApartRequest) -> None:
        """Settle that two customers are two people."""
        with access.tx() as tx:
            service.keep_apart(tx, body.first, body.second)

    @router.get("/merges")
    def merges(
        access: Merge, customer_id: UUID | None = None, cursor: Cursor = None, limit: Limit = 50
    ) -> Page[MergeLine]:
        """Merges, newest first; those of one customer where one is named."""
        before = _ids(cursor, 1)
        with access.tx() as tx:
            found = service.merges(tx, before=before[0] if before else None, limit=limit + 1, customer_id=customer_id)
            shown, following = page_of(found, limit, "id")
            opener = Opener.of(tx, [one for row in shown for one in (row.survivor_id, row.loser_id)])
        return Page(items=[_merge_line(row, opener) for row in shown], next=following)

    @router.get("/merges/refused")
    def refused(access: Merge, cursor: Cursor = None, limit: Limit = 50) -> Page[RefusedLine]:
        """Merges that did not happen, newest first: refused for a contradiction, or given up after failing too often."""
        before = _ids(cursor, 1)
        with access.tx() as tx:
            found = refusals(tx, before=before[0] if before else None, limit=limit + 1)
            shown, following = page_of(found, limit, "id")
            opener = Opener.of(tx, [one for row in shown for one in (row.survivor_id, row.loser_id)])
        return Page(items=[_refused_line(row, opener) for row in shown], next=following)

    @router.post("/merges")
    def merge(access: Merge, body: MergeRequest) -> CommandAnswer:
        """Merge two customers. Contradictions are overruled: a person has looked."""
        with access.tx() as tx:
            command = service.file_merge(tx, body.survivor, body.loser)
        return _do(access, system, command)

    @router.post("/merges/{merge_id}/undo")
    def undo(access: Merge, merge_id: UUID) -> CommandAnswer:
        """Take a merge back: both histories are whole again, with what arrived since."""
        with access.tx() as tx:
            command = service.file_undo(tx, merge_id)
        return _do(access, system, command)

    return router


def _ids(cursor: str | None, count: int) -> list[UUID]:
    """The ids in a cursor; none on the first page. Raises InvalidInput for a cursor we did not make."""
    texts = [] if cursor is None else from_cursor(cursor, count)
    try:
        return [UUID(text or "") for text in texts]
    except ValueError as error:
        raise InvalidInput(
            "bad_cursor", "翻页标记无效，请从第一页重新开始。", "The cursor is not valid; start again."
        ) from error


def _do(access: Access, system: Callable[[], StreamSystem], command: UUID) -> CommandAnswer:
    """Do a filed command at once, so that the person sees it done; what is large or held goes on in the worker."""
    outcome = commands.step(access.db, access.tenant_id, system(), command=command)
    return CommandAnswer(id=command, status="queued" if outcome is None else outcome.status)


def _people(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, PersonLine]:
    if not ids:
        return {}
    lines = customers.lines(tx, ids)
    rows = customers.identifiers(tx, ids)
    opener = Opener.of(tx, [*ids, *(row.origin_id for row in rows)])
    shown: dict[tuple[UUID, str], str] = {}
    for row in rows:
        value = opener.open(row.origin_id, row.value_enc) if row.kind in {"phone", "member_no"} else None
        if value is not None:
            shown.setdefault((row.customer_id, row.kind), mask(row.kind, value))
    return {
        line.id: PersonLine(
            id=line.id,
            name=opener.open(line.id, line.name_enc),
            phone=shown.get((line.id, "phone")),
            member_no=shown.get((line.id, "member_no")),
            city=line.city,
            stage=line.stage,
            level=line.level,
            tags=line.tags,
            order_count=line.order_count,
            spend_total=MoneyLine(amount=str(line.spend_total), currency=tx.currency),
            last_order_at=line.last_order_at,
        )
        for line in lines
    }


def _merge_line(row: service.MergeRow, opener: Opener) -> MergeLine:
    return MergeLine(
        id=row.id,
        survivor=Named(id=row.survivor_id, name=opener.open(row.survivor_id, row.survivor_name)),
        loser=Named(id=row.loser_id, name=opener.open(row.loser_id, row.loser_name)),
        at=row.merged_at,
        by=row.merged_by,
        undone_at=row.undone_at,
        rule=REASONS.get(row.reason, REASONS["by_hand"]),
    )


def _refused_line(row: Refusal, opener: Opener) -> RefusedLine:
    outcome = row.outcome or ""
    known = CONTRADICTIONS.get(outcome.removeprefix(CONTRADICTION)) if outcome.startswith(CONTRADICTION) else None
    return RefusedLine(
        id=row.id,
        survivor=Named(id=row.survivor_id, name=opener.open(row.survivor_id, row.survivor_name)),
        loser=Named(id=row.loser_id, name=opener.open(row.loser_id, row.loser_name)),
        at=row.filed_at,
        by=row.filed_by,
        rule=REASONS.get(row.reason, REASONS["by_hand"]),
        why=known or GIVEN_UP,
        open=row.open,
    )
