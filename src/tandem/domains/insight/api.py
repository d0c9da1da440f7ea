"""Routes of insight."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from tandem.access.http import Access, allowed, signed_in
from tandem.access.shapes import Label
from tandem.domains.insight import board, search

router = APIRouter(tags=["insight"])


class BoardMetric(BaseModel):
    """A figure beside the period before. Values are decimal texts; money is in the board's currency."""

    key: str
    label: Label
    question: Label
    unit: Literal["count", "money"]
    total: str
    before: str
    points: list[str]
    points_before: list[str]


class HomeBoard(BaseModel):
    """`days` names the points, `days_before` those of the period before; the last day of each is a part day."""

    currency: str
    zone: str
    days: list[date]
    days_before: list[date]
    metrics: list[BoardMetric]


class Found(BaseModel):
    """Something that answers a search."""

    kind: Literal["customer", "order", "flow", "segment"]
    id: str
    title: str
    subtitle: str | None


class FoundPage(BaseModel):
    """The best answers of each kind."""

    items: list[Found]


@router.get("/board/home")
def home(
    access: Annotated[Access, Depends(allowed("board.read"))],
    days: Annotated[int, Query(ge=1, le=board.DAYS_MAX)] = 30,
) -> HomeBoard:
    """The home board over the last `days` local days."""
    with access.tx() as tx:
        period = board.period_of(tx.now, tx.zone, days)
        found = board.figures(tx, period)
        currency, zone = tx.currency, tx.zone
    return HomeBoard(
        currency=currency,
        zone=zone,
        days=[date.fromordinal(period.first_day.toordinal() + n) for n in range(days)],
        days_before=[date.fromordinal(period.before_first_day.toordinal() + n) for n in range(days)],
        metrics=[_metric(one) for one in found],
    )


def _metric(figure: board.Figure) -> BoardMetric:
    metric = figure.metric

    def text(value: Decimal) -> str:
        return f"{value:.2f}" if metric.unit == "money" else f"{value:.0f}"

    return BoardMetric(
        key=metric.key,
        label=Label(zh=metric.label.zh, en=metric.label.en),
        question=Label(zh=metric.question.zh, en=metric.question.en),
        unit=metric.unit,
        total=text(figure.total),
        before=text(figure.before),
        points=[text(one) for one in figure.points],
        points_before=[text(one) for one in figure.points_before],
    )


@router.get("/search")
def find(
    access: Annotated[Access, Depends(signed_in())],
    q: Annotated[
        str, Query(min_length=1, max_length=100, description="A phone, member or order number, or part of a name")
    ],
) -> FoundPage:
    """Customers, orders, flows and segments that the caller may see; at most a handful of each."""
    return FoundPage(items=[Found.model_validate(one, from_attributes=True) for one in search.find(access, q.strip())])
