"""Tables of the private domain: advisers, live codes and their seats, calls that a friend was added, welcome messages, friendships."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.domains.contact.acquiring import tables as acquiring
from tandem.domains.contact.archive import tables as archive
from tandem.domains.contact.attending import tables as attending
from tandem.domains.contact.counting import tables as counting
from tandem.domains.contact.groups import tables as groups
from tandem.domains.contact.media import tables as media
from tandem.domains.contact.playbook import tables as playbook
from tandem.domains.contact.sending import tables as sending
from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.schema import Base, CustomerRow, TenantRow

#: Loaded for the tables that they declare.
ROOMS: Final = (acquiring, archive, attending, counting, groups, media, playbook, sending)
_QUEUE: Final = {"fillfactor": 70}


class ContactAccount(TenantRow, Base):
    """What is known of one connected account: when its advisers were last read, and how many live codes the platform allows it."""

    __tablename__ = "contact_account"
    __table_args__ = ({"info": {"kind": "tenant"}, "postgresql_with": _QUEUE},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    codes_max: Mapped[int] = mapped_column(server_default="500000")
    """The platform's limit as data: it changes, and group codes share it."""
    advisers_due_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    advisers_read_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]


class Adviser(TenantRow, Base):
    """A member of staff as the platform knows her. `away`: she left, or may not have customers (any more)."""

    __tablename__ = "adviser"
    __table_args__ = (
        CheckConstraint("status in ('active', 'away')", name="status"),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    member: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="active")
    seen_at: Mapped[datetime]


class LiveCode(TenantRow, Base):
    """A code that people scan, and who gets them. `state` comes back with every friend; `due_at` (business time): when to look again.

    `placed` are the advisers whom the platform's code leads to now, `reason` why those; one worker at a time works on a code.
    """

    __tablename__ = "live_code"
    __table_args__ = (
        CheckConstraint("kind in ('single', 'many', 'group', 'link')", name="kind"),
        CheckConstraint("status in ('active', 'archived')", name="status"),
        UniqueConstraint("tenant_id", "account_id", "state"),
        Index(
            "ix_live_code_due",
            "tenant_id",
            "due_at",
            postgresql_where=text("due_at is not null or holder is not null"),
        ),
        {"info": {"kind": "tenant"}, "postgresql_with": _QUEUE},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    name: Mapped[str]
    channel: Mapped[str] = mapped_column(server_default="")
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="active")
    state: Mapped[str]
    skip_verify: Mapped[bool] = mapped_column(server_default=text("true"))
    tags: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    config_id: Mapped[str | None]
    qr_url: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default="1")
    placed_version: Mapped[int | None]
    placed: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    placed_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    """Machine time since when the platform may hold a code of ours whose id we never learnt."""
    reason: Mapped[str | None]
    due_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    holder: Mapped[UUID | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class LiveCodeSeat(TenantRow, Base):
    """An adviser behind a live code. `hours`: `[{"days": [1..7], "from": "09:00", "until": "21:00"}]`, empty for always."""

    __tablename__ = "live_code_seat"
    __table_args__ = (
        CheckConstraint("weight between 1 and 100", name="weight"),
        CheckConstraint("daily_cap is null or daily_cap > 0", name="daily_cap"),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    live_code_id: Mapped[UUID] = mapped_column(primary_key=True)
    member: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger())
    weight: Mapped[int] = mapped_column(SmallInteger(), server_default="1")
    daily_cap: Mapped[int | None]
    backup: Mapped[bool] = mapped_column(server_default=text("false"))
    hours: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))


class CodePicture(TenantRow, Base):
    """The platform's picture of a code, as it was read at its address."""

    __tablename__ = "code_picture"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    live_code_id: Mapped[UUID] = mapped_column(primary_key=True)
    url: Mapped[str]
    type: Mapped[str]
    content: Mapped[bytes]
    read_at: Mapped[datetime]


class FriendCall(TenantRow, Base):
    """The platform told that somebody was added. Filed with the call itself; the welcome goes out from here, within the code's 20 seconds.

    `who` is a keyed hash, so that two calls about one person count once. What is sealed is emptied as soon as the welcome has its answer.
    `told_at`, `received_at`, `claimed_at`, `finished_at` are machine time; `day` is the tenant's local day.
    """

    __tablename__ = "friend_call"
    __table_args__ = (
        CheckConstraint(
            "welcome in ('none', 'waiting', 'sending', 'sent', 'silent', 'expired', 'taken', 'refused', 'unknown')",
            name="welcome",
        ),
        Index(
            "ix_friend_call_waiting", "tenant_id", "told_at", postgresql_where=text("welcome in ('waiting', 'sending')")
        ),
        Index("ix_friend_call_fresh", "tenant_id", "live_code_id", postgresql_where=text("fresh")),
        Index("ix_friend_call_day", "tenant_id", "live_code_id", "day"),
        Index("ix_friend_call_received", "tenant_id", "received_at", "id"),
        {
            "info": {
                "kind": "tenant",
                "retention": {
                    "what": "friend_call",
                    "zh": "加好友与欢迎语记录",
                    "en": "Friend and welcome calls",
                    "by": "received_at",
                    "days": 90,
                    "least": 2,
                },
            },
            "postgresql_with": _QUEUE,
        },
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    member: Mapped[str]
    state: Mapped[str]
    live_code_id: Mapped[UUID | None]
    who: Mapped[bytes]
    day: Mapped[date]
    told_at: Mapped[datetime]
    received_at: Mapped[datetime]
    fresh: Mapped[bool] = mapped_column(server_default=text("true"))
    """Not yet looked at by whoever decides where the code leads."""
    welcome: Mapped[str]
    welcome_id: Mapped[UUID | None]
    code_enc: Mapped[bytes | None]
    external_enc: Mapped[bytes | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    claimed_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    reason: Mapped[str | None]


class WelcomeMessage(TenantRow, Base):
    """What is said to a new friend. The first that fits is said, by `place`; an empty list asks for nothing.

    `from_time` to `until_time` in the tenant's zone, over midnight where the end is earlier; `attachments` as the platform takes them.
    """

    __tablename__ = "welcome_message"
    __table_args__ = (UniqueConstraint("tenant_id", "name"), {"info": {"kind": "tenant"}})
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    place: Mapped[int]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    body: Mapped[str]
    attachments: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    live_codes: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'::uuid[]"))
    channels: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    members: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    tags: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    days: Mapped[list[int]] = mapped_column(server_default=text("'{}'::smallint[]"))
    from_time: Mapped[str | None]
    until_time: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Friendship(CustomerRow, Base):
    """A customer and an adviser who know each other, or did. `id` follows from source, adviser and the platform's customer."""

    __tablename__ = "friendship"
    __table_args__ = (
        CheckConstraint(
            "lost_by is null or lost_by in ('customer', 'adviser', 'unknown', 'handed_over')", name="lost_by"
        ),
        Index("ix_friendship_customer", "tenant_id", "bucket", "customer_id"),
        Index("ix_friendship_member", "tenant_id", "source", "member", postgresql_where=text("lost_at is null")),
        Index("ix_friendship_code", "tenant_id", "live_code_id", "added_at"),
        Index("ix_friendship_lost", "tenant_id", "lost_at", "id", postgresql_where=text("lost_at is not null")),
        {"info": {"kind": "customer"}, "postgresql_with": {"fillfactor": 85}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str]
    member: Mapped[str]
    added_at: Mapped[datetime | None]
    """None: only its end was ever told."""
    answered: Mapped[bool] = mapped_column(server_default=text("true"))
    """False: she asked, and the adviser has not said yes."""
    state: Mapped[str] = mapped_column(server_default="")
    live_code_id: Mapped[UUID | None]
    way: Mapped[str] = mapped_column(server_default="")
    lost_at: Mapped[datetime | None]
    lost_by: Mapped[str | None]


# Ids and nothing else: which tenants have somebody to welcome, a code to look after, advisers to read.
register_sql("""
create or replace function contact_welcome_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct f.tenant_id from friend_call f where f.welcome in ('waiting', 'sending')
$$
""")
register_sql("""
create or replace function contact_due_tenants(connectors text[]) returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select c.tenant_id from live_code c join tenant t on t.id = c.tenant_id
  where (c.due_at <= now() + t.clock_offset or (c.due_at is null and c.holder is not null)) and (c.leased_until is null or c.leased_until <= now())
  union select f.tenant_id from friend_call f where f.fresh and f.live_code_id is not null
  union select a.tenant_id from contact_account a
  where a.advisers_due_at <= now() and (a.leased_until is null or a.leased_until <= now())
  union select l.tenant_id from link_account l where l.due_at <= now() and (l.leased_until is null or l.leased_until <= now())
  union select s.tenant_id from source_account s where s.connector = any(connectors) and s.status = 'active'
    and not exists (select from contact_account a where a.tenant_id = s.tenant_id and a.account_id = s.id)
$$
""")
for _name in ("contact_welcome_tenants()", "contact_due_tenants(text[])"):
    register_sql(f"revoke all on function {_name} from public")
    register_sql(f"grant execute on function {_name} to {WORKER}")
