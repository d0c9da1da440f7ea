"""Routes: sources compared, the people behind a figure, and what was spent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field, StringConstraints

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, Page, from_cursor, page_of
from tandem.access.shapes import Body
from tandem.domains.insight import conversion, spend
from tandem.domains.insight.conversion import Credit, Dimension, Done, Friends, Question, Step
from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, InvalidInput
from tandem.stream.customer import view
from tandem.stream.customer.shapes import Amount, CustomerLine, amount

router = APIRouter(tags=["conversion"])
Reader = Annotated[Access, Depends(allowed("board.read"))]
People = Annotated[Access, Depends(allowed("customer.read"))]
Writer = Annotated[Access, Depends(allowed("spend.write"))]
DAYS_MAX: Final = 731
LONG_AGO_DAYS: Final = 36_500
"""No company's days lie farther away, and the calendar of computers ends somewhere."""
Key = Annotated[str, StringConstraints(max_length=spend.KEY_LENGTH_MAX)]


class SourceFunnel(BaseModel):
    """One source's figures. `key` is empty for orders that name no channel."""

    key: str
    came: int
    friend: int
    member: int
    first_order: int
    second_order: int
    revenue: Amount
    spend: Amount
    waiting: int
    """Orders that wait for a rate and are not in `revenue`."""


class DoneBySource(BaseModel):
    """How much of it one source told of; `source` is empty for what was told before sources were kept."""

    source: str
    people: int
    times: int
    anonymous: int


class DoneOut(BaseModel):
    """Something people did in the period: how many customers, how often; `anonymous`, how often browsers of which nobody knows whose."""

    name: str
    people: int
    times: int
    anonymous: int
    sources: list[DoneBySource]


class Comparison(BaseModel):
    """The sources side by side, the busiest first, over the days named."""

    first_day: date
    last_day: date
    sources: list[SourceFunnel]
    done: list[DoneOut]


class ConvertOut(BaseModel):
    """A person behind a figure: when she came, what she bought since."""

    customer: CustomerLine
    at: datetime
    orders: int
    revenue: Amount
    waiting: int


class SpendIn(Body):
    """Money spent on a day."""

    key: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=spend.KEY_LENGTH_MAX)]
    day: date
    amount: Annotated[Decimal, Field(gt=0, le=spend.AMOUNT_MAX, max_digits=15, decimal_places=2)]
    note: Annotated[str, StringConstraints(max_length=spend.NOTE_LENGTH_MAX)] = ""


class SpendBody(Body):
    """Lines, and a pasted table of `day, source, amount[, note]`; either may be left out."""

    by: Dimension
    lines: Annotated[list[SpendIn], Field(default_factory=list, max_length=spend.LINES_MAX)]
    table: Annotated[str, StringConstraints(max_length=1_000_000)] | None = None


class SpendOut(BaseModel):
    """A line as it is kept."""

    id: UUID
    by: Dimension
    key: str
    day: date
    amount: Amount
    note: str
    created_at: datetime


class SpendWritten(BaseModel):
    """How many lines were kept."""

    written: int


class Wanted(BaseModel):
    """What a call asks about; without days, the last 30, 90 or 365: the fewest that hold enough newcomers to compare."""

    by: Dimension = "source"
    from_day: Annotated[date | None, Field(alias="from")] = None
    to_day: Annotated[date | None, Field(alias="to")] = None
    credit: Credit = "first"
    within_days: Annotated[int | None, Field(ge=0, le=DAYS_MAX)] = None
    friends: Friends = "all"
    store_id: UUID | None = None
    segment_id: UUID | None = None
    tag: Annotated[str | None, Field(max_length=200)] = None


@router.get("/conversion")
def compare_sources(access: Reader, wanted: Annotated[Wanted, Query()]) -> Comparison:
    """Customers who came by each source in a period, and how many became friends, members, buyers and buyers again."""
    with access.tx() as tx:
        asked = question(tx, wanted)
        found = conversion.compare(tx, asked)
        did = conversion.done(tx, asked)
        currency = tx.currency
    return Comparison(
        first_day=asked.first_day,
        last_day=asked.last_day,
        sources=[
            SourceFunnel(
                key=one.key,
                came=one.came,
                friend=one.friend,
                member=one.member,
                first_order=one.first_order,
                second_order=one.second_order,
                revenue=amount(one.revenue, currency),
                spend=amount(one.spend, currency),
                waiting=one.waiting,
            )
            for one in found
        ],
        done=[_done(one, did) for one in did if one.source is None],
    )


def _done(whole: Done, did: Sequence[Done]) -> DoneOut:
    return DoneOut(
        name=whole.name,
        people=whole.people,
        times=whole.times,
        anonymous=whole.anonymous,
        sources=[
            DoneBySource(source=one.source, people=one.people, times=one.times, anonymous=one.anonymous)
            for one in did
            if one.name == whole.name and one.source is not None
        ],
    )


class WantedPeople(Wanted):
    """The figure whose people are asked for, and the page."""

    key: Key
    step: Step = "came"
    cursor: Cursor = None
    limit: Limit = 50


@router.get("/conversion/people")
def source_people(access: People, wanted: Annotated[WantedPeople, Query()]) -> Page[ConvertOut]:
    """The people behind a figure, the latest first, as far as the caller may see customers."""
    after = None
    if wanted.cursor is not None:
        moment, person = from_cursor(wanted.cursor, 2)
        after = _place(moment, person)
    with access.tx() as tx:
        asked = question(tx, wanted)
        found = conversion.converts(tx, asked, wanted.key, wanted.step, after=after, limit=wanted.limit + 1)
        shown, following = page_of(found, wanted.limit, "at", "customer_id")
        known = {one.id: one for one in view.lines(tx, [one.customer_id for one in shown])}
        currency = tx.currency
    items = [
        ConvertOut(
            customer=known[one.customer_id],
            at=one.at,
            orders=one.orders,
            revenue=amount(one.revenue, currency),
            waiting=one.waiting,
        )
        for one in shown
        if one.customer_id in known
    ]
    return Page(items=items, next=following)


@router.get("/conversion/spend")
def list_spend(access: Reader, by: Dimension = "source", cursor: Cursor = None, limit: Limit = 50) -> Page[SpendOut]:
    """What was entered as spent, the latest days first."""
    with access.tx() as tx:
        rows, following = spend.listed(tx, by, cursor=cursor, limit=limit)
        currency = tx.currency
    items = [
        SpendOut(
            id=one.id,
            by=one.dimension,
            key=one.key,
            day=one.day,
            amount=amount(one.amount, currency),
            note=one.note,
            created_at=one.created_at,
        )
        for one in rows
    ]
    return Page(items=items, next=following)


@router.post("/conversion/spend", status_code=201)
def enter_spend(access: Writer, body: SpendBody) -> SpendWritten:
    """Enter what was spent, line by line or as a pasted table. All or nothing."""
    lines = spend.check(spend.Spend(one.key, one.day, one.amount, one.note) for one in body.lines)
    if body.table is not None or not lines:
        lines += spend.parse_table(body.table or "")
    with access.tx() as tx:
        return SpendWritten(written=spend.enter(tx, body.by, lines))


@router.delete("/conversion/spend/{line_id}", status_code=204)
def remove_spend(access: Writer, line_id: UUID) -> None:
    """Take a line away."""
    with access.tx() as tx:
        spend.remove(tx, line_id)


def question(tx: Tx, wanted: Wanted) -> Question:
    """The question with its days filled in. Raises InvalidInput for days the wrong way round or too many."""
    today = tx.now.astimezone(ZoneInfo(tx.zone)).date()
    last = wanted.to_day or today
    first = wanted.from_day or last - timedelta(days=min(conversion.recent_days(tx), last.toordinal()) - 1)
    if not timedelta(0) <= last - first <= timedelta(days=DAYS_MAX) or abs((last - today).days) > LONG_AGO_DAYS:
        raise InvalidInput(
            "bad_period",
            "时间段不正确。",
            "The period is not right.",
            details=(
                Detail("from", f"开始应不晚于结束，最长 {DAYS_MAX} 天", f"from before to, at most {DAYS_MAX} days"),
            ),
        )
    return Question(
        by=wanted.by,
        first_day=first,
        last_day=last,
        credit=wanted.credit,
        within_days=wanted.within_days,
        friends=wanted.friends,
        store_id=wanted.store_id,
        segment_id=wanted.segment_id,
        tag=wanted.tag,
    )


def _place(moment: str | None, person: str | None) -> tuple[datetime, UUID]:
    try:
        return datetime.fromisoformat(moment or ""), UUID(person or "")
    except ValueError as error:
        raise InvalidInput(
            "bad_cursor", "翻页标记无效，请从第一页重新开始。", "The cursor is not valid; start again."
        ) from error
