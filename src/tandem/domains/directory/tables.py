"""Tables of directories: what the platform says of the company, whom that means here, rules that give roles, and what waits for a word."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import WEB, WORKER, register_sql
from tandem.kernel.schema import Base, TenantRow

INFO: Final = {"kind": "tenant"}
_QUEUE: Final = {"fillfactor": 70}


class DirectoryAccount(TenantRow, Base):
    """A connected account that is the company's directory. `mode`: `review`, who comes and moves waits for a person; `auto`, rules do it.
    Who leaves never waits, unless so many would go at once that somebody has to say so. Machine times.
    """

    __tablename__ = "directory_account"
    __table_args__ = (
        CheckConstraint("mode in ('review', 'auto')", name="mode"),
        CheckConstraint("stop_percent between 1 and 100 and stop_least between 1 and 1000", name="stop"),
        Index("ix_directory_account_due", "due_at"),
        {"info": INFO, "postgresql_with": _QUEUE},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    mode: Mapped[str] = mapped_column(server_default="review")
    sign_in: Mapped[bool] = mapped_column(server_default=text("true"))
    stop_percent: Mapped[int] = mapped_column(server_default="10")
    stop_least: Mapped[int] = mapped_column(server_default="5")
    """So few may always leave at once: a tenth of a small shop is nobody."""
    stopped_at: Mapped[datetime | None]
    """Since when nobody more is ended because too many would be."""
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]


class DirectoryDepartment(TenantRow, Base):
    """A department as it was read last, and which part of our organisation somebody said it is. None: part of what lies above it."""

    __tablename__ = "directory_department"
    __table_args__ = ({"info": INFO},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    department: Mapped[str] = mapped_column(primary_key=True)
    parent: Mapped[str]
    name: Mapped[str]
    unit_id: Mapped[UUID | None]
    chosen_by: Mapped[UUID | None]
    gone: Mapped[bool] = mapped_column(server_default=text("false"))


class DirectoryMember(TenantRow, Base):
    """A member of staff as she was read last, and who she is here. `state`: active, disabled (there, may not work), left."""

    __tablename__ = "directory_member"
    __table_args__ = (
        CheckConstraint("state in ('active', 'disabled', 'left')", name="state"),
        Index(
            "uq_directory_member_user",
            "tenant_id",
            "account_id",
            "user_id",
            unique=True,
            postgresql_where=text("user_id is not null"),
        ),
        Index("ix_directory_member_user_only", "tenant_id", "user_id"),
        {"info": INFO},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    member: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    departments: Mapped[list[str]]
    position: Mapped[str] = mapped_column(server_default="")
    leads: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    address: Mapped[str] = mapped_column(server_default="")
    state: Mapped[str] = mapped_column(server_default="active")
    user_id: Mapped[UUID | None]
    made_here: Mapped[bool] = mapped_column(server_default=text("false"))
    """The person was made for her, not found: who comes back may be let in again as that person."""
    unlooked: Mapped[bool] = mapped_column(server_default=text("false"))
    """She came by a binding beside the chat from before she was known here: what rules give her waits for a person's look."""
    likely_id: Mapped[UUID | None]
    """Whom she might be here; nobody signs in by a likeness."""
    likely_by: Mapped[str | None]
    seen_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class DirectoryRule(TenantRow, Base):
    """Whoever is in a department (and below), with a position, or leading it, holds a role. Never more than who made it may give now.

    `unit` stands for the part of the organisation that the member's department is. Roles that can give roles wait for a second person.
    """

    __tablename__ = "directory_rule"
    __table_args__ = (
        CheckConstraint("scope in ('all', 'unit', 'own')", name="scope"),
        CheckConstraint("state in ('waiting', 'active', 'refused')", name="state"),
        Index("ix_directory_rule_account", "tenant_id", "account_id"),
        {"info": INFO},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    department: Mapped[str | None]
    position: Mapped[str | None]
    leaders_only: Mapped[bool] = mapped_column(server_default=text("false"))
    role_id: Mapped[UUID]
    scope: Mapped[str]
    state: Mapped[str]
    made_by: Mapped[UUID]
    made_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]


class DirectoryGrant(TenantRow, Base):
    """A role that rules gave somebody: what they gave, and nothing else, they take back."""

    __tablename__ = "directory_grant"
    __table_args__ = (
        UniqueConstraint("tenant_id", "user_id", "role_id", "scope", "org_unit_id", postgresql_nulls_not_distinct=True),
        {"info": INFO},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    user_id: Mapped[UUID]
    role_id: Mapped[UUID]
    scope: Mapped[str]
    org_unit_id: Mapped[UUID | None]


class DirectoryChange(TenantRow, Base):
    """What a reading or a callback means here: somebody is made, moved, ended, let in again. Done ones are the history."""

    __tablename__ = "directory_change"
    __table_args__ = (
        CheckConstraint("what in ('join', 'move', 'leave', 'return')", name="what"),
        CheckConstraint("state in ('open', 'held', 'done', 'dropped', 'refused')", name="state"),
        # One member waits for one thing; a newer reading says it anew.
        Index(
            "uq_directory_change_open",
            "tenant_id",
            "account_id",
            "member",
            unique=True,
            postgresql_where=text("state in ('open', 'held')"),
        ),
        Index("ix_directory_change_list", "tenant_id", "account_id", "id"),
        {
            "info": INFO
            | {
                "retention": {
                    "what": "directory",
                    "zh": "通讯录变动记录",
                    "en": "History of the directory",
                    "by": "found_at",
                    "days": 730,
                    "least": 30,
                    "where": "state in ('done', 'dropped', 'refused')",
                }
            }
        },
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    member: Mapped[str]
    name: Mapped[str]
    what: Mapped[str]
    user_id: Mapped[UUID | None]
    before: Mapped[list[Any]]
    after: Mapped[list[Any]]
    """Roles as they are and as they would be: [{role_id, scope, org_unit_id}]."""
    state: Mapped[str] = mapped_column(server_default="open")
    why: Mapped[str] = mapped_column(server_default="")
    """What a person should know of it: `unbound`, `no_role`, `rule_void`, `too_many`, `last_admin`."""
    found_at: Mapped[datetime]
    decided_by: Mapped[UUID | None]
    done_at: Mapped[datetime | None]


class DirectoryNews(TenantRow, Base):
    """A callback about somebody, until it was looked into. `member` empty: departments changed. Machine times."""

    __tablename__ = "directory_news"
    __table_args__ = (
        CheckConstraint("kind in ('left', 'changed')", name="kind"),
        Index("ix_directory_news_due", "due_at", postgresql_where=text("done_at is null")),
        {
            "info": INFO
            | {
                "retention": {
                    "what": "directory_news",
                    "zh": "通讯录回调",
                    "en": "Directory callbacks",
                    "by": "received_at",
                    "days": 30,
                    "least": 7,
                    "where": "done_at is not null",
                }
            },
            "postgresql_with": _QUEUE,
        },
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    member: Mapped[str]
    kind: Mapped[str]
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default="0")
    done_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class DirectorySignIn(TenantRow, Base):
    """A sign-in under way, or a code that was used. State, browser and code stand here as hashes; each is good once. Machine times."""

    __tablename__ = "directory_sign_in"
    __table_args__ = (
        Index(
            "uq_directory_sign_in_code",
            "tenant_id",
            "account_id",
            "code_hash",
            unique=True,
            postgresql_where=text("code_hash is not null"),
        ),
        Index("ix_directory_sign_in_age", "tenant_id", "expires_at"),
        {
            "info": INFO
            | {"grants": {"tandem_web": "select, insert, update, delete", "tandem_worker": "", "tandem_door": ""}}
        },
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    state_hash: Mapped[bytes] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    browser_hash: Mapped[bytes]
    next: Mapped[str]
    redirect: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    code_hash: Mapped[bytes | None]


# Ids and nothing else: which tenants have a reading or a callback to look after.
register_sql("""
create or replace function directory_due_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select n.tenant_id from directory_news n where n.done_at is null and n.due_at <= now()
  union select a.tenant_id from directory_account a where a.due_at <= now() and (a.leased_until is null or a.leased_until <= now())
$$
""")
register_sql("revoke all on function directory_due_tenants() from public")
register_sql(f"grant execute on function directory_due_tenants() to {WORKER}")
# Before somebody has signed in nobody knows her company: it is named by its code, or it is the only one here that offers this.
register_sql("""
create or replace function directory_sign_ins(company text)
returns table (tenant_id uuid, account_id uuid, connector text, name text, simulated boolean)
language sql stable security definer set search_path = public, pg_temp as $$
  with offered as (
    select t.id as tenant_id, t.code, t.name, a.account_id, s.connector, t.demo and s.config ? 'simulated' as simulated
    from directory_account a join tenant t on t.id = a.tenant_id and t.trial_of is null
    join source_account s on s.tenant_id = a.tenant_id and s.id = a.account_id and s.status = 'active'
    where a.sign_in and (t.demo or not s.config ? 'simulated'))
  select o.tenant_id, o.account_id, o.connector, o.name, o.simulated from offered o
  where lower(o.code) = lower(company) or (company = '' and (select count(distinct p.tenant_id) from offered p) = 1)
  order by o.connector, o.account_id limit 10
$$
""")
register_sql("revoke all on function directory_sign_ins(text) from public")
register_sql(f"grant execute on function directory_sign_ins(text) to {WEB}")
