"""Routes of commerce."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, LongLimit, Page, page_in_memory
from tandem.access.shapes import Body
from tandem.domains.commerce import service
from tandem.domains.commerce.stock import list_stock, set_line

router = APIRouter(tags=["orders"])

CanRead = Annotated[Access, Depends(allowed("order.read"))]
CanWrite = Annotated[Access, Depends(allowed("stock.write"))]
Search = Annotated[str | None, Query(max_length=200)]


class Money(BaseModel):
    """An amount in a currency, as decimal text."""

    amount: str
    currency: str


class OrderItem(BaseModel):
    """An order as lists show it."""

    id: UUID
    external_id: str
    source: str
    status: str
    customer_id: UUID | None
    store_id: UUID | None
    store: str | None
    sales_channel: str | None
    placed_at: datetime
    paid_at: datetime | None
    total: Money
    discount: Money
    refunded_total: Money
    line_count: int


class OrderLine(BaseModel):
    """A line of an order."""

    line_no: int
    product_id: str
    product: str | None
    category: str | None
    department: str | None
    quantity: Decimal
    amount: Money
    discount: Money


class OrderRefund(BaseModel):
    """A refund of an order."""

    id: UUID
    external_id: str
    amount: Money
    refunded_at: datetime


class Conversion(BaseModel):
    """An order of another currency in the tenant's own. `total` null: there is no rate, and the order is in no total."""

    total: Money | None
    rate: Decimal | None
    rate_day: date | None
    """Before the day of payment: the nearest earlier rate was used."""


class OrderDetail(OrderItem):
    """An order with its lines and refunds; `converted` where its currency is not the tenant's."""

    converted: Conversion | None = None
    goods: Money
    """What the lines amount to."""
    beside: Money
    """`total` less `goods`: above zero freight and the like, below zero a discount on the order as a whole."""
    lines: list[OrderLine]
    refunds: list[OrderRefund]


class _Row(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Store(_Row):
    """A shop."""

    id: UUID
    code: str
    name: str
    region: str | None
    city: str | None


class Product(_Row):
    """A product."""

    product_id: str
    name: str
    category: str | None
    category_en: str | None
    department: str | None
    brand: str | None
    price: Decimal | None


class StockLevel(_Row):
    """What a source says is left of a product. `place` is a warehouse or location by the source's code; empty: the source as a whole."""

    id: UUID
    source: str
    product_id: str
    product: str | None
    place: str
    quantity: Decimal
    low_at: Decimal | None
    counted_at: datetime


class StockLine(Body):
    """Below which quantity a stock item is low; null: it never is."""

    low_at: Decimal | None = Field(ge=0, le=1_000_000_000)


class Category(_Row):
    """A product category and how many products it has."""

    category: str
    category_en: str | None
    department: str | None
    products: int


def _money(amount: Decimal, currency: str) -> Money:
    return Money(amount=f"{amount:.2f}" if amount == round(amount, 2) else str(amount), currency=currency)


def _item(row: service.OrderRow) -> OrderItem:
    return OrderItem(
        id=row.id,
        external_id=row.external_id,
        source=row.source,
        status=row.status,
        customer_id=row.customer_id,
        store_id=row.store_id,
        store=row.store,
        sales_channel=row.sales_channel,
        placed_at=row.placed_at,
        paid_at=row.paid_at,
        total=_money(row.total, row.currency),
        discount=_money(row.discount, row.currency),
        refunded_total=_money(row.refunded_total, row.currency),
        line_count=row.line_count,
    )


def _converted(row: service.OrderRow, home: str) -> Conversion | None:
    if row.currency == home:
        return None
    total = None if row.home_total is None else _money(row.home_total, home)
    return Conversion(total=total, rate=row.rate, rate_day=row.rate_day)


@router.get("/orders")
def list_orders(
    access: CanRead,
    *,
    q: Search = None,
    store_id: UUID | None = None,
    customer_id: UUID | None = None,
    status: Literal["placed", "paid", "completed", "cancelled"] | None = None,
    since: Annotated[datetime | None, Query(alias="from")] = None,
    until: Annotated[datetime | None, Query(alias="to")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[OrderItem]:
    """Orders, newest first; `q` is the beginning of an order number."""
    with access.tx() as tx:
        rows, following = service.list_orders(
            tx,
            q=q,
            store_id=store_id,
            customer_id=customer_id,
            status=status,
            since=since,
            until=until,
            cursor=cursor,
            limit=limit,
        )
    return Page(items=[_item(row) for row in rows], next=following)


@router.get("/orders/{order_id}")
def get_order(access: CanRead, order_id: UUID) -> OrderDetail:
    """One order with its lines and refunds."""
    with access.tx() as tx:
        order, lines, refunds = service.get_order(tx, order_id)
    goods = sum((line.amount for line in lines), Decimal(0))
    return OrderDetail(
        **_item(order).model_dump(),
        converted=_converted(order, tx.currency),
        goods=_money(goods, order.currency),
        beside=_money(order.total - goods, order.currency),
        lines=[
            OrderLine(
                line_no=line.line_no,
                product_id=line.product_id,
                product=line.product,
                category=line.category,
                department=line.department,
                quantity=line.quantity,
                amount=_money(line.amount, order.currency),
                discount=_money(line.discount, order.currency),
            )
            for line in lines
        ],
        refunds=[
            OrderRefund(
                id=one.id,
                external_id=one.external_id,
                amount=_money(one.amount, order.currency),
                refunded_at=one.refunded_at,
            )
            for one in refunds
        ],
    )


@router.get("/stores")
def list_stores(access: CanRead, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[Store]:
    """The shops in the reader's scope, by code."""
    with access.tx() as tx:
        rows, following = page_in_memory(service.list_stores(tx), cursor, limit, "id")
        return Page(items=[Store.model_validate(row) for row in rows], next=following)


@router.get("/products")
def list_products(
    access: CanRead, *, q: Search = None, category: Search = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[Product]:
    """Products by number; `q` is part of a name or the beginning of a number."""
    with access.tx() as tx:
        rows, following = service.list_products(tx, q=q, category=category, cursor=cursor, limit=limit)
    return Page(items=[Product.model_validate(row) for row in rows], next=following)


@router.get("/stock-levels")
def list_stock_levels(
    access: CanRead,
    *,
    product_id: Search = None,
    source: Search = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[StockLevel]:
    """What is left of products, by product, source and place: the latest count of each."""
    with access.tx() as tx:
        rows, following = list_stock(tx, product_id=product_id, source=source, cursor=cursor, limit=limit)
    return Page(items=[StockLevel.model_validate(row) for row in rows], next=following)


@router.patch("/stock-levels/{item_id}", status_code=204)
def set_stock_line(access: CanWrite, item_id: UUID, body: StockLine) -> None:
    """Set the line below which a stock item is low; flows about stock items hear when it falls below."""
    with access.tx() as tx:
        set_line(tx, item_id, body.low_at)


@router.get("/categories")
def list_categories(access: CanRead, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[Category]:
    """Product categories, the largest first."""
    with access.tx() as tx:
        rows, following = page_in_memory(service.list_categories(tx), cursor, limit, "category")
        return Page(items=[Category.model_validate(row) for row in rows], next=following)
