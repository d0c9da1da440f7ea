"""Tables of parcel cards: batches, cards and links, who came by them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.schema import Base, CustomerRow, TenantRow


class ParcelBatch(TenantRow, Base):
    """Cards printed together, or the links of a shop's orders. `routes`: `[{"cities": ["上海"], "store_id": null, "live_code_id": ...}]`,
    the first that fits the order's buyer; whoever fits none gets the advisers of `live_code_id`.

    `binding`: what a claim says of who the buyer is: nothing, a question for a person, or a merge unless something speaks against it.
    """

    __tablename__ = "parcel_batch"
    __table_args__ = (
        CheckConstraint("kind in ('card', 'order')", name="kind"),
        CheckConstraint("binding in ('none', 'ask', 'join')", name="binding"),
        CheckConstraint("status in ('active', 'archived')", name="status"),
        UniqueConstraint("tenant_id", "name"),
        {"info": {"kind": "tenant"}},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    name: Mapped[str]
    kind: Mapped[str]
    source: Mapped[str | None]
    words: Mapped[str] = mapped_column(server_default="")
    live_code_id: Mapped[UUID]
    routes: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    coupon_template_id: Mapped[UUID | None]
    binding: Mapped[str] = mapped_column(server_default="ask")
    expires_at: Mapped[datetime | None]
    printed: Mapped[int] = mapped_column(server_default="0")
    status: Mapped[str] = mapped_column(server_default="active")
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]


class ParcelCard(TenantRow, Base):
    """One card, or one order's link. Its id stands in its address (signed) and in the state of the code made when it is first scanned.

    `visitors`: keyed hashes of the first few addresses it was opened from, emptied when the card is closed. `due_at` is machine time.
    """

    __tablename__ = "parcel_card"
    __table_args__ = (
        CheckConstraint("code_status in ('none', 'wanted', 'making', 'made', 'stuck', 'closed')", name="code_status"),
        UniqueConstraint("tenant_id", "batch_id", "serial"),
        UniqueConstraint("tenant_id", "batch_id", "order_source", "order_number"),
        Index(
            "ix_parcel_card_wanted",
            "tenant_id",
            "due_at",
            postgresql_where=text("code_status in ('wanted', 'making', 'made')"),
        ),
        Index("ix_parcel_card_scanned", "tenant_id", "first_scanned_at", postgresql_where=text("member is not null")),
        {"info": {"kind": "tenant"}, "postgresql_with": {"fillfactor": 80}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    batch_id: Mapped[UUID]
    serial: Mapped[int | None]
    order_source: Mapped[str | None]
    order_number: Mapped[str | None]
    scans: Mapped[int] = mapped_column(server_default="0")
    first_scanned_at: Mapped[datetime | None]
    last_scanned_at: Mapped[datetime | None]
    visitors: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    member: Mapped[str | None]
    live_code_id: Mapped[UUID | None]
    config_id: Mapped[str | None]
    qr_url: Mapped[str | None]
    code_status: Mapped[str] = mapped_column(server_default="none")
    due_at: Mapped[datetime | None]
    holder: Mapped[UUID | None]
    """The worker that asks the platform; what it learns counts only while it is this one."""
    failures: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]
    made_at: Mapped[datetime]


class ParcelClaimKey(TenantRow, Base):
    """Which claim a card was spent on: the one place where that is unique. Rows are added, never changed."""

    __tablename__ = "parcel_claim_key"
    __table_args__ = ({"info": {"kind": "key"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    card_id: Mapped[UUID] = mapped_column(primary_key=True)
    claim_id: Mapped[UUID]


class ParcelClaim(CustomerRow, Base):
    """Somebody became a friend by a card. `counted`: the first, in time; `taken`: somebody else was; `expired`: too late.

    `order_ref`, `buyer_ref`: the order and whose it was then; `binding`: what became of the question whether buyer and friend are one.
    """

    __tablename__ = "parcel_claim"
    __table_args__ = (
        CheckConstraint("verdict in ('counted', 'taken', 'expired')", name="verdict"),
        CheckConstraint("binding in ('none', 'same', 'asked', 'joined')", name="binding"),
        Index("ix_parcel_claim_batch", "tenant_id", "batch_id", "claimed_at", "id"),
        Index("ix_parcel_claim_customer", "tenant_id", "bucket", "customer_id"),
        {"info": {"kind": "customer"}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    batch_id: Mapped[UUID]
    card_id: Mapped[UUID]
    member: Mapped[str]
    verdict: Mapped[str]
    binding: Mapped[str] = mapped_column(server_default="none")
    guards: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    order_ref: Mapped[UUID | None]
    buyer_ref: Mapped[UUID | None]
    claimed_at: Mapped[datetime]


# Ids and nothing else: which tenants have codes of cards to be made or given back.
register_sql("""
create or replace function parcel_wanted_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct c.tenant_id from parcel_card c where c.code_status in ('wanted', 'making', 'made') and c.due_at <= now()
$$
""")
register_sql("revoke all on function parcel_wanted_tenants() from public")
register_sql(f"grant execute on function parcel_wanted_tenants() to {WORKER}")
