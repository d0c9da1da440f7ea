"""What the routes of referrals take and give."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from tandem.access.shapes import Body
from tandem.domains.sales.referrals.keeping import Source, State
from tandem.stream.customer.shapes import Amount


class NewReferrer(Body):
    """Who brought her."""

    referrer_id: UUID


class ReferrerOut(BaseModel):
    """By whom a customer came. `name`: null where the caller may not read her."""

    customer_id: UUID
    name: str | None
    source: Source
    campaign: str
    state: State
    came_at: datetime
    paid_at: datetime | None
    amount: Amount | None


class CameByOut(BaseModel):
    """Her referrer, null where nobody knows of one."""

    referrer: ReferrerOut | None


class ReferralOut(BaseModel):
    """Somebody whom a customer brought."""

    id: UUID
    customer_id: UUID
    name: str | None
    campaign: str
    state: State
    came_at: datetime
    paid_at: datetime | None
    amount: Amount | None
