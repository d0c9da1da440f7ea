"""Routes of acquisition links' balances; the links themselves are live codes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, LongLimit, Page, page_in_memory
from tandem.access.shapes import Body
from tandem.domains.contact.acquiring import service
from tandem.domains.contact.placing import problem_words

router: Final = APIRouter(tags=["contact"])
Reader = Annotated[Access, Depends(allowed("contact.read"))]
Writer = Annotated[Access, Depends(allowed("contact.write"))]


class Expiring(BaseModel):
    """So many of a balance are lost then."""

    at: datetime
    n: int


class LinkBalance(BaseModel):
    """How many friends an account's links may still bring. `low`: fewer than `warn_below`; `total` and `left` None: never read."""

    account_id: UUID
    name: str
    total: int | None
    left: int | None
    expiring: list[Expiring]
    warn_below: int
    low: bool
    read_at: datetime | None
    problem: str | None


class LinkBalanceChange(Body):
    """With fewer left colleagues are told."""

    warn_below: Annotated[int, Field(ge=0, le=1_000_000)]


def _shown(row: service.BalanceRow) -> LinkBalance:
    return LinkBalance(
        account_id=row.account_id, name=row.name, total=row.total, left=row.left, expiring=[Expiring.model_validate(one) for one in row.expiring],
        warn_below=row.warn_below, low=row.low, read_at=row.read_at, problem=problem_words(row.problem),
    )  # fmt: skip


@router.get("/link-balances")
def list_link_balances(access: Reader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[LinkBalance]:
    """What acquisition links may still bring, by account."""
    with access.tx() as tx:
        rows, following = page_in_memory(service.list_balances(tx), cursor, limit, "account_id")
    return Page(items=[_shown(row) for row in rows], next=following)


@router.patch("/link-balances/{account_id}")
def change_link_balance(access: Writer, account_id: UUID, given: LinkBalanceChange) -> LinkBalance:
    """Say below what balance colleagues are told."""
    with access.tx() as tx:
        service.warn_below(tx, account_id, given.warn_below)
        return next(_shown(row) for row in service.list_balances(tx) if row.account_id == account_id)
