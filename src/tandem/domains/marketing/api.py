"""Routes of marketing."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, model_validator

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, LongLimit, Page, page_in_memory
from tandem.access.shapes import Body, Name
from tandem.domains.marketing import lottery, reports, service
from tandem.domains.marketing.coupons import Count, CouponTemplate, NewCouponTemplate, PerCustomer
from tandem.kernel.db import Scope
from tandem.kernel.errors import NotFound
from tandem.kernel.turn import in_bucket
from tandem.stream.customer import view

router = APIRouter(tags=["marketing"])

CouponReader = Annotated[Access, Depends(allowed("coupon.read"))]
CouponWriter = Annotated[Access, Depends(allowed("coupon.write"))]
CouponRedeemer = Annotated[Access, Depends(allowed("coupon.redeem"))]
PointsReader = Annotated[Access, Depends(allowed("points.read"))]
PointsWriter = Annotated[Access, Depends(allowed("points.write"))]
CouponState = Literal["issued", "redeemed", "expired", "revoked"]
ReportState = Literal["forwarded", "unknown_code", "already_redeemed", "revoked", "not_here"]


class _Row(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class CouponTemplateChange(Body):
    """What to change; absent keys stay."""

    name: Name | None = None
    per_customer_limit: PerCustomer | None = None
    quota: Count | None = None
    archived: bool | None = None


class Coupon(_Row):
    """A coupon in a customer's hand."""

    id: UUID
    code: str
    template_id: UUID
    template: str
    customer_id: UUID
    status: CouponState
    issued_at: datetime
    expires_at: datetime
    redeemed_at: datetime | None
    redeemed_store_id: UUID | None
    run_id: UUID | None


class PrizeOdds(BaseModel):
    """A prize as it stood at a draw. `odds` in per cent."""

    name: str
    label: str
    odds: str


class LotteryDraw(_Row):
    """A draw on record.

    `roll`: the number drawn, from 0 up to 100,000, computed from run, block and visit; `prize`: its place among the odds, their number for
    nothing; `outcome`: issued, sold_out or limit_reached where the prize is a coupon. `customer_name`: to whom may see customers.
    """

    id: UUID
    customer_id: UUID
    customer_name: str | None = None
    flow_id: UUID
    run_id: UUID
    block: str
    visit: int
    roll: int
    odds: list[PrizeOdds]
    prize: int
    outcome: str | None
    drawn_at: datetime


class RedemptionReport(_Row):
    """A redemption told by an outside till that was not counted where it arrived, and why."""

    id: UUID
    customer_id: UUID
    code: str
    coupon_id: UUID | None
    status: ReportState
    reported_at: datetime
    store_id: UUID | None
    external_order_id: str | None
    source: str


class RedeemRequest(Body):
    """A coupon at the till."""

    code: Annotated[str, Field(min_length=1, max_length=40)]
    store_id: UUID | None = None
    order_id: Annotated[str, Field(max_length=200)] | None = None


class CouponRequest(Body):
    """Whom to give a coupon by hand."""

    template_id: UUID
    customer_id: UUID


class CouponRequested(BaseModel):
    """The request was filed; the coupon follows within a moment, or an answer why not."""

    request_id: UUID


class PointsLot(_Row):
    """Points that came together and expire together."""

    id: UUID
    earned: int
    remaining: int
    earned_at: datetime
    expires_at: datetime | None


class PointsEntry(_Row):
    """A movement of the ledger."""

    id: UUID
    from_account: str
    to_account: str
    amount: int
    posted_at: datetime
    reason: str


class Points(BaseModel):
    """A customer's points: `lots` in the order they will be spent."""

    balance: int
    lots: list[PointsLot]
    entries: list[PointsEntry]


class PointsAdjustment(Body):
    """A correction by hand; negative takes points away."""

    delta: Annotated[int, Field(ge=-10_000_000, le=10_000_000)]
    reason: Annotated[str, Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _moves(self) -> "PointsAdjustment":
        if self.delta == 0:
            message = "delta must not be zero"
            raise ValueError(message)
        return self


@router.get("/coupon-templates")
def list_coupon_templates(
    access: CouponReader, *, archived: bool = False, cursor: Cursor = None, limit: LongLimit = 1000
) -> Page[CouponTemplate]:
    """Coupon templates, newest first."""
    with access.tx() as tx:
        rows, following = page_in_memory(service.list_templates(tx, archived=archived), cursor, limit, "id")
        return Page(items=rows, next=following)


@router.post("/coupon-templates", status_code=201)
def create_coupon_template(access: CouponWriter, given: NewCouponTemplate) -> CouponTemplate:
    """Offer a new coupon."""
    with access.tx() as tx:
        template_id = service.create_template(tx, given)
        return service.get_template(tx, template_id)


@router.get("/coupon-templates/{template_id}")
def get_coupon_template(access: CouponReader, template_id: UUID) -> CouponTemplate:
    """One coupon template, withdrawn or not."""
    with access.tx() as tx:
        return service.get_template(tx, template_id)


@router.patch("/coupon-templates/{template_id}")
def change_coupon_template(access: CouponWriter, template_id: UUID, given: CouponTemplateChange) -> CouponTemplate:
    """Rename, withdraw, or change limits. A larger quota reopens a sold-out coupon."""
    with access.tx() as tx:
        service.change_template(
            tx,
            template_id,
            name=given.name,
            per_customer_limit=given.per_customer_limit,
            quota=given.quota,
            archived=given.archived,
        )
        return service.get_template(tx, template_id)


@router.get("/coupons")
def list_coupons(
    access: CouponReader,
    *,
    template_id: UUID | None = None,
    customer_id: UUID | None = None,
    state: CouponState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[Coupon]:
    """Coupons in customers' hands, newest first."""
    with access.tx() as tx:
        rows, following = service.list_coupons(
            tx, template_id=template_id, customer_id=customer_id, state=state, cursor=cursor, limit=limit
        )
    return Page(items=[Coupon.model_validate(row) for row in rows], next=following)


@router.get("/coupons/reports")
def list_redemption_reports(
    access: CouponReader,
    *,
    customer_id: UUID | None = None,
    state: ReportState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[RedemptionReport]:
    """Reported redemptions that were not counted where they arrived, newest first."""
    with access.tx() as tx:
        rows, following = reports.list_reports(tx, customer_id=customer_id, state=state, cursor=cursor, limit=limit)
    return Page(items=[RedemptionReport.model_validate(row) for row in rows], next=following)


@router.post("/coupons/issue", status_code=202)
def issue_coupon(access: CouponWriter, given: CouponRequest) -> CouponRequested:
    """Give a customer a coupon by hand."""
    with access.tx() as tx:
        service.get_template(tx, given.template_id)
        if service.home_of(tx, given.customer_id) != given.customer_id:
            raise NotFound("no_such_customer", "没有这个客户。", "There is no such customer.")
        request_id = service.request_coupon(in_bucket(tx, given.customer_id), given.customer_id, given.template_id)
    return CouponRequested(request_id=request_id)


@router.post("/coupons/redeem")
def redeem_coupon(access: CouponRedeemer, given: RedeemRequest) -> Coupon:
    """Redeem a coupon at the till (核销). Whoever holds the code is served, whichever store's customer they are."""
    with access.db.tx("web", tenant=access.tenant_id, user=access.user_id, scope=Scope.all()) as tx:
        return Coupon.model_validate(service.redeem(tx, given.code, store_id=given.store_id, order_id=given.order_id))


@router.get("/customers/{customer_id}/points")
def get_points(access: PointsReader, customer_id: UUID) -> Points:
    """A customer's points: balance, lots, ledger."""
    with access.tx() as tx:
        service.home_of(tx, customer_id)
        return _points(*service.points_of(tx, customer_id))


@router.post("/customers/{customer_id}/points")
def adjust_points(access: PointsWriter, customer_id: UUID, given: PointsAdjustment) -> Points:
    """Correct a customer's points by hand."""
    with access.tx() as tx:
        service.home_of(tx, customer_id)
        service.adjust_points(tx, customer_id, given.delta, given.reason)
        return _points(*service.points_of(tx, customer_id))


def _points(balance: int, lots: list[service.LotRow], entries: list[service.EntryRow]) -> Points:
    return Points(
        balance=balance,
        lots=[PointsLot.model_validate(lot) for lot in lots],
        entries=[PointsEntry.model_validate(entry) for entry in entries],
    )


@router.get("/lottery-draws")
def list_lottery_draws(
    access: CouponReader, flow_id: UUID, cursor: Cursor = None, limit: Limit = 50
) -> Page[LotteryDraw]:
    """A flow's draws, newest first, with the odds of the time and the number drawn."""
    with access.tx() as tx:
        rows, following = lottery.draws(tx, flow_id=flow_id, cursor=cursor, limit=limit)
    items = [LotteryDraw.model_validate(row) for row in rows]
    called = view.names(access, (one.customer_id for one in items))
    for one in items:
        one.customer_name = called.get(one.customer_id)
    return Page(items=items, next=following)
