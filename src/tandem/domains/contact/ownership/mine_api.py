"""Routes for advisers themselves, and disputes."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, LongLimit, Page, from_cursor, page_in_memory, page_of
from tandem.domains.contact.ownership import disputes, reading
from tandem.domains.contact.ownership import shapes as s
from tandem.domains.contact.ownership.api import Month, Reader, whole
from tandem.kernel.db import Scope

mine_router: Final = APIRouter(tags=["performance"])
Adviser = Annotated[Access, Depends(allowed("sidebar.use"))]
Decider = Annotated[Access, Depends(allowed("performance.decide"))]


@mine_router.get("/performance-mine")
def get_my_performance(access: Adviser, period: Month = None) -> s.Mine:
    """The caller's own month: what she earned, her place in her store, how far her target is."""
    with whole(access) as tx:
        return reading.mine(tx, access.user_id, reading.period_of(tx, period))[0]


@mine_router.get("/performance-mine/ranking")
def list_my_ranking(access: Adviser, period: Month = None, cursor: Cursor = None, limit: LongLimit = 200) -> Page[s.Ranked]:  # fmt: skip
    """The ranking of the caller's store."""
    with whole(access) as tx:
        rows = reading.mine(tx, access.user_id, reading.period_of(tx, period))[1]
    shown, following = page_in_memory(rows, cursor, limit, "id")
    return Page(items=shown, next=following)


@mine_router.get("/performance-mine/entries")
def list_my_entries(access: Adviser, period: Month = None, cursor: Cursor = None, limit: Limit = 50) -> Page[s.EntryOut]:  # fmt: skip
    """What the caller earned in a month, entry by entry."""
    after = from_cursor(cursor, 2) if cursor else None
    with whole(access) as tx:
        rows = reading.entries(tx, access.user_id, reading.period_of(tx, period), after, limit + 1)
    shown, following = page_of(rows, limit, "posted_at", "id")
    return Page(items=shown, next=following)


@mine_router.get("/performance-mine/disputes")
def list_my_disputes(access: Adviser, cursor: Cursor = None, limit: Limit = 50) -> Page[s.DisputeOut]:
    """What the caller disputes, the latest first."""
    after = from_cursor(cursor, 2) if cursor else None
    with whole(access) as tx:
        rows = disputes.out(tx, access, disputes.listed(tx, None, access.user_id, after, limit + 1))
    shown, following = page_of(rows, limit, "filed_at", "id")
    return Page(items=shown, next=following)


@mine_router.post("/credit-disputes", status_code=201)
def file_credit_dispute(access: Adviser, given: s.NewDispute) -> s.DisputeOut:
    """Say that an order of one's store or of one's friend is one's own, in whole or in part."""
    with replace(access, scope=Scope.all()).tx() as tx:
        made = disputes.file(access, tx, given)
        return disputes.out(tx, access, [disputes.one_of(tx, made)])[0]


@mine_router.post("/credit-disputes/{dispute_id}/withdraw", status_code=204)
def withdraw_credit_dispute(access: Adviser, dispute_id: UUID) -> None:
    """Take one's own dispute back."""
    with replace(access, scope=Scope.all()).tx() as tx:
        disputes.withdraw(tx, access, dispute_id)


@mine_router.get("/credit-disputes")
def list_credit_disputes(
    access: Reader, status: s.DisputeState | None = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[s.DisputeOut]:
    """Disputes within the caller's scope, the latest first."""
    after = from_cursor(cursor, 2) if cursor else None
    with access.tx() as tx:
        rows = disputes.out(tx, access, disputes.listed(tx, status, None, after, limit + 1))
    shown, following = page_of(rows, limit, "filed_at", "id")
    return Page(items=shown, next=following)


@mine_router.post("/credit-disputes/{dispute_id}/answer", status_code=204)
def answer_credit_dispute(access: Decider, dispute_id: UUID, given: s.DisputeAnswer) -> None:
    """Accept or reject; whoever sees only the one store needs a second person. What was booked stays and is corrected by new entries."""
    with access.tx() as tx:
        disputes.one_of(tx, dispute_id)
    with replace(access, scope=Scope.all()).tx() as tx:
        disputes.answer(access, tx, dispute_id, given)
