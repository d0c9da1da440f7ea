"""Tables of customer groups: the groups, who is in them, the codes that lead there, what newcomers are told."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.schema import Base, CustomerRow, TenantRow

_QUEUE: Final = {"fillfactor": 70}


class GroupAccount(TenantRow, Base):
    """One connected account's groups: how many people the platform lets into one, and when all are listed anew. Machine time."""

    __tablename__ = "group_account"
    __table_args__ = ({"info": {"kind": "tenant"}, "postgresql_with": _QUEUE},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    size_max: Mapped[int] = mapped_column(server_default="500")
    """The platform's limit as data: public texts say 500, older ones 200."""
    greetings_max: Mapped[int] = mapped_column(server_default="100")
    due_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    page: Mapped[str] = mapped_column(server_default="")
    began_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]


class GroupChat(TenantRow, Base):
    """A customer group. `due_at`, `told_at`, `listed_at`, `read_at`: machine time.

    `told_at`: the platform told of a change that no reading has shown yet; what it lets us read may lag behind what it tells.
    """

    __tablename__ = "group_chat"
    __table_args__ = (
        CheckConstraint("status in ('active', 'dismissed')", name="status"),
        UniqueConstraint("tenant_id", "account_id", "chat_id"),
        Index("ix_group_chat_due", "tenant_id", "due_at", postgresql_where=text("due_at is not null")),
        {"info": {"kind": "tenant"}, "postgresql_with": _QUEUE},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    chat_id: Mapped[str]
    name: Mapped[str] = mapped_column(server_default="")
    owner: Mapped[str] = mapped_column(server_default="")
    notice: Mapped[str] = mapped_column(server_default="")
    opened_at: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(server_default="active")
    ended_at: Mapped[datetime | None]
    people: Mapped[int] = mapped_column(server_default="0")
    customers: Mapped[int] = mapped_column(server_default="0")
    staff: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    version: Mapped[str] = mapped_column(server_default="")
    told_at: Mapped[datetime | None]
    looks: Mapped[int] = mapped_column(server_default="0")
    listed_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]


class GroupMembership(CustomerRow, Base):
    """A customer in a group, or who was. `id` follows from source, group and the platform's customer."""

    __tablename__ = "group_membership"
    __table_args__ = (
        Index("ix_group_membership_customer", "tenant_id", "bucket", "customer_id"),
        Index("ix_group_membership_group", "tenant_id", "group_chat_id", "joined_at"),
        Index("ix_group_membership_code", "tenant_id", "live_code_id", "joined_at"),
        {"info": {"kind": "customer"}, "postgresql_with": {"fillfactor": 85}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    group_chat_id: Mapped[UUID]
    joined_at: Mapped[datetime]
    scene: Mapped[str] = mapped_column(server_default="")
    state: Mapped[str] = mapped_column(server_default="")
    live_code_id: Mapped[UUID | None]
    left_at: Mapped[datetime | None]


class GroupCode(TenantRow, Base):
    """What a live code of kind `group` has beside the code: whether the platform opens groups when all are full, and their names."""

    __tablename__ = "group_code"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    live_code_id: Mapped[UUID] = mapped_column(primary_key=True)
    opens_groups: Mapped[bool] = mapped_column(server_default=text("true"))
    base_name: Mapped[str] = mapped_column(server_default="")
    base_id: Mapped[int] = mapped_column(server_default="1")


class GroupCodeSeat(TenantRow, Base):
    """A group behind a code, in order. `cap`: how many people are let in by it, null for as many as the platform lets."""

    __tablename__ = "group_code_seat"
    __table_args__ = (CheckConstraint("cap is null or cap > 0", name="cap"), {"info": {"kind": "tenant"}})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    live_code_id: Mapped[UUID] = mapped_column(primary_key=True)
    group_chat_id: Mapped[UUID] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger())
    cap: Mapped[int | None]
    opened: Mapped[bool] = mapped_column(server_default=text("false"))
    """The platform opened it by itself."""


class GroupWelcome(TenantRow, Base):
    """A template of words for newcomers: owners pick one for their group in the platform's own client. Machine time."""

    __tablename__ = "group_welcome"
    __table_args__ = (
        UniqueConstraint("tenant_id", "account_id", "name"),
        Index("ix_group_welcome_due", "tenant_id", "due_at", postgresql_where=text("due_at is not null")),
        {"info": {"kind": "tenant"}, "postgresql_with": _QUEUE},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    name: Mapped[str]
    body: Mapped[str]
    attachment: Mapped[dict[str, Any] | None]
    notify: Mapped[bool] = mapped_column(server_default=text("true"))
    template_id: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default="1")
    placed_version: Mapped[int | None]
    removed: Mapped[bool] = mapped_column(server_default=text("false"))
    due_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


# Ids and nothing else: which tenants have a group to read, a list to go through, words to hand to the platform.
register_sql("""
create or replace function group_due_tenants(connectors text[]) returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select g.tenant_id from group_chat g where g.due_at <= now() and (g.leased_until is null or g.leased_until <= now())
  union select w.tenant_id from group_welcome w where w.due_at <= now() and (w.leased_until is null or w.leased_until <= now())
  union select a.tenant_id from group_account a where a.due_at <= now() and (a.leased_until is null or a.leased_until <= now())
  union select s.tenant_id from source_account s where s.connector = any(connectors) and s.status = 'active'
    and not exists (select from group_account a where a.tenant_id = s.tenant_id and a.account_id = s.id)
$$
""")
register_sql("revoke all on function group_due_tenants(text[]) from public")
register_sql(f"grant execute on function group_due_tenants(text[]) to {WORKER}")
