"""Use cases of commerce: reading orders, stores, products."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from tandem.access.paging import from_cursor, page_of
from tandem.domains.commerce.events import ORDER_EVENTS, ORDER_MOVED, ORDER_REVALUED, REFUND_CREATED
from tandem.domains.commerce.stock import StockItem, stock_item, write_count
from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound
from tandem.kernel.ids import BUCKETS

_ALL_BUCKETS: Final = list(range(BUCKETS))
#: What other rooms hear of orders.
TOLD: Final = (*ORDER_EVENTS, ORDER_MOVED, ORDER_REVALUED, REFUND_CREATED)
MOVED: Final = ORDER_MOVED

#: Of stock, as other rooms use it.
STOCK: Final = (StockItem, stock_item, write_count)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as lists show it."""

    id: UUID
    bucket: int
    external_id: str
    source: str
    status: str
    customer_id: UUID | None
    store_id: UUID | None
    store: str | None
    sales_channel: str | None
    placed_at: datetime
    paid_at: datetime | None
    currency: str
    total: Decimal
    discount: Decimal
    refunded_total: Decimal
    line_count: int
    rate: Decimal | None
    rate_day: date | None
    home_total: Decimal | None


_ORDER: Final = """
select o.id, o.bucket, o.external_id, o.source, o.status, o.customer_id, o.store_id, s.name as store, o.sales_channel, o.placed_at, o.paid_at,
  o.currency, o.total, o.discount, o.refunded_total, o.line_count, o.rate, o.rate_day, o.home_total
from sales_order as o left join store as s on s.tenant_id = o.tenant_id and s.id = o.store_id
where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s
"""


def list_orders(
    tx: Tx,
    *,
    q: str | None = None,
    store_id: UUID | None = None,
    customer_id: UUID | None = None,
    status: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[list[OrderRow], str | None]:
    """A page of orders, newest first; `q` is the beginning of an order number. Raises InvalidInput for a cursor we did not make."""
    placed, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        OrderRow,
        f"""
        {_ORDER}
          and (%(q)s::text is null or starts_with(o.external_id, %(q)s)) and (%(store)s::uuid is null or o.store_id = %(store)s)
          and (%(customer)s::uuid is null or o.customer_id = %(customer)s) and (%(status)s::text is null or o.status = %(status)s)
          and (%(since)s::timestamptz is null or o.placed_at >= %(since)s) and (%(until)s::timestamptz is null or o.placed_at < %(until)s)
          and (%(placed)s::timestamptz is null or (o.placed_at, o.id) < (%(placed)s::timestamptz, %(last)s::uuid))
        order by o.placed_at desc, o.id desc limit %(more)s
        """,
        {
            "tenant": tx.tenant_id,
            "buckets": _ALL_BUCKETS,
            "q": q or None,
            "store": store_id,
            "customer": customer_id,
            "status": status,
            "since": since,
            "until": until,
            "placed": placed,
            "last": last,
            "more": limit + 1,
        },
    )
    return page_of(rows, limit, "placed_at", "id")


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of an order with its product's name, where the product is known."""

    line_no: int
    product_id: str
    product: str | None
    category: str | None
    department: str | None
    quantity: Decimal
    amount: Decimal
    discount: Decimal


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A refund of an order."""

    id: UUID
    external_id: str
    amount: Decimal
    refunded_at: datetime


def get_order(tx: Tx, order_id: UUID) -> tuple[OrderRow, list[LineRow], list[RefundRow]]:
    """One order with its lines and refunds. Raises NotFound."""
    params: dict[str, Any] = {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "id": order_id}
    order = tx.maybe(OrderRow, f"{_ORDER} and o.id = %(id)s", params)
    if order is None:
        raise NotFound("no_such_order", "没有这个订单。", "There is no such order.")
    # The scoped policy has just shown the order; its lines follow the customer.
    if order.customer_id is not None:
        tx.open_customers([order.customer_id])
    params["buckets"] = [order.bucket]
    lines = tx.all(
        LineRow,
        """
        select l.line_no, l.product_id, p.name as product, l.category, l.department, l.quantity, l.amount, l.discount
        from order_line as l left join product as p on p.tenant_id = l.tenant_id and p.product_id = l.product_id
        where l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s and l.order_id = %(id)s order by l.line_no
        """,
        params,
    )
    refunds = tx.all(
        RefundRow,
        """
        select id, external_id, amount, refunded_at from refund
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and order_id = %(id)s order by refunded_at
        """,
        params,
    )
    return order, lines, refunds


@dataclass(frozen=True, slots=True)
class StoreRow:
    """A shop."""

    id: UUID
    code: str
    name: str
    region: str | None
    city: str | None


def list_stores(tx: Tx) -> list[StoreRow]:
    """The shops the reader may see, by code."""
    return tx.all(
        StoreRow,
        """
        select id, code, name, region, city from store
        where tenant_id = %(tenant)s and (%(everything)s or id = any(%(stores)s::uuid[])) order by code limit 20000
        """,
        {"tenant": tx.tenant_id, "everything": tx.scope.kind in ("all", "own"), "stores": list(tx.scope.store_ids)},
    )


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product."""

    product_id: str
    name: str
    category: str | None
    category_en: str | None
    department: str | None
    brand: str | None
    price: Decimal | None


def list_products(
    tx: Tx, *, q: str | None = None, category: str | None = None, cursor: str | None = None, limit: int = 50
) -> tuple[list[ProductRow], str | None]:
    """A page of products by number; `q` is part of a name or the beginning of a number. Raises InvalidInput for a foreign cursor."""
    (last,) = from_cursor(cursor, 1) if cursor else (None,)
    rows = tx.all(
        ProductRow,
        """
        select product_id, name, category, category_en, department, brand, price from product
        where tenant_id = %(tenant)s and (%(category)s::text is null or category = %(category)s)
          and (%(q)s::text is null or starts_with(product_id, %(q)s) or strpos(lower(name), lower(%(q)s)) > 0)
          and (%(last)s::text is null or product_id > %(last)s)
        order by product_id limit %(more)s
        """,
        {"tenant": tx.tenant_id, "q": q or None, "category": category, "last": last, "more": limit + 1},
    )
    return page_of(rows, limit, "product_id")


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A product category and how many products it has."""

    category: str
    category_en: str | None
    department: str | None
    products: int


def list_categories(tx: Tx) -> list[CategoryRow]:
    """Categories, the largest first."""
    return tx.all(
        CategoryRow,
        """
        select category, min(category_en) as category_en, min(department) as department, count(*) as products from product
        where tenant_id = %(tenant)s and category is not null group by category order by count(*) desc, category limit 2000
        """,
        {"tenant": tx.tenant_id},
    )
