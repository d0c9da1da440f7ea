"""Routes of exchange rates: the settings screen and systems that deliver rates."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field, StringConstraints

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, Page
from tandem.access.shapes import Body
from tandem.domains.commerce import rates as book

router = APIRouter(tags=["settings"])

Reader = Annotated[Access, Depends(allowed("settings.read"))]
Writer = Annotated[Access, Depends(allowed("settings.write"))]
CurrencyCode = Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]


class RateLine(BaseModel):
    """What one unit of a currency is worth in the tenant's own on a day."""

    currency: str
    day: date
    rate: Decimal
    updated_at: datetime


class RateIn(Body):
    """A rate to write; the last word on a day wins."""

    currency: CurrencyCode
    day: date
    rate: Annotated[Decimal, Field(gt=0, max_digits=20, decimal_places=10)]


class RatesBody(Body):
    """Rates, at most 5,000 a call: as rows, or as the text of a CSV with the columns currency, day, rate."""

    rates: Annotated[list[RateIn], Field(max_length=book.RATES_MAX)] = Field(default_factory=list[RateIn])
    csv: Annotated[str, StringConstraints(max_length=500_000)] | None = None


class RatesWritten(BaseModel):
    """How many rates are new or other, and how many orders are being revalued for it in the background."""

    written: int
    orders: int


class MissingLine(BaseModel):
    """Orders of a currency that no rate covers, held out of every total; `total` in that currency."""

    currency: str
    orders: int
    total: Decimal
    first_day: date
    last_day: date


class StaleLine(BaseModel):
    """Orders of a currency converted at an earlier day's rate, and by how many days at most."""

    currency: str
    orders: int
    days_most: int


class RateFindings(BaseModel):
    """What a person should look at. `home` is the tenant's own currency."""

    home: str
    missing: list[MissingLine]
    stale: list[StaleLine]


@router.get("/exchange-rates")
def list_rates(
    access: Reader,
    currency: Annotated[CurrencyCode | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[RateLine]:
    """Exchange rates, the latest days first."""
    with access.tx() as tx:
        rows, following = book.listed(tx, currency=currency, cursor=cursor, limit=limit)
    return Page(
        items=[RateLine(currency=one.currency, day=one.day, rate=one.rate, updated_at=one.updated_at) for one in rows],
        next=following,
    )


@router.put("/exchange-rates")
def write_rates(access: Writer, body: RatesBody) -> RatesWritten:
    """Write rates; orders whose rate this changes are revalued, with totals, scores and segments, and no flow starts for it."""
    given = [book.Rate(one.currency, one.day, one.rate) for one in body.rates]
    given += book.parse_csv(body.csv) if body.csv else []
    # Every order of the tenant follows, also those beyond the caller's data scope.
    with access.tx("worker") as tx:
        written, orders = book.write(tx, given)
    return RatesWritten(written=written, orders=orders)


@router.get("/exchange-rates/findings")
def read_rate_findings(access: Reader) -> RateFindings:
    """Orders that wait for a rate, and orders converted at an earlier day's."""
    with access.tx() as tx:
        return RateFindings(
            home=tx.currency,
            missing=[
                MissingLine(
                    currency=one.currency,
                    orders=one.orders,
                    total=one.total,
                    first_day=one.first_day,
                    last_day=one.last_day,
                )
                for one in book.missing(tx)
            ],
            stale=[
                StaleLine(currency=one.currency, orders=one.orders, days_most=one.days_most) for one in book.stale(tx)
            ],
        )
