"""Tables of the desk: what it knows, when it serves, who talks with it, what was said."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.schema import Base, CustomerRow, TenantRow

_QUEUE: Final = {"fillfactor": 70}
_KEPT: Final = {"what": "chat_archive", "zh": "会话存档", "en": "Chat archive", "days": 180, "least": 30}


class KnowledgeArticle(TenantRow, Base):
    """A question in several wordings and its answer. `topic`: a topic whose recognition answers by itself. `used` counts answers given."""

    __tablename__ = "knowledge_article"
    __table_args__ = (
        CheckConstraint("status in ('draft', 'approved', 'archived')", name="status"),
        {"info": {"kind": "tenant"}},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    category: Mapped[str] = mapped_column(server_default="")
    questions: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    answer: Mapped[str]
    material_id: Mapped[UUID | None]
    topic_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(server_default="draft")
    expires_on: Mapped[date | None]
    used: Mapped[int] = mapped_column(server_default="0")
    written_by: Mapped[UUID | None]
    drafted_by: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'::uuid[]"))
    """Who wrote it since somebody approved it last: none of them may."""
    approved_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ServiceDesk(TenantRow, Base):
    """An account of customer service. `answers`: out of its hours only, or always. `number`: the platform's id."""

    __tablename__ = "service_desk"
    __table_args__ = (
        CheckConstraint("answers in ('out_of_hours', 'always')", name="answers"),
        UniqueConstraint("tenant_id", "account_id", "number"),
        {"info": {"kind": "tenant"}},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    number: Mapped[str]
    name: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default=text("false"))
    answers: Mapped[str] = mapped_column(server_default="out_of_hours")
    hours: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    threshold: Mapped[Decimal] = mapped_column(server_default=text("0.5"))
    """How sure an answer must be, 0 to 1."""
    polite: Mapped[str] = mapped_column(server_default="")
    """What is said when no answer is sure enough."""
    offers: Mapped[bool] = mapped_column(server_default=text("false"))
    """Before a person is asked for, questions that came near are offered to choose from."""
    hand_to: Mapped[str] = mapped_column(server_default="")
    """The servicer who takes over; empty: whoever takes her from the waiting room."""
    alarm_minutes: Mapped[int] = mapped_column(server_default="15")
    updated_at: Mapped[datetime]


class DeskTalk(CustomerRow, Base):
    """A customer at a desk. `state`: `open`, `asked` (a person was asked for, and has not answered), `person`. Business time."""

    __tablename__ = "desk_talk"
    __table_args__ = (
        CheckConstraint("state in ('open', 'asked', 'person')", name="state"),
        Index("ix_desk_talk_last", "tenant_id", "last_at", "id"),
        Index("ix_desk_talk_alarm", "bucket", "tenant_id", "alarm_at", postgresql_where=text("alarm_at is not null")),
        {"info": {"kind": "customer", "retention": {**_KEPT, "by": "last_at"}}, "postgresql_with": _QUEUE},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    desk_id: Mapped[UUID]
    state: Mapped[str] = mapped_column(server_default="open")
    member: Mapped[str] = mapped_column(server_default="")
    last_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    """When a person was asked for."""
    offered: Mapped[bool] = mapped_column(server_default=text("false"))
    """The desk's last word was a menu: it offers none again before a question is answered."""
    waiting_since: Mapped[datetime | None]
    alarm_at: Mapped[datetime | None]
    alarmed_at: Mapped[datetime | None]


class DeskMessage(CustomerRow, Base):
    """What was said at a desk. The desk's own words are `planned`, `sending`, then `sent`, `failed`, `dropped` or `unknown`.

    `number` is the platform's id of it, our own for what we send. `due_at` and `leased_until` are machine time.
    """

    __tablename__ = "desk_message"
    __table_args__ = (
        CheckConstraint("said_by in ('customer', 'staff', 'desk')", name="said_by"),
        CheckConstraint(
            "state in ('heard', 'planned', 'sending', 'sent', 'failed', 'dropped', 'unknown')", name="state"
        ),
        Index("ix_desk_message_talk", "bucket", "talk_id", "at"),
        Index("ix_desk_message_due", "tenant_id", "due_at", postgresql_where=text("state in ('planned', 'sending')")),
        {"info": {"kind": "customer", "retention": {**_KEPT, "by": "at"}}, "postgresql_with": _QUEUE},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    talk_id: Mapped[UUID]
    desk_id: Mapped[UUID]
    number: Mapped[str]
    at: Mapped[datetime]
    said_by: Mapped[str]
    member: Mapped[str] = mapped_column(server_default="")
    kind: Mapped[str]
    text_enc: Mapped[bytes | None]
    state: Mapped[str] = mapped_column(server_default="heard")
    article_id: Mapped[UUID | None]
    choices: Mapped[list[Any] | None]
    """Of a menu: [{id, label}], the labels being titles of articles."""
    why: Mapped[str] = mapped_column(server_default="")
    """Why the desk said this, or nothing."""
    asks_person: Mapped[bool] = mapped_column(server_default=text("false"))
    """A person is asked for once this was said."""
    due_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    holder: Mapped[UUID | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]


register_sql("""
create or replace function desk_due_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct m.tenant_id from desk_message m
  where m.state in ('planned', 'sending') and m.due_at <= now() and (m.leased_until is null or m.leased_until <= now())
$$
""")
register_sql("revoke all on function desk_due_tenants() from public")
register_sql(f"grant execute on function desk_due_tenants() to {WORKER}")
