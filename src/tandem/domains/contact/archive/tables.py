"""Tables of the chat archive: how an account is read, what was said, talks and their consent, waits, hits, samples."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.schema import Base, CustomerRow, TenantRow

_QUEUE: Final = {"fillfactor": 70}
_KEPT: Final = {"what": "chat_archive", "zh": "会话存档", "en": "Chat archive", "by": "at", "days": 180, "least": 30}
_FIGURES: Final = {"what": "chat_figures", "zh": "会话质检记录", "en": "Inspection of chats", "days": 400, "least": 30}


class ArchiveAccount(TenantRow, Base):
    """An account whose archive is read: up to which number, and by what rules its talks are looked at. Machine time."""

    __tablename__ = "archive_account"
    __table_args__ = ({"info": {"kind": "tenant"}, "postgresql_with": _QUEUE},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    seq: Mapped[int] = mapped_column(BigInteger(), server_default="0")
    """Everything up to here is kept; goes forward in the commit that keeps it."""
    unread: Mapped[int] = mapped_column(server_default="0")
    """So many messages no key of ours opened."""
    withheld: Mapped[int] = mapped_column(server_default="0")
    """So many were thrown away for want of consent."""
    hours: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    """When advisers answer: [{days, from, until}]; empty: always."""
    alarm_minutes: Mapped[int] = mapped_column(server_default="30")
    """Of service hours, after which a customer without an answer is an alarm."""
    sample_n: Mapped[int] = mapped_column(server_default="3")
    """Talks of each adviser that are scored in a week; 0: none."""
    sampled_week: Mapped[date | None]
    next_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    leased_until: Mapped[datetime | None]
    holder: Mapped[UUID | None]
    pulled_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]


class ArchiveBroken(TenantRow, Base):
    """A message over which the library's process broke: its number and why, never what was said. Machine time."""

    __tablename__ = "archive_broken"
    __table_args__ = (
        CheckConstraint("state in ('trying', 'aside', 'again', 'gone')", name="state"),
        {"info": {"kind": "tenant", "retention": {**_KEPT, "by": "broke_at"}}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    number: Mapped[str]
    tries: Mapped[int]
    why: Mapped[str]
    state: Mapped[str]
    broke_at: Mapped[datetime]


class ArchiveStray(TenantRow, Base):
    """What somebody said whom we do not know yet: tried again when her page has come, thrown away after three days. Machine time."""

    __tablename__ = "archive_stray"
    __table_args__ = (
        Index("ix_archive_stray_due", "tenant_id", "account_id", "next_at"),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    day: Mapped[date]
    """Whose key sealed it."""
    said_enc: Mapped[bytes]
    arrived_at: Mapped[datetime]
    next_at: Mapped[datetime]


class ArchiveMessage(CustomerRow, Base):
    """One message. `text_enc` and `media_enc` are sealed with the key of whom it was first said by or to (`origin_id`). Business time."""

    __tablename__ = "archive_message"
    __table_args__ = (
        CheckConstraint("said_by in ('customer', 'staff')", name="said_by"),
        Index("ix_archive_message_talk", "bucket", "talk_id", "at"),
        # A search across talks goes back through everybody's in the order of time.
        Index("ix_archive_message_at", "tenant_id", "at", "id"),
        {
            "info": {
                "kind": "customer",
                "partition": {"by": "at", "every": "month", "back": 2, "ahead": 4},
                "retention": _KEPT,
            }
        },
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    """From the account and the platform's own number of it."""
    at: Mapped[datetime] = mapped_column(primary_key=True)
    talk_id: Mapped[UUID]
    said_by: Mapped[str]
    kind: Mapped[str]
    text_enc: Mapped[bytes | None] = mapped_column(LargeBinary())
    media_enc: Mapped[bytes | None] = mapped_column(LargeBinary())
    recalled_at: Mapped[datetime | None]


class ArchiveTalk(CustomerRow, Base):
    """A customer and an adviser. `consent`: only `agreed` ones are shown, inspected and scored. Business time."""

    __tablename__ = "archive_talk"
    __table_args__ = (
        CheckConstraint("consent in ('unknown', 'agreed', 'refused')", name="consent"),
        Index("ix_archive_talk_last", "tenant_id", "last_at", "id"),
        Index(
            "ix_archive_talk_alarm", "bucket", "tenant_id", "alarm_at", postgresql_where=text("alarm_at is not null")
        ),
        Index("ix_archive_talk_unknown", "tenant_id", "asked_at", postgresql_where=text("consent = 'unknown'")),
        {
            "info": {
                "kind": "customer",
                "retention": {**_KEPT, "by": "last_at"},
            },
            "postgresql_with": _QUEUE,
        },
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    member: Mapped[str]
    consent: Mapped[str] = mapped_column(server_default="unknown")
    consent_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    """When the platform was last asked for it (machine time)."""
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    messages: Mapped[int] = mapped_column(server_default="0")
    waiting_since: Mapped[datetime | None]
    """The customer's first message that nobody has answered."""
    alarm_at: Mapped[datetime | None]
    alarmed_at: Mapped[datetime | None]


class ArchiveReply(CustomerRow, Base):
    """A customer's message and how long it took until she was answered, in seconds of service hours. Business time."""

    __tablename__ = "archive_reply"
    __table_args__ = (
        Index("ix_archive_reply_member", "tenant_id", "asked_at", "member"),
        {"info": {"kind": "customer", "retention": {**_FIGURES, "by": "asked_at"}}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    talk_id: Mapped[UUID]
    member: Mapped[str]
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime]
    seconds: Mapped[int]
    late: Mapped[bool] = mapped_column(server_default=text("false"))


class InspectionList(TenantRow, Base):
    """Words that are looked for in what one side says. `level`: an alarm is told to flows; a note is only counted."""

    __tablename__ = "inspection_list"
    __table_args__ = (
        CheckConstraint("said_by in ('customer', 'staff')", name="said_by"),
        CheckConstraint("level in ('alarm', 'note')", name="level"),
        UniqueConstraint("tenant_id", "name"),
        {"info": {"kind": "tenant"}},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    said_by: Mapped[str]
    level: Mapped[str] = mapped_column(server_default="alarm")
    words: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    updated_at: Mapped[datetime]


class InspectionHit(CustomerRow, Base):
    """A message that said such a word; its text stands with the message alone. Business time, but for what people did about it."""

    __tablename__ = "inspection_hit"
    __table_args__ = (
        CheckConstraint("state in ('open', 'handled', 'ignored')", name="state"),
        Index("ix_inspection_hit_at", "tenant_id", "at", "id"),
        {"info": {"kind": "customer", "retention": {**_FIGURES, "by": "at"}}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    talk_id: Mapped[UUID]
    message_id: Mapped[UUID]
    list_id: Mapped[UUID]
    word: Mapped[str]
    said_by: Mapped[str]
    member: Mapped[str]
    level: Mapped[str]
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="open")
    note: Mapped[str] = mapped_column(server_default="")
    handled_by: Mapped[UUID | None]
    handled_at: Mapped[datetime | None]


class ScoreForm(TenantRow, Base):
    """By what talks are scored. `criteria`: [{key, name, points}]; `fatal` names faults that make it nought. The newest one counts."""

    __tablename__ = "score_form"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    criteria: Mapped[list[Any]]
    fatal: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]


class ScoreSample(CustomerRow, Base):
    """A talk drawn for scoring: of one adviser, in one week, by a number that anybody can compute again."""

    __tablename__ = "score_sample"
    __table_args__ = (
        CheckConstraint("state in ('open', 'scored', 'appealed', 'settled')", name="state"),
        Index("ix_score_sample_week", "tenant_id", "week", "member", "id"),
        {"info": {"kind": "customer", "retention": {**_FIGURES, "by": "until"}}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    talk_id: Mapped[UUID]
    member: Mapped[str]
    week: Mapped[date]
    since: Mapped[datetime]
    until: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="open")
    form_id: Mapped[UUID | None]
    scores: Mapped[dict[str, Any] | None]
    fatal: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    total: Mapped[int | None]
    """Of a hundred."""
    comment: Mapped[str] = mapped_column(server_default="")
    scored_by: Mapped[UUID | None]
    scored_at: Mapped[datetime | None]
    appeal: Mapped[str] = mapped_column(server_default="")
    appealed_by: Mapped[UUID | None]
    appealed_at: Mapped[datetime | None]
    settled_by: Mapped[UUID | None]
    settled_at: Mapped[datetime | None]
    first_total: Mapped[int | None]
    """What it was before the appeal."""


register_sql("""
create or replace function archive_due_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct a.tenant_id from archive_account a
  where a.active and a.next_at <= now() and (a.leased_until is null or a.leased_until <= now())
$$
""")
register_sql("revoke all on function archive_due_tenants() from public")
register_sql(f"grant execute on function archive_due_tenants() to {WORKER}")
