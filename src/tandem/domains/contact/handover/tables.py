"""Tables of hand-overs: who to whom, and each customer and group of it."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.schema import Base, CustomerRow, TenantRow

_QUEUE: Final = {"fillfactor": 70}


class HandOverLimit(TenantRow, Base):
    """What the platform allows an account, as it says itself: customers a call, hand-overs of one customer in a time, groups a day."""

    __tablename__ = "hand_over_limit"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    batch: Mapped[int] = mapped_column(server_default="100")
    times: Mapped[int] = mapped_column(server_default="2")
    days: Mapped[int] = mapped_column(server_default="90")
    groups_per_day: Mapped[int] = mapped_column(server_default="300")


class HandOver(TenantRow, Base):
    """One adviser's customers go to another. `resigned`: she left. `due_at`, `leased_until`, machine time.

    `unknown`: customers whom the platform has of her and nobody here knows; they are not handed over.
    """

    __tablename__ = "hand_over"
    __table_args__ = (
        CheckConstraint("state in ('gathering', 'running', 'done')", name="state"),
        Index("ix_hand_over_due", "due_at", postgresql_where=text("due_at is not null")),
        # An adviser's customers go to one colleague at a time, however many ask at once.
        Index(
            "uq_hand_over_open",
            "tenant_id",
            "account_id",
            "giver",
            unique=True,
            postgresql_where=text("state in ('gathering', 'running')"),
        ),
        Index("ix_hand_over_created", "tenant_id", "created_at", "id"),
        {"info": {"kind": "tenant"}, "postgresql_with": _QUEUE},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    giver: Mapped[str]
    taker: Mapped[str]
    resigned: Mapped[bool]
    chosen: Mapped[bool] = mapped_column(server_default=text("false"))
    """Only customers whom somebody chose, not all of hers."""
    with_groups: Mapped[bool]
    message: Mapped[str] = mapped_column(server_default="")
    state: Mapped[str] = mapped_column(server_default="gathering")
    unknown: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class HandOverItem(CustomerRow, Base):
    """A customer of a hand-over. `asking`: a call is under way, or its answer was lost; `asked`: she may still say no, for 24 hours."""

    __tablename__ = "hand_over_item"
    __table_args__ = (
        CheckConstraint(
            "state in ('planned', 'asking', 'asked', 'done', 'refused', 'full', 'capped', 'none', 'failed', 'stopped')",
            name="state",
        ),
        UniqueConstraint("bucket", "hand_over_id", "friendship_id"),
        Index("ix_hand_over_item_of", "tenant_id", "hand_over_id", "state"),
        {"info": {"kind": "customer"}, "postgresql_with": {"fillfactor": 80}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    hand_over_id: Mapped[UUID]
    friendship_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(server_default="planned")
    code: Mapped[str | None]
    asked_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class HandOverGroup(TenantRow, Base):
    """A customer group of a hand-over."""

    __tablename__ = "hand_over_group"
    __table_args__ = (
        CheckConstraint("state in ('planned', 'done', 'failed', 'stopped')", name="state"),
        Index("ix_hand_over_group_done", "tenant_id", "finished_at"),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    hand_over_id: Mapped[UUID] = mapped_column(primary_key=True)
    chat_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="planned")
    told: Mapped[str | None]
    finished_at: Mapped[datetime | None]


# Ids and nothing else: which tenants have a hand-over to look after.
register_sql("""
create or replace function contact_hand_over_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct h.tenant_id from hand_over h where h.due_at <= now() and (h.leased_until is null or h.leased_until <= now())
$$
""")
register_sql("revoke all on function contact_hand_over_tenants() from public")
register_sql(f"grant execute on function contact_hand_over_tenants() to {WORKER}")
