"""What is known of a customer at a glance: facts by day, one feature row, tags; and what the turn could not apply."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, Numeric, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import register_sql
from tandem.kernel.schema import Base, BucketRow, CustomerRow, TenantRow

# Rewritten in place at every touch: room on the page keeps such updates off the indexes, and vacuum must come often (ENGINE_RULES 3).
_HOT = {"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.02, "autovacuum_vacuum_threshold": 1000}
# Derived rows: a merge drops the loser's and recomputes the survivor's.
_DERIVED = {"kind": "customer", "merge": {"how": "derived"}}


class CustomerProfile(CustomerRow, Base):
    """One feature row per customer, recomputed from domain rows whenever an event touches her; it serves all segments at once."""

    __tablename__ = "customer_profile"
    __table_args__ = (
        Index(None, "tenant_id", "last_order_at", "customer_id"),
        # Scores change with an order, and then the index above is written anyway: a look at the best of a million reads these alone.
        Index("ix_customer_profile_rfm", "tenant_id", "rfm_m", "rfm_f", "rfm_r", "bucket", "customer_id"),
        {"info": _DERIVED, "postgresql_with": _HOT},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    order_count: Mapped[int] = mapped_column(server_default="0")
    spend_total: Mapped[Decimal] = mapped_column(server_default="0")
    refund_total: Mapped[Decimal] = mapped_column(server_default="0")
    first_order_at: Mapped[datetime | None]
    last_order_at: Mapped[datetime | None]
    last_visit_at: Mapped[datetime | None]
    average_order_value: Mapped[Decimal | None]
    rfm_r: Mapped[int | None] = mapped_column(SmallInteger())
    rfm_f: Mapped[int | None] = mapped_column(SmallInteger())
    rfm_m: Mapped[int | None] = mapped_column(SmallInteger())
    rfm_score: Mapped[int | None] = mapped_column(SmallInteger())
    """The three digits read as one number: 555 bought lately, often and for much; None before the first order or first cut points."""
    rfm_version: Mapped[int | None]
    favourite_category: Mapped[str | None]
    usual_interval_days: Mapped[Decimal | None]
    """Days between two of her orders, drawn towards everybody's mean while she has few (``profile.forecast``)."""
    churn_risk: Mapped[Decimal | None]
    """The chance of no order within 90 days, 0.00 to 1.00; as of her last order or the last night."""
    updated_at: Mapped[datetime]


class CustomerFactDay(CustomerRow, Base):
    """What happened to a customer on one local day, by kind of fact: any window is a short sum, and a late event mends one row."""

    __tablename__ = "customer_fact_day"
    __table_args__ = ({"info": _DERIVED},)
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    fact: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger())
    amount: Mapped[Decimal] = mapped_column(server_default="0")
    """What the fact adds up to: money of orders and refunds; of visits the moment of the day's last, in seconds since 1970."""


class CustomerField(CustomerRow, Base):
    """What each source said last of a customer's field, and whether that is what holds.

    `origin_id` belongs to the key: sayings of two people who are merged stand side by side, and an undo gives each his own.
    """

    __tablename__ = "customer_field"
    __table_args__ = ({"info": {"kind": "customer"}},)
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    """A column of `customer`, or `attrs.` and a key."""
    source: Mapped[str] = mapped_column(primary_key=True)
    origin_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    holds: Mapped[bool]
    value: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    """As JSON; null: said to have none. A name stands sealed instead."""
    name_enc: Mapped[bytes | None]
    """Under the key of `origin_id`."""
    name_hash: Mapped[bytes | None]


class FieldPriority(TenantRow, Base):
    """The sources that a tenant believes about a field, the strongest first (`stream.profile.priority`); no row means the default."""

    __tablename__ = "field_priority"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    """`*` for every field without a row of its own."""
    sources: Mapped[list[str]] = mapped_column(ARRAY(Text()))
    updated_at: Mapped[datetime]
    updated_by: Mapped[UUID | None]


class CustomField(TenantRow, Base):
    """The class of data of a custom field (`customer.attrs`); one without a row is personal."""

    __tablename__ = "custom_field"
    __table_args__ = (
        CheckConstraint("privacy in ('plain', 'personal', 'sensitive')", name="privacy"),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    privacy: Mapped[str]
    set_at: Mapped[datetime]
    set_by: Mapped[UUID | None]


class RfmCut(TenantRow, Base):
    """A version of the cut points that turn last order, number of orders and spend into scores 1 to 5 (ENGINE_RULES 21)."""

    __tablename__ = "rfm_cut"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_at: Mapped[datetime]
    customers: Mapped[int] = mapped_column(BigInteger())
    recency: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)))
    frequency: Mapped[list[Decimal]] = mapped_column(ARRAY(Numeric()))
    monetary: Mapped[list[Decimal]] = mapped_column(ARRAY(Numeric()))
    mean_gap: Mapped[Decimal | None]
    """Everybody's mean number of days between two orders of one customer; None while nobody has bought twice."""


class Tag(TenantRow, Base):
    """A tag people may set by hand, or one that an expression sets and takes away (then ``segment_id`` names its hidden segment)."""

    __tablename__ = "tag"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]
    kind: Mapped[str] = mapped_column(server_default="manual")
    """``manual`` or ``computed``."""
    expression: Mapped[str | None]
    segment_id: Mapped[UUID | None]
    colour: Mapped[str | None]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]


class CustomerTag(CustomerRow, Base):
    """A tag on a customer; ``until`` is the business time at which it comes off by itself."""

    __tablename__ = "customer_tag"
    __table_args__ = (
        Index(None, "tenant_id", "tag", "customer_id"),
        Index(None, "bucket", "tenant_id", "until", postgresql_where=text("until is not null")),
        {"info": {"kind": "customer"}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    customer_id: Mapped[UUID] = mapped_column(primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    """``manual``, ``computed``, ``flow`` or ``import``."""
    set_at: Mapped[datetime]
    set_by: Mapped[UUID | None]
    until: Mapped[datetime | None]


class InboxFailed(BucketRow, Base):
    """An event that a turn put aside because applying it failed: the inbox row whole, with the reason; retried by putting it back."""

    __tablename__ = "inbox_failed"
    __table_args__ = (Index(None, "tenant_id", "failed_at"), {"info": {"kind": "subject"}})
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    type: Mapped[str]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    lane: Mapped[int] = mapped_column(SmallInteger())
    mode: Mapped[int] = mapped_column(SmallInteger())
    payload: Mapped[dict[str, Any]]
    subject_type: Mapped[str | None]
    subject_id: Mapped[UUID | None]
    identifier_hash: Mapped[bytes | None]
    cause_id: Mapped[UUID | None]
    root_id: Mapped[UUID | None]
    hops: Mapped[int] = mapped_column(SmallInteger(), server_default="0")
    reason: Mapped[str]
    failed_at: Mapped[datetime]


CUSTOMER_SOURCE: Final = "customer_view"
"""A living customer with the feature row beside the plain fields: what expressions over customers read.

The feature row is joined outer and by its primary key, so the planner drops the join where no feature is asked for. Row-level security is
that of the person who reads (``security_invoker``).
"""

PLAIN_COLUMNS: Final = (
    "bucket, id, tenant_id, store_id, owner_user_id, gender, birthday, city, district, division, location, stage, level, first_seen_at, created_at, "
    "updated_at, do_not_contact, attrs"
)
_ZERO_COLUMNS: Final = "order_count, spend_total, refund_total"
_FEATURE_COLUMNS: Final = "first_order_at, last_order_at, last_visit_at, average_order_value, rfm_r, rfm_f, rfm_m, rfm_score, favourite_category, usual_interval_days, churn_risk"

register_sql(f"drop view if exists {CUSTOMER_SOURCE}")
register_sql(
    f"create view {CUSTOMER_SOURCE} with (security_invoker = true) as select "
    + ", ".join(
        [f"c.{name}" for name in PLAIN_COLUMNS.split(", ")]
        + [f"coalesce(p.{name}, 0) as {name}" for name in _ZERO_COLUMNS.split(", ")]
        + [f"p.{name}" for name in _FEATURE_COLUMNS.split(", ")]
        + [
            "coalesce(p.spend_total, 0) - coalesce(p.refund_total, 0) as lifetime_value",
            "p.last_order_at + p.usual_interval_days * interval '1 day' as expected_order_at",
        ],
    )
    + " from customer as c left join customer_profile as p on p.bucket = c.bucket and p.customer_id = c.id where c.merged_into is null",
)
register_sql(f"grant select on {CUSTOMER_SOURCE} to tandem_web, tandem_worker, tandem_door")

register_sql(
    """
create or replace function stream_unscored_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select t.id from tenant t
  where not exists (select from rfm_cut r where r.tenant_id = t.id and r.made_at > now() + t.clock_offset - interval '1 day')
$$
""",
)
register_sql("revoke all on function stream_unscored_tenants() from public")
register_sql("grant execute on function stream_unscored_tenants() to tandem_worker")
