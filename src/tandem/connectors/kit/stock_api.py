"""Routes: whether a count can be set at its shop, and setting it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from tandem.access.http import Access, allowed, database_of
from tandem.access.paging import Cursor, Limit, Page
from tandem.access.shapes import Body, Label
from tandem.connectors.kit import stock_out
from tandem.connectors.kit.failures import LABELS
from tandem.kernel.db import Database
from tandem.kernel.errors import Conflict

router: Final = APIRouter(tags=["orders"])
Reader = Annotated[Access, Depends(allowed("order.read"))]
Publisher = Annotated[Access, Depends(allowed("stock.publish"))]
Asked = Annotated[Database, Depends(database_of)]


class PushOut(BaseModel):
    """A number that was told, or is to be: by a person, or by a flow where nobody is named. `problem` says what the shop answered."""

    id: UUID
    at: datetime
    quantity: int
    state: Literal["waiting", "asking", "done", "refused", "overtaken"]
    by: str | None
    problem: Label | None


class ShopStock(BaseModel):
    """What the shop counts now, and whether another number can be told it, else why not."""

    possible: bool
    why: Literal["no_platform", "forbidden", "paused", "place"] | None
    platform: Label | None
    shop: str | None
    product_id: str
    place: str
    quantity: str
    counted_at: datetime


class PublishStock(Body):
    """The number to tell. `was`: what the person saw before; another count since then is a conflict."""

    quantity: int = Field(ge=0, le=1_000_000_000)
    was: Decimal | None = None


@router.get("/stock-levels/{item_id}/shop")
def read_shop_stock(access: Reader, item_id: UUID) -> ShopStock:
    """Whether a count can be set at its shop."""
    with access.tx() as tx:
        return _out(stock_out.standing(tx, item_id))


@router.get("/stock-levels/{item_id}/pushes")
def list_stock_pushes(access: Reader, item_id: UUID, cursor: Cursor = None, limit: Limit = 10) -> Page[PushOut]:
    """What was told of a count, the latest first."""
    with access.tx() as tx:
        rows, following = stock_out.pushes(tx, item_id, cursor=cursor, limit=limit)
    return Page(items=[_push(one) for one in rows], next=following)


@router.post("/stock-levels/{item_id}/publish")
def publish_stock(access: Publisher, db: Asked, item_id: UUID, body: PublishStock) -> ShopStock:
    """Tell the shop a number and wait for its answer."""
    with access.tx() as tx:
        stock_out.one_by_one(tx)
        before = stock_out.standing(tx, item_id)
        if body.was is not None and before.item.quantity != body.was:
            raise Conflict(
                "stock_moved",
                f"库存已变为 {before.item.quantity.normalize():f}，请核对后再发布。",
                f"The count is {before.item.quantity.normalize():f} by now; look again.",
            )
        push = stock_out.file(tx, item_id, body.quantity)
    stock_out.tell(db, access.tenant_id, push)
    with access.tx() as tx:
        return _out(stock_out.standing(tx, item_id))


def _out(found: stock_out.Standing) -> ShopStock:
    label = None if found.platform is None else found.platform.manifest.label
    return ShopStock(
        possible=found.why is None,
        why=found.why,
        platform=None if label is None else Label(zh=label.zh, en=label.en),
        shop=found.shop,
        product_id=found.item.product_id,
        place=found.item.place,
        quantity=str(found.item.quantity),
        counted_at=found.item.counted_at,
    )


def _push(one: stock_out.Pushed) -> PushOut:
    told = {"id": one.id, "at": one.at, "quantity": one.quantity, "state": one.state, "by": one.by}
    return PushOut.model_validate({**told, "problem": _problem(one)})


def _problem(one: stock_out.Pushed) -> Label | None:
    if one.problem is None:
        return None
    words, told = LABELS.get(one.problem["kind"]), str(one.problem.get("told") or "")
    return Label(zh=f"{words.zh}：{told}", en=f"{words.en}: {told}") if words else Label(zh=told, en=told)
