"""Routes of leads."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Annotated, Final, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, Page, from_cursor, page_of
from tandem.domains.sales import service
from tandem.domains.sales.keeping import Lead, names_of
from tandem.domains.sales.rules import POINTS
from tandem.domains.sales.shapes import (
    Asked,
    LeadDetail,
    LeadFunnel,
    LeadFunnels,
    LeadLost,
    LeadOut,
    LeadOwner,
    LeadRules,
    LeadRulesOut,
    LeadSeatOut,
    LeadStep,
    NewLead,
)
from tandem.kernel.db import Scope, Tx
from tandem.kernel.errors import Forbidden, InvalidInput
from tandem.stream.customer import view
from tandem.stream.customer.shapes import amount

router: Final = APIRouter(tags=["leads"])
Reader = Annotated[Access, Depends(allowed("lead.read"))]
Writer = Annotated[Access, Depends(allowed("lead.write"))]
Keeper = Annotated[Access, Depends(allowed("lead.rules"))]
States = Annotated[
    str | None, Query(pattern=r"^(new|assigned|contacted|won|lost)(,(new|assigned|contacted|won|lost))*$")
]
Word = Annotated[str | None, Query(max_length=200)]
DAYS_MAX: Final = 366
LONG_AGO_DAYS: Final = 36_500
"""No company's days lie farther away, and the calendar of computers ends somewhere."""


def _outs(access: Access, tx: Tx, leads: list[Lead]) -> list[LeadOut]:
    called = view.names(access, [one.customer_id for one in leads])
    owners = names_of(tx, [one.owner_user_id for one in leads])
    return [
        LeadOut(
            id=one.id, customer_id=one.customer_id, customer=called.get(one.customer_id), store_id=one.store_id, owner_id=one.owner_user_id,
            owner=owners.get(one.owner_user_id) if one.owner_user_id else None, source=one.source, subject=one.subject, campaign=one.campaign,
            score=one.score, reasons=one.reasons, times=one.times, state=one.state, why=one.why,
            amount=None if one.amount is None else amount(one.amount, tx.currency), order_id=one.order_id,
            overdue=one.reminded > 0 and one.state in {"new", "assigned"}, created_at=one.created_at, asked_at=one.asked_at,
            assigned_at=one.assigned_at, contacted_at=one.contacted_at, friend_at=one.friend_at, closed_at=one.closed_at, due_at=one.due_at,
        )
        for one in leads
    ]  # fmt: skip


@router.get("/leads")
def list_leads(
    access: Reader,
    state: States = None,
    source: Word = None,
    owner: Literal["me"] | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[LeadOut]:
    """Leads, the newest first; `state`: one or more, with commas between."""
    after = from_cursor(cursor, 2) if cursor else None
    with access.tx() as tx:
        hers = access.user_id if owner else None
        rows = service.page(tx, state=state, source=source, owner=hers, after=after, limit=limit + 1)
        shown, following = page_of(rows, limit, "created_at", "id")
        return Page(items=_outs(access, tx, shown), next=following)


@router.post("/leads", status_code=202)
def enter_lead(access: Writer, given: NewLead) -> Asked:
    """A person says that a customer asked about something; the rules make a lead of it, or count it to the one there is."""
    with access.tx() as tx:
        service.report(
            tx, given.customer_id, source=given.source or "staff", subject=given.subject, campaign=given.campaign
        )
    return Asked()


@router.get("/leads/{lead_id}")
def get_lead(access: Reader, lead_id: UUID) -> LeadDetail:
    """One lead with what happened to it."""
    with access.tx() as tx:
        lead = service.one(tx, lead_id)
        (out,) = _outs(access, tx, [lead])
        happened = service.steps(tx, lead)
    return LeadDetail(
        **out.model_dump(),
        steps=[LeadStep(type=one.type, at=one.at, owner=one.owner, reason=one.reason) for one in happened],
    )


@router.post("/leads/{lead_id}/assign", status_code=204)
def assign_lead(access: Writer, lead_id: UUID, given: LeadOwner) -> None:
    """Give it to somebody."""
    with _working(access, lead_id) as tx:
        service.assign(tx, lead_id, given.user_id)


@router.post("/leads/{lead_id}/contacted", status_code=204)
def contact_lead(access: Writer, lead_id: UUID) -> None:
    """Somebody spoke with her."""
    with _working(access, lead_id) as tx:
        service.contacted(tx, lead_id)


@router.post("/leads/{lead_id}/win", status_code=204)
def win_lead(access: Writer, lead_id: UUID) -> None:
    """It came to a sale that no order here tells of."""
    with _working(access, lead_id) as tx:
        service.won(tx, lead_id)


@router.post("/leads/{lead_id}/lose", status_code=204)
def lose_lead(access: Writer, lead_id: UUID, given: LeadLost) -> None:
    """Nothing came of it, and why."""
    with _working(access, lead_id) as tx:
        service.lost(tx, lead_id, given.reason)


@router.get("/lead-rules")
def get_lead_rules(access: Reader) -> LeadRulesOut:
    """How leads are kept, and who gets them."""
    with _whole(access) as tx:
        # How much each colleague has open is for whoever gives out the work.
        keeps = access.may("lead.rules")
        seats = [
            LeadSeatOut.model_validate({**one, "open": one["open"] if keeps else None}) for one in service.seats(tx)
        ]
        return LeadRulesOut(**service.vars_of(tx), seats=seats, points=dict(POINTS))


@router.put("/lead-rules")
def put_lead_rules(access: Keeper, given: LeadRules) -> LeadRulesOut:
    """Say how leads are kept, and who gets them."""
    if access.scope.kind != "all":
        raise Forbidden("out_of_scope", "线索规则面向全公司，需要全部数据范围。", "These rules are the company's; they need the whole data scope.")  # fmt: skip
    with _whole(access) as tx:
        service.keep_rules(tx, given)
    return get_lead_rules(access)


@router.get("/lead-funnel")
def get_lead_funnel(
    access: Reader,
    first: Annotated[date | None, Query(alias="from")] = None,
    last: Annotated[date | None, Query(alias="to")] = None,
) -> LeadFunnels:
    """By source: who wrote, who became a lead, a friend, a buyer. Without days: the last thirty."""
    with access.tx() as tx:
        today = tx.now.astimezone(ZoneInfo(tx.zone)).date()
        until = last or today
        since = first or until - timedelta(days=min(29, until.toordinal() - 1))
        if since > until or (until - since).days > DAYS_MAX or abs((until - today).days) > LONG_AGO_DAYS:
            raise InvalidInput("bad_days", "日期范围有误，最多一年。", "The days are not right; a year at most.")
        found = service.funnel(tx, since, until)
        sources = [
            LeadFunnel(
                source=one.source, consulted=one.consulted, leads=one.leads, contacted=one.contacted, friends=one.friends, orders=one.orders,
                friend_orders=one.friend_orders, lost=one.lost, amount=amount(one.amount, tx.currency),
            )
            for one in found
        ]  # fmt: skip
    return LeadFunnels(first_day=since, last_day=until, sources=sources)


@contextmanager
def _working(access: Access, lead_id: UUID) -> Generator[Tx]:
    """A transaction for work on a lead in the caller's sight. Raises NotFound.

    It sees all: an owner works on a lead of a customer beyond her stores too, and may give it to somebody whom she cannot see past.
    """
    with access.tx() as tx:
        service.one(tx, lead_id)
    with _whole(access) as tx:
        yield tx


def _whole(access: Access):  # noqa: ANN202 - a transaction's context manager, as `Access.tx`
    """A transaction that sees every lead: a seat's load is the company's."""
    return access.db.tx("web", tenant=access.tenant_id, user=access.user_id, scope=Scope.all())
