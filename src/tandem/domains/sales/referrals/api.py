"""Routes of referrals: by whom a customer came, whom she brought."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, Page, from_cursor, page_of
from tandem.domains.sales.referrals import service
from tandem.domains.sales.referrals.shapes import CameByOut, NewReferrer, ReferralOut, ReferrerOut
from tandem.domains.sales.shapes import Asked
from tandem.kernel.db import Tx
from tandem.stream.customer import view
from tandem.stream.customer.shapes import Amount, amount

router: Final = APIRouter(tags=["customers"])
Reader = Annotated[Access, Depends(allowed("customer.read"))]
Writer = Annotated[Access, Depends(allowed("customer.write"))]


def _amount(tx: Tx, value: Decimal | None) -> Amount | None:
    return None if value is None else amount(value, tx.currency)


@router.get("/customers/{customer_id}/referrer")
def get_referrer(access: Reader, customer_id: UUID) -> CameByOut:
    """By whom she came."""
    with access.tx() as tx:
        found = service.came_by(tx, customer_id)
        if found is None:
            return CameByOut(referrer=None)
        name = view.names(access, [found.referrer_id]).get(found.referrer_id)
        return CameByOut(
            referrer=ReferrerOut(
                customer_id=found.referrer_id, name=name, source=found.source, campaign=found.campaign, state=found.state,
                came_at=found.came_at, paid_at=found.paid_at, amount=_amount(tx, found.amount),
            )
        )  # fmt: skip


@router.put("/customers/{customer_id}/referrer", status_code=202)
def note_referrer(access: Writer, customer_id: UUID, given: NewReferrer) -> Asked:
    """Note by whom she came; a first order that she pays from a day before on counts for that one."""
    with access.tx() as tx:
        service.note(tx, customer_id, given.referrer_id)
    return Asked()


@router.delete("/customers/{customer_id}/referrer", status_code=202)
def withdraw_referrer(access: Writer, customer_id: UUID) -> Asked:
    """Take back what was noted by mistake, while no order has counted."""
    with access.tx() as tx:
        service.withdraw(tx, customer_id)
    return Asked()


@router.get("/customers/{customer_id}/referrals")
def list_referrals(access: Reader, customer_id: UUID, cursor: Cursor = None, limit: Limit = 50) -> Page[ReferralOut]:
    """Whom she brought, the latest first."""
    after = from_cursor(cursor, 2) if cursor else None
    with access.tx() as tx:
        rows = service.brought(tx, customer_id, after, limit + 1)
        shown, following = page_of(rows, limit, "came_at", "id")
        called = view.names(access, [one.friend_id for one in shown])
        items = [
            ReferralOut(
                id=one.id, customer_id=one.friend_id, name=called.get(one.friend_id), campaign=one.campaign, state=one.state,
                came_at=one.came_at, paid_at=one.paid_at, amount=_amount(tx, one.amount),
            )
            for one in shown
        ]  # fmt: skip
    return Page(items=items, next=following)
