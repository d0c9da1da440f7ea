"""Tables of notices: what somebody is told, the messages that carry it, and how she wants to be told."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.schema import Base, TenantRow

_QUEUE: Final = {"fillfactor": 70}
_KEPT: Final = {"what": "notices", "zh": "手机通知", "en": "Notices on phones", "days": 90, "least": 7}


class StaffNotice(TenantRow, Base):
    """Something that one colleague is told, once. `waiting` until a message carries it; `over`: it needs nobody any more. Machine times.

    No customer's name stands here: it would light up on a phone that lies on a table.
    """

    __tablename__ = "staff_notice"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'told', 'over')", name="state"),
        Index("uq_staff_notice_thing", "tenant_id", "user_id", "thing", unique=True),
        Index("ix_staff_notice_waiting", "tenant_id", "send_after", postgresql_where=text("state = 'waiting'")),
        Index("ix_staff_notice_open", "tenant_id", "kind", postgresql_where=text("state <> 'over'")),
        {
            "info": {"kind": "tenant", "retention": _KEPT | {"by": "made_at", "where": "state <> 'waiting'"}},
            "postgresql_with": _QUEUE,
        },
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    kind: Mapped[str]
    thing: Mapped[str]
    title: Mapped[dict[str, Any]]
    lines: Mapped[list[Any]]
    urgent: Mapped[bool]
    state: Mapped[str] = mapped_column(server_default="waiting")
    made_at: Mapped[datetime]
    send_after: Mapped[datetime]
    push_id: Mapped[UUID | None]
    seen_at: Mapped[datetime | None]


class StaffPush(TenantRow, Base):
    """A message to one colleague's phone with one notice or several. Sent at least once; a repeat is the same there. Machine times."""

    __tablename__ = "staff_push"
    __table_args__ = (
        CheckConstraint("state in ('planned', 'sent', 'failed')", name="state"),
        Index("ix_staff_push_due", "due_at", postgresql_where=text("state = 'planned'")),
        Index("ix_staff_push_user", "tenant_id", "user_id", "made_at"),
        {
            "info": {"kind": "tenant", "retention": _KEPT | {"by": "made_at", "where": "state <> 'planned'"}},
            "postgresql_with": _QUEUE,
        },
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    account_id: Mapped[UUID]
    address: Mapped[str]
    title: Mapped[str]
    lines: Mapped[list[str]]
    notice_id: Mapped[UUID | None]
    """The one notice that it carries; None: several, and it leads to their list."""
    state: Mapped[str] = mapped_column(server_default="planned")
    attempts: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[datetime]
    made_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    problem: Mapped[str | None]


class NoticeChoice(TenantRow, Base):
    """How somebody wants to be told: kinds that she leaves out, and hours in which only what is urgent comes."""

    __tablename__ = "notice_choice"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    kinds_off: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]


# Ids and nothing else: where somebody can be told something on a phone.
register_sql("""
create or replace function staff_notice_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct a.tenant_id from directory_account a
$$
""")
register_sql("revoke all on function staff_notice_tenants() from public")
register_sql(f"grant execute on function staff_notice_tenants() to {WORKER}")
