"""Tables of marketing: coupons under a lent quota (ENGINE_RULES 6), points as lots with a ledger that sums (ENGINE_RULES 23)."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, BucketRow, CustomerRow, TenantRow


class CouponTemplate(TenantRow, Base):
    """What a coupon is worth and for how long. `value`: money off (amount), per cent off (percent), or the gift's worth.

    Valid for `valid_days` after issue, never past `valid_until`; at least one of the two is set.
    """

    __tablename__ = "coupon_template"
    __table_args__ = (
        CheckConstraint("kind in ('amount', 'percent', 'gift')", name="kind"),
        CheckConstraint("valid_days is not null or valid_until is not null", name="validity"),
        UniqueConstraint("tenant_id", "external_code"),
        {"info": {"kind": "tenant"}},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    external_code: Mapped[str | None]
    kind: Mapped[str]
    value: Mapped[Decimal | None]
    """Null: only the outside system that issues it knows."""
    gift: Mapped[str | None]
    threshold: Mapped[Decimal] = mapped_column(server_default="0")
    currency: Mapped[str]
    valid_days: Mapped[int | None]
    valid_until: Mapped[datetime | None]
    per_customer_limit: Mapped[int | None]
    quota_id: Mapped[UUID | None]
    archived_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Quota(TenantRow, Base):
    """A stock that many buckets draw from: `pool` is what is not lent. total = pool + lent to the leases + nothing else, always.

    Only short transactions of their own change a row here, never a turn. `closed` says: pool and lots are spent.
    """

    __tablename__ = "quota"
    __table_args__ = (
        CheckConstraint("pool >= 0 and pool <= total", name="pool"),
        {"info": {"kind": "tenant"}, "postgresql_with": {"fillfactor": 50}},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    total: Mapped[int] = mapped_column(BigInteger())
    pool: Mapped[int] = mapped_column(BigInteger())
    closed: Mapped[bool] = mapped_column(server_default=text("false"))


class QuotaLease(BucketRow, Base):
    """A bucket's lot of a quota. `wanted` is what runs waited for when the lot was spent; a refill answers and clears it."""

    __tablename__ = "quota_lease"
    __table_args__ = (
        CheckConstraint("used >= 0 and used <= granted", name="used"),
        Index("ix_quota_lease_wanted", "tenant_id", "bucket", postgresql_where=text("wanted > 0")),
        {"info": {"kind": "tenant"}, "postgresql_with": {"fillfactor": 50}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    quota_id: Mapped[UUID] = mapped_column(primary_key=True)
    granted: Mapped[int] = mapped_column(BigInteger(), server_default="0")
    used: Mapped[int] = mapped_column(BigInteger(), server_default="0")
    wanted: Mapped[int] = mapped_column(BigInteger(), server_default="0")


class CouponRequest(CustomerRow, Base):
    """A coupon asked for and not yet answered, by a run that waits in its block or directly; answered in the bucket's turn."""

    __tablename__ = "coupon_request"
    __table_args__ = (
        UniqueConstraint("bucket", "run_id", "block", "visit"),
        Index("ix_coupon_request_tenant", "bucket", "tenant_id", "id"),
        {
            "info": {"kind": "customer"},
            "postgresql_with": {"autovacuum_vacuum_scale_factor": 0.02, "autovacuum_vacuum_cost_delay": 0},
        },
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    template_id: Mapped[UUID]
    run_id: Mapped[UUID | None]
    block: Mapped[str | None]
    visit: Mapped[int | None]
    cause_id: Mapped[UUID | None]
    root_id: Mapped[UUID | None]
    hops: Mapped[int] = mapped_column(server_default="0")
    heard_at: Mapped[datetime | None]
    """When the event behind it was received (machine time, `flow.delays`); null where nothing set the run moving just now."""


class Coupon(CustomerRow, Base):
    """A coupon in a customer's hand."""

    __tablename__ = "coupon"
    __table_args__ = (
        CheckConstraint("status in ('issued', 'redeemed', 'expired', 'revoked')", name="status"),
        UniqueConstraint("bucket", "run_id", "block", "visit"),
        Index("ix_coupon_customer", "tenant_id", "bucket", "customer_id", "template_id"),
        Index("ix_coupon_expiry", "bucket", "tenant_id", "expires_at", postgresql_where=text("status = 'issued'")),
        Index("ix_coupon_issued", "tenant_id", "issued_at", "id"),
        {"info": {"kind": "customer", "erasure": "unname"}, "postgresql_with": {"fillfactor": 85}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    template_id: Mapped[UUID]
    code: Mapped[str]
    status: Mapped[str]
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    redeemed_at: Mapped[datetime | None]
    redeemed_store_id: Mapped[UUID | None]
    redeemed_order_id: Mapped[str | None]
    run_id: Mapped[UUID | None]
    block: Mapped[str | None]
    visit: Mapped[int | None]


class LevelStanding(CustomerRow, Base):
    """A customer's level and until when it is kept.

    After a merge several stand side by side: the best counts of the one changed last and those still protected.
    """

    __tablename__ = "level_standing"
    __table_args__ = (
        Index("ix_level_standing_next", "bucket", "tenant_id", "next_at", postgresql_where=text("next_at is not null")),
        {"info": {"kind": "customer"}, "postgresql_with": {"fillfactor": 85}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    origin_id: Mapped[UUID] = mapped_column(primary_key=True)
    level: Mapped[str | None]
    """The level's key in the ladder that assessed last."""
    rank: Mapped[int] = mapped_column(SmallInteger(), server_default="-1")
    """Its place in that ladder, -1 for none: which of several standings is the best."""
    until: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    """When something is to be told of it: that it runs out soon, that it has."""
    changed_at: Mapped[datetime]


class LotteryDraw(CustomerRow, Base):
    """A draw as it was: the odds of the time, the number drawn (from 0 up to 100,000), the prize, and what came of its coupon."""

    __tablename__ = "lottery_draw"
    __table_args__ = (
        UniqueConstraint("bucket", "run_id", "block", "visit"),
        Index("ix_lottery_draw_flow", "tenant_id", "flow_id", "drawn_at", "id"),
        {"info": {"kind": "customer", "erasure": "unname"}, "postgresql_with": {"fillfactor": 85}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    flow_id: Mapped[UUID]
    run_id: Mapped[UUID]
    block: Mapped[str]
    visit: Mapped[int]
    roll: Mapped[int]
    odds: Mapped[list[Any]] = mapped_column(JSONB())
    """[{name, label, odds in per cent}], in the order of the draw."""
    prize: Mapped[int] = mapped_column(SmallInteger())
    """Place among the odds; their number: nothing."""
    template_id: Mapped[UUID | None]
    outcome: Mapped[str | None]
    """Of a coupon won: issued | sold_out | limit_reached."""
    drawn_at: Mapped[datetime]


class CouponKey(TenantRow, Base):
    """What makes a code unique across buckets and finds its coupon: `customer_id` is for whom it was issued, followed through merges.

    That is the coupon's origin, so the key finds the owner after an undo too.
    """

    __tablename__ = "coupon_key"
    __table_args__ = ({"info": {"kind": "key"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    coupon_id: Mapped[UUID]
    customer_id: Mapped[UUID]


class Redemption(CustomerRow, Base):
    """A coupon used (核销), at our till or reported by an outside system; the latter may name only the template."""

    __tablename__ = "redemption"
    __table_args__ = (
        Index("ix_redemption_customer", "tenant_id", "bucket", "customer_id", "redeemed_at"),
        {"info": {"kind": "customer", "erasure": "unname"}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    coupon_id: Mapped[UUID | None]
    template_code: Mapped[str | None]
    redeemed_at: Mapped[datetime]
    store_id: Mapped[UUID | None]
    external_order_id: Mapped[str | None]
    source: Mapped[str]


class RedemptionReport(CustomerRow, Base):
    """An outside till's report that was not counted where it arrived, with what became of it (`words.REPORT_STATES`).

    It stands with the customer whom the report named; one handed on ("forwarded") may leave a second row with the coupon's owner.
    """

    __tablename__ = "redemption_report"
    __table_args__ = (
        CheckConstraint(
            "status in ('forwarded', 'unknown_code', 'already_redeemed', 'revoked', 'not_here')", name="status"
        ),
        Index("ix_redemption_report_reported", "tenant_id", "reported_at", "id"),
        {"info": {"kind": "customer"}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str]
    coupon_id: Mapped[UUID | None]
    status: Mapped[str]
    reported_at: Mapped[datetime]
    store_id: Mapped[UUID | None]
    external_order_id: Mapped[str | None]
    source: Mapped[str]


class PointsLot(CustomerRow, Base):
    """Points that came together and expire together. First out by expiry, then by age; null never expires."""

    __tablename__ = "points_lot"
    __table_args__ = (
        CheckConstraint("remaining >= 0 and remaining <= earned", name="remaining"),
        Index("ix_points_lot_customer", "tenant_id", "bucket", "customer_id", postgresql_where=text("remaining > 0")),
        Index(
            "ix_points_lot_expiry",
            "bucket",
            "tenant_id",
            "expires_at",
            postgresql_where=text("remaining > 0 and expires_at is not null"),
        ),
        {"info": {"kind": "customer", "erasure": "unname"}, "postgresql_with": {"fillfactor": 80}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    earned: Mapped[int] = mapped_column(BigInteger())
    remaining: Mapped[int] = mapped_column(BigInteger())
    earned_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class PointsEntry(CustomerRow, Base):
    """One movement between two accounts of a customer's points ledger; exactly one of the two is "balance".

    A row cannot be unbalanced, so for each customer: into balance - out of balance = sum of `points_lot.remaining`.
    """

    __tablename__ = "points_entry"
    __table_args__ = (
        CheckConstraint("amount > 0", name="positive"),
        CheckConstraint(
            "(from_account in ('earned', 'adjusted') and to_account = 'balance') or "
            "(from_account = 'balance' and to_account in ('spent', 'expired', 'adjusted'))",
            name="accounts",
        ),
        UniqueConstraint("bucket", "run_id", "block", "visit"),
        Index("ix_points_entry_customer", "tenant_id", "bucket", "customer_id", "posted_at"),
        {"info": {"kind": "customer", "erasure": "unname"}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    from_account: Mapped[str]
    to_account: Mapped[str]
    amount: Mapped[int] = mapped_column(BigInteger())
    posted_at: Mapped[datetime]
    reason: Mapped[str]
    lot_id: Mapped[UUID | None]
    run_id: Mapped[UUID | None]
    block: Mapped[str | None]
    visit: Mapped[int | None]
    user_id: Mapped[UUID | None]
