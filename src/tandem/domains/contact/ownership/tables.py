"""Tables of ownership: who earns, by which rules, whose each order is, what she earned by it, what is disputed, what is aimed at."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.schema import Base, BucketRow, TenantRow


class AdviserPost(TenantRow, Base):
    """A colleague who earns credit. `code`: her staff number as tills write it. From `left_at` on her successor earns what is new."""

    __tablename__ = "adviser_post"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        Index("ix_adviser_post_store", "tenant_id", "store_id"),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str | None]
    store_id: Mapped[UUID | None]
    since: Mapped[datetime]
    left_at: Mapped[datetime | None]
    successor_id: Mapped[UUID | None]


class OwnershipPolicy(TenantRow, Base):
    """The rules as somebody saved them: a version holds for orders paid from `starts_at` until the next one's.

    `caught_bucket`: up to which bucket orders from before the saving have been given to advisers; null when there is nothing left.
    """

    __tablename__ = "ownership_policy"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rules: Mapped[list[Any]]
    starts_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    saved_by: Mapped[UUID | None]
    caught_bucket: Mapped[int | None] = mapped_column(SmallInteger())


class OrderCredit(BucketRow, Base):
    """Whose an order is, by which rule, and why. `shares`: `[{"user_id", "bp"}]`, ten thousandths that add up; empty: nobody's.

    `owner_user_id` is whoever has the largest share. `settled`: a person decided; no rule looks at it again.
    """

    __tablename__ = "order_credit"
    __table_args__ = (
        Index("ix_order_credit_paid", "tenant_id", "paid_at", "order_id"),
        {
            "info": {
                "kind": "subject",
                "scope": "columns",
                "subject": {"type": "order", "column": "order_id"},
                "erasure": "unname",
            },
            "postgresql_with": {"fillfactor": 85},
        },
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    store_id: Mapped[UUID | None]
    owner_user_id: Mapped[UUID | None]
    rule: Mapped[str]
    place: Mapped[int] = mapped_column(SmallInteger())
    policy_version: Mapped[int]
    evidence: Mapped[dict[str, Any]]
    shares: Mapped[list[Any]]
    settled: Mapped[bool] = mapped_column(server_default=text("false"))
    paid_at: Mapped[datetime]
    decided_at: Mapped[datetime]


class PerformanceCredit(BucketRow, Base):
    """One entry of what an adviser (`owner_user_id`) earned by an order. Entries are added, never changed.

    Amounts in minor units of the order's currency, and of the tenant's (null while it has no rate). `period`: the first of the month that
    it counts in, which is a later one than `occurred_at`'s where that month was closed.
    """

    __tablename__ = "performance_credit"
    __table_args__ = (
        CheckConstraint("cause in ('sale', 'refund', 'cancel', 'correction', 'dispute')", name="cause"),
        Index("ix_performance_credit_order", "tenant_id", "bucket", "order_id"),
        Index("ix_performance_credit_customer", "tenant_id", "bucket", "customer_id", "occurred_at"),
        Index("ix_performance_credit_period", "tenant_id", "period", "owner_user_id"),
        Index("ix_performance_credit_owner", "tenant_id", "owner_user_id", "posted_at", "id"),
        {
            "info": {
                "kind": "subject",
                "scope": "columns",
                "subject": {"type": "order", "column": "order_id"},
                "erasure": "unname",
            }
        },
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    order_id: Mapped[UUID]
    store_id: Mapped[UUID | None]
    owner_user_id: Mapped[UUID | None]
    cause: Mapped[str]
    cause_id: Mapped[UUID | None]
    """The refund or the dispute; null for a sale, a cancellation, a correction."""
    amount_cents: Mapped[int] = mapped_column(BigInteger())
    home_cents: Mapped[int | None] = mapped_column(BigInteger())
    currency: Mapped[str]
    occurred_at: Mapped[datetime]
    period: Mapped[date]
    posted_at: Mapped[datetime]


class OrderClaim(BucketRow, Base):
    """An order whose parcel card or link brought a friend: it stands with the order, in the order's bucket."""

    __tablename__ = "order_claim"
    __table_args__ = (
        {
            "info": {
                "kind": "subject",
                "subject": {"type": "order", "column": "order_id"},
                "erasure": "unname",
            }
        },
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    user_id: Mapped[UUID]
    batch: Mapped[str]
    claimed_at: Mapped[datetime]


class CreditDispute(BucketRow, Base):
    """An adviser says that an order is (partly) hers. `owner_user_id` is she; `wanted`: the shares that she asks for.

    `seconding`: a manager of the very store has answered, and somebody else must confirm it.
    """

    __tablename__ = "credit_dispute"
    __table_args__ = (
        CheckConstraint("status in ('open', 'seconding', 'accepted', 'rejected', 'withdrawn')", name="status"),
        Index("ix_credit_dispute_open", "tenant_id", "filed_at", "id"),
        Index(
            "uq_credit_dispute_open",
            "bucket",
            "tenant_id",
            "order_id",
            "owner_user_id",
            unique=True,
            postgresql_where=text("status in ('open', 'seconding')"),
        ),
        {
            "info": {
                "kind": "subject",
                "scope": "columns",
                "subject": {"type": "order", "column": "order_id"},
                "erasure": "unname",
            },
            "postgresql_with": {"fillfactor": 80},
        },
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    order_id: Mapped[UUID]
    store_id: Mapped[UUID | None]
    owner_user_id: Mapped[UUID | None]
    reason: Mapped[str]
    wanted: Mapped[list[Any]]
    before: Mapped[list[Any]]
    status: Mapped[str] = mapped_column(server_default="open")
    answer: Mapped[str | None]
    """What the first manager said: accepted or rejected."""
    note: Mapped[str] = mapped_column(server_default="")
    filed_at: Mapped[datetime]
    answered_by: Mapped[UUID | None]
    answered_at: Mapped[datetime | None]
    confirmed_by: Mapped[UUID | None]
    confirmed_at: Mapped[datetime | None]


class CreditPeriod(TenantRow, Base):
    """A month that is closed: nothing is added to it any more."""

    __tablename__ = "credit_period"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    period: Mapped[date] = mapped_column(primary_key=True)
    closed_at: Mapped[datetime]
    closed_by: Mapped[UUID | None]


class CreditTarget(TenantRow, Base):
    """What an adviser or a store is to sell in a month, in minor units of the tenant's currency."""

    __tablename__ = "credit_target"
    __table_args__ = (
        CheckConstraint("kind in ('adviser', 'store')", name="kind"),
        CheckConstraint("amount_cents > 0", name="positive"),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    period: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    target_id: Mapped[UUID] = mapped_column(primary_key=True)
    amount_cents: Mapped[int] = mapped_column(BigInteger())
    set_at: Mapped[datetime]
    set_by: Mapped[UUID | None]


# Ids and nothing else: which tenants have orders from before their rules were saved.
register_sql("""
create or replace function ownership_catching_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct p.tenant_id from ownership_policy p where p.caught_bucket is not null
$$
""")
register_sql("revoke all on function ownership_catching_tenants() from public")
register_sql(f"grant execute on function ownership_catching_tenants() to {WORKER}")
