"""Tables of what the platform counts: groups by owner and day, advisers' work by day. Days are the platform's own."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.schema import Base, Retention, TenantRow

_QUEUE: Final = {"fillfactor": 70}


def _kept(what: str, zh: str, en: str) -> Retention:
    return {"what": what, "zh": zh, "en": en, "by": "read_at", "days": 730, "least": 31}


class CountAccount(TenantRow, Base):
    """How far an account's days were read. `until_day`: the last one that is there. Machine time."""

    __tablename__ = "count_account"
    __table_args__ = (
        Index("ix_count_account_due", "due_at"),
        {"info": {"kind": "tenant"}, "postgresql_with": _QUEUE},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    until_day: Mapped[date | None]
    due_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    read_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]


class GroupDay(TenantRow, Base):
    """An owner's groups on a day, as the platform counts."""

    __tablename__ = "group_day"
    __table_args__ = ({"info": {"kind": "tenant", "retention": _kept("group_day", "客户群每日统计", "Groups by day")}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    new_groups: Mapped[int]
    groups: Mapped[int]
    active_groups: Mapped[int]
    new_people: Mapped[int]
    people: Mapped[int]
    active_people: Mapped[int]
    messages: Mapped[int]
    read_at: Mapped[datetime]


class AdviserDay(TenantRow, Base):
    """How an adviser worked on a day, as the platform counts."""

    __tablename__ = "adviser_day"
    __table_args__ = (
        {"info": {"kind": "tenant", "retention": _kept("adviser_day", "员工每日沟通统计", "Advisers' work by day")}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    member: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    applied: Mapped[int]
    added: Mapped[int]
    chats: Mapped[int]
    messages: Mapped[int]
    replied: Mapped[Decimal | None]
    reply_minutes: Mapped[int | None]
    removed_by: Mapped[int]
    read_at: Mapped[datetime]


# Ids and nothing else: which tenants have days to read.
register_sql("""
create or replace function count_due_tenants(connectors text[]) returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select c.tenant_id from count_account c where c.due_at <= now() and (c.leased_until is null or c.leased_until <= now())
  union select s.tenant_id from source_account s where s.connector = any(connectors) and s.status = 'active'
    and not exists (select from count_account c where c.tenant_id = s.tenant_id and c.account_id = s.id)
$$
""")
register_sql("revoke all on function count_due_tenants(text[]) from public")
register_sql(f"grant execute on function count_due_tenants(text[]) to {WORKER}")
