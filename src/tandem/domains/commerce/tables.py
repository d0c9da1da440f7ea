"""Tables of commerce. Orders and what hangs on them live in their customer's bucket and move with a merge."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, BucketRow, TenantRow


class Store(TenantRow, Base):
    """A shop: the organisation unit of kind "store" with the same id, and the code that outside systems call it by."""

    __tablename__ = "store"
    __table_args__ = (UniqueConstraint("tenant_id", "code"), {"info": {"kind": "tenant"}})
    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    region: Mapped[str | None]
    city: Mapped[str | None]


class Product(TenantRow, Base):
    """A product as outside systems number it. `category_en` is the second label of a translated category."""

    __tablename__ = "product"
    __table_args__ = (Index("ix_product_category", "tenant_id", "category"), {"info": {"kind": "tenant"}})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    product_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    category: Mapped[str | None]
    category_en: Mapped[str | None]
    department: Mapped[str | None]
    brand: Mapped[str | None]
    price: Mapped[Decimal | None]


class SalesOrder(BucketRow, Base):
    """An order; a walk-in sale (散客) has no customer and hashes on its own id.

    `modified_at` is the platform's: an older record never overwrites a newer one. `refunded_total` is the sum of `refund`.
    Amounts are in the order's own currency, those that begin with `home` in the tenant's, at the rate of the day it was paid.
    """

    __tablename__ = "sales_order"
    __table_args__ = (
        Index("ix_sales_order_customer", "tenant_id", "bucket", "customer_id", "paid_at"),
        Index("ix_sales_order_store", "tenant_id", "store_id", "placed_at"),
        Index("ix_sales_order_placed", "tenant_id", "placed_at", "id"),
        Index("ix_sales_order_external", "tenant_id", "external_id"),
        Index(
            "ix_sales_order_foreign",
            "tenant_id",
            "currency",
            "placed_at",
            postgresql_where=text("rate is distinct from 1"),
        ),
        {
            "info": {
                "kind": "subject",
                "scope": "columns",
                "subject": {"type": "order", "column": "id"},
                "erasure": "unname",
            },
            "postgresql_with": {"fillfactor": 85},
        },
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    store_id: Mapped[UUID | None]
    owner_user_id: Mapped[UUID | None]
    source: Mapped[str]
    external_id: Mapped[str]
    sales_channel: Mapped[str | None]
    adviser: Mapped[str | None]
    """Who sold it, by her staff number at the till."""
    status: Mapped[str]
    placed_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    modified_at: Mapped[datetime]
    currency: Mapped[str]
    total: Mapped[Decimal]
    discount: Mapped[Decimal] = mapped_column(server_default="0")
    refunded_total: Mapped[Decimal] = mapped_column(server_default="0")
    line_count: Mapped[int]
    rate: Mapped[Decimal | None] = mapped_column(server_default="1")
    """The tenant's currency for one unit of the order's; None: there is no rate yet, and the order is held out of every total."""
    rate_day: Mapped[date | None]
    """The day of the rate; None for the tenant's own currency. Before the day of payment: the nearest earlier one."""
    home_total: Mapped[Decimal | None] = mapped_column(Computed("round(total * rate, 2)", persisted=True))
    home_discount: Mapped[Decimal | None] = mapped_column(Computed("round(discount * rate, 2)", persisted=True))
    home_refunded: Mapped[Decimal | None] = mapped_column(Computed("round(refunded_total * rate, 2)", persisted=True))
    version: Mapped[int] = mapped_column(server_default="1")


class OrderLine(BucketRow, Base):
    """One line of an order.

    `category_amount` (in the tenant's currency) and `category_quantity` stand only on an order's first line of a category and hold
    the order's sums for it, so that "bought baby food twice" counts orders through a slim partial index, without a second table to keep
    in step.
    """

    __tablename__ = "order_line"
    __table_args__ = (
        Index(
            "ix_order_line_purchase",
            "tenant_id",
            "category",
            "paid_at",
            postgresql_include=["bucket", "customer_id"],
            postgresql_where=text("category_amount is not null"),
        ),
        Index(
            "ix_order_line_customer",
            "tenant_id",
            "bucket",
            "customer_id",
            "paid_at",
            postgresql_include=["category", "category_amount", "product_id"],
        ),
        # "Her favourite is this product" begins with those who bought it, and reads the others' lines not at all.
        Index(
            "ix_order_line_product",
            "tenant_id",
            "product_id",
            "paid_at",
            postgresql_include=["bucket", "customer_id"],
        ),
        {"info": {"kind": "subject", "subject": {"type": "order", "column": "order_id"}, "erasure": "unname"}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    product_id: Mapped[str]
    category: Mapped[str | None]
    department: Mapped[str | None]
    quantity: Mapped[Decimal]
    amount: Mapped[Decimal]
    home_amount: Mapped[Decimal | None]
    """In the tenant's currency; None while the order is held out."""
    discount: Mapped[Decimal] = mapped_column(server_default="0")
    paid_at: Mapped[datetime | None]
    category_amount: Mapped[Decimal | None]
    category_quantity: Mapped[Decimal | None]


class StockLevel(TenantRow, Base):
    """What is left of a product at a place of a source, by its latest count. Who moved or holds what is no part of it.

    Flows may be about it: `id` follows from source, product and place, `bucket` from the id. `was`: the count before; `low_at`: the line
    below which it is low, as people set it.
    """

    __tablename__ = "stock_level"
    __table_args__ = (
        Index("ix_stock_level_product", "tenant_id", "product_id", "source", "place"),
        Index("ix_stock_level_id", "tenant_id", "bucket", "id", unique=True),
        {"info": {"kind": "tenant"}, "postgresql_with": {"fillfactor": 85}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    product_id: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)
    bucket: Mapped[int] = mapped_column(SmallInteger())
    id: Mapped[UUID]
    quantity: Mapped[Decimal]
    was: Mapped[Decimal | None]
    low_at: Mapped[Decimal | None]
    counted_at: Mapped[datetime]
    listing: Mapped[str] = mapped_column(server_default="")
    """The source's number of what holds this variant, where it sets a count only by both."""


class ExchangeRate(TenantRow, Base):
    """What one unit of a currency is worth in the tenant's own on a day."""

    __tablename__ = "exchange_rate"
    __table_args__ = (CheckConstraint("rate > 0", name="positive"), {"info": {"kind": "tenant"}})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    rate: Mapped[Decimal]
    updated_at: Mapped[datetime]
    updated_by: Mapped[UUID | None]


class Refund(BucketRow, Base):
    """Money given back for an order, in whole or in part, in the order's currency."""

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("amount > 0", name="positive"),
        Index("ix_refund_order", "tenant_id", "bucket", "order_id"),
        Index("ix_refund_customer", "tenant_id", "bucket", "customer_id", "refunded_at"),
        {"info": {"kind": "subject", "subject": {"type": "order", "column": "order_id"}, "erasure": "unname"}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    order_id: Mapped[UUID]
    source: Mapped[str]
    external_id: Mapped[str]
    amount: Mapped[Decimal]
    refunded_at: Mapped[datetime]
