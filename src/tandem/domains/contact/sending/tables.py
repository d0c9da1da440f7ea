"""Tables of mass sending: what is said to whom, each person's standing, the platform's tasks, posts, and what the platform allows."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.schema import Base, CustomerRow, TenantRow

_QUEUE: Final = {"fillfactor": 70}
KINDS: Final = ("customers", "groups", "moments")
STATUSES: Final = ("draft", "gathering", "checking", "checked", "booking", "making", "running", "done", "cancelled")
PEOPLE: Final = ("waiting", "ready", "held", "booking", "booked", "asked", "sent", "refused", "cancelled")
TASKS: Final = ("waiting", "making", "made", "done", "refused", "cancelled")


def _among(column: str, words: tuple[str, ...]) -> str:
    return f"{column} in ({', '.join(repr(one) for one in words)})"


class MassAccount(TenantRow, Base):
    """What the platform allows an account's mass messages: data, because it changes (LWdoc:7903, D 92135)."""

    __tablename__ = "mass_account"
    __table_args__ = (
        CheckConstraint("quota in ('month_days', 'per_month', 'per_week', 'per_day')", name="quota"),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    quota: Mapped[str] = mapped_column(server_default="month_days")
    """For each customer and group: as many as the month has days, or `quota_n` in a calendar month, in seven days, on a day."""
    quota_n: Mapped[int] = mapped_column(server_default="4")
    task_max: Mapped[int] = mapped_column(server_default="10000")
    reminders_max: Mapped[int] = mapped_column(server_default="3")
    keep_days: Mapped[int] = mapped_column(server_default="30")
    """For so long the platform tells what became of a task; what nobody confirmed by then goes to nobody."""


class MassSend(TenantRow, Base):
    """A mass message or a post. `audience_at`: as of when the segment was taken (business time); `due_at`: machine time."""

    __tablename__ = "mass_send"
    __table_args__ = (
        CheckConstraint(_among("kind", KINDS), name="kind"),
        CheckConstraint(_among("status", STATUSES), name="status"),
        Index("ix_mass_send_created", "tenant_id", "created_at", "id"),
        Index("ix_mass_send_due", "tenant_id", "due_at", postgresql_where=text("due_at is not null")),
        {"info": {"kind": "tenant"}, "postgresql_with": _QUEUE},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    name: Mapped[str]
    kind: Mapped[str]
    body: Mapped[str]
    attachments: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    segment_id: Mapped[UUID | None]
    members: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    groups: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'::uuid[]"))
    tags: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'::uuid[]"))
    """Of a post: customers with one of these tags of the platform see it, none named: all of them. Rows of `platform_tag`."""
    flow_id: Mapped[UUID | None]
    """Of a flow's block: it runs for as long as nobody stops it, and every `window_minutes` those booked become tasks."""
    window_minutes: Mapped[int | None]
    block: Mapped[str | None]
    """Of a flow's block that posts to groups: one of its windows, over by itself when it is made and read."""
    rest_hours: Mapped[int | None]
    """Of such a block's: how long a group that it posted to is left alone."""
    status: Mapped[str] = mapped_column(server_default="draft")
    audience_at: Mapped[datetime | None]
    gathered: Mapped[int] = mapped_column(server_default="0")
    """How many buckets gathering has been through."""
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    problem: Mapped[dict[str, Any] | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class MassSendPerson(CustomerRow, Base):
    """A customer of a mass message and where she stands. `due_at`: to be ruled on, in her own turn (business time).

    `booked_at`: when she was counted against the platform's quota; the caps over all channels count her row in the outbox, of the same id.
    """

    __tablename__ = "mass_send_person"
    __table_args__ = (
        CheckConstraint(_among("state", PEOPLE), name="state"),
        Index("ix_mass_send_person_due", "bucket", "tenant_id", "due_at", postgresql_where=text("due_at is not null")),
        Index("ix_mass_send_person_send", "tenant_id", "mass_send_id", "state", "id"),
        Index("ix_mass_send_person_task", "tenant_id", "task_id", postgresql_where=text("task_id is not null")),
        Index("ix_mass_send_person_customer", "bucket", "customer_id", "booked_at"),
        {"info": {"kind": "customer"}, "postgresql_with": _QUEUE},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    mass_send_id: Mapped[UUID]
    friendship_id: Mapped[UUID | None]
    member: Mapped[str | None]
    state: Mapped[str]
    reason: Mapped[str | None]
    until: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    booked_at: Mapped[datetime | None]
    task_id: Mapped[UUID | None]
    settled_at: Mapped[datetime | None]


class MassSendGroup(TenantRow, Base):
    """A group of a mass message and where it stands."""

    __tablename__ = "mass_send_group"
    __table_args__ = (CheckConstraint(_among("state", PEOPLE), name="state"), {"info": {"kind": "tenant"}})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    mass_send_id: Mapped[UUID] = mapped_column(primary_key=True)
    group_chat_id: Mapped[UUID] = mapped_column(primary_key=True)
    member: Mapped[str]
    state: Mapped[str]
    reason: Mapped[str | None]
    put_at: Mapped[datetime | None]
    """When a flow's block put it in."""
    booked_at: Mapped[datetime | None]
    task_id: Mapped[UUID | None]
    settled_at: Mapped[datetime | None]


class MassSendTask(TenantRow, Base):
    """A task of the platform for one adviser (a post: for all of them). Machine time.

    `asked_at` is kept before the platform is asked: whoever finds it set without `ref` looks there for the task before asking again.
    """

    __tablename__ = "mass_send_task"
    __table_args__ = (
        CheckConstraint(_among("state", TASKS), name="state"),
        UniqueConstraint("tenant_id", "mass_send_id", "member", "number"),
        Index("ix_mass_send_task_due", "tenant_id", "due_at", postgresql_where=text("due_at is not null")),
        {"info": {"kind": "tenant"}, "postgresql_with": _QUEUE},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    mass_send_id: Mapped[UUID]
    account_id: Mapped[UUID]
    member: Mapped[str]
    number: Mapped[int]
    size: Mapped[int]
    state: Mapped[str] = mapped_column(server_default="waiting")
    asked_at: Mapped[datetime | None]
    job_ref: Mapped[str | None]
    """Of a post: the platform's work on it."""
    ref: Mapped[str | None]
    made_at: Mapped[datetime | None]
    confirmed: Mapped[bool] = mapped_column(server_default=text("false"))
    read_at: Mapped[datetime | None]
    reminded: Mapped[list[datetime]] = mapped_column(
        ARRAY(TIMESTAMP(timezone=True)), server_default=text("'{}'::timestamptz[]")
    )
    remind_wanted: Mapped[bool] = mapped_column(server_default=text("false"))
    cancel_wanted: Mapped[bool] = mapped_column(server_default=text("false"))
    due_at: Mapped[datetime | None]
    holder: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]


class MassSendPost(TenantRow, Base):
    """An adviser's part in a post: whether she published it, and what her customers made of it."""

    __tablename__ = "mass_send_post"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    mass_send_id: Mapped[UUID] = mapped_column(primary_key=True)
    member: Mapped[str] = mapped_column(primary_key=True)
    published: Mapped[bool] = mapped_column(server_default=text("false"))
    likes: Mapped[int] = mapped_column(server_default="0")
    comments: Mapped[int] = mapped_column(server_default="0")
    reacted_at: Mapped[datetime | None]
    """The latest reaction that was filed."""


# Ids and nothing else: which tenants have a mass message to bring on, or a task to make or read.
register_sql("""
create or replace function mass_due_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select s.tenant_id from mass_send s where s.due_at <= now() and (s.leased_until is null or s.leased_until <= now())
  union select t.tenant_id from mass_send_task t where t.due_at <= now() and (t.leased_until is null or t.leased_until <= now())
$$
""")
register_sql("revoke all on function mass_due_tenants() from public")
register_sql(f"grant execute on function mass_due_tenants() to {WORKER}")
