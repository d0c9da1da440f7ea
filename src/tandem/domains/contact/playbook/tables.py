"""Tables of group playbooks: the plan, its steps, where each group stands, and whom a coupon was dropped for."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.schema import Base, CustomerRow, TenantRow

_QUEUE: Final = {"fillfactor": 70}


class GroupPlaybook(TenantRow, Base):
    """A plan of days for some groups. `begins_on` is its first day, in the tenant's zone."""

    __tablename__ = "group_playbook"
    __table_args__ = (
        CheckConstraint("status in ('draft', 'running', 'paused', 'ended')", name="status"),
        Index("ix_group_playbook_created", "tenant_id", "created_at", "id"),
        {"info": {"kind": "tenant"}},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    name: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="draft")
    groups: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'::uuid[]"))
    begins_on: Mapped[date | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class GroupPlaybookStep(TenantRow, Base):
    """What happens on a day at a time. `due_at` (business time): set when the playbook begins. Messages are mass messages to groups."""

    __tablename__ = "group_playbook_step"
    __table_args__ = (
        CheckConstraint("kind in ('message', 'coupon', 'task')", name="kind"),
        CheckConstraint("state in ('waiting', 'begun', 'done', 'missed', 'cancelled')", name="state"),
        CheckConstraint("(kind = 'coupon') = (coupon_id is not null)", name="coupon"),
        Index("ix_group_playbook_step_playbook", "tenant_id", "playbook_id"),
        Index("ix_group_playbook_step_due", "tenant_id", "due_at", postgresql_where=text("due_at is not null")),
        {"info": {"kind": "tenant"}, "postgresql_with": _QUEUE},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    playbook_id: Mapped[UUID]
    place: Mapped[int] = mapped_column(SmallInteger())
    day: Mapped[int] = mapped_column(SmallInteger())
    at: Mapped[str]
    kind: Mapped[str]
    title: Mapped[str]
    body: Mapped[str] = mapped_column(server_default="")
    attachments: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    coupon_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(server_default="waiting")
    due_at: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
    mass_send_id: Mapped[UUID | None]


class GroupPlaybookMark(TenantRow, Base):
    """Where a group stands with a step: a task of its owner, or the coupons dropped there (`doubles`: who had it in another group)."""

    __tablename__ = "group_playbook_mark"
    __table_args__ = (
        CheckConstraint("state in ('open', 'done', 'skipped')", name="state"),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    step_id: Mapped[UUID] = mapped_column(primary_key=True)
    group_chat_id: Mapped[UUID] = mapped_column(primary_key=True)
    member: Mapped[str]
    state: Mapped[str]
    given: Mapped[int] = mapped_column(server_default="0")
    doubles: Mapped[int] = mapped_column(server_default="0")
    told: Mapped[bool] = mapped_column(server_default=text("false"))
    """Her task was told to her in the platform's own client."""
    at: Mapped[datetime | None]
    done_by: Mapped[UUID | None]


class GroupDrop(CustomerRow, Base):
    """A coupon for a customer because of a group's step, once for each step however many of its groups she is in."""

    __tablename__ = "group_drop"
    __table_args__ = (
        Index("ix_group_drop_due", "bucket", "tenant_id", "due_at", postgresql_where=text("due_at is not null")),
        Index("ix_group_drop_customer", "tenant_id", "bucket", "customer_id", "step_id"),
        {"info": {"kind": "customer"}, "postgresql_with": _QUEUE},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    step_id: Mapped[UUID]
    group_chat_id: Mapped[UUID]
    dropped_at: Mapped[datetime]
    due_at: Mapped[datetime | None]


# Ids and nothing else: which tenants have a step that is due, or one that has begun and is not over.
register_sql("""
create or replace function playbook_due_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct s.tenant_id from group_playbook_step s join tenant t on t.id = s.tenant_id
  where s.due_at <= now() + t.clock_offset
$$
""")
register_sql("revoke all on function playbook_due_tenants() from public")
register_sql(f"grant execute on function playbook_due_tenants() to {WORKER}")
