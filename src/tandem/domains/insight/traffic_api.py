"""The route of the traffic funnel."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from tandem.access.http import Access, allowed
from tandem.domains.insight.conversion_api import LONG_AGO_DAYS
from tandem.domains.insight.traffic import Asked, Traffic, traffic
from tandem.kernel.db import Tx
from tandem.kernel.errors import InvalidInput
from tandem.stream.customer.shapes import Amount, amount

router: Final = APIRouter(tags=["conversion"])
Reader = Annotated[Access, Depends(allowed("board.read"))]
DAYS_MAX: Final = 366


class TrafficSource(BaseModel):
    """A source's people in the period, each in the source by which she was first seen. `reached` did one of the three things before it;
    every later step is of those before. `beside`: ordered without being a friend; they are in no later step.
    """

    source: str
    live: int
    cart: int
    grouped: int
    reached: int
    friend: int
    first_order: int
    second_order: int
    beside: int
    revenue: Amount
    spend: Amount


class TrafficFunnel(BaseModel):
    """All together, and the sources, the busiest first."""

    first_day: date
    last_day: date
    whole: TrafficSource
    sources: list[TrafficSource]


class Wanted(BaseModel):
    """Days, both included (without: the last thirty); orders within so many days of being seen; one shop's customers."""

    from_day: Annotated[date | None, Field(alias="from")] = None
    to_day: Annotated[date | None, Field(alias="to")] = None
    within_days: Annotated[int | None, Field(ge=0, le=DAYS_MAX)] = None
    store_id: UUID | None = None


@router.get("/traffic-funnel")
def get_traffic_funnel(access: Reader, wanted: Annotated[Wanted, Query()]) -> TrafficFunnel:
    """From a live room, a cart or a group to a friend, a first order and a second; what each source brought and cost."""
    with access.tx() as tx:
        asked = _asked(tx, wanted)
        found = traffic(tx, asked)
        shown = [_out(one, tx.currency) for one in found]
    return TrafficFunnel(first_day=asked.first_day, last_day=asked.last_day, whole=shown[0], sources=shown[1:])


def _asked(tx: Tx, wanted: Wanted) -> Asked:
    today = tx.now.astimezone(ZoneInfo(tx.zone)).date()
    last = wanted.to_day or today
    first = wanted.from_day or last - timedelta(days=min(29, last.toordinal() - 1))
    if first > last or (last - first).days > DAYS_MAX or abs((last - today).days) > LONG_AGO_DAYS:
        raise InvalidInput("bad_days", "日期范围有误，最多一年。", "The days are not right; a year at most.")
    return Asked(first, last, wanted.store_id, wanted.within_days)


def _out(one: Traffic, currency: str) -> TrafficSource:
    return TrafficSource(
        source=one.source or "", live=one.live, cart=one.cart, grouped=one.grouped, reached=one.reached, friend=one.friend,
        first_order=one.first_order, second_order=one.second_order, beside=one.beside, revenue=amount(one.revenue, currency),
        spend=amount(one.spend, currency),
    )  # fmt: skip
