"""Tables of leads: the lead itself, who gets leads, and the tenant's rules for them."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.domains.sales.referrals import tables as referrals
from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.schema import Base, CustomerRow, TenantRow

#: Loaded for the tables that they declare.
ROOMS: Final = (referrals,)

_OWNERS = "$table.owner_user_id = (select nullif(current_setting('tandem.user_id', true), '')::uuid)"


class Lead(CustomerRow, Base):
    """Somebody asked about something at a source. Asking again counts to it while it is open, and for some days after.

    Whoever may see her sees it, and its own owner does. `store_id` is her store when she first asked; `score` 0 to 100 with `reasons` for
    it; `due_at` (business time): when the owner is reminded. `friend_at`, `ordered_at`: the first friendship and order since it came about.
    """

    __tablename__ = "lead"
    __table_args__ = (
        CheckConstraint("state in ('new', 'assigned', 'contacted', 'won', 'lost')", name="state"),
        CheckConstraint("score between 0 and 100", name="score"),
        Index("ix_lead_customer", "tenant_id", "bucket", "customer_id", "created_at"),
        Index("ix_lead_newest", "tenant_id", "created_at", "id"),
        Index(
            "ix_lead_open",
            "tenant_id",
            "owner_user_id",
            postgresql_where=text("state in ('new', 'assigned', 'contacted')"),
        ),
        Index(
            "ix_lead_got",
            "tenant_id",
            "owner_user_id",
            "assigned_at",
            postgresql_where=text("owner_user_id is not null"),
        ),
        Index("ix_lead_due", "bucket", "tenant_id", "due_at", postgresql_where=text("due_at is not null")),
        {"info": {"kind": "customer", "also": _OWNERS}, "postgresql_with": {"fillfactor": 80}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    store_id: Mapped[UUID | None]
    owner_user_id: Mapped[UUID | None]
    source: Mapped[str]
    subject: Mapped[str] = mapped_column(server_default="")
    """What she asked about: a topic or a product's name."""
    campaign: Mapped[str] = mapped_column(server_default="")
    score: Mapped[int] = mapped_column(SmallInteger())
    reasons: Mapped[dict[str, Any]]
    times: Mapped[int] = mapped_column(server_default="1")
    state: Mapped[str] = mapped_column(server_default="new")
    why: Mapped[str] = mapped_column(server_default="")
    """Why it was lost, or how it was won: a word of ours, or what somebody wrote."""
    amount: Mapped[Decimal | None]
    order_id: Mapped[str | None]
    created_at: Mapped[datetime]
    asked_at: Mapped[datetime]
    assigned_at: Mapped[datetime | None]
    contacted_at: Mapped[datetime | None]
    friend_at: Mapped[datetime | None]
    ordered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    reminded: Mapped[int] = mapped_column(SmallInteger(), server_default="0")


class LeadSeat(TenantRow, Base):
    """A member of staff who gets leads: those of customers of her store, or of all where `store_id` is null."""

    __tablename__ = "lead_seat"
    __table_args__ = ({"info": {"kind": "tenant"}, "postgresql_with": {"fillfactor": 80}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    store_id: Mapped[UUID | None]


class LeadRule(TenantRow, Base):
    """How leads are kept by a tenant; one row, or the defaults."""

    __tablename__ = "lead_rule"
    __table_args__ = (
        CheckConstraint("assign in ('load', 'turns', 'hand')", name="assign"),
        CheckConstraint("same_days between 1 and 90", name="same_days"),
        CheckConstraint("remind_minutes between 5 and 10080", name="remind_minutes"),
        CheckConstraint("win_days between 1 and 365", name="win_days"),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    assign: Mapped[str] = mapped_column(server_default="load")
    same_days: Mapped[int] = mapped_column(server_default="7")
    remind_minutes: Mapped[int] = mapped_column(server_default="30")
    win_days: Mapped[int] = mapped_column(server_default="30")


# Ids and nothing else: in which tenants somebody left with leads open.
register_sql("""
create or replace function lead_left_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct u.tenant_id from staff_user u where not u.active and exists (
    select from lead l where l.tenant_id = u.tenant_id and l.owner_user_id = u.id and l.state in ('new', 'assigned', 'contacted'))
$$
""")
register_sql("revoke all on function lead_left_tenants() from public")
register_sql(f"grant execute on function lead_left_tenants() to {WORKER}")
